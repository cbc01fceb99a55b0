use core::fmt;

use crate::{
    InvalidParameter,
    text::{nqchar, text_type},
};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal;)*) => {
        /// Every error code that Ingam sends, with the status it has where there is no redirect.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum OAuthError {
            $($(#[$doc])* $variant,)*
        }

        impl OAuthError {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status at a direct endpoint (token, push, introspection, resource).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }
        }
    };
}

codes! {
    /// Malformed, missing, repeated (RFC 6749 section 5.2).
    InvalidRequest = "invalid_request", 400;
    /// The fintech was not authenticated (RFC 6749 section 5.2).
    InvalidClient = "invalid_client", 401;
    /// The code or refresh token is not good (RFC 6749 section 5.2).
    InvalidGrant = "invalid_grant", 400;
    /// The fintech may not do this (RFC 6749 section 5.2).
    UnauthorizedClient = "unauthorized_client", 400;
    /// Another grant type (RFC 6749 section 5.2).
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// The scope is unknown or too large (RFC 6749 section 5.2).
    InvalidScope = "invalid_scope", 400;
    /// The user or the operator said no (RFC 6749 section 4.1.2.1).
    AccessDenied = "access_denied", 403;
    /// Another response type than `code` (RFC 6749 section 4.1.2.1).
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// Something unexpected (RFC 6749 section 4.1.2.1).
    ServerError = "server_error", 500;
    /// Try again later (RFC 6749 section 4.1.2.1).
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// Too many requests; with `Retry-After` (RFC 8628 section 3.5 has the word, RFC 6585 section 4 the status).
    SlowDown = "slow_down", 429;
    /// The access key is not good here (RFC 6750 section 3.1).
    InvalidToken = "invalid_token", 401;
    /// The access key does not cover this (RFC 6750 section 3.1).
    InsufficientScope = "insufficient_scope", 403;
    /// Revocation of this kind of token is not offered (RFC 7009 section 2.2.1).
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// The request object is not good (RFC 9101 section 7).
    InvalidRequestObject = "invalid_request_object", 400;
    /// The `request_uri` is unknown, used or too old (RFC 9101 section 7).
    InvalidRequestUri = "invalid_request_uri", 400;
    /// Request objects are not taken (OpenID Connect Core section 3.1.2.6).
    RequestNotSupported = "request_not_supported", 400;
    /// `request_uri` is not taken (OpenID Connect Core section 3.1.2.6).
    RequestUriNotSupported = "request_uri_not_supported", 400;
    /// The authorization details are not good (RFC 9396 section 5).
    InvalidAuthorizationDetails = "invalid_authorization_details", 400;
    /// The resource is unknown or malformed (RFC 8707 section 2).
    InvalidTarget = "invalid_target", 400;
    /// The proof is not good (RFC 9449 section 5).
    InvalidDpopProof = "invalid_dpop_proof", 400;
    /// The proof must carry the nonce that comes with this answer (RFC 9449 section 8).
    UseDpopNonce = "use_dpop_nonce", 400;
    /// The user must authenticate anew or better (RFC 9470 section 3).
    InsufficientUserAuthentication = "insufficient_user_authentication", 401;
    /// The asked `acr` cannot be reached (OpenID Connect Core Error Code unmet_authentication_requirements).
    UnmetAuthenticationRequirements = "unmet_authentication_requirements", 400;
    /// A page is needed, `prompt=none` forbids it (OpenID Connect Core section 3.1.2.6).
    InteractionRequired = "interaction_required", 400;
    /// The user must log in, `prompt=none` forbids it (OpenID Connect Core section 3.1.2.6).
    LoginRequired = "login_required", 400;
    /// The user must choose, `prompt=none` forbids it (OpenID Connect Core section 3.1.2.6).
    AccountSelectionRequired = "account_selection_required", 400;
    /// The user must consent, `prompt=none` forbids it (OpenID Connect Core section 3.1.2.6).
    ConsentRequired = "consent_required", 400;
}

impl OAuthError {
    /// The error of a code on the wire, if it is one of ours.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|error| error.code() == code)
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An error code that arrived: one of ours, or another one's.
///
/// fapi: OA-4
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ErrorCode {
    /// One of ours.
    Known(OAuthError),
    /// Any other, 1 to 128 characters of RFC 6749 appendix A.7.
    Other(Box<str>),
}

impl ErrorCode {
    /// The code on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(error) => error.code(),
            Self::Other(code) => code,
        }
    }

    /// Whether it is this one of ours.
    #[must_use]
    pub fn is(&self, error: OAuthError) -> bool {
        *self == Self::Known(error)
    }
}

impl From<OAuthError> for ErrorCode {
    fn from(error: OAuthError) -> Self {
        Self::Known(error)
    }
}

impl core::str::FromStr for ErrorCode {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        match OAuthError::from_code(text) {
            Some(error) => Ok(Self::Known(error)),
            None if (1..=128).contains(&text.len()) && text.bytes().all(|b| nqchar(b) || b == b' ') => {
                Ok(Self::Other(text.into()))
            }
            None => Err(InvalidParameter("error code")),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_type! {
    /// `error_description` and the like: 1 to 512 characters of %x20-21 / %x23-5B / %x5D-7E (RFC 6749 section 5.2).
    ///
    /// fapi: OA-4
    ErrorText, InvalidParameter, "error description", 1..=512, |b| nqchar(b) || b == b' '
}

impl ErrorText {
    /// `text` with what may not stand there replaced by `?`, cut at 512 characters; `-` when it is empty.
    #[must_use]
    pub fn lossy(text: &str) -> Self {
        let shown: String = text
            .chars()
            .take(512)
            .map(|c| if matches!(c, ' '..='!' | '#'..='[' | ']'..='~') { c } else { '?' })
            .collect();
        if shown.is_empty() { Self("-".into()) } else { Self(shown.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: OA-4
    #[test]
    fn error_texts_hold_only_the_characters_of_the_standard() {
        for refused in ["", "a\"b", "a\\b", "a\nb", "a\tb", "오류", &"x".repeat(513)] {
            assert!(refused.parse::<ErrorText>().is_err(), "{refused:?}");
        }
        for shown in ["", "a\"b\\c\r\n\t오류", &"x".repeat(600)] {
            let text = ErrorText::lossy(shown);
            assert_eq!(text.as_str().parse::<ErrorText>(), Ok(text.clone()));
        }
        for refused in ["", "a\"b", "a\nb"] {
            assert!(refused.parse::<ErrorCode>().is_err(), "{refused:?}");
        }
    }

    #[test]
    fn codes_are_read_back_and_differ() {
        for error in OAuthError::ALL {
            assert_eq!(OAuthError::from_code(error.code()), Some(*error));
            assert_eq!(error.code().parse::<ErrorCode>(), Ok(ErrorCode::Known(*error)));
        }
        assert_eq!("grant_unknown".parse::<ErrorCode>().unwrap().as_str(), "grant_unknown");
    }
}
