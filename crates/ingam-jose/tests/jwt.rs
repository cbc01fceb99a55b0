//! Typed JWTs: both halves against each other, and every refusal by name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::{future::Future, pin::pin, task};

use ingam_jose::{
    CryptoProvider, Jwk, KeySet, RingProvider, SignatureAlgorithm, SigningKey, VerifyingKey,
    jwt::{self, JwtError, KeyReference, Kind, NumericDate, Presented, Typ},
};
use ingam_wire::base64url::encode;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Claims {
    iss: String,
    exp: NumericDate,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    nbf: Option<NumericDate>,
}

#[derive(Debug)]
struct Note;
impl Kind for Note {
    const TYP: Typ = Typ::Required("note+jwt");
    type Claims = Claims;
}

#[derive(Debug)]
struct Proof;
impl Kind for Proof {
    const TYP: Typ = Typ::Exact("proof+jwt");
    const KEY: KeyReference = KeyReference::Embedded;
    type Claims = Claims;
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(value) => value,
        task::Poll::Pending => panic!("a software key never waits"),
    }
}

fn claims() -> Claims {
    serde_json::from_str(r#"{"iss":"me","exp":2000}"#).unwrap()
}

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).unwrap()
}

fn token(key: &SigningKey, header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign_now(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(signature))
}

fn refusal(header: &str, payload: &str) -> JwtError {
    let key = key();
    let token = token(&key, header, payload);
    match Presented::<Note>::parse(&token) {
        Ok(presented) => presented.verify(key.public()).unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn what_is_signed_verifies_with_its_key_and_no_other() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let key = SigningKey::generate(algorithm, &RingProvider).unwrap();
        let other = SigningKey::generate(algorithm, &RingProvider).unwrap();
        let token = ready(jwt::sign::<Note>(&claims(), &key)).unwrap();
        let keys = KeySet::new(vec![other.public().clone(), key.public().clone()]);
        let verified = Presented::<Note>::parse(&token).unwrap().verify_with(&keys).unwrap();
        assert_eq!(verified.claims(), &claims());
        assert_eq!(verified.key(), key.public());
        let refused = Presented::<Note>::parse(&token).unwrap().verify(other.public());
        assert_eq!(refused.unwrap_err(), JwtError::BadSignature);
        let strangers = KeySet::new(vec![other.public().clone()]);
        let refused = Presented::<Note>::parse(&token).unwrap().verify_with(&strangers);
        assert_eq!(refused.unwrap_err(), JwtError::UnknownKey);
    }
}

#[test]
fn a_proof_brings_its_key() {
    let key = key();
    let token = ready(jwt::sign::<Proof>(&claims(), &key)).unwrap();
    let verified = Presented::<Proof>::parse(&token).unwrap().verify_embedded(&RingProvider).unwrap();
    assert_eq!(verified.key().thumbprint(), key.public().thumbprint());
    assert_eq!(Presented::<Note>::parse(&token).unwrap_err(), JwtError::WrongType);
}

#[test]
fn a_public_key_is_read_and_printed_alike() {
    let key = key();
    let printed = key.public().to_jwk().to_json().to_string();
    let read = Jwk::parse(printed.as_bytes()).unwrap();
    assert_eq!(&read, key.public().to_jwk());
    let again = VerifyingKey::from_jwk(&read, None, &RingProvider).unwrap();
    assert_eq!(again.thumbprint(), key.public().thumbprint());
    assert_eq!(RingProvider.name(), "ring 0.17");
}

#[test]
fn refusals() {
    let fine = r#"{"iss":"me","exp":2000}"#;
    for (header, payload, expected) in [
        (r#"{"alg":"none","typ":"note+jwt"}"#, fine, JwtError::AlgorithmNotAllowed),
        (r#"{"alg":"HS256","typ":"note+jwt"}"#, fine, JwtError::AlgorithmNotAllowed),
        (r#"{"alg":"es256","typ":"note+jwt"}"#, fine, JwtError::AlgorithmNotAllowed),
        (r#"{"typ":"note+jwt"}"#, fine, JwtError::Malformed),
        (r#"{"alg":null,"typ":"note+jwt"}"#, fine, JwtError::Malformed),
        (r#"{"alg":"ES256","typ":"note+jwt","crit":null}"#, fine, JwtError::UnsupportedCritical),
        (r#"{"alg":"ES256","typ":"note+jwt","jku":"https://a"}"#, fine, JwtError::UnsupportedHeader),
        (r#"{"alg":"ES256"}"#, fine, JwtError::WrongType),
        (r#"{"alg":"ES256","typ":"JWT"}"#, fine, JwtError::WrongType),
        (r#"{"alg":"EdDSA","typ":"note+jwt"}"#, fine, JwtError::KeyAlgorithmMismatch),
        (r#"{"alg":"ES256","typ":"note+jwt"}"#, r#"{"iss":"me"}"#, JwtError::MalformedClaim),
        (r#"{"alg":"ES256","typ":"note+jwt"}"#, r#"{"iss":"me","exp":"2000"}"#, JwtError::MalformedClaim),
        (r#"{"alg":"ES256","typ":"note+jwt"}"#, r#"{"iss":"me","exp":2,"nbf":null}"#, JwtError::MalformedClaim),
    ] {
        assert_eq!(refusal(header, payload), expected, "{header} {payload}");
    }
}
