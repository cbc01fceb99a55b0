use ingam_wire::{
    Seconds,
    form::Form,
    json::{self, JsonError},
};

use super::{AuthorizationRequest, AuthorizationRequestError, Parameters};
use crate::{OAuthError, RequestUri, limits};

/// The body of a push (RFC 9126 section 2.1), without what authenticates the fintech.
#[derive(Debug)]
pub enum PushedBody {
    /// The parameters themselves.
    Plain(Box<AuthorizationRequest>),
    /// A request object; nothing beside it counts (RFC 9101 section 6.3).
    Signed {
        /// The compact JWS, not yet verified.
        object: String,
    },
}

/// Why a push was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PushedBodyError {
    /// `request_uri` in a push (RFC 9126 section 2.1).
    #[error("request_uri is not allowed in a push")]
    RequestUri,
    /// The request object is longer than 32 KiB.
    #[error("the request object is too large")]
    TooLarge,
    /// The parameters.
    #[error(transparent)]
    Request(#[from] AuthorizationRequestError),
}

impl PushedBodyError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RequestUri => "RequestUri",
            Self::TooLarge => "TooLarge",
            Self::Request(reason) => reason.name(),
        }
    }

    /// The code that the peer sees.
    ///
    /// fapi: PA-2
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        match self {
            Self::RequestUri => OAuthError::InvalidRequest,
            Self::TooLarge => OAuthError::InvalidRequestObject,
            Self::Request(reason) => reason.oauth(),
        }
    }
}

impl PushedBody {
    /// Reads the form of a push.
    ///
    /// fapi: PA-1, PA-2, MS-22
    ///
    /// # Errors
    /// [`PushedBodyError`].
    pub fn from_form(form: &Form) -> Result<Self, PushedBodyError> {
        if form.get("request_uri").is_some() {
            return Err(PushedBodyError::RequestUri);
        }
        match form.get("request") {
            Some(object) if object.len() > 32 * 1024 => Err(PushedBodyError::TooLarge),
            Some(object) => Ok(Self::Signed { object: object.to_owned() }),
            None => {
                let request = AuthorizationRequest::from_parameters(&Parameters::from_form(form))?;
                Ok(Self::Plain(Box::new(request)))
            }
        }
    }

    /// As form, to which the client's authentication is added.
    #[must_use]
    pub fn to_form(&self) -> Form {
        match self {
            Self::Plain(request) => request.to_form(),
            Self::Signed { object } => Form::default().with("request", object),
        }
    }
}

/// What the operator answers to a push (RFC 9126 section 2.2), with status 201.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushedAuthorizationResponse {
    /// The reference.
    pub request_uri: RequestUri,
    /// How long it is good, in seconds.
    pub expires_in: Seconds,
}

/// Why an answer to a push was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PushedResponseError {
    /// Not JSON within the limits, or not of this shape.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// `request_uri` is not a reference to a pushed request.
    #[error("malformed request_uri")]
    RequestUri,
    /// `expires_in` is zero.
    #[error("expires_in is zero")]
    ExpiresIn,
}

impl PushedResponseError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "Json",
            Self::RequestUri => "RequestUri",
            Self::ExpiresIn => "ExpiresIn",
        }
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
struct OnTheWire {
    request_uri: String,
    expires_in: u64,
}

impl PushedAuthorizationResponse {
    /// Reads the answer; unknown members are ignored.
    ///
    /// fapi: PA-3
    ///
    /// # Errors
    /// [`PushedResponseError`].
    pub fn parse(text: &[u8]) -> Result<Self, PushedResponseError> {
        let wire: OnTheWire = json::parse(text, &limits::ANSWER)?;
        if wire.expires_in == 0 {
            return Err(PushedResponseError::ExpiresIn);
        }
        let request_uri = wire.request_uri.parse().map_err(|_| PushedResponseError::RequestUri)?;
        Ok(Self { request_uri, expires_in: Seconds::new(wire.expires_in) })
    }

    /// As JSON.
    ///
    /// fapi: PA-3, PA-4
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!({ "expires_in": self.expires_in.get(), "request_uri": self.request_uri.as_str() }).to_string()
    }
}
