//! The key schedule of base mode (RFC 9180 sections 4.1 and 5.1).

use zeroize::Zeroizing;

use super::{HpkeError, Suite};
use crate::{CryptoProvider, Unsupported};

const VERSION: &[u8] = b"HPKE-v1";
const MODE_BASE: u8 = 0;

/// What both sides derive.
pub(super) struct Secrets {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) base_nonce: [u8; 12],
    pub(super) exporter: Zeroizing<[u8; 32]>,
}

/// `ExtractAndExpand` of the KEM (section 4.1).
pub(super) fn shared_secret(
    agreed: &[u8; 32],
    encapsulated: &[u8],
    recipient: &[u8],
    suite: Suite,
    provider: &dyn CryptoProvider,
) -> Result<Zeroizing<[u8; 32]>, Unsupported> {
    let (kem, _, _) = suite.ids();
    let kem = [b"KEM".as_slice(), &kem.to_be_bytes()].concat();
    let ikm = Zeroizing::new([VERSION, &kem, b"eae_prk", agreed].concat());
    let context = [encapsulated, recipient].concat();
    let mut secret = Zeroizing::new([0; 32]);
    let info = labeled_info(&kem, b"shared_secret", &context, 32);
    provider.hkdf_sha256(b"", &ikm, &info, secret.as_mut_slice())?;
    Ok(secret)
}

/// `KeySchedule` with mode base: no pre-shared key, so `psk` and `psk_id` are empty.
pub(super) fn schedule(
    shared: &[u8; 32],
    info: &[u8],
    suite: Suite,
    provider: &dyn CryptoProvider,
) -> Result<Secrets, Unsupported> {
    let id = suite_id(suite);
    let extract = |label: &[u8], input: &[u8]| provider.hmac_sha256(&[], &[VERSION, &id, label, input]);
    let context = [[MODE_BASE].as_slice(), &extract(b"psk_id_hash", b""), &extract(b"info_hash", info)].concat();
    let ikm = [VERSION, &id, b"secret", b""].concat();
    let expand = |label: &[u8], out: &mut [u8]| {
        let info = labeled_info(&id, label, &context, out.len());
        provider.hkdf_sha256(shared, &ikm, &info, out)
    };
    let mut secrets = Secrets { key: Zeroizing::new([0; 32]), base_nonce: [0; 12], exporter: Zeroizing::new([0; 32]) };
    expand(b"key", secrets.key.as_mut_slice())?;
    expand(b"base_nonce", &mut secrets.base_nonce)?;
    expand(b"exp", secrets.exporter.as_mut_slice())?;
    Ok(secrets)
}

/// `Context.Export` (section 5.3): `LabeledExpand` of the exporter secret.
pub(super) fn export(
    exporter: &[u8; 32],
    context: &[u8],
    suite: Suite,
    provider: &dyn CryptoProvider,
    out: &mut [u8],
) -> Result<(), HpkeError> {
    let info = labeled_info(&suite_id(suite), b"sec", context, out.len());
    // HKDF-Expand (RFC 5869 section 2.3) on its own: the exporter secret is a pseudo-random key already.
    let mut previous = Zeroizing::new(Vec::new());
    for (counter, block) in (1..=u8::MAX).zip(out.chunks_mut(32)) {
        let output = Zeroizing::new(provider.hmac_sha256(exporter, &[&previous, &info, &[counter]]));
        for (to, from) in block.iter_mut().zip(output.iter()) {
            *to = *from;
        }
        previous = Zeroizing::new(output.to_vec());
    }
    Ok(())
}

fn suite_id(suite: Suite) -> Vec<u8> {
    let (kem, kdf, aead) = suite.ids();
    [b"HPKE".as_slice(), &kem.to_be_bytes(), &kdf.to_be_bytes(), &aead.to_be_bytes()].concat()
}

/// The info of `LabeledExpand` (section 4).
fn labeled_info(id: &[u8], label: &[u8], context: &[u8], length: usize) -> Vec<u8> {
    // No output here is longer than 8,160 bytes; a longer one is refused before.
    let length = u16::try_from(length).unwrap_or(u16::MAX);
    [&length.to_be_bytes(), VERSION, id, label, context].concat()
}
