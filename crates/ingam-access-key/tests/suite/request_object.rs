use ingam_access_key::*;
use ingam_jose::{SignatureAlgorithm, Signer, jwt::JwtError};
use ingam_ports::{ClaimPurpose, ReplayError, settle};
use ingam_protocol::{AuthorizationRequest, OAuthError};
use ingam_testkit::vectors;
use serde_json::{Value, json};

use crate::party::*;

fn fintech() -> Fintech {
    Fintech::with("client-1", |entry| entry.request = RequestForm::Signed)
}

fn claims() -> Value {
    let mut claims = Value::Object(authorization_request(&verifier()).to_claims());
    claims["iss"] = "client-1".into();
    claims["client_id"] = "client-1".into();
    claims["aud"] = OPERATOR.into();
    claims["nbf"] = NOW.secs().into();
    claims["exp"] = (NOW.secs() + 300).into();
    claims
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

fn check_token(fintech: &Fintech, token: &str) -> Result<VerifiedRequestObject, RequestObjectError> {
    let operator = operator();
    let check = RequestObjectCheck { operator: &operator, policy: &POLICY, provider: provider() };
    check.check(token, &fintech.registered, NOW).map(fresh)
}

fn check(claims: &Value) -> Result<VerifiedRequestObject, RequestObjectError> {
    let fintech = fintech();
    check_token(&fintech, &signed(Some("oauth-authz-req+jwt"), claims, &fintech.key))
}

/// fapi: MS-1, MS-6, MS-7, MS-8, MS-9, MS-10, MS-19, MS-21
#[test]
fn what_is_made_is_accepted_and_says_the_same() {
    let fintech = fintech();
    let request = authorization_request(&verifier());
    let token =
        ready(make_request_object(&request, fintech.id(), &operator(), &fintech.key, provider().randomness(), NOW))
            .unwrap();
    let object = check_token(&fintech, &token).unwrap();
    let read = AuthorizationRequest::from_parameters(&object.clone().into_parameters()).unwrap();
    assert_eq!(read, AuthorizationRequest { client_id: Some(fintech.id().clone()), ..request });
    let form = PushedForm::Signed(object);
    let who = fintech.authenticated(NOW);
    assert!(PushedRequest::accept(&who, form, None, &[], &POLICY, NOW, provider().randomness()).is_ok());
}

/// fapi: MS-5, X-AS-6
#[test]
fn the_type_may_be_absent_or_in_any_case_but_not_another() {
    let fintech = fintech();
    for typ in [None, Some("oauth-authz-req+jwt"), Some("OautH-auThZ-REQ+jWt"), Some("application/oauth-authz-req+jwt")]
    {
        assert!(check_token(&fintech, &signed(typ, &claims(), &fintech.key)).is_ok(), "{typ:?}");
    }
    for typ in ["at+jwt", "dpop+jwt", "client-authentication+jwt"] {
        let refused = check_token(&fintech, &signed(Some(typ), &claims(), &fintech.key));
        assert_eq!(refused, Err(RequestObjectError::Token(JwtError::WrongType)), "{typ}");
    }
}

/// fapi: MS-2, X-AS-34
#[test]
fn the_audience_names_the_operator_alone_or_among_others() {
    assert!(check(&with("aud", json!([OPERATOR]))).is_ok());
    assert!(check(&with("aud", json!(["https://other.example", OPERATOR]))).is_ok());
    for aud in [json!("https://other.example"), json!([]), json!(1), json!("https://op.example/par")] {
        assert_eq!(check(&with("aud", aud)), Err(RequestObjectError::WrongAudience));
    }
    assert_eq!(check(&without("aud")), Err(RequestObjectError::WrongAudience));
}

/// fapi: MS-3, SP-AS-13
#[test]
fn it_begins_at_most_an_hour_ago_and_not_in_the_future() {
    let at = |offset: i64| {
        let mut claims = with("nbf", json!(NOW.secs() + offset));
        claims["exp"] = json!(NOW.secs() + offset.max(0) + 60);
        if offset <= -3600 {
            claims["exp"] = json!(NOW.secs() + offset + 3600);
        }
        check(&claims).map(|_| ())
    };
    assert_eq!(at(0), Ok(()));
    assert_eq!(at(8), Ok(()));
    assert_eq!(at(62), Err(RequestObjectError::FromTheFuture));
    assert_eq!(at(-3500), Ok(()));
    assert_eq!(at(-4200), Err(RequestObjectError::TooOld), "70 minutes");
    assert_eq!(check(&without("nbf")), Err(RequestObjectError::NotBeforeMissing));
    assert_eq!(check(&with("iat", json!(NOW.secs() + 62))), Err(RequestObjectError::FromTheFuture));
    assert!(check(&with("iat", json!(NOW.secs()))).is_ok());
}

/// fapi: MS-4, MS-9
#[test]
fn it_ends_and_at_most_an_hour_after_it_begins() {
    assert_eq!(check(&without("exp")), Err(RequestObjectError::ExpiryMissing));
    assert!(check(&with("exp", json!(NOW.secs() + 3600))).is_ok());
    assert_eq!(check(&with("exp", json!(NOW.secs() + 4200))), Err(RequestObjectError::LivesTooLong));
    assert_eq!(check(&with("exp", json!(NOW.secs() + 3601))), Err(RequestObjectError::LivesTooLong));
    let mut expired = with("nbf", json!(NOW.secs() - 600));
    expired["exp"] = json!(NOW.secs());
    assert_eq!(check(&expired), Err(RequestObjectError::Expired));
    for exp in [json!("1800000300"), Value::Null, json!(-1)] {
        assert_eq!(check(&with("exp", exp)), Err(RequestObjectError::Token(JwtError::MalformedClaim)));
    }
}

/// fapi: MS-19, PA-13
#[test]
fn it_is_the_authenticated_clients_own() {
    assert_eq!(check(&with("iss", json!("client-2"))), Err(RequestObjectError::WrongIssuer));
    assert_eq!(check(&without("iss")), Err(RequestObjectError::WrongIssuer));
    assert_eq!(check(&with("client_id", json!("client-2"))), Err(RequestObjectError::WrongClient));
    assert_eq!(check(&without("client_id")), Err(RequestObjectError::WrongClient));
}

/// fapi: MS-21
#[test]
fn it_cannot_serve_as_client_assertion() {
    assert_eq!(check(&with("sub", json!("client-1"))), Err(RequestObjectError::SubjectIsClient));
    assert!(check(&with("sub", json!("alice"))).is_ok());
}

/// fapi: MS-20
#[test]
fn it_holds_no_other_request() {
    assert_eq!(check(&with("request", json!("x"))), Err(RequestObjectError::NestedRequest));
    assert_eq!(check(&with("request_uri", json!("urn:x"))), Err(RequestObjectError::NestedRequest));
}

/// fapi: MS-23, MS-24, SP-K-1, X-AS-11, X-AS-31
#[test]
fn another_key_or_algorithm_is_refused_and_every_refusal_has_one_code() {
    let fintech = fintech();
    let other = key(SignatureAlgorithm::Es256);
    let by_other = check_token(&fintech, &signed(None, &claims(), &other)).unwrap_err();
    assert_eq!(by_other, RequestObjectError::Token(JwtError::UnknownKey));
    let forged = forge(&json!({"alg": "ES256", "kid": fintech.key.key_id().as_str()}), &claims(), &other);
    assert_eq!(check_token(&fintech, &forged), Err(RequestObjectError::Token(JwtError::BadSignature)));
    for alg in ["RS256", "none"] {
        let token = forge(&json!({"alg": alg}), &claims(), &fintech.key);
        assert_eq!(check_token(&fintech, &token), Err(RequestObjectError::Token(JwtError::AlgorithmNotAllowed)));
    }
    let narrow = Fintech::with("client-1", |entry| entry.algorithms = vec![SignatureAlgorithm::EdDsa]);
    let refused = check_token(&narrow, &signed(None, &claims(), &narrow.key));
    assert_eq!(refused, Err(RequestObjectError::AlgorithmNotAllowed));
    for error in [by_other, RequestObjectError::TooOld, RequestObjectError::NestedRequest] {
        assert_eq!(error.to_oauth_error(), OAuthError::InvalidRequestObject);
    }
}

/// fapi: MS-22, X-AS-3
#[test]
fn only_what_stands_inside_counts() {
    let object = check(&without("state")).unwrap();
    let request = AuthorizationRequest::from_parameters(&object.into_parameters()).unwrap();
    assert_eq!(request.state, None);
}

#[test]
fn an_identifier_is_taken_once_and_malformed_ones_are_refused() {
    for jti in [json!(""), json!("x".repeat(129)), json!(1), Value::Null] {
        assert_eq!(check(&with("jti", jti)), Err(RequestObjectError::MalformedJti));
    }
    let (fintech, guard, operator) = (fintech(), guard(), operator());
    let token = signed(None, &with("jti", json!("one")), &fintech.key);
    let check = RequestObjectCheck { operator: &operator, policy: &POLICY, provider: provider() };
    let once =
        || ready(settle(check.check(&token, &fintech.registered, NOW).unwrap(), &guard, Default::default(), NOW));
    assert!(once().is_ok());
    assert!(matches!(once(), Err(ReplayError::Replayed(ClaimPurpose::RequestObject))));
}

/// fapi: SP-K-1
#[test]
fn the_standards_rs256_example_ends_in_algorithm_not_allowed() {
    let file = vectors("oauth", "rfc9101");
    let token = file["request_object"]["compact"].as_str().unwrap();
    let refused = check_token(&fintech(), token);
    assert_eq!(refused, Err(RequestObjectError::Token(JwtError::AlgorithmNotAllowed)));
}

#[test]
fn no_client_can_burn_the_identifier_of_anothers_request() {
    let operator = operator();
    let check = RequestObjectCheck { operator: &operator, policy: &POLICY, provider: provider() };
    let digest = |client: &str, jti: &str| {
        let fintech = Fintech::with(client, |entry| entry.request = RequestForm::Signed);
        let mut claims = with("jti", json!(jti));
        claims["iss"] = client.into();
        claims["client_id"] = client.into();
        let token = signed(None, &claims, &fintech.key);
        claims_of(check.check(&token, &fintech.registered, NOW).unwrap())[0].digest
    };
    assert_ne!(digest("a", "bc"), digest("ab", "c"));
    assert_ne!(digest("a", "bc"), digest("b", "bc"));
    assert_eq!(digest("a", "bc"), digest("a", "bc"));
}
