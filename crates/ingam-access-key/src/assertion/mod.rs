//! Client assertions: `private_key_jwt` (RFC 7523, OpenID Connect Core section 9) as FAPI narrows it; both halves.

mod check;
mod make;

use ingam_jose::jwt::{self, AudienceClaim, Kind, Typ};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

pub use self::{
    check::{AssertedClient, AssertionCheck, AssertionError},
    make::{MakeAssertionError, make_assertion},
};
use crate::claims;

/// A client assertion; `typ` may be absent, since nearly every client leaves it out.
#[derive(Debug)]
pub struct AssertionKind;

impl Kind for AssertionKind {
    const TYP: Typ = Typ::OneOfOrAbsent(&["JWT", "client-authentication+jwt"]);
    type Claims = AssertionClaims;
}

/// The claims of an assertion; what must be there is checked by name, so that each refusal says what was missing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AssertionClaims {
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub iss: Option<String>,
    /// The client again.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub sub: Option<String>,
    /// The operator's issuer identifier, as one text.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub aud: Option<AudienceClaim>,
    /// Unique identifier.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub jti: Option<String>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub exp: Option<UnixTime>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub iat: Option<UnixTime>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub nbf: Option<UnixTime>,
}
