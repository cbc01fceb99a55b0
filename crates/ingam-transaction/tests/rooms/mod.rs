//! What the tests share: two parties with keys, one request, a guard that has seen nothing.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::must_use_candidate,
    reason = "each test file uses a part"
)]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::Request;
pub use ingam_jose::CryptoProvider;
use ingam_jose::{KeySet, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_ports::{Changes, Claim, Freshness, Position, ReplayError, ReplayGuard, Unclaimed, settle};
use ingam_protocol::ClientId;
use ingam_transaction::Origin;
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

pub fn settled<T>(unclaimed: Unclaimed<T>) -> T {
    ready(settle(unclaimed, &AllFresh, Position::default(), NOW)).unwrap().0
}

/// As a server sees it: the target in origin form.
pub fn on_the_wire(request: Request<Bytes>) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
    Request::from_parts(parts, body)
}
