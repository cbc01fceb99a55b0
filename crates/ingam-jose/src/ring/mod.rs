//! The default provider: ring 0.17.

mod sign;
mod verify;

mod hashing {
    crate::alike::hashing!(ring);
}

mod sealing {
    crate::alike::sealing!(ring);
}

use ingam_wire::{Randomness, RandomnessUnavailable};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::{
    AgreementKey, Capability, CryptoProvider, Curve, Jwk, KeyError, OpeningKeyError, PreparedKey, PublicKey, SealError,
    SealingAlgorithm, SignatureAlgorithm, SigningMaterial, Unsupported, x25519::X25519,
};

/// The default provider: ring 0.17.
///
/// It cannot make RSA keys, wrap keys, agree with a static P-256 key or decrypt with RSA; asking for these is a
/// typed error when the key is built.
#[derive(Clone, Copy, Debug, Default)]
pub struct RingProvider;

impl Randomness for RingProvider {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        SystemRandom::new().fill(out).map_err(|_| RandomnessUnavailable)
    }
}

impl CryptoProvider for RingProvider {
    fn name(&self) -> &'static str {
        "ring 0.17"
    }

    fn randomness(&self) -> &dyn Randomness {
        self
    }

    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        hashing::sha256(parts)
    }

    fn sha512(&self, parts: &[&[u8]]) -> [u8; 64] {
        hashing::sha512(parts)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        hashing::hmac_sha256(key, parts)
    }

    fn hkdf_sha256(&self, salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), Unsupported> {
        hashing::hkdf_sha256(salt, secret, info, out)
    }

    fn prepare(&self, key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError> {
        verify::prepare(key, algorithm)
    }

    fn load(&self, pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError> {
        sign::load(pkcs8, algorithm)
    }

    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        sign::generate(algorithm)
    }

    fn prepare_rsa_pss_sha512(&self, key: &PublicKey) -> Result<Box<dyn PreparedKey>, Unsupported> {
        verify::prepare_rsa_pss_sha512(key)
    }

    fn agreement_key(&self, curve: Curve, scalar: &[u8; 32]) -> Result<Box<dyn AgreementKey>, OpeningKeyError> {
        match curve {
            Curve::X25519 => Ok(Box::new(X25519::new(scalar))),
            Curve::P256 => Err(OpeningKeyError::Unsupported(Unsupported("agreement with a static P-256 key"))),
        }
    }

    fn supports(&self, capability: Capability) -> bool {
        match capability {
            Capability::Verify(_) | Capability::Sign(_) | Capability::Seal(_) | Capability::RsaPssSha512 => true,
            Capability::Generate(algorithm) => algorithm != SignatureAlgorithm::Ps256,
            Capability::Agree(curve) => curve == Curve::X25519,
            Capability::KeyWrap | Capability::RsaOaep256 => false,
        }
    }

    fn seal(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        sealing::seal(algorithm, key, nonce, associated, data)
    }

    fn open(
        &self,
        algorithm: SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        sealing::open(algorithm, key, nonce, associated, data)
    }
}
