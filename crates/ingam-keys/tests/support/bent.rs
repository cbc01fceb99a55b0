//! A provider in which one thing is broken.

use std::sync::Mutex;

use ingam_jose::{
    AgreementKey, BadSignature, Capability, CryptoProvider, Curve, Jwk, KeyError, OpeningKeyError, PreparedKey,
    RingProvider, SealError, SealingAlgorithm, SignatureAlgorithm, SigningMaterial, Unsupported,
};
use ingam_wire::{Randomness, RandomnessUnavailable};

/// What is broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Nothing,
    ZeroRandomness,
    NoRandomness,
    RepeatedRandomness,
    Sha256,
    Sha512,
    Hmac,
    Hkdf,
    AcceptsEverySignature(SignatureAlgorithm),
    RefusesEverySignature(SignatureAlgorithm),
    SignsBadly(SignatureAlgorithm),
    SealsInClear,
    OpensAnything,
    Agrees,
}

#[derive(Debug)]
pub(crate) struct Bent(Mutex<Fault>);

impl Bent {
    pub(crate) fn new(fault: Fault) -> Self {
        Self(Mutex::new(fault))
    }

    /// Breaks something else from now on.
    pub(crate) fn set(&self, fault: Fault) {
        *self.0.lock().unwrap() = fault;
    }

    fn fault(&self) -> Fault {
        *self.0.lock().unwrap()
    }
}

struct Source(Fault);

static ZEROS: Source = Source(Fault::ZeroRandomness);
static NONE: Source = Source(Fault::NoRandomness);
static REPEATED: Source = Source(Fault::RepeatedRandomness);

impl Randomness for Source {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        match self.0 {
            Fault::ZeroRandomness => out.fill(0),
            Fault::RepeatedRandomness => out.fill(7),
            _ => return Err(RandomnessUnavailable),
        }
        Ok(())
    }
}

fn bend<const N: usize>(mut digest: [u8; N], bent: bool) -> [u8; N] {
    digest[0] ^= u8::from(bent);
    digest
}

struct Verifies(Box<dyn PreparedKey>, Fault, SignatureAlgorithm);

impl PreparedKey for Verifies {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        match self.1 {
            Fault::AcceptsEverySignature(algorithm) if algorithm == self.2 => Ok(()),
            Fault::RefusesEverySignature(algorithm) if algorithm == self.2 => Err(BadSignature),
            _ => self.0.verify(message, signature),
        }
    }
}

struct Signs(Box<dyn SigningMaterial>, Fault, SignatureAlgorithm);

impl SigningMaterial for Signs {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, RandomnessUnavailable> {
        let mut signature = self.0.sign(message)?;
        if self.1 == Fault::SignsBadly(self.2) {
            signature[0] ^= 1;
        }
        Ok(signature)
    }

    fn public(&self) -> Jwk {
        self.0.public()
    }
}

impl CryptoProvider for Bent {
    fn name(&self) -> &'static str {
        "bent"
    }

    fn supports(&self, capability: Capability) -> bool {
        RingProvider.supports(capability)
    }

    fn agreement_key(&self, curve: Curve, scalar: &[u8; 32]) -> Result<Box<dyn AgreementKey>, OpeningKeyError> {
        let mut scalar = *scalar;
        scalar[1] ^= u8::from(self.fault() == Fault::Agrees);
        RingProvider.agreement_key(curve, &scalar)
    }

    fn randomness(&self) -> &dyn Randomness {
        match self.fault() {
            Fault::ZeroRandomness => &ZEROS,
            Fault::NoRandomness => &NONE,
            Fault::RepeatedRandomness => &REPEATED,
            _ => RingProvider.randomness(),
        }
    }

    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        bend(RingProvider.sha256(parts), self.fault() == Fault::Sha256)
    }

    fn sha512(&self, parts: &[&[u8]]) -> [u8; 64] {
        bend(RingProvider.sha512(parts), self.fault() == Fault::Sha512)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        bend(RingProvider.hmac_sha256(key, parts), self.fault() == Fault::Hmac)
    }

    fn hkdf_sha256(&self, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unsupported> {
        RingProvider.hkdf_sha256(salt, secret, info, out)?;
        out[0] ^= u8::from(self.fault() == Fault::Hkdf);
        Ok(())
    }

    fn prepare(&self, key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError> {
        Ok(Box::new(Verifies(RingProvider.prepare(key, algorithm)?, self.fault(), algorithm)))
    }

    fn load(&self, pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError> {
        Ok(Box::new(Signs(RingProvider.load(pkcs8, algorithm)?, self.fault(), algorithm)))
    }

    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
        RingProvider.generate(algorithm)
    }

    fn seal(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        if self.fault() == Fault::SealsInClear {
            data.extend_from_slice(&[0; 16]);
            return Ok(());
        }
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
        if self.fault() == Fault::OpensAnything {
            let mut copy = data.clone();
            return RingProvider.open(algorithm, key, nonce, associated, &mut copy).map(|()| *data = copy).or_else(
                |_| {
                    data.truncate(data.len().saturating_sub(16));
                    Ok(())
                },
            );
        }
        RingProvider.open(algorithm, key, nonce, associated, data)
    }
}
