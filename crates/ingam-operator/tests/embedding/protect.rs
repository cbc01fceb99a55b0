//! The layer in front of a bank's own API: what passes carries evidence, what does not never arrives.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body::Body, extract::Request, routing::any};
use bytes::Bytes;
use http::{Method, Response, header};
use http_body_util::BodyExt as _;
use ingam_access_key::{Access, NonceSource, NonceUser, TrustedIssuer, Verifier};
use ingam_jose::{CryptoProvider as _, KeySet};
use ingam_keys::{Purpose, RemoteKeySet, RemotePolicy};
use ingam_operator::{
    Profile,
    usage::{ProtectLayer, Protection, ProtectionError, ProtectionParts},
};
use ingam_ports::Outcome;
use ingam_transaction::{
    policy::{CoveragePolicy, FAPI_2_REQUEST, Unsigned},
    request::{self, Coverage, VerifiedRequest},
};
use ingam_wire::{Seconds, SecretBytes};
use tower_service::Service as _;

use crate::support::{Answer, BASE, Fintech, PROVIDER, World, key};

const PATH: &str = "/statements/2026?month=11";

/// A bank's API behind the layer; counts what arrives.
pub(crate) struct Api {
    router: Router,
    arrived: Arc<AtomicUsize>,
    pub(crate) protection: Arc<Protection>,
}

pub(crate) fn parts(world: &World) -> ProtectionParts {
    let issuer = |issuer: &str, keys| TrustedIssuer { issuer: issuer.parse().unwrap(), keys, not_before: None };
    let issuers = vec![
        issuer("https://other.example", KeySet::default()),
        issuer(BASE, world.verifying(Purpose::SignAccessKeys)),
    ];
    let policy = Arc::new(Profile::fapi2_security().access_key);
    let provider = Arc::new(PROVIDER);
    let verifier = Verifier::new(issuers, BASE.parse().unwrap(), Seconds::new(10), policy, provider.clone());
    ProtectionParts {
        base: BASE.parse().unwrap(),
        verifier: Arc::new(verifier),
        requests: CoveragePolicy { unsigned: Unsigned::Permitted, ..FAPI_2_REQUEST },
        registers: vec![(BASE.parse().unwrap(), world.directory.clone())],
        published: Vec::new(),
        introspections: Vec::new(),
        nonces: None,
        proxies: None,
        provider,
        clock: world.parts.clock.clone(),
        replay: world.parts.replay.clone(),
        limiter: world.parts.limiter.clone(),
        audit: world.audit.clone(),
    }
}

impl Api {
    pub(crate) fn new(world: &World, change: impl FnOnce(&mut ProtectionParts)) -> Self {
        let mut parts = parts(world);
        change(&mut parts);
        let protection = Arc::new(Protection::new(parts).unwrap());
        let arrived = Arc::new(AtomicUsize::new(0));
        let count = arrived.clone();
        let statement = move |request: Request| {
            count.fetch_add(1, Ordering::SeqCst);
            async move {
                let (head, body) = request.into_parts();
                let access = head.extensions.get::<Access>().unwrap().verified().clone();
                let request = head.extensions.get::<Arc<VerifiedRequest>>().unwrap().clone();
                let signed = matches!(request.coverage(), Coverage::Signed(_));
                let body = body.collect().await.unwrap().to_bytes();
                assert_eq!(*request.body(), body);
                format!("{} for {} signed {signed} body {}", access.user(), access.client_id(), body.len())
            }
        };
        let layer = ProtectLayer::new(protection.clone());
        let router = Router::new().route("/statements/{year}", any(statement)).layer(layer);
        Self { router, arrived, protection }
    }

    pub(crate) async fn send(&self, request: http::Request<Bytes>) -> Answer {
        let answer: Response<Body> = self.router.clone().call(request.map(Body::from)).await.unwrap();
        let (head, body) = answer.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes()).into()
    }

    /// Refused with this status and reason, and nothing arrived.
    pub(crate) async fn refuses(
        &self,
        world: &World,
        request: http::Request<Bytes>,
        status: u16,
        reason: &str,
    ) -> Answer {
        let before = self.arrived.load(Ordering::SeqCst);
        let refused = self.send(request).await;
        assert_eq!((refused.status.as_u16(), world.audit.last_refusal()), (status, reason), "{}", refused.text());
        assert_eq!(self.arrived.load(Ordering::SeqCst), before, "nothing arrives");
        refused
    }
}

