use zeroize::Zeroizing;

use super::ContentEncryption;
use crate::{CryptoProvider, KeyManagement};

/// The key that Concat KDF derives from an agreed secret (RFC 7518 section 4.6.2): one round of SHA-256, since no key
/// here is longer than its output.
pub(super) fn derive(
    secret: &[u8; 32],
    algorithm: KeyManagement,
    enc: ContentEncryption,
    party_u: &[u8],
    party_v: &[u8],
    provider: &dyn CryptoProvider,
) -> Zeroizing<[u8; 32]> {
    // Agreed directly, the key is named after `enc` and as long as its key; wrapped, after `alg` and 256 bits.
    let (name, length) = match algorithm {
        KeyManagement::EcdhEs => (enc.name(), enc.sealing().key_length()),
        KeyManagement::EcdhEsA256Kw | KeyManagement::RsaOaep256 => (algorithm.name(), 32),
    };
    Zeroizing::new(provider.sha256(&[
        &1_u32.to_be_bytes(),
        secret,
        &count(name.len()),
        name.as_bytes(),
        &count(party_u.len()),
        party_u,
        &count(party_v.len()),
        party_v,
        &count(length.saturating_mul(8)),
    ]))
}

/// A length in four bytes; all lengths here are bounded by the header's limit.
fn count(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use ingam_testkit::vectors;
    use ingam_wire::base64url::{decode, encode};

    use super::*;
    use crate::RingProvider;

    #[test]
    fn the_example_of_rfc_7518_appendix_c_is_derived() {
        let file = vectors("jose-rfc", "rfc7518");
        let examples = file["examples"].as_array().unwrap();
        let example = examples.iter().find(|e| e["id"] == "C").unwrap();
        let bytes = |value: &serde_json::Value| decode(value.as_str().unwrap()).unwrap();
        let secret = bytes(&example["z_b64u"]).try_into().unwrap();
        let (u, v) = (bytes(&example["header"]["apu"]), bytes(&example["header"]["apv"]));
        let derived = derive(&secret, KeyManagement::EcdhEs, ContentEncryption::A128Gcm, &u, &v, &RingProvider);
        assert_eq!(encode(&derived[..16]), example["derived_key_b64u"].as_str().unwrap());
        let swapped = derive(&secret, KeyManagement::EcdhEs, ContentEncryption::A128Gcm, &v, &u, &RingProvider);
        assert_ne!(derived, swapped, "the parties are bound in");
        let wrapped = derive(&secret, KeyManagement::EcdhEsA256Kw, ContentEncryption::A128Gcm, &u, &v, &RingProvider);
        assert_ne!(derived, wrapped, "the algorithm is bound in");
    }
}
