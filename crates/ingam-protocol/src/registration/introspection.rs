use ingam_wire::{
    UnixTime,
    form::Form,
    json::{self, JsonError},
};
use serde_json::Value;

use super::{
    TokenHint, TokenParameterError, TokenType,
    details::AuthorizationDetails,
    revocation::{PresentedToken, read, write},
};
use crate::{AccountId, Acr, ClientId, GrantId, Issuer, Scopes, Sha256Text, UserId, limits};

/// A resource server asks whether an access key is good (RFC 7662 section 2.1).
///
/// fapi: IN-1
#[derive(Debug)]
pub struct IntrospectionRequest {
    /// The token.
    pub token: PresentedToken,
    /// What it is believed to be.
    pub hint: Option<TokenHint>,
}

impl IntrospectionRequest {
    /// Reads the form; an unknown hint counts as none.
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

/// What an access key is bound to (`cnf`, RFC 7800): the holder proves it on each call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub enum Confirmation {
    /// The thumbprint of a DPoP key (RFC 9449 section 6.1).
    #[serde(rename = "jkt")]
    Key(Sha256Text),
    /// The SHA-256 of a certificate (RFC 8705 section 3.1).
    #[serde(rename = "x5t#S256")]
    Certificate(Sha256Text),
}

/// What an operator says of a good access key (RFC 7662 section 2.2).
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct ActiveToken {
    /// The operator.
    pub iss: Issuer,
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<UserId>,
    /// The resource servers that it is for.
    #[serde(deserialize_with = "one_or_many", default, skip_serializing_if = "Vec::is_empty")]
    pub aud: Vec<String>,
    /// The fintech.
    pub client_id: ClientId,
    /// How it is presented.
    pub token_type: TokenType,
    /// Its end.
    pub exp: UnixTime,
    /// Its beginning.
    pub iat: UnixTime,
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// What it is bound to.
    pub cnf: Confirmation,
    /// What it is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scopes>,
    /// What it is good for, in detail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details: Option<AuthorizationDetails>,
    /// The accounts it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// How the user was authenticated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Acr>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<UnixTime>,
    /// The grant it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<GrantId>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match serde::Deserialize::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

/// The answer about an access key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IntrospectionResponse {
    /// It is good, and this is what it says.
    Active(Box<ActiveToken>),
    /// It is not, and nothing more is said.
    Inactive,
}

/// Why an introspection response was refused: then the access key counts as inactive.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IntrospectionResponseError {
    /// Not JSON within the limits, no boolean `active`, or a member of the wrong type or missing.
    #[error(transparent)]
    Json(#[from] JsonError),
}

impl IntrospectionResponseError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "Json",
        }
    }
}

impl IntrospectionResponse {
    /// Reads the JSON answer.
    ///
    /// # Errors
    /// [`IntrospectionResponseError`].
    pub fn parse(text: &[u8]) -> Result<Self, IntrospectionResponseError> {
        Self::from_value(json::parse(text, &limits::ANSWER)?)
    }

    /// Reads the claim `token_introspection` of a verified RFC 9701 token.
    ///
    /// # Errors
    /// [`IntrospectionResponseError`].
    pub fn from_value(value: Value) -> Result<Self, IntrospectionResponseError> {
        let wrong = JsonError::WrongShape;
        if value.get("active").and_then(Value::as_bool).ok_or(wrong)? {
            let token = serde_json::from_value(value).map_err(|_| wrong)?;
            Ok(Self::Active(Box::new(token)))
        } else {
            Ok(Self::Inactive)
        }
    }

    /// As JSON value; `{"active":false}` alone for whatever is not good.
    ///
    /// fapi: IN-2, IN-3, IJ-5, DP-19, MT-5
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = match self {
            Self::Inactive => Value::Object(serde_json::Map::new()),
            Self::Active(token) => serde_json::to_value(token).expect("plain data always prints as JSON"),
        };
        if let Value::Object(members) = &mut value {
            members.insert("active".to_owned(), matches!(self, Self::Active(_)).into());
        }
        value
    }

    /// As JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }
}
