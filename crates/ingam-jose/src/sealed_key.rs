//! Private keys leave only sealed: as JWK within a JWE to another key (RFC 7517 section 7).

use core::fmt::Write as _;

use ingam_wire::{Randomness, base64url};
use zeroize::Zeroizing;

use crate::{
    CryptoProvider, Jwk, KeyAlgorithm, KeyError, KeyId, OpeningKey, SealingKey, SignatureAlgorithm, SigningKey, der,
    der::PrivateParts,
    jwe::{self, ContentEncryption, JweError, SealJweError, Sealing},
};

/// Why a private key was not exported or taken back.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealJweError),
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] JweError),
}

impl ExportError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Key(reason) => reason.name(),
            Self::Seal(reason) => reason.name(),
            Self::Open(reason) => reason.name(),
        }
    }
}

impl SigningKey {
    /// Seals a private key (PKCS#8, DER) to another key, as JWK with `alg`, `use` and `kid`. There is no export in the
    /// clear.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn seal_to(
        pkcs8: &[u8],
        algorithm: SignatureAlgorithm,
        key_id: Option<KeyId>,
        recipient: &SealingKey,
        provider: &dyn CryptoProvider,
        randomness: &dyn Randomness,
    ) -> Result<String, ExportError> {
        // Loaded first: what is exported is a key that can be used, and its public half is the one it has.
        let key = Self::from_pkcs8(pkcs8, algorithm, key_id, provider)?;
        let text = private_jwk(pkcs8, key.public().to_jwk()).ok_or(KeyError::Malformed { expected: algorithm })?;
        let how = Sealing { key: recipient, enc: ContentEncryption::A256Gcm, content_type: Some("jwk+json") };
        Ok(jwe::seal(text.as_bytes(), &how, provider, randomness)?)
    }

    /// Takes back what [`SigningKey::seal_to`] sealed.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn from_sealed(token: &str, key: &OpeningKey, provider: &dyn CryptoProvider) -> Result<Self, ExportError> {
        let opened = jwe::Presented::parse(token)?.open(key, provider)?;
        Ok(Self::from_private_jwk(opened.content(), provider)?)
    }
}

/// The private JWK as text, in one buffer that is wiped.
fn private_jwk(pkcs8: &[u8], public: &Jwk) -> Option<Zeroizing<String>> {
    // More than an RSA-4096 key has, so that no growth leaves a copy in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
    public.public_key().print(&mut text);
    text.pop();
    match der::pkcs8_private(pkcs8)? {
        PrivateParts::P256(scalar) => member(&mut text, "d", scalar),
        PrivateParts::Ed25519(seed) => member(&mut text, "d", seed),
        PrivateParts::Rsa(numbers) => {
            for (name, number) in ["d", "p", "q", "dp", "dq", "qi"].into_iter().zip(numbers) {
                member(&mut text, name, number);
            }
        }
    }
    if let Some(key_id) = public.key_id() {
        text.push_str(",\"kid\":");
        key_id.print(&mut text);
    }
    if let Some(KeyAlgorithm::Signature(algorithm)) = public.algorithm() {
        let _ = write!(text, ",\"alg\":\"{}\",\"use\":\"sig\"", algorithm.name());
    }
    text.push('}');
    Some(text)
}

fn member(text: &mut String, name: &str, number: &[u8]) {
    text.push_str(",\"");
    text.push_str(name);
    text.push_str("\":\"");
    base64url::encode_append(number, text);
    text.push('"');
}
