//! Access keys that are no JWTs in front of a bank's own API: their operator is asked, and only its word counts.

use std::sync::{Arc, atomic::Ordering};

use bytes::Bytes;
use http::header;
use ingam_access_key::{AccessKeyFormat, Authentication, INTROSPECTION_JWT, TrustedIssuer, Verifier};
use ingam_jose::{KeySet, SignatureAlgorithm};
use ingam_keys::Purpose;
use ingam_operator::{
    Profile,
    usage::{
        Introspection, IntrospectionAnswers, IntrospectionAuthentication, Protection, ProtectionError, ProtectionParts,
    },
};
use ingam_ports::RemoteAddress;
use ingam_store::{MemoryRateLimiter, RateLimit};
use ingam_wire::{Seconds, form::Form};
use serde_json::{Value, json};

use crate::{
    opaque::{OTHER, Opaque, resource_server, verifier},
    protect::{Api, call, parts},
    support::{BASE, Fintech, PROVIDER, certificate, key, sign},
};

/// fapi: SP-RS-3, SP-RS-5, IN-4, MS-16
#[tokio::test]
async fn an_opaque_access_key_passes_when_its_operator_vouches_for_it() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    assert!(opaque.token.starts_with("igo_") && !opaque.token.contains('.'));
    let api = opaque.api(vec![opaque.introspection()]);
    let request = opaque.call().await;
    let answer = api.send(request.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "alice for client-1 signed false body 0"));
    let asked = opaque.asked.last.lock().unwrap().clone().unwrap();
    assert_eq!(asked.headers()[header::ACCEPT], INTROSPECTION_JWT);
    let limits = ingam_wire::form::Limits { bytes: 16_384, parameters: 8 };
    let form = Form::parse(asked.body(), &limits).unwrap();
    assert_eq!((form.get("token"), form.get("client_id")), (Some(opaque.token.as_str()), Some("rs")));
    // What comes later is what comes after a JWT.
    api.refuses(&opaque.world, request, 401, "ProofReplayed").await;
    // Each call asks anew, so that a revocation counts at once.
    assert_eq!(opaque.asked.asked.load(Ordering::SeqCst), 2);
    let nobody_asked = opaque.api(Vec::new());
    assert_eq!(nobody_asked.send(opaque.call().await).await.refused(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn the_resource_server_may_show_a_certificate_instead() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let by_certificate = |rs: &mut Fintech| {
        rs.entry.authentication = Authentication::SelfSignedTlsClientAuth(vec![[3; 32]]);
    };
    resource_server(&opaque.world, by_certificate).await;
    for (number, status) in [(3, 200), (4, 503)] {
        let network = opaque.world.network.with_identity(certificate(number));
        let authentication = IntrospectionAuthentication::Certificate;
        let transport = Arc::new(network);
        let api = opaque.api(vec![Introspection { authentication, transport, ..opaque.introspection() }]);
        assert_eq!(api.send(opaque.call().await).await.status, status, "{:?}", opaque.world.audit.refusals());
    }
}

/// fapi: SP-RS-5
#[tokio::test]
async fn who_does_not_hold_the_key_of_an_opaque_access_key_is_refused() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let world = &opaque.world;
    let thief = world.fintech("client-2").await;
    let api = opaque.api(vec![opaque.introspection()]);
    api.refuses(world, call(world, &thief, &opaque.token, None).await, 401, "KeyMismatch").await;
    let mut bearer = opaque.call().await;
    bearer.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {}", opaque.token).parse().unwrap());
    api.refuses(world, bearer, 401, "SchemeMismatch").await;
    let mut unproven = opaque.call().await;
    unproven.headers_mut().remove("dpop");
    let refused = api.refuses(world, unproven, 401, "Missing").await;
    assert!(refused.header("www-authenticate").unwrap().starts_with("DPoP"));
}

/// fapi: SP-RS-3
/// x1149: 3.1.16.7
#[tokio::test]
async fn x1149_3_1_16_7_an_unknown_expired_or_revoked_opaque_access_key_is_refused() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let world = &opaque.world;
    let api = opaque.api(vec![opaque.introspection()]);
    for unknown in [format!("{}A", opaque.token), "unknown".to_owned(), "x".repeat(8_193)] {
        let refused = api.refuses(world, call(world, &opaque.fintech, &unknown, None).await, 401, "Inactive").await;
        assert_eq!(refused.refused(), (401, "invalid_token".to_owned()));
    }
    assert_eq!(opaque.asked.asked.load(Ordering::SeqCst), 2, "what is too long is not asked about");
    assert_eq!(api.send(opaque.call().await).await.status, 200);
    assert_eq!(world.revoke(&opaque.fintech, &opaque.token).await.send().await.status, 200);
    api.refuses(world, opaque.call().await, 401, "Inactive").await;
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let api = opaque.api(vec![opaque.introspection()]);
    assert_eq!(api.send(opaque.call().await).await.status, 200);
    opaque.world.later(301).await;
    api.refuses(&opaque.world, opaque.call().await, 401, "Inactive").await;
}

