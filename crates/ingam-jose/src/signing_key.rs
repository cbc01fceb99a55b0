use core::fmt;

use ingam_wire::{BoxFuture, Randomness, RandomnessUnavailable};

use crate::{
    CryptoProvider, Jwk, KeyAlgorithm, KeyError, KeyId, KeyUse, SignError, SignatureAlgorithm, Signer, SigningMaterial,
    VerifyingKey, jwk::private::PrivateJwk,
};

/// A software signing key: private key and public half as one value, parsed once.
///
/// There is no `Clone` and no way to read the private half back; whoever must keep it keeps the sealed PKCS#8 it
/// was made from. Ingam's copies are wiped; what the provider's own key object holds is the provider's business
/// (ring does not wipe it).
pub struct SigningKey {
    material: Box<dyn SigningMaterial>,
    public: VerifyingKey,
    key_id: KeyId,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.public.algorithm())
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A fresh key; its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyError::Unsupported`] where the provider cannot make one (RSA under ring), [`KeyError::Randomness`]
    /// where its randomness fails.
    pub fn generate(algorithm: SignatureAlgorithm, provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        require_randomness(provider.randomness())?;
        let pkcs8 = provider.generate(algorithm)?;
        Self::from_pkcs8(&pkcs8, algorithm, None, provider)
    }

    /// From PKCS#8 DER; without `key_id` its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pkcs8(
        der: &[u8],
        algorithm: SignatureAlgorithm,
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, KeyError> {
        let material = provider.load(der, algorithm)?;
        Self::assemble(material, algorithm, key_id, provider)
    }

    /// From a private JWK as text (`d` present), as fintechs keep theirs in files. The same strictness as for
    /// public ones, and both halves must be one key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_private_jwk(text: &[u8], provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        Self::from_read(PrivateJwk::parse(text)?, provider)
    }

    fn from_read(private: PrivateJwk, provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        let algorithm = match private.public.algorithm() {
            Some(KeyAlgorithm::Signature(algorithm)) => algorithm,
            Some(KeyAlgorithm::Management(_)) => return Err(KeyError::KeyUseMismatch),
            None => private.public.public_key().signature_algorithm().ok_or(KeyError::KeyUseMismatch)?,
        };
        if private.public.key_use() == Some(KeyUse::Encryption) {
            return Err(KeyError::KeyUseMismatch);
        }
        let material = provider.load(&private.pkcs8, algorithm)?;
        if material.public().public_key() != private.public.public_key() {
            return Err(KeyError::HalvesDiffer);
        }
        Self::assemble(material, algorithm, private.public.key_id().cloned(), provider)
    }

    fn assemble(
        material: Box<dyn SigningMaterial>,
        algorithm: SignatureAlgorithm,
        key_id: Option<KeyId>,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, KeyError> {
        let jwk: Jwk = material.public();
        let key_id = key_id.unwrap_or_else(|| jwk.thumbprint(provider).into());
        let jwk = jwk.with_key_id(Some(key_id.clone()));
        let public = VerifyingKey::from_jwk(&jwk, Some(algorithm), provider)?;
        Ok(Self { material, public, key_id })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// Signs at once, without a future (a [`crate::Signer`] does the same asynchronously).
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn sign_now(&self, message: &[u8]) -> Result<Vec<u8>, RandomnessUnavailable> {
        self.material.sign(message)
    }
}

impl Signer for SigningKey {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(core::future::ready(self.sign_now(message).map_err(SignError::from)))
    }
}

/// Refuses a source that fails or gives zeros (RUSTSEC-2026-0075) before a key is made from it.
pub(crate) fn require_randomness(source: &dyn Randomness) -> Result<(), RandomnessUnavailable> {
    let mut sample = [0; 32];
    source.fill(&mut sample)?;
    if sample == [0; 32] { Err(RandomnessUnavailable) } else { Ok(()) }
}
