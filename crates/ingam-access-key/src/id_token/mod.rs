//! ID tokens (OpenID Connect Core section 2); both halves.

mod check;
mod make;

use ingam_jose::{
    CryptoProvider, SignatureAlgorithm,
    jwt::{self, AudienceClaim, Kind, Typ},
};
use ingam_protocol::{Acr, Issuer, Nonce, UserId};
use ingam_wire::{UnixTime, base64url};
use serde::{Deserialize, Serialize};

pub use self::{
    check::{ExpectedIdToken, IdTokenError, VerifiedIdToken, check_id_token},
    make::{IdTokenContent, make_id_token},
};
use crate::claims;

/// An ID token; `typ` is `JWT` or absent.
#[derive(Debug)]
pub struct IdTokenKind;

impl Kind for IdTokenKind {
    const TYP: Typ = Typ::OneOfOrAbsent(&["JWT"]);
    type Claims = IdTokenClaims;
}

/// The claims of an ID token.
///
/// fapi: OI-2
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IdTokenClaims {
    /// The operator.
    pub iss: Issuer,
    /// The user.
    pub sub: UserId,
    /// The fintech.
    pub aud: AudienceClaim,
    /// When it ends.
    #[serde(deserialize_with = "claims::date")]
    pub exp: UnixTime,
    /// When it was made.
    #[serde(deserialize_with = "claims::date")]
    pub iat: UnixTime,
    /// The nonce of the request, iff one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub nonce: Option<Nonce>,
    /// When the user was authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub auth_time: Option<UnixTime>,
    /// How strongly.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub acr: Option<Acr>,
    /// To whom it was issued, if there are several audiences.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub azp: Option<String>,
    /// Left half of the hash of the access key that came with it (section 3.1.3.6).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub at_hash: Option<String>,
}

/// `at_hash`: the left half of the access key's hash, with the hash of the ID token's algorithm.
fn at_hash(access_key: &str, algorithm: SignatureAlgorithm, provider: &dyn CryptoProvider) -> String {
    let bytes = access_key.as_bytes();
    match algorithm {
        SignatureAlgorithm::EdDsa => {
            let hash = provider.sha512(&[bytes]);
            base64url::encode(hash.first_chunk::<32>().map_or(&[][..], |half| half))
        }
        SignatureAlgorithm::Es256 | SignatureAlgorithm::Ps256 => {
            let hash = provider.sha256(&[bytes]);
            base64url::encode(hash.first_chunk::<16>().map_or(&[][..], |half| half))
        }
    }
}
