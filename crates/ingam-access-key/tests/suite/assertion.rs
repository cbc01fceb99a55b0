use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer, jwt::JwtError};
use ingam_ports::{ClaimPurpose, ReplayError, settle};
use ingam_wire::UnixTime;
use serde_json::{Value, json};

use crate::party::*;

fn claims() -> Value {
    json!({
        "iss": "client-1", "sub": "client-1", "aud": OPERATOR, "jti": "0123456789abcdefghij",
        "iat": NOW.secs(), "nbf": NOW.secs(), "exp": NOW.secs() + 60,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn check_at(fintech: &Fintech, token: &str, now: UnixTime) -> Result<AssertedClient, AssertionError> {
    let operator = operator();
    let check = AssertionCheck { operator: &operator, policy: &POLICY, provider: provider() };
    check.check(token, fintech.id(), fintech.registered.keys(), now).map(fresh)
}

fn check(claims: &Value) -> Result<AssertedClient, AssertionError> {
    let fintech = Fintech::new("client-1");
    check_at(&fintech, &signed(None, claims, &fintech.key), NOW)
}

/// fapi: SP-AS-6, CA-2, CA-3, X-AS-7
#[test]
fn what_is_made_is_accepted_and_fresh_each_time() {
    let fintech = Fintech::new("client-1");
    let (one, two) = (fintech.assertion(NOW), fintech.assertion(NOW));
    assert_ne!(one, two, "a new jti on each try");
    for token in [one, two] {
        assert_eq!(check_at(&fintech, &token, NOW).unwrap().client(), fintech.id());
    }
    // Without typ, with 20 characters of jti, as the certification suite sends it.
    assert!(check(&claims()).is_ok());
}

/// fapi: SP-AS-8, SP-C-5, CA-3, PA-10, X-AS-34
#[test]
fn sr_47_only_the_issuer_as_one_text_is_an_audience() {
    for aud in [
        json!("https://op.example/token"),
        json!("https://op.example/par"),
        json!("https://op.example/"),
        json!("https://other.example"),
        json!([OPERATOR]),
        json!([OPERATOR, "https://op.example/token"]),
        json!([]),
        json!(""),
    ] {
        assert_eq!(check(&with("aud", aud.clone())), Err(AssertionError::WrongAudience), "{aud}");
    }
    assert_eq!(check(&without("aud")), Err(AssertionError::WrongAudience));
    assert!(check(&with("aud", json!(1))).is_err());
}

/// fapi: CA-2, MS-21, JW-6
#[test]
fn issuer_and_subject_are_both_the_client() {
    assert_eq!(check(&with("iss", json!("client-2"))), Err(AssertionError::WrongIssuer));
    assert_eq!(check(&without("iss")), Err(AssertionError::WrongIssuer));
    assert_eq!(check(&without("sub")), Err(AssertionError::SubjectMissing));
    assert_eq!(check(&with("sub", json!("client-2"))), Err(AssertionError::WrongSubject));
}

/// fapi: CA-3, CA-5
#[test]
fn it_has_an_end_that_is_neither_past_nor_far() {
    assert_eq!(check(&without("exp")), Err(AssertionError::ExpiryMissing));
    assert_eq!(check(&with("exp", json!(NOW.secs() - 300))), Err(AssertionError::Expired));
    assert_eq!(check(&with("exp", json!(NOW.secs()))), Err(AssertionError::Expired));
    assert!(check(&with("exp", json!(NOW.secs() + 1))).is_ok());
    assert!(check(&with("exp", json!(NOW.secs() + 610))).is_ok());
    assert_eq!(check(&with("exp", json!(NOW.secs() + 611))), Err(AssertionError::LivesTooLong));
    for exp in [json!("1800000060"), Value::Null, json!(-1), json!(1e300)] {
        assert_eq!(check(&with("exp", exp)), Err(AssertionError::Token(JwtError::MalformedClaim)));
    }
}

/// fapi: SP-AS-13
#[test]
fn it_may_be_a_little_from_the_future_and_not_more() {
    for name in ["iat", "nbf"] {
        assert!(check(&with(name, json!(NOW.secs() + 8))).is_ok());
        assert!(check(&with(name, json!(NOW.secs() + 10))).is_ok());
        let refused = check(&with(name, json!(NOW.secs() + 62)));
        assert_eq!(refused, Err(AssertionError::FromTheFuture), "{name}");
        assert!(check(&without(name)).is_ok(), "{name} is optional");
    }
}

/// fapi: CA-3
#[test]
fn it_has_an_identifier() {
    for claims in [without("jti"), with("jti", json!("")), with("jti", json!("x".repeat(129)))] {
        assert_eq!(check(&claims), Err(AssertionError::MalformedJti));
    }
}

/// fapi: CA-7, SP-K-1, JW-1, X-AS-31
#[test]
fn another_algorithm_or_key_or_type_is_refused() {
    let fintech = Fintech::new("client-1");
    let other = key(SignatureAlgorithm::Es256);
    let by_other = signed(None, &claims(), &other);
    assert_eq!(check_at(&fintech, &by_other, NOW), Err(AssertionError::Token(JwtError::UnknownKey)));
    let mut header = json!({"alg": "ES256", "kid": fintech.key.key_id().as_str()});
    let forged = forge(&header, &claims(), &other);
    assert_eq!(check_at(&fintech, &forged, NOW), Err(AssertionError::Token(JwtError::BadSignature)));
    for alg in ["RS256", "none", "HS256"] {
        header["alg"] = alg.into();
        let refused = check_at(&fintech, &forge(&header, &claims(), &fintech.key), NOW);
        assert_eq!(refused, Err(AssertionError::Token(JwtError::AlgorithmNotAllowed)), "{alg}");
    }
    let typed = signed(Some("oauth-authz-req+jwt"), &claims(), &fintech.key);
    assert_eq!(check_at(&fintech, &typed, NOW), Err(AssertionError::Token(JwtError::WrongType)));
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    let policy = AccessKeyPolicy::new(settings).unwrap();
    let operator = operator();
    let narrow = AssertionCheck { operator: &operator, policy: &policy, provider: provider() };
    let token = signed(None, &claims(), &fintech.key);
    let refused = narrow.check(&token, fintech.id(), fintech.registered.keys(), NOW).unwrap_err();
    assert_eq!(refused, AssertionError::AlgorithmNotAllowed);
}

/// fapi: CA-4
#[test]
fn sr_48_an_assertion_presented_twice_is_refused_until_it_has_expired() {
    let fintech = Fintech::new("client-1");
    let guard = guard();
    let token = signed(None, &claims(), &fintech.key);
    let operator = operator();
    let check = AssertionCheck { operator: &operator, policy: &POLICY, provider: provider() };
    let keys: &KeySet = fintech.registered.keys();
    let at =
        |now| ready(settle(check.check(&token, fintech.id(), keys, now).unwrap(), &guard, Default::default(), now));
    assert!(at(NOW).is_ok());
    for now in [NOW, after(59)] {
        assert!(matches!(at(now), Err(ReplayError::Replayed(ClaimPurpose::Assertion))));
    }
    let claim = claims_of(check.check(&token, fintech.id(), keys, NOW).unwrap());
    assert_eq!(claim[0].stated, after(60));
    assert!(claim[0].expires > after(60));
}

#[test]
fn no_client_can_burn_anothers_identifier() {
    // The pair (client, jti) must not be readable in two ways: "a" + "bc" and "ab" + "c".
    let operator = operator();
    let check = AssertionCheck { operator: &operator, policy: &POLICY, provider: provider() };
    let digest = |client: &str, jti: &str| {
        let fintech = Fintech::new(client);
        let mut claims = with("jti", json!(jti));
        claims["iss"] = client.into();
        claims["sub"] = client.into();
        let token = signed(None, &claims, &fintech.key);
        claims_of(check.check(&token, fintech.id(), fintech.registered.keys(), NOW).unwrap())[0].digest
    };
    assert_ne!(digest("a", "bc"), digest("ab", "c"));
    assert_ne!(digest("a", "bc"), digest("b", "bc"));
    assert_eq!(digest("a", "bc"), digest("a", "bc"));
}
