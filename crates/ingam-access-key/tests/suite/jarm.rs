use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer, SigningKey, jwt::JwtError};
use ingam_protocol::{AuthorizationResponse, OAuthError};
use ingam_wire::Seconds;
use serde_json::{Value, json};

use crate::party::*;

fn claims() -> Value {
    json!({
        "iss": OPERATOR, "aud": "client-1", "exp": NOW.secs() + 300, "code": "SplxlOBeZQQYbYS6WxSbIA", "state": "s1",
    })
}

fn with(name: &str, value: Option<Value>) -> Value {
    let mut claims = claims();
    match value {
        Some(value) => claims[name] = value,
        None => drop(claims.as_object_mut().unwrap().remove(name)),
    }
    claims
}

fn check_token(token: &str, key: &SigningKey) -> Result<AuthorizationResponse, JarmError> {
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    let client = "client-1".parse().unwrap();
    check_jarm(token, &operator(), &client, &keys, &POLICY, Seconds::new(5), NOW)
}

fn check(claims: &Value) -> Result<(), JarmError> {
    let key = key(SignatureAlgorithm::Es256);
    check_token(&signed(None, claims, &key), &key).map(|_| ())
}

/// fapi: MS-12, MS-13, JM-1, JM-2, X-AS-35
#[test]
fn codes_and_refusals_travel_signed() {
    let (key, fintech) = (key(SignatureAlgorithm::EdDsa), Fintech::new("client-1"));
    let issued = issued_code(&fintech, &verifier(), |_| {});
    let response = issued.response(&operator()).unwrap();
    let token = ready(make_jarm(&response, fintech.id(), &POLICY, &key, NOW)).unwrap();
    let read = check_token(&token, &key).unwrap();
    assert_eq!(read.to_form().encode(), response.to_form().encode());
    let payload = ingam_wire::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((claims["aud"].clone(), claims["exp"].clone()), (json!("client-1"), json!(NOW.secs() + 300)));
    let refused = AuthorizationResponse::refused(OAuthError::AccessDenied, "no", None, operator());
    let token = ready(make_jarm(&refused, fintech.id(), &POLICY, &key, NOW)).unwrap();
    assert!(matches!(check_token(&token, &key).unwrap(), AuthorizationResponse::Refused { .. }));
}

/// fapi: MS-14, JM-5, IS-4, X-C-19
#[test]
fn sr_56_a_response_of_another_operator_or_for_another_client_is_refused() {
    assert_eq!(check(&claims()), Ok(()));
    assert_eq!(check(&with("iss", Some(json!("https://evil.example")))), Err(JarmError::IssuerMismatch));
    assert_eq!(check(&with("iss", None)), Err(JarmError::IssuerMismatch));
    assert_eq!(check(&with("aud", Some(json!("client-2")))), Err(JarmError::WrongAudience));
    assert_eq!(check(&with("aud", None)), Err(JarmError::WrongAudience));
    assert_eq!(check(&with("exp", None)), Err(JarmError::ExpiryMissing));
    assert_eq!(check(&with("exp", Some(json!(NOW.secs() - 5)))), Err(JarmError::Expired));
    assert!(check(&with("exp", Some(json!("soon")))).is_err());
    assert_eq!(check(&with("sub", Some(json!("alice")))), Err(JarmError::OtherKind));
    assert!(matches!(check(&with("code", None)), Err(JarmError::Response(_))));
}

/// fapi: JM-5, MS-14, SP-K-1
#[test]
fn a_response_with_a_bad_signature_or_none_is_refused() {
    let (key, other) = (key(SignatureAlgorithm::Es256), key(SignatureAlgorithm::Es256));
    let header = json!({"alg": "ES256", "kid": key.key_id().as_str()});
    let refused = check_token(&forge(&header, &claims(), &other), &key).map(|_| ());
    assert_eq!(refused, Err(JarmError::Token(JwtError::BadSignature)));
    let none = check_token(&forge(&json!({"alg": "none"}), &claims(), &key), &key).map(|_| ());
    assert_eq!(none, Err(JarmError::Token(JwtError::AlgorithmNotAllowed)));
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    let policy = AccessKeyPolicy::new(settings).unwrap();
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    let client = "client-1".parse().unwrap();
    let token = signed(None, &claims(), &key);
    let refused = check_jarm(&token, &operator(), &client, &keys, &policy, Seconds::new(5), NOW).map(|_| ());
    assert_eq!(refused, Err(JarmError::AlgorithmNotAllowed));
}
