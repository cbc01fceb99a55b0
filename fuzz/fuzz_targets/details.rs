//! Authorization details that are read print to what reads the same, and printing is settled after one round.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_protocol::details::AuthorizationDetails;
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(first) = AuthorizationDetails::parse(text) {
        assert_eq!(AuthorizationDetails::parse(&first.to_json()), Ok(first));
    }
});
#[cfg(not(fuzzing))]
fn main() {}
