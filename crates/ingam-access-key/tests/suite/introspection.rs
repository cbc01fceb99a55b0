use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer, SigningKey, jwt::JwtError};
use ingam_protocol::IntrospectionResponse;
use ingam_wire::UnixTime;
use serde_json::json;

use crate::party::*;

struct Known {
    key: SigningKey,
    token: String,
    grant: Grant,
    verified: VerifiedAccess,
}

fn known() -> Known {
    let (key, fintech) = (key(SignatureAlgorithm::Es256), Fintech::new("client-1"));
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let issued = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap();
    let token = issued.token.expose().to_owned();
    let verified = verifier_of(&key).verify(&token, NOW).unwrap();
    Known { key, token, grant: redeemed.grant().clone(), verified }
}

/// fapi: IN-2, IN-3, IJ-5, MS-18, SU-3, RAR-6, DP-19
#[test]
fn an_access_key_is_described_to_whom_it_concerns_and_to_nobody_else() {
    let known = known();
    let ask = |caller: &IntrospectionCaller| introspect(Some(&known.verified), Some(&known.grant), caller, NOW);
    let IntrospectionResponse::Active(active) = ask(&IntrospectionCaller::ResourceServer(resource())) else {
        panic!("the access key is for this resource server")
    };
    assert_eq!((active.sub.clone(), active.client_id.as_str()), (Some(user()), "client-1"));
    assert_eq!((active.exp, active.token_type), (after(300), ingam_protocol::TokenType::Dpop));
    assert_eq!(Confirmation::from(active.cnf), known.verified.confirmation());
    assert!(active.acr.is_some() && active.auth_time.is_some());
    let own = IntrospectionCaller::Fintech("client-1".parse().unwrap());
    for caller in [IntrospectionCaller::AnyResourceServer, own] {
        assert!(matches!(ask(&caller), IntrospectionResponse::Active(_)), "{caller:?}");
    }
    let elsewhere = IntrospectionCaller::ResourceServer("https://other.example".parse().unwrap());
    for caller in [elsewhere, IntrospectionCaller::Fintech("client-2".parse().unwrap())] {
        assert_eq!(ask(&caller), IntrospectionResponse::Inactive, "{caller:?}");
    }
}

/// fapi: IN-2, SP-RS-3
#[test]
fn x1149_3_1_16_7_whatever_is_not_good_is_inactive_and_nothing_more() {
    let known = known();
    let caller = IntrospectionCaller::AnyResourceServer;
    let revoked = known.grant.clone().revoke(RevocationReason::User, NOW).unwrap();
    let other = self::known().grant;
    for (verified, grant, now) in [
        (None, Some(&known.grant), NOW),
        (Some(&known.verified), None, NOW),
        (Some(&known.verified), Some(&revoked), NOW),
        (Some(&known.verified), Some(&other), NOW),
        (Some(&known.verified), Some(&known.grant), after(300)),
    ] {
        let answer = introspect(verified, grant, &caller, now);
        assert_eq!(answer.to_value(), json!({"active": false}));
    }
}

fn signed_answer(known: &Known, answer: &IntrospectionResponse, now: UnixTime) -> String {
    ready(make_introspection(answer, &operator(), RESOURCE, &known.key, now)).unwrap()
}

fn check(known: &Known, token: &str, now: UnixTime) -> Result<IntrospectedAccess, IntrospectionError> {
    let keys = KeySet::new(vec![known.key.verifying_key().clone()]);
    check_introspection(token, &known.token, &operator(), RESOURCE, &keys, &POLICY, provider(), now)
}

/// fapi: MS-15, MS-16, IJ-1, IJ-2, IJ-3
#[test]
fn a_signed_answer_lets_the_access_key_in_and_only_this_one() {
    let known = known();
    let caller = IntrospectionCaller::ResourceServer(resource());
    let answer = introspect(Some(&known.verified), Some(&known.grant), &caller, NOW);
    let token = signed_answer(&known, &answer, NOW);
    let payload = ingam_wire::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
    assert_eq!(claims["token_introspection"]["active"], true);
    let checked = check(&known, &token, NOW).unwrap();
    let verifier = verifier_of(&known.key);
    let verified = verifier.introspected(&known.token, checked.clone(), NOW).unwrap();
    assert_eq!(verified.user(), &user());
    assert_eq!(verified.sha256(), known.verified.sha256());
    assert_eq!(verifier.introspected("another.access.key", checked, NOW), Err(AccessRefused::Inactive));
    let plain = IntrospectedAccess::over_tls(&known.token, answer, provider());
    assert!(verifier.introspected(&known.token, plain, NOW).is_ok());
    let inactive = IntrospectedAccess::over_tls(&known.token, IntrospectionResponse::Inactive, provider());
    assert_eq!(verifier.introspected(&known.token, inactive, NOW), Err(AccessRefused::Inactive));
}

/// fapi: IJ-2, IJ-3, MS-16, SP-K-1
#[test]
fn a_signed_answer_of_another_for_another_or_of_another_time_is_refused() {
    let known = known();
    let token = signed_answer(&known, &IntrospectionResponse::Inactive, NOW);
    assert!(check(&known, &token, NOW).is_ok());
    for late in [after(71), after(-11)] {
        assert_eq!(check(&known, &token, late), Err(IntrospectionError::NotOfNow));
    }
    let keys = KeySet::new(vec![known.key.verifying_key().clone()]);
    let run = |operator: &str, resource: &str, keys: &KeySet| {
        let operator = operator.parse().unwrap();
        check_introspection(&token, &known.token, &operator, resource, keys, &POLICY, provider(), NOW).map(|_| ())
    };
    assert_eq!(run("https://other.example", RESOURCE, &keys), Err(IntrospectionError::IssuerMismatch));
    assert_eq!(run(OPERATOR, "https://other.example", &keys), Err(IntrospectionError::WrongAudience));
    let other = KeySet::new(vec![key(SignatureAlgorithm::Es256).verifying_key().clone()]);
    assert_eq!(run(OPERATOR, RESOURCE, &other), Err(IntrospectionError::Token(JwtError::UnknownKey)));
    let claims = json!({"iss": OPERATOR, "aud": RESOURCE, "iat": NOW.secs(), "token_introspection": {"active": true}});
    let untyped = signed(None, &claims, &known.key);
    assert_eq!(check(&known, &untyped, NOW), Err(IntrospectionError::Token(JwtError::WrongType)));
    let typed = signed(Some("token-introspection+jwt"), &claims, &known.key);
    assert!(matches!(check(&known, &typed, NOW), Err(IntrospectionError::Answer(_))), "active, but of nobody");
}
