use core::fmt::Write as _;

use ingam_wire::{Randomness, RandomnessUnavailable, base64url};
use zeroize::Zeroizing;

use super::{ContentEncryption, content_key};
use crate::{
    CryptoProvider, KeyManagement, PublicKey, SealError, SealingKey, SealingKeyError, Unsupported, limits,
    sealing_key::fresh_agreement_key,
};

/// How content is sealed.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// To whom.
    pub key: &'a SealingKey,
    /// The content encryption.
    pub enc: ContentEncryption,
    /// `cty`: the media type of the content, without `application/`.
    pub content_type: Option<&'a str>,
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealJweError {
    /// The content is longer than the limit.
    #[error("content is too large")]
    TooLarge,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The recipient's key gives no secret.
    #[error("the recipient's key is not a valid key of the curve")]
    InvalidKey,
    /// The provider handed in is not the one the key was made for and lacks its algorithm.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The content could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The JWT to be sealed could not be signed.
    #[error(transparent)]
    Sign(#[from] crate::SignError),
}

impl SealJweError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::Randomness(_) => "Randomness",
            Self::InvalidKey => "InvalidKey",
            Self::Unsupported(_) => "Unsupported",
            Self::Seal(_) => "Seal",
            Self::Sign(reason) => reason.name(),
        }
    }
}

/// The content key, how it is carried, and the ephemeral key it was agreed with.
struct Carried {
    content_key: Zeroizing<Vec<u8>>,
    encrypted_key: Vec<u8>,
    ephemeral: Option<PublicKey>,
}

/// Seals `content` and returns the compact message.
///
/// # Errors
/// [`SealJweError`].
pub fn seal(
    content: &[u8],
    how: &Sealing<'_>,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
) -> Result<String, SealJweError> {
    if content.len() > limits::SEALED_CONTENT {
        return Err(SealJweError::TooLarge);
    }
    let carried = carry(how, provider, randomness)?;
    let mut nonce = [0; 12];
    randomness.fill(&mut nonce)?;

    let header = header(how, carried.ephemeral.as_ref());
    let size = header.len().saturating_add(carried.encrypted_key.len()).saturating_add(content.len());
    let mut token = String::with_capacity(size / 3 * 4 + 64);
    base64url::encode_append(header, &mut token);
    let mut sealed = Vec::with_capacity(content.len().saturating_add(16));
    sealed.extend_from_slice(content);
    provider.seal(how.enc.sealing(), &carried.content_key, &nonce, token.as_bytes(), &mut sealed)?;
    let (sealed, tag) = sealed.split_last_chunk::<16>().ok_or(SealError)?;
    for segment in [&carried.encrypted_key, nonce.as_slice(), sealed, tag] {
        token.push('.');
        base64url::encode_append(segment, &mut token);
    }
    Ok(token)
}

fn carry(
    how: &Sealing<'_>,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
) -> Result<Carried, SealJweError> {
    let length = how.enc.sealing().key_length();
    let fresh = || {
        let mut key = Zeroizing::new(vec![0; length]);
        randomness.fill(&mut key).map(|()| key)
    };
    if let Some(encryption) = how.key.encryption() {
        let content_key = fresh()?;
        let encrypted_key = encryption.encrypt(&content_key)?;
        return Ok(Carried { content_key, encrypted_key, ephemeral: None });
    }
    let curve = how.key.public_key().agreement_curve().ok_or(SealJweError::InvalidKey)?;
    let fresh_key = fresh_agreement_key(curve, provider, randomness).map_err(|error| match error {
        SealingKeyError::Unsupported(missing) => SealJweError::Unsupported(missing),
        _ => SealJweError::Randomness(RandomnessUnavailable),
    })?;
    let private = fresh_key.key;
    let secret = private.agree(how.key.public_key()).map_err(|_| SealJweError::InvalidKey)?;
    let algorithm = how.key.algorithm();
    let derived = content_key::derive(&secret, algorithm, how.enc, &[], &[], provider);
    let ephemeral = Some(private.public());
    if algorithm == KeyManagement::EcdhEs {
        let (content_key, _) = derived.split_at_checked(length).ok_or(SealError)?;
        return Ok(Carried { content_key: Zeroizing::new(content_key.to_vec()), encrypted_key: Vec::new(), ephemeral });
    }
    let content_key = fresh()?;
    let encrypted_key = provider.wrap_key(&derived, &content_key)?;
    Ok(Carried { content_key, encrypted_key, ephemeral })
}

fn header(how: &Sealing<'_>, ephemeral: Option<&PublicKey>) -> String {
    let mut header = String::with_capacity(320);
    // Writing to a String cannot fail; `cty` is escaped as JSON string.
    let _ = write!(header, "{{\"alg\":\"{}\",\"enc\":\"{}\"", how.key.algorithm().name(), how.enc.name());
    if let Some(key_id) = how.key.key_id() {
        header.push_str(",\"kid\":");
        key_id.print(&mut header);
    }
    if let Some(content_type) = how.content_type {
        let _ = write!(header, ",\"cty\":{}", serde_json::Value::from(content_type));
    }
    if let Some(ephemeral) = ephemeral {
        header.push_str(",\"epk\":");
        ephemeral.print(&mut header);
    }
    header.push('}');
    header
}
