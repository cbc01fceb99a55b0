use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::zeroize_bytes;

use crate::{SealError, SealingAlgorithm};

fn ready(algorithm: SealingAlgorithm, key: &[u8]) -> Result<LessSafeKey, SealError> {
    let algorithm = match algorithm {
        SealingAlgorithm::A128Gcm => &AES_128_GCM,
        SealingAlgorithm::A256Gcm => &AES_256_GCM,
        SealingAlgorithm::ChaCha20Poly1305 => &CHACHA20_POLY1305,
    };
    UnboundKey::new(algorithm, key).map(LessSafeKey::new).map_err(|_| SealError)
}

pub(super) fn seal(
    algorithm: SealingAlgorithm,
    key: &[u8],
    nonce: &[u8; 12],
    associated: &[u8],
    data: &mut Vec<u8>,
) -> Result<(), SealError> {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    ready(algorithm, key)?.seal_in_place_append_tag(nonce, Aad::from(associated), data).map_err(|_| SealError)
}

pub(super) fn open(
    algorithm: SealingAlgorithm,
    key: &[u8],
    nonce: &[u8; 12],
    associated: &[u8],
    data: &mut Vec<u8>,
) -> Result<(), SealError> {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let key = ready(algorithm, key);
    let opened = key.and_then(|key| {
        key.open_in_place(nonce, Aad::from(associated), data).map(|plain| plain.len()).map_err(|_| SealError)
    });
    match opened {
        Ok(length) => {
            data.truncate(length);
            Ok(())
        }
        Err(error) => {
            // RUSTSEC-2023-0096: nothing of the plaintext may be left behind a wrong tag.
            zeroize_bytes(data);
            data.clear();
            Err(error)
        }
    }
}
