use core::fmt;

use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

use crate::{BadSignature, Jwk, KeyError, PublicKey, SealingAlgorithm, SignatureAlgorithm};

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
    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// Parses a public RSA key for `rsa-pss-sha512` of RFC 9421 section 3.3.1: verifying only, outside every profile.
    ///
    /// # Errors
    /// [`Unsupported`] where the provider or the key has not the algorithm.
    fn prepare_rsa_pss_sha512(&self, key: &PublicKey) -> Result<Box<dyn PreparedKey>, Unsupported> {
        let _ = key;
        Err(Unsupported("rsa-pss-sha512"))
    }

    /// Parses a private key for agreement from its scalar.
    ///
    /// # Errors
    /// [`OpeningKeyError`].
    fn agreement_key(&self, curve: Curve, scalar: &[u8; 32]) -> Result<Box<dyn AgreementKey>, OpeningKeyError> {
        let (_, _) = (curve, scalar);
        Err(OpeningKeyError::Unsupported(Unsupported("key agreement")))
    }

    /// Wraps `key` under a 256-bit key-encryption key (RFC 3394).
    ///
    /// # Errors
    /// [`Unsupported`] where the provider has no key wrap.
    fn wrap_key(&self, kek: &[u8; 32], key: &[u8]) -> Result<Vec<u8>, Unsupported> {
        let (_, _) = (kek, key);
        Err(Unsupported("AES key wrap"))
    }

    /// Unwraps what [`CryptoProvider::wrap_key`] wrapped.
    ///
    /// # Errors
    /// [`SealError`], one for all causes.
    fn unwrap_key(&self, kek: &[u8; 32], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (_, _) = (kek, wrapped);
        Err(SealError)
    }

    /// Parses a public RSA key that content keys are encrypted to.
    ///
    /// # Errors
    /// [`Unsupported`] where the provider or the key has not RSA-OAEP.
    fn key_encryption(&self, key: &PublicKey) -> Result<Box<dyn KeyEncryption>, Unsupported> {
        let _ = key;
        Err(Unsupported("RSA-OAEP-256"))
    }

    /// Parses a private RSA key (PKCS#8, DER) that content keys are decrypted with.
    ///
    /// # Errors
    /// [`OpeningKeyError`].
    fn key_decryption(&self, pkcs8: &[u8]) -> Result<Box<dyn KeyDecryption>, OpeningKeyError> {
        let _ = pkcs8;
        Err(OpeningKeyError::Unsupported(Unsupported("RSA-OAEP-256")))
    }

    /// Whether the provider has the capability; what it lacks is refused when a key is built.
    fn supports(&self, capability: Capability) -> bool;

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

/// A curve on which keys are agreed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Curve {
    /// X25519 (RFC 7748).
    X25519,
    /// P-256 (SP 800-56A).
    P256,
}

/// A private agreement key, parsed once; wiped on drop as far as its provider does.
pub trait AgreementKey: Send + Sync {
    /// The public half.
    fn public(&self) -> PublicKey;

    /// The secret shared with `peer`.
    ///
    /// # Errors
    /// [`InvalidPeerKey`] for a point of another curve, off its curve, or whose shared secret is all zeros (RFC 8037
    /// section 3.2, RFC 9180 section 7.1.4).
    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, InvalidPeerKey>;
}

/// An RSA key that keys are encrypted to (RSA-OAEP, SHA-256).
pub trait KeyEncryption: Send + Sync {
    /// Encrypts a content key.
    ///
    /// # Errors
    /// [`SealError`] when the key is longer than the modulus has room for.
    fn encrypt(&self, key: &[u8]) -> Result<Vec<u8>, SealError>;
}

/// An RSA key that keys are decrypted with (RSA-OAEP, SHA-256).
pub trait KeyDecryption: Send + Sync {
    /// The public half.
    fn public(&self) -> PublicKey;

    /// Decrypts a content key.
    ///
    /// # Errors
    /// [`SealError`], one for all causes.
    fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError>;
}

/// The other side's key of an agreement is not one that may be agreed with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the peer's key is not a valid key of the curve")]
pub struct InvalidPeerKey;

/// Why a private key for agreement or decryption cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpeningKeyError {
    /// The provider lacks the capability.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The bytes are not such a key.
    #[error("not a private key of this type")]
    Malformed,
}

/// Something a provider can do or lacks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Capability {
    /// Verify signatures.
    Verify(SignatureAlgorithm),
    /// Sign with a key that was imported.
    Sign(SignatureAlgorithm),
    /// Make a signing key.
    Generate(SignatureAlgorithm),
    /// Seal and open content.
    Seal(SealingAlgorithm),
    /// Agree with a static key.
    Agree(Curve),
    /// AES key wrap (RFC 3394).
    KeyWrap,
    /// RSA-OAEP-256.
    RsaOaep256,
    /// Verify `rsa-pss-sha512` (RFC 9421).
    RsaPssSha512,
}

/// The provider does not have this capability.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the crypto provider lacks {0}")]
pub struct Unsupported(pub &'static str);

/// Sealing or opening failed; one error for all causes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("sealed bytes cannot be opened")]
pub struct SealError;