pub(crate) async fn call(world: &World, fintech: &Fintech, token: &str, nonce: Option<&str>) -> http::Request<Bytes> {
    let proof = Fintech::proof(&fintech.dpop, &Method::GET, PATH, Some(token), nonce, world.now()).await;
    let request = http::Request::get(format!("{BASE}{PATH}")).header(header::AUTHORIZATION, format!("DPoP {token}"));
    request.header("dpop", proof).body(Bytes::new()).unwrap()
}

/// fapi: SP-RS-1, SP-RS-3, SP-RS-5, DP-11
#[tokio::test]
async fn what_passes_carries_the_evidence_and_a_replay_never_arrives() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |_| {});
    let request = call(&world, &fintech, &token, None).await;
    let answer = api.send(request.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "alice for client-1 signed false body 0"));
    assert!(answer.header("x-fapi-interaction-id").is_some());
    let passed = world.audit.all().last().cloned().unwrap();
    assert_eq!((passed.outcome, passed.user.as_deref()), (Outcome::Done, Some("alice")));

    let replayed = api.refuses(&world, request, 401, "ProofReplayed").await;
    assert_eq!(replayed.refused(), (401, "invalid_dpop_proof".to_owned()));
}

/// The same statuses and challenges as at the operator's own resources.
#[tokio::test]
async fn a_refusal_is_the_same_as_at_the_operators_own_resources() {
    let world = World::new().await;
    let (fintech, thief) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |_| {});
    api.refuses(&world, call(&world, &thief, &token, None).await, 401, "KeyMismatch").await;
    let mut bearer = call(&world, &fintech, &token, None).await;
    bearer.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    let mut forged = call(&world, &fintech, &format!("{token}A"), None).await;
    forged.headers_mut().insert(header::AUTHORIZATION, format!("DPoP {token}A").parse().unwrap());
    let bare = || http::Request::get(format!("{BASE}{PATH}"));
    for (name, request) in [
        ("nothing", bare().body(Bytes::new()).unwrap()),
        ("forged evidence", bare().header("access", "alice").header("x-user", "alice").body(Bytes::new()).unwrap()),
        ("bearer", bearer),
        ("forged", forged),
        ("query", http::Request::get(format!("{BASE}{PATH}&access_token={token}")).body(Bytes::new()).unwrap()),
    ] {
        let theirs = world.send(at_accounts(request.clone())).await;
        let reason = world.audit.last_refusal();
        let ours = api.refuses(&world, request, theirs.status.as_u16(), reason).await;
        let challenges =
            |answer: &Answer| answer.headers.get_all(header::WWW_AUTHENTICATE).iter().cloned().collect::<Vec<_>>();
        assert_eq!((challenges(&ours), &ours.body), (challenges(&theirs), &theirs.body), "{name}");
        assert!(ours.status.is_client_error(), "{name}");
    }
}

/// The same request at a path that the operator itself answers; no proof of it is looked at in these cases.
fn at_accounts(mut request: http::Request<Bytes>) -> http::Request<Bytes> {
    let (from, to) = ("/statements/2026", "/accounts");
    *request.uri_mut() = request.uri().to_string().replace(from, to).parse().unwrap();
    request
}

#[tokio::test]
async fn evidence_that_somebody_else_put_there_is_gone() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |_| {});
    // Evidence of a good call, carried over to one that has none.
    let taken = Arc::new(std::sync::Mutex::new(None));
    let kept = taken.clone();
    let steal = move |request: Request| {
        *kept.lock().unwrap() = request.extensions().get::<Access>().cloned();
        async { "" }
    };
    let layer = ProtectLayer::new(api.protection.clone());
    let mut stealing = Router::new().fallback(steal).layer(layer);
    let good = stealing.call(call(&world, &fintech, &token, None).await.map(Body::from)).await.unwrap();
    assert_eq!(good.status(), 200);
    let mut request = http::Request::get(format!("{BASE}{PATH}")).body(Bytes::new()).unwrap();
    request.extensions_mut().insert(taken.lock().unwrap().clone().unwrap());
    api.refuses(&world, request, 401, "Missing").await;
}

#[tokio::test]
async fn the_host_that_a_request_names_is_not_asked() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |parts| parts.base = "https://api.bank.example".parse().unwrap());
    let mut request = call(&world, &fintech, &token, None).await;
    request.headers_mut().insert(header::HOST, "bank.example".parse().unwrap());
    api.refuses(&world, request, 401, "HtuMismatch").await;
}

