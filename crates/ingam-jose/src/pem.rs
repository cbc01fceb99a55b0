//! Key files: PEM (RFC 7468) around SubjectPublicKeyInfo, PKCS#8 and, for P-256, SEC 1.

use ingam_wire::{SecretBytes, base64url};
use zeroize::Zeroizing;

use crate::{CryptoProvider, Jwk, JwkError, KeyError, KeyId, SignatureAlgorithm, SigningKey, der, limits};

impl Jwk {
    /// Reads a public key from SubjectPublicKeyInfo, DER (RFC 5280 section 4.1.2.7).
    ///
    /// # Errors
    /// [`JwkError`].
    pub fn from_spki(der: &[u8]) -> Result<Self, JwkError> {
        der::read_spki(der).map(Self::bare)
    }

    /// Reads a public key from the one `PUBLIC KEY` section of a PEM text.
    ///
    /// # Errors
    /// [`JwkError`]; a text with a private section is refused as such.
    pub fn from_pem(text: &str) -> Result<Self, JwkError> {
        let (label, der) = section(text).ok_or(JwkError::Malformed)?;
        match label {
            "PUBLIC KEY" => Self::from_spki(&der),
            "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => Err(JwkError::PrivateMember),
            _ => Err(JwkError::Malformed),
        }
    }
}

impl SigningKey {
    /// Reads a private key from the one `PRIVATE KEY` (PKCS#8) or `EC PRIVATE KEY` (SEC 1, P-256) section of a PEM
    /// text; its algorithm is the only one its type permits. Without `key_id` its `kid` is its thumbprint.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_pem(text: &str, key_id: Option<KeyId>, provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        let pkcs8 = pkcs8_from_pem(text)?;
        let algorithm = der::pkcs8_algorithm(pkcs8.expose()).ok_or(KeyError::NoAlgorithm)?;
        Self::from_pkcs8(pkcs8.expose(), algorithm, key_id, provider)
    }
}

/// The PKCS#8 DER of the one `PRIVATE KEY` or `EC PRIVATE KEY` (SEC 1, P-256) section of a PEM text, for whoever keeps or
/// imports a key without using it here.
///
/// # Errors
/// `NoAlgorithm` where there is no such section or more than one, `Malformed` for SEC 1 of another shape.
pub fn pkcs8_from_pem(text: &str) -> Result<SecretBytes, KeyError> {
    let (label, der) = section(text).ok_or(KeyError::NoAlgorithm)?;
    match label {
        "PRIVATE KEY" => Ok(SecretBytes::new(der.to_vec())),
        "EC PRIVATE KEY" => {
            let expected = SignatureAlgorithm::Es256;
            let pkcs8 = der::sec1_to_pkcs8(&der).ok_or(KeyError::Malformed { expected })?;
            Ok(SecretBytes::new(pkcs8.to_vec()))
        }
        _ => Err(KeyError::NoAlgorithm),
    }
}

/// Label and bytes of the only section.
fn section(text: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    if text.len() > limits::PEM {
        return None;
    }
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, rest) = rest.split_once("-----END ")?;
    let (end, rest) = rest.split_once("-----")?;
    if label != end || rest.contains("-----BEGIN ") {
        return None;
    }
    // The strict decoder knows the other alphabet only; lines, and padding at the end, are PEM's own.
    let mut unwrapped = Zeroizing::new(String::with_capacity(body.len()));
    for line in body.lines().map(str::trim) {
        for character in line.chars() {
            match character {
                '+' => unwrapped.push('-'),
                '/' => unwrapped.push('_'),
                '-' | '_' => return None,
                other => unwrapped.push(other),
            }
        }
    }
    let mut der = Zeroizing::new(Vec::with_capacity(unwrapped.len()));
    base64url::decode_append(unwrapped.trim_end_matches('='), &mut der).ok()?;
    Some((label, der))
}
