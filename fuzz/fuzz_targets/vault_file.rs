//! A vault file that opens is the one that was sealed, whatever was done to its bytes; and no panic on any bytes.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_keys::{Environment::Live, VaultFile, VaultKey};
    static GENUINE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    let kek = ingam_wire::SecretBytes::new(vec![1; 32]);
    let (source, ring) = (VaultKey::Secret(&kek), || std::sync::Arc::new(ingam_jose::RingProvider));
    let genuine = GENUINE.get_or_init(|| {
        let mut vault = VaultFile::create(Live, &source, ring()).unwrap();
        vault.put("master", &ingam_wire::SecretBytes::new(vec![7; 32])).unwrap();
        vault.to_bytes().unwrap()
    });
    let bent: Vec<u8> = genuine.iter().zip(data.iter().chain(std::iter::repeat(&0))).map(|(g, d)| g ^ d).collect();
    for bytes in [&bent, data] {
        let Ok(vault) = VaultFile::open(bytes, Live, &source, ring()) else { continue };
        assert_eq!(vault.to_bytes().as_ref(), Ok(genuine));
    }
});
#[cfg(not(fuzzing))]
fn main() {}
