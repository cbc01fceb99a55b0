//! A `WWW-Authenticate` field that is read prints, challenge by challenge, to what reads the same.
#![cfg_attr(fuzzing, no_main)]
use ingam_protocol::Challenges;

fn law(data: &[u8]) {
    let Ok(line) = core::str::from_utf8(data) else { return };
    let Ok(challenges) = Challenges::parse(line) else { return };
    for challenge in challenges.iter() {
        if let Ok(again) = Challenges::parse(&challenge.to_string()) {
            assert_eq!(again.iter().next(), Some(challenge));
        }
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(br#"DPoP error="use_dpop_nonce", algs="ES256", Bearer"#);
}
