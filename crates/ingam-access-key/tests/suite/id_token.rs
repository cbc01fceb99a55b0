use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer, SigningKey, jwt::JwtError};
use ingam_protocol::{ClientId, Issuer, Nonce};
use ingam_wire::{Seconds, UnixTime};
use serde_json::{Value, json};

use crate::party::*;

fn claims() -> Value {
    json!({
        "iss": OPERATOR, "sub": "alice", "aud": "client-1", "exp": NOW.secs() + 300, "iat": NOW.secs(),
        "nonce": "n-0S6_WzA2Mj", "auth_time": NOW.secs(), "acr": "urn:ingam:acr:3",
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

struct Client {
    operator: Issuer,
    client: ClientId,
    nonce: Nonce,
    key: SigningKey,
}

impl Client {
    fn new(algorithm: SignatureAlgorithm) -> Self {
        Self {
            operator: operator(),
            client: "client-1".parse().unwrap(),
            nonce: "n-0S6_WzA2Mj".parse().unwrap(),
            key: key(algorithm),
        }
    }

    fn expected(&self) -> ExpectedIdToken<'_> {
        ExpectedIdToken {
            operator: &self.operator,
            client: &self.client,
            nonce: Some(&self.nonce),
            max_age: None,
            access_key: None,
            leeway: Seconds::new(5),
        }
    }

    fn check(
        &self,
        token: &str,
        expected: ExpectedIdToken<'_>,
        now: UnixTime,
    ) -> Result<VerifiedIdToken, IdTokenError> {
        let keys = KeySet::new(vec![self.key.verifying_key().clone()]);
        check_id_token(token, expected, &keys, &POLICY, provider(), now)
    }
}

fn check(claims: &Value) -> Result<(), IdTokenError> {
    let client = Client::new(SignatureAlgorithm::Es256);
    client.check(&signed(None, claims, &client.key), client.expected(), NOW).map(|_| ())
}

/// fapi: SP-AZ-18, OI-1, OI-2, OI-3, OI-6, X-AS-33
#[test]
fn what_is_made_is_accepted_with_its_nonce_and_access_key() {
    let fintech = Fintech::new("client-1");
    let grant = redeemed(&fintech, |_| {}).grant().clone();
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let client = Client::new(algorithm);
        let content = IdTokenContent { nonce: Some(&client.nonce), access_key: Some("an.access.key") };
        let make = |content| {
            ready(make_id_token(&grant, content, &operator(), &POLICY, provider(), &client.key, NOW)).unwrap()
        };
        let token = make(content);
        let expected = ExpectedIdToken { access_key: Some("an.access.key"), ..client.expected() };
        let verified = client.check(&token, expected, NOW).unwrap();
        assert_eq!(verified.claims().sub, user());
        assert_eq!(verified.claims().nonce.as_ref(), Some(&client.nonce));
        assert_eq!((verified.claims().auth_time, verified.claims().iat), (Some(NOW), NOW));
        let other = ExpectedIdToken { access_key: Some("another.access.key"), ..client.expected() };
        assert_eq!(client.check(&token, other, NOW), Err(IdTokenError::AtHashMismatch));
        let refreshed = make(IdTokenContent::default());
        let expected = ExpectedIdToken { nonce: None, ..client.expected() };
        assert_eq!(client.check(&refreshed, expected, NOW).unwrap().claims().nonce, None, "none sent, none returned");
    }
}

/// fapi: MS-17, OI-4, OI-5, X-C-18
#[test]
fn every_claim_of_an_id_token_is_checked() {
    assert_eq!(check(&claims()), Ok(()));
    assert_eq!(check(&with("aud", Some(json!(["client-1"])))), Ok(()));
    assert_eq!(check(&with("iss", Some(json!("https://evil.example")))), Err(IdTokenError::IssuerMismatch));
    assert_eq!(check(&with("aud", Some(json!("client-2")))), Err(IdTokenError::WrongAudience));
    assert_eq!(check(&with("aud", Some(json!(["client-1", "client-2"])))), Err(IdTokenError::WrongAudience));
    assert_eq!(check(&with("azp", Some(json!("client-2")))), Err(IdTokenError::WrongParty));
    assert_eq!(check(&with("exp", Some(json!(NOW.secs() - 5)))), Err(IdTokenError::Expired));
    assert_eq!(check(&with("iat", Some(json!(NOW.secs() + 6)))), Err(IdTokenError::FromTheFuture));
    assert_eq!(check(&with("nonce", Some(json!("other")))), Err(IdTokenError::NonceMismatch));
    assert_eq!(check(&with("nonce", None)), Err(IdTokenError::NonceMissing));
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        assert_eq!(check(&with(name, None)), Err(IdTokenError::Token(JwtError::MalformedClaim)), "{name}");
    }
    let client = Client::new(SignatureAlgorithm::Es256);
    let token = signed(None, &claims(), &client.key);
    let unasked = ExpectedIdToken { nonce: None, ..client.expected() };
    assert_eq!(client.check(&token, unasked, NOW), Err(IdTokenError::NonceMismatch), "a nonce that was not sent");
    let aged = ExpectedIdToken { max_age: Some(Seconds::new(30)), ..client.expected() };
    assert!(client.check(&token, aged, after(35)).is_ok());
    assert_eq!(client.check(&token, aged, after(36)), Err(IdTokenError::AuthenticationTooOld));
    let undated = signed(None, &with("auth_time", None), &client.key);
    assert_eq!(client.check(&undated, aged, NOW), Err(IdTokenError::AuthenticationTooOld));
}

/// fapi: MS-17, OI-4, SP-K-1
#[test]
fn an_id_token_with_a_bad_signature_or_algorithm_is_refused() {
    let client = Client::new(SignatureAlgorithm::Es256);
    let header = json!({"alg": "ES256", "kid": client.key.key_id().as_str()});
    let forged = forge(&header, &claims(), &key(SignatureAlgorithm::Es256));
    assert_eq!(client.check(&forged, client.expected(), NOW), Err(IdTokenError::Token(JwtError::BadSignature)));
    for alg in ["none", "RS256", "HS256"] {
        let token = forge(&json!({"alg": alg}), &claims(), &client.key);
        let refused = client.check(&token, client.expected(), NOW);
        assert_eq!(refused, Err(IdTokenError::Token(JwtError::AlgorithmNotAllowed)), "{alg}");
    }
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    let policy = AccessKeyPolicy::new(settings).unwrap();
    let keys = KeySet::new(vec![client.key.verifying_key().clone()]);
    let token = signed(None, &claims(), &client.key);
    let refused = check_id_token(&token, client.expected(), &keys, &policy, provider(), NOW);
    assert_eq!(refused, Err(IdTokenError::AlgorithmNotAllowed));
}
