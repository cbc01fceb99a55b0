//! Demonstrating proof of possession (RFC 9449): both halves, and the operator's nonces.

mod check;
mod make;
mod nonce;

use ingam_jose::jwt::{self, KeyReference, Kind, Typ};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

pub use self::{
    check::{Proof, ProofCheck, ProofError, ProofTarget},
    make::{MakeProofError, make_proof},
    nonce::{NonceError, NonceSource, NonceUser},
};
use crate::claims;

/// The field that carries a proof.
pub const DPOP: http::HeaderName = http::HeaderName::from_static("dpop");

/// The field that carries the operator's next nonce.
pub const DPOP_NONCE: http::HeaderName = http::HeaderName::from_static("dpop-nonce");

/// A DPoP proof (RFC 9449 section 4.2); the only kind whose key travels with it.
#[derive(Debug)]
pub struct ProofKind;

impl Kind for ProofKind {
    const TYP: Typ = Typ::Exact("dpop+jwt");
    const KEY: KeyReference = KeyReference::Embedded;
    type Claims = ProofClaims;
}

/// The claims of a proof (RFC 9449 section 4.2); unknown ones are ignored.
///
/// fapi: DP-2, DP-5
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProofClaims {
    /// Unique identifier, 1 to 128 characters.
    pub jti: String,
    /// HTTP method.
    pub htm: String,
    /// HTTP target without query and fragment.
    pub htu: String,
    /// When it was made.
    #[serde(deserialize_with = "claims::date")]
    pub iat: UnixTime,
    /// When it begins, where its maker says so; ours do not.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub nbf: Option<UnixTime>,
    /// When it ends, where its maker says so; ours do not.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub exp: Option<UnixTime>,
    /// BASE64URL(SHA-256(ASCII(access key))), when presented with one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub ath: Option<String>,
    /// The verifier's nonce.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub nonce: Option<String>,
}
