use core::fmt;
use std::sync::Arc;

use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

use crate::{
    AgreementKey, Capability, CryptoProvider, Curve, Jwk, JwkError, KeyAlgorithm, KeyDecryption, KeyEncryption, KeyId,
    KeyManagement, KeyUse, OpeningKeyError, PublicKey, Unsupported, jwk::private::PrivateJwk,
    signing_key::require_randomness,
};

/// Why a key cannot seal or open.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealingKeyError {
    /// The JWK was refused.
    #[error(transparent)]
    Jwk(#[from] JwkError),
    /// The provider lacks what the key's algorithm needs.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// No single algorithm can be fixed for the key.
    #[error("no single permitted algorithm fits the key")]
    NoAlgorithm,
    /// A key for signing where one for sealing is needed.
    #[error("the key is for another use")]
    KeyUseMismatch,
    /// The bytes are not a private key of this type.
    #[error("not a private key of this type")]
    Malformed,
    /// The private and the public half are not one key.
    #[error("the private and the public half do not belong together")]
    HalvesDiffer,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

impl SealingKeyError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Jwk(reason) => reason.name(),
            Self::Unsupported(_) => "Unsupported",
            Self::NoAlgorithm => "NoAlgorithm",
            Self::KeyUseMismatch => "KeyUseMismatch",
            Self::Malformed => "Malformed",
            Self::HalvesDiffer => "HalvesDiffer",
            Self::Randomness(_) => "Randomness",
        }
    }
}

impl From<OpeningKeyError> for SealingKeyError {
    fn from(error: OpeningKeyError) -> Self {
        match error {
            OpeningKeyError::Unsupported(missing) => Self::Unsupported(missing),
            OpeningKeyError::Malformed => Self::Malformed,
        }
    }
}

/// A public key that content is sealed to, with its one algorithm.
#[derive(Clone)]
pub struct SealingKey {
    inner: Arc<Sealing>,
}

struct Sealing {
    algorithm: KeyManagement,
    jwk: Jwk,
    /// Of RSA keys only; agreement needs no parsed form of the peer.
    encryption: Option<Box<dyn KeyEncryption>>,
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey")
            .field("algorithm", &self.inner.algorithm)
            .field("key_id", &self.inner.jwk.key_id())
            .finish_non_exhaustive()
    }
}

impl SealingKey {
    /// Fixes the algorithm (`alg` of the JWK, else `registered`, else `ECDH-ES` for a curve and `RSA-OAEP-256` for RSA)
    /// and sees that the provider has it.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_jwk(
        jwk: &Jwk,
        registered: Option<KeyManagement>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        let (algorithm, jwk) = fix_algorithm(jwk, registered)?;
        require(algorithm, jwk.public_key(), provider)?;
        let encryption = match algorithm {
            KeyManagement::RsaOaep256 => Some(provider.key_encryption(jwk.public_key())?),
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw => None,
        };
        Ok(Self { inner: Arc::new(Sealing { algorithm, jwk, encryption }) })
    }

    /// Its one algorithm.
    #[must_use]
    pub fn algorithm(&self) -> KeyManagement {
        self.inner.algorithm
    }

    /// Its identifier, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.inner.jwk.key_id()
    }

    /// As public JWK with `alg`, `use` and `kid`.
    #[must_use]
    pub fn to_jwk(&self) -> &Jwk {
        &self.inner.jwk
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        self.inner.jwk.public_key()
    }

    pub(crate) fn encryption(&self) -> Option<&dyn KeyEncryption> {
        self.inner.encryption.as_deref()
    }
}

/// The private half of a [`SealingKey`]; no `Clone`, and no way to read it back.
pub struct OpeningKey {
    public: SealingKey,
    private: Private,
}

pub(crate) enum Private {
    Agreement(Box<dyn AgreementKey>),
    Rsa(Box<dyn KeyDecryption>),
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpeningKey")
            .field("algorithm", &self.public.algorithm())
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}

impl OpeningKey {
    /// A fresh private scalar for [`OpeningKey::from_scalar`], which whoever keeps the key seals first.
    ///
    /// # Errors
    /// [`SealingKeyError::Unsupported`] where the provider lacks the curve, [`SealingKeyError::Randomness`].
    pub fn generate_scalar(
        curve: Curve,
        provider: &dyn CryptoProvider,
        randomness: &dyn Randomness,
    ) -> Result<Zeroizing<[u8; 32]>, SealingKeyError> {
        require_randomness(randomness)?;
        fresh_agreement_key(curve, provider, randomness).map(|fresh| fresh.scalar)
    }

