use core::fmt;
use std::sync::Arc;

use ingam_wire::RandomnessUnavailable;

use crate::{
    CryptoProvider, Jwk, JwkError, KeyAlgorithm, KeyId, KeyUse, PreparedKey, PublicKey, SignatureAlgorithm, Thumbprint,
    Unsupported, limits,
};

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
    /// The JWK was refused.
    #[error(transparent)]
    Jwk(#[from] JwkError),
    /// The key is too small or off its curve.
    #[error("the key is too weak or not on its curve")]
    Weak,
    /// The provider lacks the algorithm.
    #[error("the crypto provider lacks {0:?} for this operation")]
    Unsupported(SignatureAlgorithm),
    /// No single algorithm can be fixed for the key.
    #[error("no single permitted algorithm fits the key")]
    NoAlgorithm,
    /// A key for sealing where one for signing is needed, or the reverse.
    #[error("the key is for another use")]
    KeyUseMismatch,
    /// The private and the public half are not one key.
    #[error("the private and the public half do not belong together")]
    HalvesDiffer,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

impl KeyError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "Malformed",
            Self::Jwk(reason) => reason.name(),
            Self::Weak => "Weak",
            Self::Unsupported(_) => "Unsupported",
            Self::NoAlgorithm => "NoAlgorithm",
            Self::KeyUseMismatch => "KeyUseMismatch",
            Self::HalvesDiffer => "HalvesDiffer",
            Self::Randomness(_) => "Randomness",
        }
    }
}

/// A public key with its one algorithm, parsed once.
#[derive(Clone)]
pub struct VerifyingKey {
    inner: Arc<Inner>,
}

struct Inner {
    algorithm: SignatureAlgorithm,
    jwk: Jwk,
    thumbprint: Thumbprint,
    prepared: Box<dyn PreparedKey>,
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.inner.algorithm)
            .field("key_id", &self.inner.jwk.key_id())
            .finish_non_exhaustive()
    }
}

impl PartialEq for VerifyingKey {
    /// The same public key for the same algorithm under the same `kid`.
    fn eq(&self, other: &Self) -> bool {
        self.inner.jwk == other.inner.jwk
    }
}

impl Eq for VerifyingKey {}

impl VerifyingKey {
    /// Fixes the algorithm (`alg` of the JWK, else `registered`, else the only one its type permits) and parses the key.
    ///
    /// # Errors
    /// [`KeyError::KeyUseMismatch`] for a key that is for sealing, [`KeyError::NoAlgorithm`] where `alg` and
    /// `registered` differ or the type has none, else what the provider says of the key.
    pub fn from_jwk(
        jwk: &Jwk,
        registered: Option<SignatureAlgorithm>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, KeyError> {
        if jwk.key_use() == Some(KeyUse::Encryption) {
            return Err(KeyError::KeyUseMismatch);
        }
        let only = jwk.public_key().signature_algorithm().ok_or(KeyError::KeyUseMismatch)?;
        let stated = match jwk.algorithm() {
            Some(KeyAlgorithm::Signature(algorithm)) => Some(algorithm),
            Some(KeyAlgorithm::Management(_)) => return Err(KeyError::KeyUseMismatch),
            None => None,
        };
        let algorithm = stated.or(registered).unwrap_or(only);
        if registered.is_some_and(|r| r != algorithm) || algorithm != only {
            return Err(KeyError::NoAlgorithm);
        }
        let jwk = jwk.clone().with_algorithm(KeyAlgorithm::Signature(algorithm))?;
        let prepared = provider.prepare(&jwk, algorithm)?;
        let thumbprint = jwk.thumbprint(provider);
        Ok(Self { inner: Arc::new(Inner { algorithm, jwk, thumbprint, prepared }) })
    }

    /// Its one algorithm.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.inner.algorithm
    }

    /// Its identifier, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.inner.jwk.key_id()
    }

    /// Its RFC 7638 thumbprint.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        self.inner.thumbprint
    }

    /// As public JWK with `alg`, `use` and `kid`.
    #[must_use]
    pub fn to_jwk(&self) -> &Jwk {
        &self.inner.jwk
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// # Errors
    /// [`BadSignature`], one for all causes; a signature of the wrong length never reaches the primitive.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let fits = match self.inner.algorithm {
            SignatureAlgorithm::Es256 | SignatureAlgorithm::EdDsa => signature.len() == 64,
            SignatureAlgorithm::Ps256 => signature.len() <= limits::SIGNATURE,
        };
        if !fits {
            return Err(BadSignature);
        }
        self.inner.prepared.verify(message, signature)
    }
}

/// A public RSA key for `rsa-pss-sha512` (RFC 9421 section 3.3.1): verifies HTTP message signatures of peers outside
/// FAPI; no profile admits it, no JOSE message can ask for it and nothing signs with it.
pub struct RsaPssSha512Key(Box<dyn PreparedKey>);

impl fmt::Debug for RsaPssSha512Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaPssSha512Key(..)")
    }
}

impl RsaPssSha512Key {
    /// Parses the key.
    ///
    /// # Errors
    /// [`Unsupported`] where the provider or the key has not the algorithm.
    pub fn new(key: &PublicKey, provider: &dyn CryptoProvider) -> Result<Self, Unsupported> {
        provider.prepare_rsa_pss_sha512(key).map(Self)
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// # Errors
    /// [`BadSignature`], one for all causes.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.0.verify(message, signature)
    }
}