/// fapi: MS-16, IJ-2, IJ-3
#[tokio::test]
async fn an_answer_that_is_not_the_operators_own_for_this_resource_server_is_503() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let world = &opaque.world;
    let api = opaque.api(vec![opaque.introspection()]);
    let good = opaque.claims().await;
    opaque.asked.says(200, INTROSPECTION_JWT, opaque.signed(good.clone()).await);
    assert_eq!(api.send(opaque.call().await).await.status, 200, "the answer that the others differ from");

    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims.insert(name.to_owned(), value);
        claims
    };
    let told = |name: &str, value: Value| {
        let mut answer = good["token_introspection"].clone();
        answer[name] = value;
        with("token_introspection", answer)
    };
    let now = world.now().secs();
    for (status, reason, claims) in [
        (503, "WrongAudience", with("aud", json!("another-rs"))),
        (503, "IssuerMismatch", with("iss", json!(OTHER))),
        (503, "NotOfNow", with("iat", json!(now - 71))),
        (503, "NotOfNow", with("iat", json!(now + 11))),
        (503, "IntrospectionOfAnotherIssuer", told("iss", json!(OTHER))),
        (503, "Json", told("cnf", Value::Null)),
        (503, "Json", with("token_introspection", json!({}))),
        (401, "UnknownIssuer", told("iss", json!("https://nobody.example"))),
        (401, "WrongAudience", told("aud", json!(["https://elsewhere.example"]))),
        (401, "Expired", told("exp", json!(now - 10))),
        (401, "Inactive", told("active", json!(false))),
    ] {
        opaque.asked.says(200, INTROSPECTION_JWT, opaque.signed(claims).await);
        let refused = api.refuses(world, opaque.call().await, status, reason).await;
        let code = if status == 503 { "temporarily_unavailable" } else { "invalid_token" };
        assert_eq!(refused.refused(), (status, code.to_owned()), "{reason}");
    }

    let signer = world.keys.signer(Purpose::SignIntrospections, world.now()).unwrap();
    let (typ, kid) = ("token-introspection+jwt", signer.verifying_key().key_id().unwrap().as_str());
    let stranger = key(SignatureAlgorithm::Es256);
    let unnamed = sign(&json!({ "typ": typ }), &good, &stranger).await;
    let forged = sign(&json!({ "typ": typ, "kid": kid }), &good, &stranger).await;
    let mut cut = opaque.signed(good.clone()).await;
    cut.truncate(cut.rfind('.').unwrap());
    let plain = opaque.described().await.to_string();
    for (reason, status, media, body) in [
        ("InvalidIntrospection", 200, INTROSPECTION_JWT, unnamed),
        ("InvalidIntrospection", 200, INTROSPECTION_JWT, forged),
        ("InvalidIntrospection", 200, INTROSPECTION_JWT, cut),
        ("InvalidIntrospection", 200, INTROSPECTION_JWT, plain.clone()),
        ("InvalidIntrospection", 200, INTROSPECTION_JWT, "x".repeat(100_000)),
        ("IntrospectionMediaType", 200, "application/json", plain),
        ("IntrospectionMediaType", 200, "text/html", opaque.signed(good.clone()).await),
        ("IntrospectionStatus", 401, INTROSPECTION_JWT, opaque.signed(good.clone()).await),
        ("IntrospectionStatus", 302, INTROSPECTION_JWT, opaque.signed(good.clone()).await),
    ] {
        opaque.asked.says(status, media, body);
        let refused = api.refuses(world, opaque.call().await, 503, reason).await;
        assert_eq!(refused.refused(), (503, "temporarily_unavailable".to_owned()), "{reason}");
    }
    // A verifier that no longer trusts the operator has no keys for its answers either.
    let issuer = TrustedIssuer { issuer: OTHER.parse().unwrap(), keys: KeySet::default(), not_before: None };
    let policy = Arc::new(Profile::fapi2_security().access_key);
    let trust = Verifier::new(vec![issuer], BASE.parse().unwrap(), Seconds::new(10), policy, Arc::new(PROVIDER));
    api.protection.renew(Arc::new(trust));
    opaque.asked.says(200, INTROSPECTION_JWT, opaque.signed(good.clone()).await);
    api.refuses(world, opaque.call().await, 503, "IntrospectionUntrusted").await;
}

