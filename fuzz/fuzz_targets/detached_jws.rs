//! Whatever stands in a header or a body, nothing is accepted that no key signed.
#![cfg_attr(fuzzing, no_main)]
use ingam_jose::{KeySet, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_transaction::{message, policy, request::Sender};
fn law(data: &[u8]) {
    let key = SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).expect("randomness");
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    let sender = Sender { fintech: &"f".parse().expect("an id"), keys: &keys };
    let stated = message::Context { issuer: "f", audience: "a", method: Some("POST"), in_reply_to: None };
    let (body, now) = (bytes::Bytes::copy_from_slice(data), ingam_wire::UnixTime::from_secs(0));
    let message = http::Request::post("/").header("content-type", "application/jwt").header("x-jws-signature", data);
    let headers = message.body(()).map(|message| message.headers().clone()).unwrap_or_default();
    let refused = |policy| message::check(body.clone(), &headers, &stated, sender, policy, &RingProvider, now).is_err();
    assert!(refused(&policy::DETACHED_JWS) && refused(&policy::JWT_BODY));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"eyJhbGciOiJFZERTQSJ9..AAAA");
}
