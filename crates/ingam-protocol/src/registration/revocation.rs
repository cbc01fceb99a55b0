use ingam_wire::form::Form;

use crate::{
    OAuthError,
    text::{secret_type, vschar},
};

secret_type! {
    /// A token that someone asks about or revokes: an access key or a refresh token, 1 to 8,192 visible characters.
    PresentedToken, "token", 1..=8192, vschar
}

/// What the sender believes the token to be (RFC 7009 section 2.1); a wrong belief is no error.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenHint {
    /// `access_token`
    AccessToken,
    /// `refresh_token`
    RefreshToken,
}

impl TokenHint {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// Why a request about a token was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenParameterError {
    /// No `token`.
    #[error("token is missing")]
    Missing,
    /// Not visible characters, or longer than 8,192.
    #[error("malformed token")]
    Malformed,
}

impl TokenParameterError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing => "Missing",
            Self::Malformed => "Malformed",
        }
    }

    /// The code that the peer sees.
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        OAuthError::InvalidRequest
    }
}

pub(super) fn read(form: &Form) -> Result<(PresentedToken, Option<TokenHint>), TokenParameterError> {
    let token = form.get("token").ok_or(TokenParameterError::Missing)?;
    let token = token.parse().map_err(|_| TokenParameterError::Malformed)?;
    let hint = form.get("token_type_hint");
    let hint = [TokenHint::AccessToken, TokenHint::RefreshToken].into_iter().find(|h| Some(h.as_str()) == hint);
    Ok((token, hint))
}

pub(super) fn write(token: &PresentedToken, hint: Option<TokenHint>) -> Form {
    let form = Form::default().with("token", token.expose());
    match hint {
        Some(hint) => form.with("token_type_hint", hint.as_str()),
        None => form,
    }
}

/// A fintech gives a token back (RFC 7009 section 2.1).
///
/// fapi: RV-1
#[derive(Debug)]
pub struct RevocationRequest {
    /// The token.
    pub token: PresentedToken,
    /// What it is believed to be.
    pub hint: Option<TokenHint>,
}

impl RevocationRequest {
    /// Reads the form; an unknown hint counts as none.
    ///
    /// fapi: RV-1, RV-2
    ///
    /// # Errors
    /// [`TokenParameterError`].
    pub fn from_form(form: &Form) -> Result<Self, TokenParameterError> {
        read(form).map(|(token, hint)| Self { token, hint })
    }

    /// As form.
    #[must_use]
    pub fn to_form(&self) -> Form {
        write(&self.token, self.hint)
    }
}