/// fapi: DP-12, DP-14
#[tokio::test]
async fn nonces_are_demanded_where_there_are_some() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |parts| {
        let secret = SecretBytes::new(vec![3; 32]);
        let source = NonceSource::new(Arc::new(PROVIDER), secret, NonceUser::ResourceServer, Seconds::new(300));
        parts.nonces = Some(Arc::new(source));
    });
    let request = call(&world, &fintech, &token, None).await;
    let refused = api.refuses(&world, request, 401, "NonceMissing").await;
    let nonce = refused.header("dpop-nonce").unwrap();
    let answer = api.send(call(&world, &fintech, &token, Some(nonce)).await).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// x1149 3.1.16.7: a revocation at the operator counts at the next call, wherever it comes.
#[tokio::test]
async fn x1149_3_1_16_7_a_revoked_grant_is_over_in_front_of_the_banks_api_too() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let tokens = world.tokens(&fintech).await;
    let token = tokens.member("access_token");
    let api = Api::new(&world, |_| {});
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200);
    let revoked = world.revoke(&fintech, &token).await.send().await;
    assert_eq!(revoked.status, 200);
    api.refuses(&world, call(&world, &fintech, &token, None).await, 401, "Inactive").await;
}

#[tokio::test]
async fn a_suspended_or_unknown_fintech_is_refused() {
    let world = World::new().await;
    let mut fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |_| {});
    fintech.entry.status = ingam_access_key::FintechStatus::Suspended;
    world.register(&fintech).await;
    api.refuses(&world, call(&world, &fintech, &token, None).await, 401, "FintechNotActive").await;
}

#[tokio::test]
async fn signed_requests_are_verified_and_demanded() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |parts| parts.requests.unsigned = Unsigned::Refused);
    api.refuses(&world, call(&world, &fintech, &token, None).await, 401, "SignatureMissing").await;
    let request = call(&world, &fintech, &token, None).await;
    let signed = sign(&world, &fintech.signing, request).await;
    let answer = api.send(signed).await;
    assert_eq!(answer.text(), "alice for client-1 signed true body 0");
    let other = key(ingam_jose::SignatureAlgorithm::Es256);
    let request = call(&world, &fintech, &token, None).await;
    let forged = sign(&world, &other, request).await;
    let refused = api.send(forged).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
}

async fn sign(world: &World, key: &ingam_jose::SigningKey, request: http::Request<Bytes>) -> http::Request<Bytes> {
    let random = PROVIDER.randomness();
    request::sign(request, key, &FAPI_2_REQUEST, &PROVIDER, random, world.now()).await.unwrap().0
}

#[tokio::test]
async fn a_body_is_bounded_and_what_cannot_be_recorded_does_not_pass() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let api = Api::new(&world, |_| {});
    let large = Bytes::from(vec![0; ingam_ports::BODY_LIMIT + 1]);
    let request = http::Request::post(format!("{BASE}{PATH}")).body(large).unwrap();
    api.refuses(&world, request, 413, "BodyTooLarge").await;
    world.audit.fail(true);
    let answer = api.send(call(&world, &fintech, &token, None).await).await;
    assert_eq!((answer.status.as_u16(), api.arrived.load(Ordering::SeqCst)), (503, 0));
}

#[tokio::test]
async fn parts_that_do_not_fit_are_refused() {
    let world = World::new().await;
    let made = |change: fn(&mut ProtectionParts)| {
        let mut parts = parts(&world);
        change(&mut parts);
        Protection::new(parts).map(|_| ())
    };
    assert_eq!(made(|parts| parts.base = "http://bank.example".parse().unwrap()), Err(ProtectionError::BaseUrl));
    let none = |parts: &mut ProtectionParts| {
        parts.registers.clear();
        parts.requests.unsigned = Unsigned::Refused;
    };
    assert_eq!(made(none), Err(ProtectionError::NoRegister));
    let stranger = |parts: &mut ProtectionParts| {
        let set = RemoteKeySet::new(
            "https://stranger.example/jwks".parse().unwrap(),
            RemotePolicy::USUAL,
            Arc::new(ingam_contract::Loopback::new()),
            Arc::new(PROVIDER),
        );
        parts.published = vec![("https://stranger.example".parse().unwrap(), Arc::new(set.unwrap()))];
    };
    assert_eq!(made(stranger), Err(ProtectionError::PublisherUntrusted));
}
