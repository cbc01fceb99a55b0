//! The second provider: aws-lc-rs, compiled in by a feature and chosen by value.

mod exchange;
mod sign;
mod verify;

mod hashing {
    crate::alike::hashing!(aws_lc_rs);
}

mod sealing {
    crate::alike::sealing!(aws_lc_rs);
}

use aws_lc_rs::rand;
use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

use crate::{
    AgreementKey, Capability, CryptoProvider, Curve, Jwk, KeyDecryption, KeyEncryption, KeyError, OpeningKeyError,
    PreparedKey, PublicKey, SealError, SealingAlgorithm, SignatureAlgorithm, SigningMaterial, Unsupported,
};

/// The second provider: aws-lc-rs 1.19; it has every row of the table, and is faster in Ed25519 and RSA.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLcProvider;

impl Randomness for AwsLcProvider {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        rand::fill(out).map_err(|_| RandomnessUnavailable)
    }
}

impl CryptoProvider for AwsLcProvider {
    fn name(&self) -> &'static str {
        "aws-lc-rs 1.19"
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
        exchange::agreement_key(curve, scalar)
    }

    fn wrap_key(&self, kek: &[u8; 32], key: &[u8]) -> Result<Vec<u8>, Unsupported> {
        exchange::wrap_key(kek, key)
    }

    fn unwrap_key(&self, kek: &[u8; 32], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        exchange::unwrap_key(kek, wrapped)
    }

    fn key_encryption(&self, key: &PublicKey) -> Result<Box<dyn KeyEncryption>, Unsupported> {
        exchange::key_encryption(key)
    }

    fn key_decryption(&self, pkcs8: &[u8]) -> Result<Box<dyn KeyDecryption>, OpeningKeyError> {
        exchange::key_decryption(pkcs8)
    }

    fn supports(&self, capability: Capability) -> bool {
        match capability {
            Capability::Verify(_)
            | Capability::Sign(_)
            | Capability::Generate(_)
            | Capability::Seal(_)
            | Capability::Agree(_)
            | Capability::KeyWrap
            | Capability::RsaOaep256
            | Capability::RsaPssSha512 => true,
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