    /// From the private scalar of a curve; without `key_id` its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_scalar(
        curve: Curve,
        scalar: &[u8; 32],
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        let private = provider.agreement_key(curve, scalar)?;
        let public = private.public();
        Self::assemble(Jwk::bare(public), Private::Agreement(private), Some(algorithm), key_id, provider)
    }

    /// From a private half that lies elsewhere (a PKCS#11 token, a key service) and agrees there, for `ECDH-ES` or
    /// `ECDH-ES+A256KW`; without `key_id` its `kid` is its thumbprint. Of the provider it needs no agreement.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_agreement_key(
        private: Box<dyn AgreementKey>,
        algorithm: KeyManagement,
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        let (algorithm, jwk) = fix_algorithm(&Jwk::bare(private.public()), Some(algorithm))?;
        if algorithm == KeyManagement::EcdhEsA256Kw {
            require_key_wrap(provider)?;
        }
        let key_id = key_id.unwrap_or_else(|| jwk.thumbprint(provider).into());
        let jwk = jwk.with_key_id(Some(key_id));
        let public = SealingKey { inner: Arc::new(Sealing { algorithm, jwk, encryption: None }) };
        Ok(Self { public, private: Private::Agreement(private) })
    }

    /// From an RSA key in PKCS#8, DER, for `RSA-OAEP-256`; without `key_id` its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_pkcs8(
        der: &[u8],
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        let private = provider.key_decryption(der)?;
        let public = private.public();
        let algorithm = Some(KeyManagement::RsaOaep256);
        Self::assemble(Jwk::bare(public), Private::Rsa(private), algorithm, key_id, provider)
    }

    /// From a private JWK as text.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_private_jwk(text: &[u8], provider: &dyn CryptoProvider) -> Result<Self, SealingKeyError> {
        let read = PrivateJwk::parse(text)?;
        let (algorithm, jwk) = fix_algorithm(&read.public, None)?;
        require(algorithm, jwk.public_key(), provider)?;
        let private = match (jwk.public_key().agreement_curve(), &read.scalar) {
            (Some(curve), Some(scalar)) => Private::Agreement(provider.agreement_key(curve, scalar)?),
            _ => Private::Rsa(provider.key_decryption(&read.pkcs8)?),
        };
        let derived = match &private {
            Private::Agreement(key) => key.public(),
            Private::Rsa(key) => key.public(),
        };
        if derived != *jwk.public_key() {
            return Err(SealingKeyError::HalvesDiffer);
        }
        let key_id = jwk.key_id().cloned();
        Self::assemble(jwk, private, None, key_id, provider)
    }

    fn assemble(
        jwk: Jwk,
        private: Private,
        algorithm: Option<KeyManagement>,
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        let key_id = key_id.unwrap_or_else(|| jwk.thumbprint(provider).into());
        let public = SealingKey::from_jwk(&jwk.with_key_id(Some(key_id)), algorithm, provider)?;
        Ok(Self { public, private })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &SealingKey {
        &self.public
    }

    pub(crate) const fn private(&self) -> &Private {
        &self.private
    }
}

/// A private key that was just made, and the scalar it was made from.
pub(crate) struct Fresh {
    pub(crate) scalar: Zeroizing<[u8; 32]>,
    pub(crate) key: Box<dyn AgreementKey>,
}

/// A private key for one agreement, from the randomness that is handed in.
pub(crate) fn fresh_agreement_key(
    curve: Curve,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
) -> Result<Fresh, SealingKeyError> {
    // A P-256 scalar is refused when it is zero or not below the order: once in 2³² draws.
    for _ in 0..4 {
        let mut scalar = Zeroizing::new([0; 32]);
        randomness.fill(scalar.as_mut_slice())?;
        if *scalar == [0; 32] {
            return Err(SealingKeyError::Randomness(RandomnessUnavailable));
        }
        match provider.agreement_key(curve, &scalar) {
            Ok(key) => return Ok(Fresh { scalar, key }),
            Err(OpeningKeyError::Unsupported(missing)) => return Err(SealingKeyError::Unsupported(missing)),
            Err(OpeningKeyError::Malformed) => {}
        }
    }
    Err(SealingKeyError::Randomness(RandomnessUnavailable))
}

fn fix_algorithm(jwk: &Jwk, registered: Option<KeyManagement>) -> Result<(KeyManagement, Jwk), SealingKeyError> {
    if jwk.key_use() == Some(KeyUse::Signature) {
        return Err(SealingKeyError::KeyUseMismatch);
    }
    let stated = match jwk.algorithm() {
        Some(KeyAlgorithm::Management(algorithm)) => Some(algorithm),
        Some(KeyAlgorithm::Signature(_)) => return Err(SealingKeyError::KeyUseMismatch),
        None => None,
    };
    let usual = match jwk.public_key() {
        PublicKey::P256(_) | PublicKey::X25519(_) => KeyManagement::EcdhEs,
        PublicKey::Rsa { .. } => KeyManagement::RsaOaep256,
        PublicKey::Ed25519(_) => return Err(SealingKeyError::KeyUseMismatch),
    };
    let algorithm = stated.or(registered).unwrap_or(usual);
    if registered.is_some_and(|r| r != algorithm) {
        return Err(SealingKeyError::NoAlgorithm);
    }
    let jwk = jwk.clone().with_algorithm(KeyAlgorithm::Management(algorithm))?;
    Ok((algorithm, jwk))
}

fn require_key_wrap(provider: &dyn CryptoProvider) -> Result<(), Unsupported> {
    if provider.supports(Capability::KeyWrap) { Ok(()) } else { Err(Unsupported("AES key wrap")) }
}

/// Refuses a key whose algorithm the provider lacks, when the key is built.
fn require(algorithm: KeyManagement, key: &PublicKey, provider: &dyn CryptoProvider) -> Result<(), Unsupported> {
    let needs = |capability, name| match provider.supports(capability) {
        true => Ok(()),
        false => Err(Unsupported(name)),
    };
    match (algorithm, key.agreement_curve()) {
        (KeyManagement::RsaOaep256, _) => needs(Capability::RsaOaep256, "RSA-OAEP-256"),
        (_, Some(curve)) => {
            needs(Capability::Agree(curve), "key agreement on this curve")?;
            match algorithm {
                KeyManagement::EcdhEsA256Kw => require_key_wrap(provider),
                KeyManagement::EcdhEs | KeyManagement::RsaOaep256 => Ok(()),
            }
        }
        (_, None) => Err(Unsupported("key agreement with a key that has no curve")),
    }
}
