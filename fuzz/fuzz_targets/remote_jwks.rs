//! Whatever another party answers, a good key that was held still verifies unless a good set took its place.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_jose::{RingProvider, SignatureAlgorithm::EdDsa};
    use ingam_keys::{Lookup, RemoteKeys, RemotePolicy};
    const SET: &[u8] =
        br#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let at = ingam_wire::UnixTime::from_secs;
    let mut keys = RemoteKeys::new("https://party.example/jwks".parse().unwrap(), RemotePolicy::USUAL).unwrap();
    let Lookup::Fetch(first) = keys.look_up(Some("k"), EdDsa, at(0)) else { unreachable!() };
    keys.fetched(first, Ok((200, SET, None)), &RingProvider, at(0)).unwrap();
    let Lookup::Fetch(second) = keys.look_up(Some("other"), EdDsa, at(10)) else { unreachable!() };
    let replaced = keys.fetched(second, Ok((200, data, None)), &RingProvider, at(10)).is_ok();
    let holds = matches!(keys.look_up(Some("k"), EdDsa, at(10)), Lookup::Keys(_));
    assert!(holds || replaced);
    assert!(keys.archive().key_at("k", EdDsa, at(5)).is_some());
});
#[cfg(not(fuzzing))]
fn main() {}
