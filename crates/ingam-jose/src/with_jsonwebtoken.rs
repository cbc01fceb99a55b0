//! Our keys and rules in the types of the crate `jsonwebtoken`, for services that already read tokens with it.
//!
//! It checks less than this crate does (`docs/decisions/0010-what-jsonwebtoken-accepts.md` has the list): where a
//! service can choose, [`crate::jwt::Presented`] is the reader. Its crypto provider is a process global, so the program
//! installs [`RING`] itself, once and first: `RING.install_default()`. No library of ours does.

use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, new_error},
    jwk::{EllipticCurve, ThumbprintHash},
};
use ring::digest;
use signature::{Signer, Verifier};

use crate::{
    CryptoProvider as _, Jwk, PreparedKey, PublicKey, RingProvider, SignatureAlgorithm, SigningMaterial, VerifyingKey,
    der,
    jwt::{Audience, Expect, Issuer},
};

/// The algorithm in its types.
#[must_use]
pub const fn algorithm(algorithm: SignatureAlgorithm) -> Algorithm {
    match algorithm {
        SignatureAlgorithm::Es256 => Algorithm::ES256,
        SignatureAlgorithm::EdDsa => Algorithm::EdDSA,
        SignatureAlgorithm::Ps256 => Algorithm::PS256,
    }
}

/// The public key in its types.
#[must_use]
pub fn decoding_key(key: &VerifyingKey) -> DecodingKey {
    match key.to_jwk().public_key() {
        PublicKey::P256(point) => DecodingKey::from_ec_der(point),
        PublicKey::Ed25519(key) | PublicKey::X25519(key) => DecodingKey::from_ed_der(key),
        PublicKey::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
    }
}

/// The strictest rules it can express for tokens of `key` that must meet `expected`.
///
/// The time is its own: it reads the clock itself. It cannot be told to check `typ`, `crit`, `iat`, members that stand
/// twice, or that `aud` is one string.
#[must_use]
pub fn validation(key: &VerifyingKey, expected: &Expect<'_>) -> Validation {
    let mut rules = Validation::new(algorithm(key.algorithm()));
    rules.leeway = expected.leeway().get();
    rules.validate_exp = true;
    rules.validate_nbf = true;
    rules.validate_aud = true;
    let mut required = vec!["exp"];
    if let Issuer::Is(issuer) = expected.issuer() {
        rules.set_issuer(&[issuer]);
        required.push("iss");
    }
    match expected.audience() {
        Audience::Names(audience) | Audience::Only(audience) => rules.set_audience(&[audience]),
        Audience::NamesOneOf(audiences) => rules.set_audience(audiences),
        Audience::Any => rules.validate_aud = false,
    }
    if rules.validate_aud {
        required.push("aud");
    }
    rules.set_required_spec_claims(&required);
    rules
}

/// A crypto provider for it, over ring: ES256, EdDSA and PS256, and nothing else.
pub static RING: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |der| rsa_components(der::pkcs8_rsa_public(&rsa_pkcs8(der))),
        rsa_pub_components_from_public_key: |der| rsa_components(der::read_rsa_public(der).ok()),
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: ed_component,
        compute_digest,
    },
};

type Result<T> = core::result::Result<T, Error>;

fn ours(algorithm: Algorithm) -> Result<SignatureAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Ok(SignatureAlgorithm::Es256),
        Algorithm::EdDSA => Ok(SignatureAlgorithm::EdDsa),
        Algorithm::PS256 => Ok(SignatureAlgorithm::Ps256),
        _ => Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    }
}

fn bad_key() -> Error {
    new_error(ErrorKind::InvalidKeyFormat)
}

struct Verifying(SignatureAlgorithm, Box<dyn PreparedKey>);

fn verifier(name: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let algorithm = ours(*name)?;
    let public = match (algorithm, key.kind()) {
        (SignatureAlgorithm::Es256, DecodingKeyKind::SecretOrDer(point)) => PublicKey::p256(point).ok(),
        (SignatureAlgorithm::EdDsa, DecodingKeyKind::SecretOrDer(key)) => PublicKey::ed25519(key).ok(),
        (SignatureAlgorithm::Ps256, DecodingKeyKind::SecretOrDer(der)) => der::read_rsa_public(der).ok(),
        (SignatureAlgorithm::Ps256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            PublicKey::rsa(n.clone(), e.clone()).ok()
        }
        _ => None,
    };
    let jwk = Jwk::bare(public.ok_or_else(bad_key)?);
    let prepared = RingProvider.prepare(&jwk, algorithm).map_err(|_| bad_key())?;
    Ok(Box::new(Verifying(algorithm, prepared)))
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> core::result::Result<(), signature::Error> {
        self.1.verify(message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        algorithm(self.0)
    }
}

struct Signing(SignatureAlgorithm, Box<dyn SigningMaterial>);

fn signer(name: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let algorithm = ours(*name)?;
    Ok(Box::new(Signing(algorithm, load(key.as_bytes(), algorithm)?)))
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> core::result::Result<Vec<u8>, signature::Error> {
        self.1.sign(message).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        algorithm(self.0)
    }
}

fn load(der: &[u8], algorithm: SignatureAlgorithm) -> Result<Box<dyn SigningMaterial>> {
    let loaded = match algorithm {
        SignatureAlgorithm::Ps256 => RingProvider.load(&rsa_pkcs8(der), algorithm),
        SignatureAlgorithm::Es256 | SignatureAlgorithm::EdDsa => RingProvider.load(der, algorithm),
    };
    loaded.map_err(|_| bad_key())
}

/// It keeps RSA keys as RSAPrivateKey (PKCS#1); PKCS#8 is read too.
fn rsa_pkcs8(der: &[u8]) -> zeroize::Zeroizing<Vec<u8>> {
    match der::pkcs8_algorithm(der) {
        Some(_) => zeroize::Zeroizing::new(der.to_vec()),
        None => der::pkcs1_to_pkcs8(der),
    }
}

fn rsa_components(key: Option<PublicKey>) -> Result<(Vec<u8>, Vec<u8>)> {
    match key {
        Some(PublicKey::Rsa { n, e }) => Ok((n.into(), e.into())),
        _ => Err(bad_key()),
    }
}

fn ec_components(der: &[u8], name: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let material = load(der, ours(name)?)?;
    match material.public().public_key() {
        PublicKey::P256(point) => {
            let (_, coordinates) = point.split_at(1);
            let (x, y) = coordinates.split_at(32);
            Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
        }
        _ => Err(bad_key()),
    }
}

fn ed_component(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(bad_key());
    }
    match load(der, SignatureAlgorithm::EdDsa)?.public().public_key() {
        PublicKey::Ed25519(key) => Ok(key.to_vec()),
        _ => Err(bad_key()),
    }
}

/// Without this its `Jwk::thumbprint` panics.
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}
