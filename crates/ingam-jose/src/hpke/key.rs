use core::fmt;

use ingam_wire::Randomness;
use zeroize::Zeroizing;

use crate::{
    AgreementKey, CryptoProvider, Curve, Jwk, KeyUse, OpeningKey, PublicKey, SealingKeyError, jwk::private::PrivateJwk,
};

/// A public key that HPKE seals to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecipientPublicKey {
    pub(super) key: PublicKey,
    pub(super) curve: Curve,
}

impl RecipientPublicKey {
    /// From a JWK for encryption whose `alg` is not a JWE algorithm: one key has one algorithm.
    ///
    /// # Errors
    /// [`SealingKeyError::KeyUseMismatch`].
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, SealingKeyError> {
        if jwk.key_use() == Some(KeyUse::Signature) || jwk.algorithm().is_some() {
            return Err(SealingKeyError::KeyUseMismatch);
        }
        Self::new(jwk.public_key().clone())
    }

    /// From the numbers of a key.
    ///
    /// # Errors
    /// [`SealingKeyError::KeyUseMismatch`] for a key that nothing can be agreed with.
    pub fn new(key: PublicKey) -> Result<Self, SealingKeyError> {
        let curve = key.agreement_curve().ok_or(SealingKeyError::KeyUseMismatch)?;
        Ok(Self { key, curve })
    }

    /// The key serialised as RFC 9180 section 7.1.1 does.
    pub(super) fn serialized(&self) -> &[u8] {
        serialized(&self.key)
    }
}

/// A private key that HPKE opens with; no `Clone`, and no way to read it back.
pub struct RecipientKey {
    pub(super) private: Box<dyn AgreementKey>,
    pub(super) public: RecipientPublicKey,
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecipientKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl RecipientKey {
    /// A fresh private scalar for [`RecipientKey::from_scalar`], which whoever keeps the key seals first.
    ///
    /// # Errors
    /// [`SealingKeyError::Unsupported`] where the provider lacks the curve, [`SealingKeyError::Randomness`].
    pub fn generate_scalar(
        curve: Curve,
        provider: &dyn CryptoProvider,
        randomness: &dyn Randomness,
    ) -> Result<Zeroizing<[u8; 32]>, SealingKeyError> {
        OpeningKey::generate_scalar(curve, provider, randomness)
    }

    /// From the private scalar.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_scalar(
        curve: Curve,
        scalar: &[u8; 32],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealingKeyError> {
        Self::from_agreement_key(provider.agreement_key(curve, scalar)?)
    }

    /// From a private half that lies elsewhere (a PKCS#11 token, a key service) and agrees there.
    ///
    /// # Errors
    /// [`SealingKeyError::KeyUseMismatch`] where its public half is none that is agreed with.
    pub fn from_agreement_key(private: Box<dyn AgreementKey>) -> Result<Self, SealingKeyError> {
        let public = RecipientPublicKey::new(private.public())?;
        Ok(Self { private, public })
    }

    /// From a private JWK as text, for encryption and without a JWE `alg`.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn from_private_jwk(text: &[u8], provider: &dyn CryptoProvider) -> Result<Self, SealingKeyError> {
        let read = PrivateJwk::parse(text)?;
        let public = RecipientPublicKey::from_jwk(&read.public)?;
        let scalar = read.scalar.ok_or(SealingKeyError::KeyUseMismatch)?;
        let key = Self::from_scalar(public.curve, &scalar, provider)?;
        if key.public == public { Ok(key) } else { Err(SealingKeyError::HalvesDiffer) }
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &RecipientPublicKey {
        &self.public
    }
}

pub(super) fn serialized(key: &PublicKey) -> &[u8] {
    match key {
        PublicKey::P256(point) => point,
        PublicKey::X25519(key) | PublicKey::Ed25519(key) => key,
        PublicKey::Rsa { n, .. } => n,
    }
}
