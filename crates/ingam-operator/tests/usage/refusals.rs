use std::sync::atomic::Ordering;

use http::{HeaderValue, Method, Request, StatusCode, header};
use ingam_access_key::{
    AccessKeySettings, Binding, DpopNonce, Environment, FintechStatus, HttpSignatures, ProofTarget, make_proof,
};
use ingam_operator::Profile;
use ingam_ports::{ControlItem, PortError, Risk, Threat};
use ingam_transaction::{
    policy::FAPI_2_RESPONSE,
    response::{self, ResponseRefused},
};
use ingam_wire::{HttpUrl, Seconds};

use crate::world::{BASE, PROVIDER, Setup, World, certificate, field, json};

const ALL: &str = "accounts balances transactions payments";
const BALANCE: &str = "/accounts/hg-1001/balance";

/// A refusal: its status, the name on record, and the challenge.
async fn refused(
    world: &World,
    request: Request<bytes::Bytes>,
    status: u16,
    reason: &str,
) -> http::Response<bytes::Bytes> {
    let done_before = done(world);
    let answer = world.send(request).await;
    assert_eq!((answer.status().as_u16(), world.last_refusal()), (status, Some(reason)), "{:?}", answer.body());
    assert_eq!(field(answer.headers(), "cache-control"), Some("no-cache, no-store"));
    assert_eq!(done(world), done_before, "nothing is done");
    answer
}

fn done(world: &World) -> usize {
    let events = world.audit.all();
    events.iter().filter(|event| event.outcome == ingam_ports::Outcome::Done).count()
}

/// fapi: SP-RS-1, OA-18
#[tokio::test]
async fn a_call_without_access_key_is_challenged_and_told_nothing() {
    let world = World::new().await;
    let request = Request::get(format!("{BASE}{BALANCE}")).body(bytes::Bytes::new()).unwrap();
    let answer = refused(&world, request, 401, "Missing").await;
    let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().map(|line| line.to_str().unwrap());
    assert_eq!(challenges.collect::<Vec<_>>(), ["Bearer", "DPoP algs=\"ES256 EdDSA PS256\""]);
    assert!(
        answer.body().is_empty() && !answer.headers().contains_key("signature"),
        "no signature is spent on strangers"
    );
}

/// fapi: SP-RS-2
#[tokio::test]
async fn an_access_key_in_the_query_is_refused() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let path = format!("{BALANCE}?access_token={token}");
    refused(&world, world.call(&fintech, &token, Method::GET, &path).await, 400, "InQuery").await;
}

/// fapi: SP-RS-5, DP-11
#[tokio::test]
async fn x1149_3_1_16_7_a_stolen_access_key_is_worth_nothing() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let thief = world.fintech("client-2").await;
    let token = world.consent(&fintech, ALL, None).await;

    let mut bearer = world.call(&fintech, &token, Method::GET, BALANCE).await;
    bearer.headers_mut().insert(header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    let answer = refused(&world, bearer, 401, "SchemeMismatch").await;
    let challenges = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().map(|line| line.to_str().unwrap());
    assert!(challenges.into_iter().any(|line| line.starts_with("DPoP error=\"invalid_token\"")));

    refused(&world, world.call(&thief, &token, Method::GET, BALANCE).await, 401, "KeyMismatch").await;
    let event = world.audit.all().last().cloned().unwrap();
    assert_eq!((event.control, event.threat), (ControlItem::LEAK, Some(Threat::TokenCracking)));
    assert_eq!((event.fintech.as_deref(), event.user.as_deref()), (Some("client-1"), Some("alice")));

    let mut without = world.call(&fintech, &token, Method::GET, BALANCE).await;
    without.headers_mut().remove("dpop");
    assert_eq!(world.send(without).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn x1149_3_1_16_7_a_proof_is_good_for_one_call_only() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let request = world.call(&fintech, &token, Method::GET, BALANCE).await;
    let copy = |path: &str| {
        let mut copy = Request::get(format!("{BASE}{path}")).body(bytes::Bytes::new()).unwrap();
        *copy.headers_mut() = request.headers().clone();
        copy
    };
    let (replay, elsewhere) = (copy(BALANCE), copy("/accounts"));
    refused(&world, elsewhere, 401, "HtuMismatch").await;
    assert_eq!(world.send(request).await.status(), StatusCode::OK);
    refused(&world, replay, 401, "ProofReplayed").await;
}

/// The clock is moved to each edge: the last second that is accepted and the first that is not.
#[tokio::test]
async fn x1149_3_1_16_7_an_access_key_ends_to_the_second() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let settings = AccessKeySettings::fapi2_security();
    world.clock.advance(settings.access_key);
    refused(&world, world.call(&fintech, &token, Method::GET, BALANCE).await, 401, "Expired").await;
    world.clock.set(world.now().minus(Seconds::new(1)));
    world.keys.refresh(world.now()).await.unwrap();
    assert_eq!(world.send(world.call(&fintech, &token, Method::GET, BALANCE).await).await.status(), StatusCode::OK);
}

