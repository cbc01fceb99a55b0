use ingam_wire::json::{self, JsonError};

use crate::{ErrorCode, ErrorText, OAuthError, limits};

/// The JSON body of a refusal at a direct endpoint (RFC 6749 section 5.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErrorBody {
    /// The code.
    pub error: ErrorCode,
    /// For the developer of the other side.
    pub description: Option<ErrorText>,
}

/// Why a body is no OAuth error.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ErrorBodyError {
    /// Not JSON within the limits, or not an object with a text `error`.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// `error` holds characters that may not stand there.
    #[error("malformed error code")]
    Code,
}

impl ErrorBody {
    /// A body of this code and description; foreign characters are replaced.
    #[must_use]
    pub fn new(error: OAuthError, description: &str) -> Self {
        Self { error: error.into(), description: Some(ErrorText::lossy(description)) }
    }

    /// Reads a body; unknown members are ignored, a malformed description is dropped.
    ///
    /// # Errors
    /// [`ErrorBodyError`].
    pub fn parse(text: &[u8]) -> Result<Self, ErrorBodyError> {
        #[derive(serde::Deserialize)]
        struct OnTheWire {
            error: String,
            error_description: Option<serde_json::Value>,
        }
        let wire: OnTheWire = json::parse(text, &limits::ANSWER)?;
        let error = wire.error.parse().map_err(|_| ErrorBodyError::Code)?;
        let description = wire.error_description.as_ref().and_then(serde_json::Value::as_str);
        Ok(Self { error, description: description.and_then(|text| text.parse().ok()) })
    }

    /// The body as JSON.
    ///
    /// fapi: OA-3, OA-4
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = serde_json::Map::new();
        members.insert("error".to_owned(), self.error.as_str().into());
        if let Some(description) = &self.description {
            members.insert("error_description".to_owned(), description.as_str().into());
        }
        serde_json::Value::Object(members).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: OA-3, OA-4
    #[test]
    fn a_printed_body_is_read_back() {
        for error in OAuthError::ALL {
            let body = ErrorBody::new(*error, "the \"code\" was used\nbefore");
            assert_eq!(ErrorBody::parse(body.to_json().as_bytes()), Ok(body));
        }
    }

    #[test]
    fn what_is_no_error_body_is_refused() {
        for text in ["", "[]", "{}", r#"{"error":1}"#, r#"{"error":""}"#, r#"{"error":"a\nb"}"#] {
            assert!(ErrorBody::parse(text.as_bytes()).is_err(), "{text}");
        }
        let foreign = ErrorBody::parse(br#"{"error":"x","error_description":"a\nb","more":1}"#).unwrap();
        assert_eq!((foreign.error.as_str(), foreign.description), ("x", None));
    }
}
