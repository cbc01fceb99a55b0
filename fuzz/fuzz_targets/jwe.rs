//! Nothing opens that was not sealed to our key, and opening never panics.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_jose::{Curve, KeyManagement, OpeningKey, RingProvider, jwe::Presented};
    let Ok(token) = core::str::from_utf8(data) else { return };
    let Ok(presented) = Presented::parse(token) else { return };
    assert_eq!(token.matches('.').count(), 4);
    let key = OpeningKey::from_scalar(Curve::X25519, &[7; 32], KeyManagement::EcdhEs, None, &RingProvider);
    assert!(presented.open(&key.expect("a key"), &RingProvider).is_err());
});

#[cfg(not(fuzzing))]
fn main() {}
