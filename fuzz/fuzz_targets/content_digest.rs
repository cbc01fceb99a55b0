//! A digest that was made holds for its bytes and no others; a field that is read names an accepted algorithm.
#![cfg_attr(fuzzing, no_main)]
use ingam_jose::RingProvider;
use ingam_transaction::digest::{DigestAlgorithm, Digests, field_value};
fn law(data: &[u8]) {
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
        let made = Digests::parse(field_value(data, algorithm, &RingProvider).as_bytes()).expect("ours is read");
        assert!(made.check(data, &RingProvider).is_ok() && made.algorithms().eq([algorithm]));
        assert!(made.check(&[data, b"x"].concat(), &RingProvider).is_err());
    }
    if let Ok(read) = Digests::parse(data) {
        assert!(read.algorithms().count() > 0 && read.check(data, &RingProvider).is_err());
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, md5=:AAAA:");
}
