//! Payments as FAPI fintechs send them: what the benches of signed messages sign and check.

use bytes::Bytes;
use http::Request;
use ingam_jose::{CryptoProvider as _, RingProvider, SignatureAlgorithm, SigningKey};
use ingam_transaction::{Origin, policy::FAPI_2_REQUEST, request};
use ingam_wire::UnixTime;

use crate::access_key::ready;

/// The provider of these benches.
pub const PROVIDER: RingProvider = RingProvider;
/// Their time.
pub const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);
/// What messages are signed with.
pub const ALGORITHMS: [SignatureAlgorithm; 2] = [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];
/// The bytes of their bodies.
pub const BODIES: [usize; 2] = [1024, 64 * 1024];

/// The bank.
///
/// # Panics
/// Never: the address is one.
#[must_use]
pub fn origin() -> Origin {
    let url = "https://bank.example".parse().expect("a URL");
    Origin::of(&url).expect("a URL without a path")
}

/// A payment with an access key of 900 bytes and a proof of 500.
///
/// # Panics
/// Never: every field is visible text.
#[must_use]
pub fn call(number: usize, size: usize) -> Request<Bytes> {
    let body = format!("{number:08}").repeat(size / 8);
    Request::post("https://bank.example/payments?dry=1")
        .header("authorization", format!("DPoP {}", access_key(number)))
        .header("dpop", format!("{number:010}").repeat(50))
        .header("content-type", "application/json")
        .header("idempotency-key", format!("key-{number}"))
        .header("user-agent", "bench")
        .header("host", "bank.example")
        .body(Bytes::from(body))
        .expect("a request")
}

/// The access key of [`call`].
#[must_use]
pub fn access_key(number: usize) -> String {
    format!("{number:010}").repeat(90)
}

/// The payment, signed.
///
/// # Panics
/// When the key does not sign.
#[must_use]
pub fn signed(number: usize, size: usize, key: &SigningKey) -> Request<Bytes> {
    let signing = request::sign(call(number, size), key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW);
    ready(signing).expect("a software key signs").0
}
