use crate::{
    InvalidParameter,
    text::{nqchar, text_type, vschar},
};

text_type! {
    /// What the fintech gets back unchanged (RFC 6749 section 4.1.1): 1 to 2,048 visible characters.
    ///
    /// fapi: SP-AZ-16, OA-7
    State, InvalidParameter, "state", 1..=2048, vschar
}
text_type! {
    /// What ties an ID token to its request (OpenID Connect Core section 2): 1 to 512 visible characters, back unchanged.
    ///
    /// fapi: SP-AZ-14, X-AS-33
    Nonce, InvalidParameter, "nonce", 1..=512, vschar
}
text_type! {
    /// An authentication context class (`acr`), how strongly the user was authenticated.
    Acr, InvalidParameter, "acr value", 1..=128, nqchar
}

/// How the operator answers (OAuth 2.0 Multiple Response Type Encoding; JARM section 2.3).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
pub enum ResponseMode {
    /// Parameters in the query.
    #[default]
    #[serde(rename = "query")]
    Query,
    /// One signed `response` parameter in the query: `jwt` or `query.jwt`.
    #[serde(rename = "jwt")]
    Jwt,
}

impl ResponseMode {
    /// The name that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Jwt => "jwt",
        }
    }
}

impl core::str::FromStr for ResponseMode {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        match text {
            "query" => Ok(Self::Query),
            "jwt" | "query.jwt" => Ok(Self::Jwt),
            _ => Err(InvalidParameter("response mode")),
        }
    }
}

/// What the operator's pages must do (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Show nothing; alone.
    None,
    /// Authenticate anew.
    Login,
    /// Ask for consent.
    Consent,
    /// Let the user choose.
    SelectAccount,
}

impl Prompt {
    /// The name that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

impl core::str::FromStr for Prompt {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        [Self::None, Self::Login, Self::Consent, Self::SelectAccount]
            .into_iter()
            .find(|prompt| prompt.as_str() == text)
            .ok_or(InvalidParameter("prompt"))
    }
}
