//! What ring and aws-lc-rs do by the same calls, written once; each provider's folder shows where they differ.

use ingam_wire::RandomnessUnavailable;

use crate::{Jwk, PublicKey, SigningMaterial};

/// A key pair that was loaded: its public half, and how its library signs with it.
pub(crate) struct Loaded<F> {
    pub(crate) public: PublicKey,
    pub(crate) sign: F,
}

impl<F> SigningMaterial for Loaded<F>
where
    F: Fn(&[u8]) -> Result<Vec<u8>, RandomnessUnavailable> + Send + Sync,
{
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, RandomnessUnavailable> {
        (self.sign)(message)
    }

    fn public(&self) -> Jwk {
        Jwk::bare(self.public.clone())
    }
}

/// Hashes, HMAC and HKDF by `$library`, whose calls for these are ring's.
macro_rules! hashing {
    ($library:ident) => {
        use $library::{digest, hkdf, hmac};

        use crate::Unsupported;

        pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
            fixed(digest_of(&digest::SHA256, parts).as_ref())
        }

        pub(super) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
            fixed(digest_of(&digest::SHA512, parts).as_ref())
        }

        pub(super) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
            let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
            for part in parts {
                context.update(part);
            }
            fixed(context.sign().as_ref())
        }

        pub(super) fn hkdf_sha256(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unsupported> {
            let key = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
            let too_long = |_| Unsupported("HKDF-SHA-256 beyond 8,160 bytes");
            key.expand(&[info], Length(out.len())).map_err(too_long)?.fill(out).map_err(too_long)
        }

        struct Length(usize);

        impl hkdf::KeyType for Length {
            fn len(&self) -> usize {
                self.0
            }
        }

        fn digest_of(algorithm: &'static digest::Algorithm, parts: &[&[u8]]) -> digest::Digest {
            if let [only] = parts {
                return digest::digest(algorithm, only);
            }
            let mut context = digest::Context::new(algorithm);
            for part in parts {
                context.update(part);
            }
            context.finish()
        }

        /// The output of a hash, whose length its algorithm fixes.
        fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
            bytes.try_into().expect("the hash has the length of its algorithm")
        }
    };
}

/// Sealing by `$library`, whose calls for it are ring's.
macro_rules! sealing {
    ($library:ident) => {
        use zeroize::zeroize_bytes;
        use $library::aead::{AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

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
    };
}

pub(crate) use {hashing, sealing};
