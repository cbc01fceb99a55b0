//! Sealing with key commitment: one construction for rows and vault entries.
//!
//! From a root key, 32 random bytes and the context, HKDF-SHA-256 derives a key that is used once, its nonce, and a
//! commitment. AES-GCM alone lets one ciphertext open under two keys; bytes whose commitment differs are refused
//! before anything is decrypted, and since the context goes into the derivation too, neither opens in another place.

use ingam_jose::{CryptoProvider, SealingAlgorithm};
use ingam_wire::{RandomnessUnavailable, same_bytes};
use zeroize::Zeroizing;

use super::SealError;

/// Seals `plain` in place and returns `format ‖ salt ‖ commitment ‖ ciphertext ‖ tag`.
pub(crate) fn seal(
    provider: &dyn CryptoProvider,
    root: &[u8; 32],
    context: &[u8; 32],
    plain: &mut Vec<u8>,
) -> Result<Vec<u8>, SealError> {
    let mut salt = [0; SALT];
    provider.randomness().fill(&mut salt)?;
    if salt == [0; SALT] {
        return Err(SealError::Randomness(RandomnessUnavailable)); // a broken source, RUSTSEC-2026-0075
    }
    let once = Once::derive(provider, root, &salt, context)?;
    provider
        .seal(SealingAlgorithm::A256Gcm, &once.key[..], &once.nonce, context, plain)
        .map_err(|_| SealError::UnsealFailed)?;
    Ok([&[FORMAT][..], &salt, &once.commitment, plain].concat())
}

/// Opens what [`seal`] sealed under one of `roots` in the same context.
pub(crate) fn open<'a>(
    provider: &dyn CryptoProvider,
    roots: impl IntoIterator<Item = &'a Zeroizing<[u8; 32]>>,
    context: &[u8; 32],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (format, rest) = sealed.split_first().ok_or(SealError::UnsealFailed)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(SealError::UnsealFailed)?;
    let (commitment, ciphertext) = rest.split_first_chunk::<COMMITMENT>().ok_or(SealError::UnsealFailed)?;
    if *format != FORMAT || ciphertext.len() < TAG {
        return Err(SealError::UnsealFailed);
    }
    for root in roots {
        let once = Once::derive(provider, root, salt, context)?;
        if same_bytes(&once.commitment, commitment) {
            let mut plain = Zeroizing::new(ciphertext.to_vec());
            provider
                .open(SealingAlgorithm::A256Gcm, &once.key[..], &once.nonce, context, &mut plain)
                .map_err(|_| SealError::UnsealFailed)?;
            return Ok(plain);
        }
    }
    Err(SealError::UnsealFailed)
}

/// What one sealing uses; the nonce may be derived since the key is used once.
struct Once {
    key: Zeroizing<[u8; 32]>,
    nonce: [u8; 12],
    commitment: [u8; COMMITMENT],
}

impl Once {
    fn derive(
        provider: &dyn CryptoProvider,
        root: &[u8; 32],
        salt: &[u8; SALT],
        context: &[u8; 32],
    ) -> Result<Self, SealError> {
        let mut out = Zeroizing::new([0; 32 + 12 + COMMITMENT]);
        provider
            .hkdf_sha256(salt, root, &[LABEL, context].concat(), &mut out[..])
            .map_err(|_| SealError::UnsealFailed)?;
        let (key, rest) = out.split_first_chunk().ok_or(SealError::UnsealFailed)?;
        let (nonce, commitment) = rest.split_first_chunk().ok_or(SealError::UnsealFailed)?;
        let commitment = commitment.try_into().map_err(|_| SealError::UnsealFailed)?;
        Ok(Self { key: Zeroizing::new(*key), nonce: *nonce, commitment })
    }
}

/// First byte of everything sealed; a later format takes the next number.
const FORMAT: u8 = 1;
/// Random bytes per sealing: two share a key with probability 2^-128 after 2^64 sealings.
const SALT: usize = 32;
/// Bytes of the key commitment: 256 bits, so that finding two keys for one ciphertext costs 2^128.
const COMMITMENT: usize = 32;
/// Bytes of the AES-GCM tag (SP 800-38D).
pub(crate) const TAG: usize = 16;
const LABEL: &[u8] = b"ingam sealed 1";
