//! Introspection of access keys (RFC 7662), plain and signed (RFC 9701); both halves.

mod answer;
mod check;
mod make;

use ingam_jose::jwt::{AudienceClaim, Kind, Typ};
use ingam_protocol::Issuer;
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    answer::{IntrospectionCaller, introspect},
    check::{IntrospectedAccess, IntrospectionError, check_introspection},
    make::make_introspection,
};
use crate::claims;

/// The media type of a signed answer (RFC 9701 section 5).
pub const INTROSPECTION_JWT: &str = "application/token-introspection+jwt";

/// A signed introspection response (RFC 9701 section 5).
///
/// fapi: IJ-2
#[derive(Debug)]
pub struct IntrospectionKind;

impl Kind for IntrospectionKind {
    const TYP: Typ = Typ::Required("token-introspection+jwt");
    type Claims = IntrospectionClaims;
}

/// Its claims; no `sub` and no `exp`, so that it cannot pass for an access key (RFC 9701 section 5).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IntrospectionClaims {
    /// The operator.
    pub iss: Issuer,
    /// The resource server that asked.
    pub aud: AudienceClaim,
    /// When it was made.
    #[serde(deserialize_with = "claims::date")]
    pub iat: UnixTime,
    /// The answer (RFC 7662 section 2.2).
    pub token_introspection: Value,
}
