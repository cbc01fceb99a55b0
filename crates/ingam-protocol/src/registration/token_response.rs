use ingam_wire::{
    Seconds, SecretText,
    json::{self, JsonError},
};
use serde_json::{Map, Value};

use super::details::{AuthorizationDetails, InvalidAuthorizationDetails};
use crate::{AccessToken, RefreshToken, Scopes, limits};

/// How an access key is presented (RFC 6749 section 5.1); compared without regard to case.
///
/// fapi: OA-14, X-C-13
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub enum TokenType {
    /// Bound to a DPoP key (RFC 9449 section 5).
    #[serde(rename = "DPoP")]
    Dpop,
    /// Bound to a TLS certificate (RFC 8705 section 3).
    Bearer,
}

impl TokenType {
    /// The name that is printed, in `token_type` and before the key in `Authorization`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dpop => "DPoP",
            Self::Bearer => "Bearer",
        }
    }

    /// The type of a name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Dpop, Self::Bearer].into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name))
    }
}

/// `authorization_details` as an operator granted them: perhaps more than was asked, perhaps of types that are not ours.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct GrantedDetails(Value);

impl GrantedDetails {
    fn from_value(value: Value) -> Option<Self> {
        let objects = value.as_array()?;
        let well_formed = objects.len() <= limits::DETAILS_COUNT
            && objects.iter().all(|object| object.get("type").is_some_and(Value::is_string));
        well_formed.then_some(Self(value))
    }

    /// The details, if all are of our types.
    ///
    /// # Errors
    /// [`InvalidAuthorizationDetails`].
    pub fn typed(&self) -> Result<AuthorizationDetails, InvalidAuthorizationDetails> {
        AuthorizationDetails::from_value(&self.0)
    }

    /// As JSON value.
    #[must_use]
    pub const fn to_value(&self) -> &Value {
        &self.0
    }

    /// Whether each of these details is one of `asked`, as it was or narrowed (RFC 9396 section 7): what was stated stands
    /// there unchanged, lists may be shorter, and what was left open may have been filled in.
    #[must_use]
    pub fn is_within(&self, asked: &Value) -> bool {
        is_within(&self.0, asked)
    }
}

/// No list is narrowed to nothing: an empty one leaves the choice open.
fn is_within(granted: &Value, asked: &Value) -> bool {
    match (granted, asked) {
        (Value::Array(_), Value::Array(asked)) if asked.is_empty() => true,
        (Value::Array(granted), Value::Array(asked)) => {
            let is_asked = |one: &Value| asked.iter().any(|asked| is_within(one, asked));
            !granted.is_empty() && granted.iter().all(is_asked)
        }
        (Value::Object(granted), Value::Object(asked)) => {
            asked.iter().all(|(name, asked)| granted.get(name).is_some_and(|granted| is_within(granted, asked)))
        }
        _ => granted == asked,
    }
}

impl From<AuthorizationDetails> for GrantedDetails {
    fn from(details: AuthorizationDetails) -> Self {
        Self(details.to_value())
    }
}

/// A④: an access key and what belongs to it (RFC 6749 section 5.1); never printed by `Debug`.
#[derive(Debug)]
pub struct TokenResponse {
    /// The access key.
    pub access_token: AccessToken,
    /// How it is presented.
    pub token_type: TokenType,
    /// How long it is good, in seconds, if said.
    pub expires_in: Option<Seconds>,
    /// What the next one is asked with.
    pub refresh_token: Option<RefreshToken>,
    /// What was granted, by scope; absent: as asked.
    pub scope: Option<Scopes>,
    /// What was granted, in detail.
    pub authorization_details: Option<GrantedDetails>,
    /// The ID token, a compact JWS, not yet verified.
    pub id_token: Option<SecretText>,
}

/// Why a token response was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenResponseError {
    /// Not JSON within the limits, or a member of the wrong type or missing.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The access key has characters that cannot be presented.
    #[error("malformed access_token")]
    AccessToken,
    /// A type that is neither DPoP nor Bearer.
    #[error("unknown token_type")]
    TokenType,
    /// The refresh token is malformed.
    #[error("malformed refresh_token")]
    RefreshToken,
    /// The scope is malformed.
    #[error("malformed scope")]
    Scope,
    /// The authorization details are not an array of at most 16 objects with a type.
    #[error("malformed authorization_details")]
    AuthorizationDetails,
    /// The ID token is longer than 16 KiB.
    #[error("the id_token is too large")]
    IdToken,
}

impl TokenResponseError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "Json",
            Self::AccessToken => "AccessToken",
            Self::TokenType => "TokenType",
            Self::RefreshToken => "RefreshToken",
            Self::Scope => "Scope",
            Self::AuthorizationDetails => "AuthorizationDetails",
            Self::IdToken => "IdToken",
        }
    }
}

#[derive(serde::Deserialize)]
struct OnTheWire {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    scope: Option<String>,
    authorization_details: Option<Value>,
    id_token: Option<String>,
}

impl TokenResponse {
    /// Reads the answer; unknown members are ignored, `expires_in` may be missing.
    ///
    /// fapi: OA-14, OA-15, RAR-5, X-C-13, X-C-14
    ///
    /// # Errors
    /// The first [`TokenResponseError`] that applies.
    pub fn parse(text: &[u8]) -> Result<Self, TokenResponseError> {
        let wire: OnTheWire = json::parse(text, &limits::ANSWER)?;
        let scope = wire.scope.filter(|scope| !scope.is_empty());
        let details = wire
            .authorization_details
            .map(|value| GrantedDetails::from_value(value).ok_or(TokenResponseError::AuthorizationDetails));
        Ok(Self {
            access_token: wire.access_token.parse().map_err(|_| TokenResponseError::AccessToken)?,
            token_type: TokenType::from_name(&wire.token_type).ok_or(TokenResponseError::TokenType)?,
            expires_in: wire.expires_in.map(Seconds::new),
            refresh_token: wire
                .refresh_token
                .map(|token| token.parse().map_err(|_| TokenResponseError::RefreshToken))
                .transpose()?,
            scope: scope.map(|scope| scope.parse().map_err(|_| TokenResponseError::Scope)).transpose()?,
            authorization_details: details.transpose()?,
            id_token: wire
                .id_token
                .map(|token| {
                    (token.len() <= 16 * 1024).then(|| SecretText::new(token)).ok_or(TokenResponseError::IdToken)
                })
                .transpose()?,
        })
    }

    /// The body to send, secrets included: for the one answer, never for a log.
    ///
    /// fapi: OA-2, RAR-5
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = Map::new();
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        add("access_token", self.access_token.expose().into());
        add("token_type", self.token_type.as_str().into());
        if let Some(span) = self.expires_in {
            add("expires_in", span.get().into());
        }
        if let Some(token) = &self.refresh_token {
            add("refresh_token", token.expose().into());
        }
        if let Some(scope) = &self.scope {
            add("scope", scope.to_string().into());
        }
        if let Some(details) = &self.authorization_details {
            add("authorization_details", details.0.clone());
        }
        if let Some(token) = &self.id_token {
            add("id_token", token.expose().into());
        }
        Value::Object(members).to_string()
    }
}
