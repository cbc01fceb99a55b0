use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

use crate::{BadSignature, Jwk, KeyError, PreparedKey, PublicKey, SignatureAlgorithm, Unsupported};

/// ring has no parsed form of an EC or Ed25519 key: what can be checked beforehand was checked with the JWK.
pub(super) fn prepare(key: &Jwk, algorithm: SignatureAlgorithm) -> Result<Box<dyn PreparedKey>, KeyError> {
    match (algorithm, key.public_key()) {
        (SignatureAlgorithm::Es256, PublicKey::P256(point)) => Ok(Box::new(P256(*point))),
        (SignatureAlgorithm::EdDsa, PublicKey::Ed25519(key)) => Ok(Box::new(Ed25519(*key))),
        (SignatureAlgorithm::Ps256, PublicKey::Rsa { n, e }) => Ok(Rsa::boxed(n, e, &RSA_PSS_2048_8192_SHA256)),
        _ => Err(KeyError::Malformed { expected: algorithm }),
    }
}

pub(super) fn prepare_rsa_pss_sha512(key: &PublicKey) -> Result<Box<dyn PreparedKey>, Unsupported> {
    match key {
        PublicKey::Rsa { n, e } => Ok(Rsa::boxed(n, e, &RSA_PSS_2048_8192_SHA512)),
        _ => Err(Unsupported("rsa-pss-sha512 with a key that is not RSA")),
    }
}

struct P256([u8; 65]);

impl PreparedKey for P256 {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.0.as_slice());
        key.verify(message, signature).map_err(|_| BadSignature)
    }
}

struct Ed25519([u8; 32]);

impl PreparedKey for Ed25519 {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(&ED25519, self.0.as_slice()).verify(message, signature).map_err(|_| BadSignature)
    }
}

struct Rsa {
    n: Box<[u8]>,
    e: Box<[u8]>,
    parameters: &'static RsaParameters,
}

impl Rsa {
    fn boxed(n: &[u8], e: &[u8], parameters: &'static RsaParameters) -> Box<dyn PreparedKey> {
        Box::new(Self { n: n.into(), e: e.into(), parameters })
    }
}

impl PreparedKey for Rsa {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let key = RsaPublicKeyComponents { n: &self.n, e: &self.e };
        key.verify(self.parameters, message, signature).map_err(|_| BadSignature)
    }
}
