use core::fmt;

use ingam_wire::{Randomness, RandomnessUnavailable};

use crate::{BadSignature, Jwk, KeyError, SignatureAlgorithm};

/// The primitives, by capability; a value that is handed in, never a process global.
///
/// A capability that is missing is an [`Unsupported`] or [`KeyError::Unsupported`] when a key or a
/// configuration is built, never when a message arrives.
pub trait CryptoProvider: fmt::Debug + Send + Sync {
    /// Name of the module, for reports.
    fn name(&self) -> &'static str;

    /// The provider's random bytes.
    fn randomness(&self) -> &dyn Randomness;

    /// SHA-256 over the concatenation of `parts`.
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32];

    /// SHA-512 over the concatenation of `parts`.
    fn sha512(&self, parts: &[&[u8]]) -> [u8; 64];

    /// HMAC-SHA-256 over the concatenation of `parts`.
    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32];

    /// HKDF-SHA-256 (RFC 5869): extract with `salt`, expand with `info` into `out` (at most 8,160 bytes).
    ///
    /// # Errors
    /// [`Unsupported`] when `out` is longer than HKDF gives.
    fn hkdf_sha256(&self, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unsupported>;

    /// Parses a public key once, so that each later verification is the bare primitive.
    ///
    /// # Errors
    /// [`KeyError`] when the key is not one for `algorithm` or the provider lacks the algorithm.
    fn prepare(&self, key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError>;

    /// Parses a private key (PKCS#8, DER) once.
    ///
    /// # Errors
    /// [`KeyError`] when the key is not one for `algorithm` or the provider lacks the algorithm.
    fn load(&self, pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError>;

    /// Makes a private key (PKCS#8, DER).
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] where the provider cannot (RSA under ring), or no randomness.
    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError>;

    /// Seals `data` in place under `key`, appending the tag (AES-GCM, 96-bit nonce, 128-bit tag).
    ///
    /// # Errors
    /// [`SealError`] when the key has the wrong length for `algorithm`.
    fn seal(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError>;

    /// Opens `data` in place under `key` and removes the tag; on failure `data` holds no plaintext.
    ///
    /// # Errors
    /// [`SealError`], one for all causes.
    fn open(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError>;
}

/// A parsed public key, ready to verify with its one algorithm.
pub trait PreparedKey: Send + Sync {
    /// Whether `signature` (JOSE form: raw r‖s for ECDSA) is the key's over `message`.
    ///
    /// # Errors
    /// [`BadSignature`], one for all causes.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
}

/// A parsed private key.
pub trait SigningMaterial: Send + Sync {
    /// Signs `message` (JOSE form).
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the primitive needed randomness and got none.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, RandomnessUnavailable>;

    /// The public half, without `kid`.
    fn public(&self) -> Jwk;
}

/// Content encryption (RFC 7518 section 5.3; RFC 9180 section 7.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SealingAlgorithm {
    /// AES-128-GCM, 16-byte key.
    A128Gcm,
    /// AES-256-GCM, 32-byte key.
    A256Gcm,
    /// ChaCha20-Poly1305, 32-byte key (HPKE only).
    ChaCha20Poly1305,
}

/// The provider does not have this capability.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the crypto provider lacks {0}")]
pub struct Unsupported(pub &'static str);

/// Sealing or opening failed; one error for all causes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("sealed bytes cannot be opened")]
pub struct SealError;
