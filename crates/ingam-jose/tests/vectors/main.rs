//! Other people's vectors, one loop per folder, on every provider that has the operation.
//!
//! A valid case must be accepted, an invalid one refused. A valid case of an algorithm that cannot be written down in
//! Ingam must end in exactly that error, which counts as a pass. Every other deviation stands, with its reason, in
//! `tests/exceptions.toml`; one that no longer happens fails the run as well.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on must fail")]

mod dpop;
mod hpke;
mod jose;
mod ledger;
mod primitives;
mod signatures;
mod wycheproof;

use ingam_jose::{CryptoProvider, RingProvider};
use ingam_wire::base64url;
use serde_json::Value;

/// Every provider that is compiled in.
fn providers() -> Vec<&'static dyn CryptoProvider> {
    vec![
        &RingProvider,
        #[cfg(feature = "aws-lc-rs")]
        &ingam_jose::AwsLcProvider,
    ]
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap()).collect()
}

fn un64(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A left-padded or left-trimmed number of 32 bytes, as Wycheproof prints private scalars.
fn scalar(bytes: &[u8]) -> [u8; 32] {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let number = bytes.get(start..).unwrap();
    let mut scalar = [0; 32];
    scalar.get_mut(32 - number.len()..).unwrap().copy_from_slice(number);
    scalar
}
