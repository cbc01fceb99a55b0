use ingam_wire::RandomnessUnavailable;
use ring::{
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PSS_SHA256,
        RsaPublicKeyComponents,
    },
};
use zeroize::Zeroizing;

use crate::{KeyError, PublicKey, SignatureAlgorithm, SigningMaterial, alike::Loaded};

pub(super) fn generate(algorithm: SignatureAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let random = SystemRandom::new();
    let document = match algorithm {
        SignatureAlgorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
        SignatureAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
        SignatureAlgorithm::Ps256 => return Err(KeyError::Unsupported(algorithm)),
    };
    let document = document.map_err(|_| KeyError::Randomness(RandomnessUnavailable))?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

pub(super) fn load(pkcs8: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>, KeyError> {
    let malformed = KeyError::Malformed { expected: algorithm };
    match algorithm {
        SignatureAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
                .map_err(|_| malformed)?;
            let public = PublicKey::P256(pair.public_key().as_ref().try_into().map_err(|_| malformed)?);
            let sign = move |message: &[u8]| {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| RandomnessUnavailable)?;
                Ok(signature.as_ref().to_vec())
            };
            Ok(Box::new(Loaded { public, sign }))
        }
        SignatureAlgorithm::EdDsa => {
            // Version 1 (OpenSSL's) holds no public half; where there is one it is compared.
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| malformed)?;
            let public = PublicKey::Ed25519(pair.public_key().as_ref().try_into().map_err(|_| malformed)?);
            let sign = move |message: &[u8]| Ok(pair.sign(message).as_ref().to_vec());
            Ok(Box::new(Loaded { public, sign }))
        }
        SignatureAlgorithm::Ps256 => {
            let pair = rsa::KeyPair::from_pkcs8(pkcs8).map_err(|_| malformed)?;
            let RsaPublicKeyComponents { n, e }: RsaPublicKeyComponents<Vec<u8>> = pair.public().into();
            let public = PublicKey::rsa(n, e).map_err(|_| KeyError::Weak)?;
            let sign = move |message: &[u8]| {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| RandomnessUnavailable)?;
                Ok(signature)
            };
            Ok(Box::new(Loaded { public, sign }))
        }
    }
}
