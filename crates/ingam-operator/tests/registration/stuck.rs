//! A provider that is watched: told to, it gives the same 16 bytes again and again, as the randomness of a machine that was
//! cloned; and it counts the signatures that are checked.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

use ingam_jose::{
    AgreementKey, BadSignature, Capability, CryptoProvider, Curve, Jwk, KeyError, OpeningKeyError, PreparedKey,
    RingProvider, SealError, SealingAlgorithm, SignatureAlgorithm, SigningMaterial, Unsupported,
};
use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

/// ring, watched.
#[derive(Debug, Default)]
pub(crate) struct Stuck {
    /// Whether the randomness repeats itself.
    pub(crate) repeats: AtomicBool,
    /// Signatures that were checked.
    pub(crate) checked: Arc<AtomicUsize>,
}

struct Counted {
    key: Box<dyn PreparedKey>,
    checked: Arc<AtomicUsize>,
}

impl PreparedKey for Counted {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.checked.fetch_add(1, Ordering::SeqCst);
        self.key.verify(message, signature)
    }
}

impl Randomness for Stuck {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        if self.repeats.load(Ordering::SeqCst) && out.len() == 16 {
            out.fill(7);
            return Ok(());
        }
        RingProvider.randomness().fill(out)
    }
}

impl CryptoProvider for Stuck {
    fn name(&self) -> &'static str {
        RingProvider.name()
    }

    fn randomness(&self) -> &dyn Randomness {
        self
    }

    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        RingProvider.sha256(parts)
    }

    fn sha512(&self, parts: &[&[u8]]) -> [u8; 64] {
        RingProvider.sha512(parts)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        RingProvider.hmac_sha256(key, parts)
    }

    fn hkdf_sha256(&self, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unsupported> {
        RingProvider.hkdf_sha256(salt, secret, info, out)
    }

    fn prepare(&self, key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError> {
        let key = RingProvider.prepare(key, algorithm)?;
        Ok(Box::new(Counted { key, checked: Arc::clone(&self.checked) }))
    }

    fn load(&self, pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError> {
        RingProvider.load(pkcs8, algorithm)
    }

    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        RingProvider.generate(algorithm)
    }

    fn agreement_key(&self, curve: Curve, scalar: &[u8; 32]) -> Result<Box<dyn AgreementKey>, OpeningKeyError> {
        RingProvider.agreement_key(curve, scalar)
    }

    fn supports(&self, capability: Capability) -> bool {
        RingProvider.supports(capability)
    }

    fn seal(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        RingProvider.seal(algorithm, key, nonce, associated, data)
    }

    fn open(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        RingProvider.open(algorithm, key, nonce, associated, data)
    }
}
