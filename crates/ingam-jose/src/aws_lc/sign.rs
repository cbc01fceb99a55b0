use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PSS_SHA256},
};
use ingam_wire::RandomnessUnavailable;
use zeroize::Zeroizing;

use crate::{KeyError, PublicKey, SignatureAlgorithm, SigningMaterial, alike::Loaded, der};

pub(super) fn generate(algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let random = SystemRandom::new();
    let failed = |_| KeyError::Randomness(RandomnessUnavailable);
    let document = match algorithm {
        SignatureAlgorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
        SignatureAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
        SignatureAlgorithm::Ps256 => {
            // 3,072 bits: a key made today is to sign beyond 2030 (NIST IR 8547).
            let pair = rsa::KeyPair::generate(KeySize::Rsa3072).map_err(failed)?;
            let document: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            return Ok(Zeroizing::new(document.as_ref().to_vec()));
        }
    };
    Ok(Zeroizing::new(document.map_err(failed)?.as_ref().to_vec()))
}

pub(super) fn load(pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError> {
    let malformed = KeyError::Malformed { expected: algorithm };
    match algorithm {
        SignatureAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| malformed)?;
            let public = PublicKey::P256(pair.public_key().as_ref().try_into().map_err(|_| malformed)?);
            let sign = move |message: &[u8]| {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| RandomnessUnavailable)?;
                Ok(signature.as_ref().to_vec())
            };
            Ok(Box::new(Loaded { public, sign }))
        }
        SignatureAlgorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| malformed)?;
            let public = PublicKey::Ed25519(pair.public_key().as_ref().try_into().map_err(|_| malformed)?);
            let sign = move |message: &[u8]| {
                let signature = pair.try_sign(message).map_err(|_| RandomnessUnavailable)?;
                Ok(signature.as_ref().to_vec())
            };
            Ok(Box::new(Loaded { public, sign }))
        }
        SignatureAlgorithm::Ps256 => {
            let pair = rsa::KeyPair::from_pkcs8(pkcs8).map_err(|_| malformed)?;
            let public = der::read_rsa_public(pair.public_key().as_ref()).map_err(|_| KeyError::Weak)?;
            let sign = move |message: &[u8]| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| RandomnessUnavailable)?;
                Ok(signature)
            };
            Ok(Box::new(Loaded { public, sign }))
        }
    }
}