/// fapi: FH-2
#[tokio::test]
async fn x1149_3_1_17_2_what_a_signature_covers_cannot_be_changed() {
    let world = World::new().await;
    let fintech = world.fintech_with("client-1", |entry| entry.http_signatures = HttpSignatures::Required).await;
    let other = world.fintech("client-2").await;
    let token = world.consent(&fintech, ALL, None).await;
    let order = crate::payments::order("hg-1001", "5000");
    let fields = [("idempotency-key", "key-1")];
    let call = async || world.call_with(&fintech, &token, Method::POST, "/payments", &fields, &order).await;

    refused(&world, call().await, 401, "SignatureMissing").await;

    let (mut changed, _) = world.sign(&fintech, call().await).await;
    *changed.body_mut() = crate::payments::order("hg-1001", "9000").into();
    let answer = refused(&world, changed, 401, "DigestMismatch").await;
    assert!(answer.headers().contains_key("signature"), "a refusal of a signed request is signed");

    let (mut swapped, _) = world.sign(&fintech, call().await).await;
    let body = crate::payments::order("hg-1001", "9000");
    let digest = ingam_transaction::digest::field_value(
        body.as_bytes(),
        ingam_transaction::digest::DigestAlgorithm::Sha256,
        &PROVIDER,
    );
    swapped.headers_mut().insert("content-digest", digest);
    *swapped.body_mut() = body.into();
    refused(&world, swapped, 401, "BadSignature").await;

    let (by_another, _) = world.sign(&other, call().await).await;
    let answer = world.send(by_another).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);

    let (mut stripped, _) = world.sign(&fintech, call().await).await;
    stripped.headers_mut().remove("signature");
    stripped.headers_mut().remove("signature-input");
    refused(&world, stripped, 401, "SignatureMissing").await;
    assert_eq!(world.bank.paid(), 0);

    let (late, _) = world.sign(&fintech, call().await).await;
    world.clock.advance(Seconds::new(71));
    assert_eq!(world.send(late).await.status(), StatusCode::UNAUTHORIZED, "a signature ages");
}

/// fapi: FH-4, HS-7
#[tokio::test]
async fn x1149_3_1_16_5_the_answer_to_one_request_is_none_to_another() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let sign = async |path| world.sign(&fintech, world.call(&fintech, &token, Method::GET, path).await).await;
    let (first, sent_first) = sign(BALANCE).await;
    let (second, sent_second) = sign(BALANCE).await;
    let (first, second) = (world.send(first).await, world.send(second).await);
    let verify = |sent, answer| {
        response::verify(sent, answer, &world.response_keys(), &FAPI_2_RESPONSE, &PROVIDER, world.now()).map(|_| ())
    };
    let swapped = verify(&sent_first, second);
    assert!(matches!(swapped, Err(ResponseRefused::ResponseNotBound)), "{swapped:?}");
    assert_eq!(verify(&sent_first, first), Ok(()));
    let (third, sent_third) = sign("/accounts/hg-1002/balance").await;
    let third = world.send(third).await;
    assert_eq!(verify(&sent_second, third.clone()), Err(ResponseRefused::ResponseNotBound));
    assert_eq!(verify(&sent_third, third), Ok(()));
}

