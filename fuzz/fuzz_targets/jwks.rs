//! A foreign set gives every key back or says why not, and what it gives is a set of our own strictness, kid by kid.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_jose::{KeySet, RingProvider, limits};
    if let Ok((keys, skipped)) = KeySet::parse_foreign(data, None, &RingProvider) {
        assert!(keys.keys().len() + skipped.len() <= limits::KEYS);
        let printed = keys.to_json().to_string();
        let (again, skipped) = KeySet::parse_foreign(printed.as_bytes(), None, &RingProvider).expect("our own print");
        assert!(skipped.is_empty() && again.keys() == keys.keys());
    }
});

#[cfg(not(fuzzing))]
fn main() {}
