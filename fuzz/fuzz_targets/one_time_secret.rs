//! A text is a secret of at most one kind, and a secret prints as it was read.
#![cfg_attr(fuzzing, no_main)]
use ingam_access_key::{OneTimeSecret, SecretKind};
fn law(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let read: Vec<_> = SecretKind::ALL.iter().filter_map(|kind| OneTimeSecret::parse(*kind, text).ok()).collect();
    assert!(read.len() <= 1);
    for secret in read {
        assert!(secret.expose() == text && text.starts_with(secret.kind().prefix()));
        assert!(!format!("{secret:?}").contains(text));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"igc_AAAA");
}
