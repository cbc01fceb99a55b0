use std::{future::Future, pin::pin, task};

use ingam_jose::{
    Curve, KeyManagement, KeySet, OpeningKey, RingProvider, SignatureAlgorithm, SigningKey, VerifyingKey,
    jwt::{self, AudienceClaim, JwtError, KeyReference, Kind, NumericDate, Presented, RegisteredClaims, Typ},
};
use ingam_wire::{UnixTime, base64url::encode};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    pub(crate) aud: Option<AudienceClaim>,
    pub(crate) exp: NumericDate,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    pub(crate) iat: Option<NumericDate>,
}

impl RegisteredClaims for Claims {
    fn issuer(&self) -> Option<&str> {
        Some(&self.iss)
    }

    fn audience(&self) -> Option<&AudienceClaim> {
        self.aud.as_ref()
    }

    fn expires(&self) -> Option<UnixTime> {
        Some(self.exp.time())
    }

    fn not_before(&self) -> Option<UnixTime> {
        self.nbf.map(NumericDate::time)
    }

    fn issued_at(&self) -> Option<UnixTime> {
        self.iat.map(NumericDate::time)
    }
}

#[derive(Debug)]
pub(crate) struct Note;
impl Kind for Note {
    const TYP: Typ = Typ::Required("note+jwt");
    type Claims = Claims;
}

#[derive(Debug)]
pub(crate) struct Proof;
impl Kind for Proof {
    const TYP: Typ = Typ::Exact("proof+jwt");
    const KEY: KeyReference = KeyReference::Embedded;
    type Claims = Claims;
}

pub(crate) const HEADER: &str = r#"{"alg":"ES256","typ":"note+jwt"}"#;
pub(crate) const FINE: &str = r#"{"iss":"me","exp":2000}"#;

/// A software key never waits.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(value) => value,
        task::Poll::Pending => panic!("a software key never waits"),
    }
}

pub(crate) fn claims() -> Claims {
    serde_json::from_str(FINE).unwrap()
}

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).unwrap()
}

pub(crate) fn named_key(key_id: &str) -> SigningKey {
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::Es256).unwrap();
    SigningKey::from_pkcs8(&pkcs8, SignatureAlgorithm::Es256, Some(key_id.parse().unwrap()), &RingProvider).unwrap()
}

pub(crate) fn opening_key() -> OpeningKey {
    let scalar = OpeningKey::generate_scalar(Curve::X25519, &RingProvider, &RingProvider).unwrap();
    OpeningKey::from_scalar(Curve::X25519, &scalar, KeyManagement::EcdhEs, None, &RingProvider).unwrap()
}

pub(crate) fn set(keys: &[&VerifyingKey]) -> KeySet {
    KeySet::new(keys.iter().copied().cloned().collect())
}

/// A token of any header and payload with a signature that is right.
pub(crate) fn token(key: &SigningKey, header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign_now(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(signature))
}

/// What a correctly signed token of this header and payload is refused with.
pub(crate) fn refusal(header: &str, payload: &str) -> JwtError {
    let key = key();
    read(&token(&key, header, payload), key.public()).unwrap_err()
}

pub(crate) fn read(token: &str, key: &VerifyingKey) -> Result<Claims, JwtError> {
    Presented::<Note>::parse(token)?.verify(key).map(|verified| verified.claims().clone())
}
