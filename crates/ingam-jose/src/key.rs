use std::sync::Arc;

use ingam_wire::RandomnessUnavailable;

use crate::{CryptoProvider, Jwk, SignatureAlgorithm};

/// The signature is not the key's; says nothing else, so that it is no oracle.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("bad signature")]
pub struct BadSignature;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are not a key of the expected form.
    #[error("not a key for {expected:?}")]
    Malformed {
        /// The algorithm asked for.
        expected: SignatureAlgorithm,
    },
    /// The key is too small or off its curve.
    #[error("the key is too weak or not on its curve")]
    Weak,
    /// The provider lacks the algorithm.
    #[error("the crypto provider lacks {0:?} for this operation")]
    Unsupported(SignatureAlgorithm),
    /// No single algorithm can be fixed for the key.
    #[error("no single permitted algorithm fits the key")]
    NoAlgorithm,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

/// A key identifier (`kid`, RFC 7517 section 4.5): 1 to 128 printable ASCII characters, compared exactly.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 thumbprint of a key (RFC 7638): what `cnf.jkt` holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The thumbprint whose base64url text (43 characters) is given.
    #[must_use]
    pub fn from_base64url(_text: &str) -> Option<Self> {
        todo!()
    }

    /// base64url, 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        todo!()
    }
}

/// A public key with its one algorithm, parsed once.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<Inner>,
}

struct Inner {
    #[expect(dead_code)]
    algorithm: SignatureAlgorithm,
}

impl core::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("VerifyingKey").finish_non_exhaustive()
    }
}

impl VerifyingKey {
    /// Fixes the algorithm (`alg` of the JWK, else `registered`, else the only one its type permits) and parses the key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_jwk(
        _jwk: &Jwk,
        _registered: Option<SignatureAlgorithm>,
        _provider: &dyn CryptoProvider,
    ) -> Result<Self, KeyError> {
        todo!()
    }

    /// Its one algorithm.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        let _ = &self.inner;
        todo!()
    }

    /// Its identifier, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        todo!()
    }

    /// Its RFC 7638 thumbprint.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        todo!()
    }

    /// As public JWK with `alg`, `use` and `kid`.
    #[must_use]
    pub fn to_jwk(&self) -> &Jwk {
        todo!()
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// # Errors
    /// [`BadSignature`], one for all causes.
    pub fn verify(&self, _message: &[u8], _signature: &[u8]) -> Result<(), BadSignature> {
        todo!()
    }
}

/// A software signing key: private key and public half as one value, parsed once, wiped on drop.
pub struct SigningKey {}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A fresh key; its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn generate(_algorithm: SignatureAlgorithm, _provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        todo!()
    }

    /// From PKCS#8 DER.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8(
        _der: &[u8],
        _algorithm: SignatureAlgorithm,
        _key_id: Option<KeyId>,
        _provider: &dyn CryptoProvider,
    ) -> Result<Self, KeyError> {
        todo!()
    }

    /// From a private JWK as text (`d` present), as fintechs keep theirs in files.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_private_jwk(_text: &[u8], _provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        todo!()
    }

    /// Signs at once, without a future (a [`crate::Signer`] does the same asynchronously).
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn sign_now(&self, _message: &[u8]) -> Result<Vec<u8>, RandomnessUnavailable> {
        todo!()
    }
}
