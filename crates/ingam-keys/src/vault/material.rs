use std::sync::Arc;

use ingam_jose::{CryptoProvider, Curve, Jwk, KeyAlgorithm, KeyError, KeyId, KeyManagement, SigningKey, VerifyingKey};
use ingam_ports::Table;
use ingam_wire::{RandomnessUnavailable, SecretBytes, base64url};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::custody::Kept;
use crate::{
    record::Record,
    ring::{Algorithm, Environment, KeyRecord, Loaded, TEST_PREFIX, signing_key_digest},
};

/// The private half of a key as it is kept, in a row of its own, so that destroying it removes the row key with it.
#[derive(Deserialize, Serialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Material {
    /// PKCS#8 for signing keys, the bare bytes for the others; base64url.
    private: String,
    /// In place of it, what a custody calls the key.
    kept: Option<String>,
}

impl Record for Material {
    const TABLE: Table = Table::Keys;
}

/// A key that was just made or read.
pub(super) struct Made {
    pub(super) id: Box<str>,
    pub(super) public: Option<Jwk>,
    pub(super) size: u32,
    pub(super) material: Material,
}

impl Material {
    pub(super) fn new(private: &[u8]) -> Self {
        Self { private: base64url::encode(private), kept: None }
    }

    pub(super) fn kept(handle: &str) -> Self {
        Self { private: String::new(), kept: Some(handle.into()) }
    }

    pub(super) fn handle(&self) -> Option<&str> {
        self.kept.as_deref()
    }

    pub(super) fn private(&self) -> Option<SecretBytes> {
        base64url::decode(self.private.as_bytes()).ok().map(SecretBytes::new)
    }
}

/// Makes a key for `algorithm`.
pub(super) fn make(
    algorithm: Algorithm,
    environment: Environment,
    provider: &dyn CryptoProvider,
) -> Result<Made, KeyError> {
    // A source that fails or gives zeros must not make a key, whatever the primitive asks (RUSTSEC-2026-0075).
    let mut sample = Zeroizing::new([0; 32]);
    provider.randomness().fill(&mut sample[..])?;
    if *sample == [0; 32] {
        return Err(RandomnessUnavailable.into());
    }
    match algorithm.signature() {
        Some(signature) => read(&provider.generate(signature)?, algorithm, environment, provider),
        None => read(&sample[..], algorithm, environment, provider),
    }
}

/// Writes down a key that was just made in custody.
pub(super) fn in_custody(kept: &Kept, algorithm: Algorithm) -> Made {
    let public = kept.signer.verifying_key().to_jwk().clone().with_key_id(Some(kept.signer.key_id().clone()));
    let size = algorithm.size().unwrap_or_else(|| modulus_bits(&public));
    let material = Material::kept(&kept.handle);
    Made { id: kept.signer.key_id().as_str().into(), public: Some(public), size, material }
}

/// Reads a private key that was made here or brought in.
pub(super) fn read(
    private: &[u8],
    algorithm: Algorithm,
    environment: Environment,
    provider: &dyn CryptoProvider,
) -> Result<Made, KeyError> {
    let prefix = if environment == Environment::Test { TEST_PREFIX } else { "" };
    let material = Material::new(private);
    if algorithm == Algorithm::X25519 {
        return agreement(private, prefix, material, provider);
    }
    let Some(signature) = algorithm.signature() else {
        let name = provider.hmac_sha256(private, &[b"ingam key id"]);
        let id = format!("{prefix}{}", base64url::encode(name)).into();
        return Ok(Made { id, public: None, size: 256, material });
    };
    let key = SigningKey::from_pkcs8(private, signature, None, provider)?;
    let id: KeyId =
        format!("{prefix}{}", key.public().thumbprint().to_base64url()).parse().map_err(|_| KeyError::NoAlgorithm)?;
    let public = key.public().to_jwk().clone().with_key_id(Some(id.clone()));
    let size = algorithm.size().unwrap_or_else(|| modulus_bits(&public));
    Ok(Made { id: id.as_str().into(), public: Some(public), size, material })
}

/// Reads a private key that others seal to.
fn agreement(
    private: &[u8],
    prefix: &str,
    material: Material,
    provider: &dyn CryptoProvider,
) -> Result<Made, KeyError> {
    let scalar = private.try_into().map_err(|_| KeyError::Weak)?;
    let public = provider.agreement_key(Curve::X25519, scalar).map_err(|_| KeyError::NoAlgorithm)?.public();
    let jwk = Jwk::bare(public);
    let id: KeyId =
        format!("{prefix}{}", jwk.thumbprint(provider).to_base64url()).parse().map_err(|_| KeyError::NoAlgorithm)?;
    let ecdh = KeyAlgorithm::Management(KeyManagement::EcdhEs);
    let public = jwk.with_key_id(Some(id.clone())).with_algorithm(ecdh).map_err(|_| KeyError::NoAlgorithm)?;
    Ok(Made { id: id.as_str().into(), public: Some(public), size: 256, material })
}

/// What a node needs of the key in memory.
pub(super) fn load(
    record: &KeyRecord,
    material: Option<&Material>,
    provider: &dyn CryptoProvider,
) -> Result<Loaded, KeyError> {
    let mut loaded =
        Loaded { digest: signing_key_digest(provider, record.id()), verifying: None, signer: None, secret: None };
    let signature = record.about().algorithm.signature();
    if let (Some(jwk), Some(signature)) = (record.public(), signature) {
        loaded.verifying = Some(VerifyingKey::from_jwk(&jwk, Some(signature), provider)?);
    }
    let Some(private) = material.filter(|material| material.handle().is_none()).and_then(Material::private) else {
        return Ok(loaded);
    };
    match signature {
        Some(signature) => {
            let id = record.id().parse().map_err(|_| KeyError::NoAlgorithm)?;
            let key = SigningKey::from_pkcs8(private.expose(), signature, Some(id), provider)?;
            loaded.signer = Some(Arc::new(key));
        }
        None => loaded.secret = Some(Arc::new(private)),
    }
    Ok(loaded)
}

/// Bits of an RSA modulus, which the JWK prints without leading zeros (RFC 7518 section 6.3.1.1).
fn modulus_bits(public: &Jwk) -> u32 {
    let json = public.to_json();
    let modulus = json.get("n").and_then(|n| n.as_str()).and_then(|n| base64url::decode(n).ok()).unwrap_or_default();
    let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros());
    u32::try_from(modulus.len()).unwrap_or(0).saturating_mul(8).saturating_sub(zeros)
}
