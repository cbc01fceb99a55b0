use ingam_wire::form::{Form, FormError};
use serde_json::{Map, Value};

use super::{Parameters, parameters::WrongType};
use crate::{AuthorizationCode, ErrorCode, ErrorText, Issuer, OAuthError, RedirectUri, State, limits};

/// A④: what the operator sends back through the user agent (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Debug)]
pub enum AuthorizationResponse {
    /// A code.
    Granted {
        /// The code.
        code: AuthorizationCode,
        /// As it was sent; absent if none was sent.
        state: Option<State>,
        /// Who answers.
        iss: Issuer,
    },
    /// A refusal.
    Refused {
        /// Why.
        error: ErrorCode,
        /// For developers.
        description: Option<ErrorText>,
        /// As it was sent; absent if none was sent.
        state: Option<State>,
        /// Who answers.
        iss: Issuer,
    },
}

/// What arrived at the redirect URI.
#[derive(Debug)]
pub enum Callback {
    /// Plain parameters.
    Plain(AuthorizationResponse),
    /// A JARM token, not yet verified (JARM section 2.3.1).
    Signed {
        /// The compact JWS.
        response: String,
        /// An `iss` beside it, which must then agree (RFC 9207 section 2.4).
        iss: Option<Issuer>,
    },
}

/// Why a callback was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallbackError {
    /// A parameter is repeated, too large or not UTF-8.
    #[error(transparent)]
    Form(#[from] FormError),
    /// `response` together with plain parameters.
    #[error("response and plain parameters at once")]
    Mixed,
    /// A claim has the wrong JSON type.
    #[error("{0} has the wrong type")]
    WrongType(&'static str),
    /// No `iss` (RFC 9207 section 2.4).
    #[error("iss is missing")]
    MissingIss,
    /// `iss` is not an issuer.
    #[error("malformed iss")]
    InvalidIss,
    /// `state` is malformed.
    #[error("malformed state")]
    InvalidState,
    /// Neither code nor error, or both.
    #[error("neither code nor error, or both")]
    NeitherCodeNorError,
    /// The code is malformed.
    #[error("malformed code")]
    InvalidCode,
    /// The error code is malformed.
    #[error("malformed error")]
    InvalidError,
}

impl CallbackError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form(_) => "Form",
            Self::Mixed => "Mixed",
            Self::WrongType(_) => "WrongType",
            Self::MissingIss => "MissingIss",
            Self::InvalidIss => "InvalidIss",
            Self::InvalidState => "InvalidState",
            Self::NeitherCodeNorError => "NeitherCodeNorError",
            Self::InvalidCode => "InvalidCode",
            Self::InvalidError => "InvalidError",
        }
    }
}

impl AuthorizationResponse {
    /// A refusal with one of our codes.
    #[must_use]
    pub fn refused(error: OAuthError, description: &str, state: Option<State>, iss: Issuer) -> Self {
        Self::Refused { error: error.into(), description: Some(ErrorText::lossy(description)), state, iss }
    }

    /// Who answers.
    #[must_use]
    pub const fn iss(&self) -> &Issuer {
        match self {
            Self::Granted { iss, .. } | Self::Refused { iss, .. } => iss,
        }
    }

    /// The state that came back.
    #[must_use]
    pub const fn state(&self) -> Option<&State> {
        match self {
            Self::Granted { state, .. } | Self::Refused { state, .. } => state.as_ref(),
        }
    }

    /// The parameters, as they stand in the query.
    ///
    /// fapi: SP-AZ-7, IS-1, OA-7, X-AS-22
    #[must_use]
    pub fn to_form(&self) -> Form {
        self.members().into_iter().fold(Form::default(), |form, (name, value)| form.with(name, value))
    }

    /// The claims of a JARM token, without `aud` and `exp`.
    ///
    /// fapi: JM-1
    #[must_use]
    pub fn to_claims(&self) -> Map<String, Value> {
        self.members().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    /// Where the user agent is sent (with 303): the redirect URI with the parameters added.
    ///
    /// fapi: OA-8, SP-AZ-7, X-AS-1
    #[must_use]
    pub fn location(&self, redirect_uri: &RedirectUri) -> String {
        redirect_uri.with_parameters(&self.to_form())
    }

    fn members(&self) -> Vec<(&'static str, &str)> {
        let mut members = match self {
            Self::Granted { code, .. } => vec![("code", code.expose())],
            Self::Refused { error, description, .. } => {
                let mut members = vec![("error", error.as_str())];
                members.extend(description.as_ref().map(|text| ("error_description", text.as_str())));
                members
            }
        };
        members.extend(self.state().map(|state| ("state", state.as_str())));
        members.push(("iss", self.iss().as_str()));
        members
    }

    /// Reads the parameters of a query or the claims of a verified JARM token, by the same rules.
    ///
    /// fapi: SP-C-18, IS-3
    ///
    /// # Errors
    /// The first [`CallbackError`] that applies.
    pub fn from_parameters(parameters: &Parameters) -> Result<Self, CallbackError> {
        let text = |name| parameters.text(name).map_err(|WrongType| CallbackError::WrongType(name));
        let iss: Issuer =
            text("iss")?.ok_or(CallbackError::MissingIss)?.parse().map_err(|_| CallbackError::InvalidIss)?;
        let state = text("state")?.map(str::parse).transpose().map_err(|_| CallbackError::InvalidState)?;
        match (text("code")?, text("error")?) {
            (Some(code), None) => {
                let code = code.parse().map_err(|_| CallbackError::InvalidCode)?;
                Ok(Self::Granted { code, state, iss })
            }
            (None, Some(error)) => {
                let error = error.parse().map_err(|_| CallbackError::InvalidError)?;
                let description = text("error_description")?.map(ErrorText::lossy);
                Ok(Self::Refused { error, description, state, iss })
            }
            _ => Err(CallbackError::NeitherCodeNorError),
        }
    }
}

impl Callback {
    /// Reads the query that arrived at the redirect URI; parameters that are not OAuth's are ignored.
    ///
    /// # Errors
    /// The first [`CallbackError`] that applies.
    pub fn parse(query: &[u8]) -> Result<Self, CallbackError> {
        let form = Form::parse(query, &limits::CALLBACK)?;
        let Some(response) = form.get("response") else {
            return AuthorizationResponse::from_parameters(&Parameters::from_form(&form)).map(Self::Plain);
        };
        if ["code", "error", "state"].into_iter().any(|name| form.get(name).is_some()) {
            return Err(CallbackError::Mixed);
        }
        let iss = form.get("iss").map(str::parse).transpose().map_err(|_| CallbackError::InvalidIss)?;
        Ok(Self::Signed { response: response.to_owned(), iss })
    }
}
