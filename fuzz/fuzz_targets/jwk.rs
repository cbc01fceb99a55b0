//! A public key that is read prints back to one that reads the same, and holds no private member.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_jose::Jwk;
    if let Ok(first) = Jwk::parse(data) {
        let printed = first.to_json().to_string();
        assert!(!printed.contains("\"d\":"));
        assert_eq!(Jwk::parse(printed.as_bytes()), Ok(first));
    }
});

#[cfg(not(fuzzing))]
fn main() {}
