use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents,
};

use crate::{BadSignature, Jwk, KeyError, PreparedKey, PublicKey, SignatureAlgorithm, Unsupported};

pub(super) fn prepare(key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError> {
    let parsed = match (algorithm, key.public_key()) {
        (SignatureAlgorithm::Es256, PublicKey::P256(point)) => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
        }
        (SignatureAlgorithm::EdDsa, PublicKey::Ed25519(key)) => ParsedPublicKey::new(&ED25519, key).ok(),
        (SignatureAlgorithm::Ps256, PublicKey::Rsa { n, e }) => parse_rsa(n, e, &RSA_PSS_2048_8192_SHA256),
        _ => return Err(KeyError::Malformed { expected: algorithm }),
    };
    Ok(Box::new(Parsed(parsed.ok_or(KeyError::Weak)?)))
}

pub(super) fn prepare_rsa_pss_sha512(key: &PublicKey) -> Result<Box<dyn PreparedKey>, Unsupported> {
    let parsed = match key {
        PublicKey::Rsa { n, e } => parse_rsa(n, e, &RSA_PSS_2048_8192_SHA512),
        _ => None,
    };
    let parsed = parsed.ok_or(Unsupported("rsa-pss-sha512 with a key that is not RSA"))?;
    Ok(Box::new(Parsed(parsed)))
}

fn parse_rsa(n: &[u8], e: &[u8], parameters: &'static RsaParameters) -> Option<ParsedPublicKey> {
    RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters).ok()
}

struct Parsed(ParsedPublicKey);

impl PreparedKey for Parsed {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.0.verify_sig(message, signature).map_err(|_| BadSignature)
    }
}