#[tokio::test]
async fn x1149_3_1_16_4_an_account_that_was_not_opened_is_refused_like_one_that_is_anothers() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let details = r#"[{"type":"account_information","actions":["list_accounts","read_balances"],
        "accounts":[{"id":"hg-1001"}]}]"#;
    let token = world.consent(&fintech, "", Some(details)).await;
    let call = async |path: &str| world.call(&fintech, &token, Method::GET, path).await;
    let answer = world.send(call("/accounts").await).await;
    assert_eq!(json(answer.body())["accounts"].as_array().unwrap().len(), 1, "only what was opened is listed");
    assert_eq!(world.send(call(BALANCE).await).await.status(), StatusCode::OK);
    let body = |answer: http::Response<bytes::Bytes>| answer.into_body();
    let not_opened = body(refused(&world, call("/accounts/hg-1002/balance").await, 403, "AccountNotConsented").await);
    let anothers = body(refused(&world, call("/accounts/hg-1004/balance").await, 403, "AccountNotTheUsers").await);
    let nobodys = body(refused(&world, call("/accounts/hg-9999/balance").await, 403, "AccountNotTheUsers").await);
    assert!(not_opened == anothers && anothers == nobodys, "no oracle for accounts");
    // The action was not consented to, whatever the account.
    refused(&world, call("/accounts/hg-1001/transactions").await, 403, "OperationNotCovered").await;
    let event = world.audit.all().last().cloned().unwrap();
    assert_eq!((event.control, event.threat), (ControlItem::AUTHORITY, Some(Threat::UnauthorizedAccess)));
}

/// fapi: SP-RS-4
#[tokio::test]
async fn a_scope_that_is_not_there_is_named() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, "accounts", None).await;
    let answer =
        refused(&world, world.call(&fintech, &token, Method::GET, BALANCE).await, 403, "OperationNotCovered").await;
    let challenge = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().next_back().unwrap().to_str().unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"balances\""),
        "{challenge}"
    );
    assert_eq!(world.send(world.call(&fintech, &token, Method::GET, "/accounts").await).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn x1149_3_1_18_8_a_suspended_fintech_is_refused_at_its_next_call() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let call = async || world.call(&fintech, &token, Method::GET, BALANCE).await;
    assert_eq!(world.send(call().await).await.status(), StatusCode::OK);
    let mut entry = fintech.entry();
    entry.status = FintechStatus::Suspended;
    world.put(entry.clone()).await;
    refused(&world, call().await, 401, "FintechNotActive").await;
    entry.status = FintechStatus::Active;
    entry.environment = Environment::Live;
    world.put(entry).await;
    refused(&world, call().await, 401, "EnvironmentDiffers").await;
    world.put(fintech.entry()).await;
    assert_eq!(world.send(call().await).await.status(), StatusCode::OK);
}

/// fapi: SP-RS-3, RV-3
#[tokio::test]
async fn x1149_3_1_16_7_a_withdrawn_consent_ends_every_access_key_at_once() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let call = async || world.call(&fintech, &token, Method::GET, BALANCE).await;
    assert_eq!(world.send(call().await).await.status(), StatusCode::OK);
    let revoked = world.post_form(&fintech, "/revoke", vec![("token", token.clone())]).await;
    assert_eq!(revoked.status(), StatusCode::OK);
    refused(&world, call().await, 401, "ConsentOver").await;
}

/// fapi: SU-1
#[tokio::test]
async fn x1149_3_1_21_2_what_the_bank_says_of_a_call_is_done() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let call = async || world.call(&fintech, &token, Method::GET, BALANCE).await;

    world.blocks.0.store(true, Ordering::SeqCst);
    refused(&world, call().await, 403, "Blocked").await;
    world.blocks.0.store(false, Ordering::SeqCst);

    world.risk.say(Ok(Risk::Deny));
    refused(&world, call().await, 403, "RefusedByRisk").await;
    world.risk.say(Ok(Risk::Hold));
    refused(&world, call().await, 403, "Held").await;
    world.risk.say(Ok(Risk::Delay(world.now().plus(Seconds::new(30)))));
    let answer = refused(&world, call().await, 429, "Delayed").await;
    assert_eq!(field(answer.headers(), "retry-after"), Some("30"));
    world.risk.say(Ok(Risk::StepUp));
    let answer = refused(&world, call().await, 401, "StepUp").await;
    let challenge = answer.headers().get_all(header::WWW_AUTHENTICATE).iter().next_back().unwrap().to_str().unwrap();
    assert!(challenge.contains("error=\"insufficient_user_authentication\"") && challenge.contains("acr_values="));
    world.risk.say(Err(PortError));
    refused(&world, call().await, 503, "RiskDecision").await;
    world.risk.say(Ok(Risk::Delay(world.now())));
    assert_eq!(world.send(call().await).await.status(), StatusCode::OK, "a delay that is over");
}

