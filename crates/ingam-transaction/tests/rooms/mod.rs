//! What the tests share: two parties with keys, one request, a guard that has seen nothing.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::must_use_candidate,
    clippy::indexing_slicing,
    reason = "each test file uses a part"
)]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Request;
pub use ingam_jose::CryptoProvider;
use ingam_jose::{KeySet, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_ports::{Changes, Claim, Freshness, Position, ReplayError, ReplayGuard, Unclaimed, settle};
use ingam_protocol::ClientId;
use ingam_transaction::{
    Origin,
    policy::{CoveragePolicy, FAPI_2_REQUEST},
    request::{self, PresentedRequest, RequestRefused, Sender, SentRequest, VerifiedRequest},
    signature,
};
use ingam_wire::{BoxFuture, UnixTime};

pub const PROVIDER: RingProvider = RingProvider;
pub const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);
pub const PAYMENT: &[u8] = br#"{"amount":{"currency":"KRW","minor":150000},"payee":"Kim"}"#;

#[derive(Debug)]
pub struct Party {
    pub id: ClientId,
    pub key: SigningKey,
    pub keys: KeySet,
}

impl Party {
    pub fn new(id: &str) -> Self {
        Self::with(id, SignatureAlgorithm::Es256)
    }

    pub fn with(id: &str, algorithm: SignatureAlgorithm) -> Self {
        let key = SigningKey::generate(algorithm, &PROVIDER).unwrap();
        let keys = KeySet::new(vec![key.verifying_key().clone()]);
        Self { id: id.parse().unwrap(), key, keys }
    }
}

pub fn origin() -> Origin {
    Origin::of(&"https://bank.example".parse().unwrap()).unwrap()
}

pub fn payment() -> Request<Bytes> {
    Request::post("https://bank.example/payments?dry=1")
        .header("authorization", "DPoP abc.def.ghi")
        .header("dpop", "eyJ0eXAi.eyJqdGki.c2ln")
        .header("content-type", "application/json")
        .header("idempotency-key", "k-1")
        .header("user-agent", "test")
        .body(Bytes::from_static(PAYMENT))
        .unwrap()
}

/// The output of a future that never waits.
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a software key does not wait"),
    }
}

#[derive(Debug)]
pub struct AllFresh;

impl ReplayGuard for AllFresh {
    fn claim_all<'a>(
        &'a self,
        _claims: &'a [Claim],
        seen: Position,
        _now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>> {
        Box::pin(async move { Ok(Freshness::Fresh(Changes::Since { to: seen, revoked: Vec::new() })) })
    }

    fn changes<'a>(&'a self, seen: Position, _now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>> {
        Box::pin(async move { Ok(Changes::Since { to: seen, revoked: Vec::new() }) })
    }
}

/// `request` (absolute URI) as a server sees it, with a good signature by `key` over what `input` says, whatever that is.
pub fn signed_as(request: Request<Bytes>, input: &str, key: &SigningKey) -> Request<Bytes> {
    let mut request = on_the_wire(request);
    request.headers_mut().insert("signature-input", format!("sig1={input}").parse().unwrap());
    let presented = PresentedRequest::new(request.clone(), &origin()).unwrap();
    // Where there is no base, there is nothing to sign: any signature does.
    let base = signature::of_request(&presented).map_or_else(|_| "none".to_owned(), |bases| bases[0].text().to_owned());
    let bytes = key.sign_now(base.as_bytes()).unwrap();
    let value = format!("sig1=:{}:", STANDARD.encode(bytes));
    request.headers_mut().insert("signature", value.parse().unwrap());
    request
}

/// The fintech's request, signed by the library and as it arrives.
pub fn signed_payment(fintech: &Party) -> (Request<Bytes>, SentRequest) {
    let (request, sent) =
        ready(request::sign(payment(), &fintech.key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW)).unwrap();
    (on_the_wire(request), sent)
}

/// What the operator makes of it.
pub fn checked(
    request: Request<Bytes>,
    fintech: &Party,
    policy: &CoveragePolicy,
    now: UnixTime,
) -> Result<VerifiedRequest, RequestRefused> {
    let presented = PresentedRequest::new(request, &origin())?;
    request::check(presented, Sender { fintech: &fintech.id, keys: &fintech.keys }, policy, &PROVIDER, now).map(settled)
}

pub fn settled<T>(unclaimed: Unclaimed<T>) -> T {
    ready(settle(unclaimed, &AllFresh, Position::default(), NOW)).unwrap().0
}

/// As a server sees it: the target in origin form.
pub fn on_the_wire(request: Request<Bytes>) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    Request::from_parts(parts, body)
}

/// The ids that a check wants claimed.
pub fn claims_of<T>(unclaimed: Unclaimed<T>) -> Vec<Claim> {
    let seen = Remembering::default();
    let _ = ready(settle(unclaimed, &seen, Position::default(), NOW)).unwrap();
    seen.0.into_inner().unwrap()
}

#[derive(Debug, Default)]
pub struct Remembering(std::sync::Mutex<Vec<Claim>>);

impl ReplayGuard for Remembering {
    fn claim_all<'a>(
        &'a self,
        claims: &'a [Claim],
        seen: Position,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>> {
        self.0.lock().unwrap().extend_from_slice(claims);
        AllFresh.claim_all(claims, seen, now)
    }

    fn changes<'a>(&'a self, seen: Position, now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>> {
        AllFresh.changes(seen, now)
    }
}
