//! A `WWW-Authenticate` field that is read prints, challenge by challenge, to what reads the same.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_protocol::Challenges;
    let Ok(line) = core::str::from_utf8(data) else { return };
    let Ok(challenges) = Challenges::parse(line) else { return };
    for challenge in challenges.iter() {
        if let Ok(again) = Challenges::parse(&challenge.to_string()) {
            assert_eq!(again.iter().next(), Some(challenge));
        }
    }
});
#[cfg(not(fuzzing))]
fn main() {}