/// fapi: MT-6
#[tokio::test]
async fn a_certificate_bound_access_key_needs_its_certificate() {
    let world = World::new().await;
    let mut fintech = world.fintech_with("client-1", |entry| entry.binding = Binding::Mtls).await;
    fintech.certificate = Some(certificate(1));
    let token = world.consent(&fintech, ALL, None).await;
    let call = || {
        Request::get(format!("{BASE}{BALANCE}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(bytes::Bytes::new())
            .unwrap()
    };
    assert_eq!(world.send_as(call(), certificate(1)).await.status(), StatusCode::OK);
    assert_eq!(world.send_as(call(), certificate(1)).await.status(), StatusCode::OK, "there is nothing to replay");
    assert_eq!(world.send_as(call(), certificate(2)).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.last_refusal(), Some("CertificateMismatch"));
    refused(&world, call(), 401, "CertificateMissing").await;
}

/// fapi: DP-13, DP-14
#[tokio::test]
async fn a_proof_without_the_servers_nonce_is_told_which_one_to_use() {
    let profile = Profile::fapi2_security().with(|settings| settings.dpop_nonce = DpopNonce::Required).unwrap();
    let world = World::with(Setup { profile, ..Setup::default() }).await;
    let fintech = world.fintech("client-1").await;
    let url: HttpUrl = format!("{BASE}{BALANCE}").parse().unwrap();
    let token = "not.a.token";
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: Some(token) };
    let proof = make_proof(&fintech.dpop, &PROVIDER, target, None, world.now()).await.unwrap();
    let request = Request::get(url.as_str())
        .header(header::AUTHORIZATION, format!("DPoP {token}"))
        .header("dpop", proof)
        .body(bytes::Bytes::new())
        .unwrap();
    let answer = world.send(request).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(field(answer.headers(), "dpop-nonce").is_some(), "each answer brings a nonce");
}

#[tokio::test]
async fn the_callers_exchange_identifier_is_echoed_and_a_malformed_one_is_replaced() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let id = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a";
    let echoed = async |id: &str| {
        let fields = [("x-fapi-interaction-id", id)];
        let request = world.call_with(&fintech, &token, Method::GET, BALANCE, &fields, "").await;
        field(world.send(request).await.headers(), "x-fapi-interaction-id").unwrap().to_owned()
    };
    assert_eq!(echoed(id).await, id);
    assert_ne!(echoed("<script>").await, "<script>");
}

#[tokio::test]
async fn x1149_3_1_16_9_what_cannot_be_recorded_is_not_answered() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    world.audit.fail(true);
    let answer = world.send(world.call(&fintech, &token, Method::GET, BALANCE).await).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.body().windows(8).any(|window| window == b"25398100"));
}

#[tokio::test]
async fn a_store_that_fails_means_503_and_never_a_pass() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let call = async || world.call(&fintech, &token, Method::GET, BALANCE).await;
    world.store.fail(true);
    let answer = world.send(call().await).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(field(answer.headers(), "retry-after"), Some("1"));
    world.store.fail_after_commits(0);
    world.store.fail(false);
    assert_eq!(world.send(call().await).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn no_line_of_the_record_holds_an_access_key_or_a_proof() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let thief = world.fintech("client-2").await;
    let token = world.consent(&fintech, ALL, None).await;
    for holder in [&fintech, &thief] {
        let request = world.call(holder, &token, Method::GET, BALANCE).await;
        let proof = request.headers()["dpop"].to_str().unwrap().to_owned();
        world.send(request).await;
        let record = format!("{:?}", world.audit.all());
        assert!(!record.contains(&token) && !record.contains(&proof));
        assert!(!record.contains(token.rsplit('.').next().unwrap()));
    }
}