/// fapi: IN-4
#[tokio::test]
async fn a_plain_answer_counts_only_where_that_is_configured_and_then_nothing_else_does() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let plain = Introspection { answers: IntrospectionAnswers::PlainOverTls, ..opaque.introspection() };
    let api = opaque.api(vec![plain]);
    assert_eq!(api.send(opaque.call().await).await.status, 200, "{:?}", opaque.world.audit.refusals());
    let mut other = opaque.described().await;
    other["iss"] = OTHER.into();
    let signed = opaque.signed(opaque.claims().await).await;
    for (reason, media, body) in [
        ("IntrospectionMediaType", INTROSPECTION_JWT, signed.clone()),
        ("IntrospectionJson", "application/json", signed),
        ("IntrospectionJson", "application/json", "[".repeat(70_000)),
        ("IntrospectionOfAnotherIssuer", "application/json", other.to_string()),
    ] {
        opaque.asked.says(200, media, body);
        api.refuses(&opaque.world, opaque.call().await, 503, reason).await;
    }
}

#[tokio::test]
async fn an_operator_that_is_not_reached_is_503_and_only_another_one_that_knows_the_key_helps() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let (issuer, endpoint) = (OTHER.parse().unwrap(), format!("{OTHER}/introspect").parse().unwrap());
    let unreached = Introspection { issuer, endpoint, ..opaque.introspection() };
    let api = opaque.api(vec![unreached.clone()]);
    let refused = api.refuses(&opaque.world, opaque.call().await, 503, "IntrospectionUnreachable").await;
    assert_eq!(refused.refused(), (503, "temporarily_unavailable".to_owned()));
    assert!(refused.header("retry-after").is_some());
    for order in [[unreached.clone(), opaque.introspection()], [opaque.introspection(), unreached]] {
        let api = opaque.api(order.to_vec());
        assert_eq!(api.send(opaque.call().await).await.status, 200, "{:?}", opaque.world.audit.refusals());
        let unknown = call(&opaque.world, &opaque.fintech, "unknown", None).await;
        api.refuses(&opaque.world, unknown, 503, "IntrospectionUnreachable").await;
    }
}

#[tokio::test]
async fn a_jwt_is_verified_here_and_nobody_is_asked() {
    let jwt = Opaque::new(AccessKeyFormat::Jwt).await;
    let api = jwt.api(vec![jwt.introspection()]);
    assert_eq!(api.send(jwt.call().await).await.status, 200);
    let forged = call(&jwt.world, &jwt.fintech, &format!("{}A", jwt.token), None).await;
    assert_eq!(api.send(forged).await.refused(), (401, "invalid_token".to_owned()));
    assert_eq!(jwt.asked.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn introspections_that_do_not_fit_are_refused() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let made = |change: fn(&mut Introspection)| {
        let mut introspection = opaque.introspection();
        change(&mut introspection);
        let parts = ProtectionParts { introspections: vec![introspection], ..parts(&opaque.world) };
        Protection::new(parts).map(|_| ())
    };
    assert_eq!(made(|_| {}), Ok(()));
    let clear = |asked: &mut Introspection| asked.endpoint = "http://bank.example/introspect".parse().unwrap();
    assert_eq!(made(clear), Err(ProtectionError::IntrospectionUrl));
    let untrusted = |asked: &mut Introspection| asked.issuer = "https://nobody.example".parse().unwrap();
    assert_eq!(made(untrusted), Err(ProtectionError::IntrospectionUntrusted));
}

/// x1149: 3.1.16.8
#[tokio::test]
async fn x1149_3_1_16_8_who_keeps_showing_access_keys_that_nobody_knows_makes_no_operator_answer_for_them() {
    let opaque = Opaque::new(AccessKeyFormat::Opaque).await;
    let world = &opaque.world;
    let api = Api::new(world, |parts| {
        parts.verifier = verifier(world);
        parts.introspections = vec![opaque.introspection()];
        parts.limiter = Arc::new(MemoryRateLimiter::new(RateLimit::new(5, Seconds::new(50))));
    });
    let from = |last: u8, mut request: http::Request<Bytes>| {
        request.extensions_mut().insert(RemoteAddress(([192, 0, 2, last], 4711).into()));
        request
    };
    for number in 0..5 {
        let junk = call(world, &opaque.fintech, &format!("junk-{number}"), None).await;
        api.refuses(world, from(1, junk), 401, "Inactive").await;
    }
    let asked = opaque.asked.asked.load(Ordering::SeqCst);
    let junk = call(world, &opaque.fintech, "junk-5", None).await;
    let refused = api.refuses(world, from(1, junk), 429, "SlowDown").await;
    assert!(refused.header("retry-after").is_some());
    api.refuses(world, from(1, opaque.call().await), 429, "SlowDown").await;
    assert_eq!(opaque.asked.asked.load(Ordering::SeqCst), asked, "nobody was asked");
    assert_eq!(api.send(from(2, opaque.call().await)).await.status, 200, "nobody elsewhere is held back");
    world.later(51).await;
    assert_eq!(api.send(from(1, opaque.call().await)).await.status, 200);
    // An operator that does not answer is nobody's failure.
    opaque.asked.says(500, "text/plain", "");
    for _ in 0..6 {
        api.refuses(world, from(3, opaque.call().await), 503, "IntrospectionStatus").await;
    }
}
