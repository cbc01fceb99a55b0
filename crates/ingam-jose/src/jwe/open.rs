use core::fmt;

use ingam_wire::{base64url, json};
use zeroize::{Zeroizing, zeroize_bytes};

use super::{content_key, header};
use crate::{
    CryptoProvider, JwkError, KeyManagement, OpeningKey,
    header::segments,
    jwt::{self, JwtError, Kind},
    limits,
    sealing_key::Private,
};

/// A sealed message that arrived: bounded and parsed, nothing opened.
pub struct Presented<'a> {
    header: header::Header,
    /// The header segment: what the content is bound to.
    associated: &'a str,
    encrypted_key: Vec<u8>,
    nonce: Option<[u8; 12]>,
    content: &'a str,
    tag: Option<[u8; 16]>,
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("algorithm", &self.header.algorithm)
            .field("key_id", &self.header.key_id)
            .finish_non_exhaustive()
    }
}

/// Content that was sealed to our key. **It says nothing about the author**: anybody can seal to a public key.
///
/// Wiped on drop, never printed.
pub struct Opened {
    content: Content,
    holds_jwt: bool,
}

/// Plaintext that is wiped in one go: `Zeroizing<Vec<u8>>` wipes byte by byte, which costs as much as decrypting.
struct Content(Vec<u8>);

impl Drop for Content {
    fn drop(&mut self) {
        zeroize_bytes(&mut self.0);
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// Why a sealed message was not opened, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JweError {
    /// Longer than the limit.
    #[error("sealed message is too large")]
    TooLarge,
    /// More than five segments.
    #[error("sealed message has too many segments")]
    TooManySegments,
    /// Not five base64url segments with a JSON header.
    #[error("malformed sealed message")]
    Malformed,
    /// JSON nested deeper than the limit.
    #[error("the header is nested too deep")]
    TooDeep,
    /// The header holds a member twice.
    #[error("the header holds a member twice")]
    DuplicateMember,
    /// `alg` or `enc` is not one that can be written down here.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// `crit` is there: no extension is understood.
    #[error("unsupported critical header")]
    UnsupportedCritical,
    /// A header that must never be there (`zip`, `b64`, `jku`, `x5u`, `x5c`).
    #[error("unsupported header")]
    UnsupportedHeader,
    /// `epk` is no key of the curve.
    #[error("the ephemeral key is refused: {0}")]
    InvalidKey(JwkError),
    /// `alg` is not the key's algorithm.
    #[error("the message's algorithm is not the key's")]
    KeyAlgorithmMismatch,
    /// The message cannot be opened; one error for all causes.
    #[error("sealed message cannot be opened")]
    DecryptionFailed,
    /// The content is not a signed JWT where one is required.
    #[error("the content is not signed")]
    NestedSignatureRequired,
    /// The signed JWT within was refused.
    #[error("the content is refused: {0}")]
    Nested(JwtError),
}

impl JweError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::TooManySegments => "TooManySegments",
            Self::Malformed => "Malformed",
            Self::TooDeep => "TooDeep",
            Self::DuplicateMember => "DuplicateMember",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::UnsupportedCritical => "UnsupportedCritical",
            Self::UnsupportedHeader => "UnsupportedHeader",
            Self::InvalidKey(_) => "InvalidKey",
            Self::KeyAlgorithmMismatch => "KeyAlgorithmMismatch",
            Self::DecryptionFailed => "DecryptionFailed",
            Self::NestedSignatureRequired => "NestedSignatureRequired",
            Self::Nested(reason) => reason.name(),
        }
    }
}

impl From<json::JsonError> for JweError {
    fn from(error: json::JsonError) -> Self {
        match error {
            json::JsonError::TooLarge { .. } | json::JsonError::TooManyMembers { .. } => Self::TooLarge,
            json::JsonError::TooDeep { .. } => Self::TooDeep,
            json::JsonError::DuplicateMember => Self::DuplicateMember,
            json::JsonError::Malformed { .. } | json::JsonError::WrongShape => Self::Malformed,
        }
    }
}

impl<'a> Presented<'a> {
    /// Bounds and parses `token` (compact serialisation only); checks everything that needs no key.
    ///
    /// # Errors
    /// The first [`JweError`] that applies.
    pub fn parse(token: &'a str) -> Result<Self, JweError> {
        // The first three dots from the front and the last from the back: a search through the content would cost more
        // than its decryption. A dot within the content is none of base64url and is found there.
        let mut parts = token.splitn(4, '.');
        let (Some(associated), Some(encrypted_key), Some(nonce), Some(rest)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JweError::Malformed);
        };
        let (content, tag) = rest.rsplit_once('.').ok_or(JweError::Malformed)?;
        let too_large = token.len() > limits::SEALED || associated.len() > limits::HEADER;
        if too_large || encrypted_key.len() > limits::SIGNATURE_TEXT {
            return Err(if content.contains('.') { JweError::TooManySegments } else { JweError::TooLarge });
        }
        Self::read(associated, encrypted_key, nonce, content, tag).map_err(|error| match error {
            JweError::Malformed if content.contains('.') => JweError::TooManySegments,
            error => error,
        })
    }

    fn read(
        associated: &'a str,
        encrypted_key: &str,
        nonce: &str,
        content: &'a str,
        tag: &str,
    ) -> Result<Self, JweError> {
        let text = base64url::decode(associated).map_err(|_| JweError::Malformed)?;
        let header = header::read(&text)?;
        let encrypted_key = base64url::decode(encrypted_key).map_err(|_| JweError::Malformed)?;
        if header.algorithm == KeyManagement::EcdhEs && !encrypted_key.is_empty() {
            // RFC 7516 section 5.2 step 10.
            return Err(JweError::Malformed);
        }
        // A nonce or tag of another length is one of the causes that must not be told apart (section 11.5).
        let (nonce, tag) = (base64url::decode_array(nonce).ok(), base64url::decode_array(tag).ok());
        if tag.is_none() && content.contains('.') {
            return Err(JweError::TooManySegments);
        }
        Ok(Self { header, associated, encrypted_key, nonce, content, tag })
    }

    /// The header's `kid`, for lookup among our keys.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    /// The header's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> KeyManagement {
        self.header.algorithm
    }

    /// Opens with our key.
    ///
    /// # Errors
    /// `KeyAlgorithmMismatch`, `InvalidKey` for an ephemeral key of another curve, or `DecryptionFailed`.
    pub fn open(self, key: &OpeningKey, provider: &dyn CryptoProvider) -> Result<Opened, JweError> {
        if key.public().algorithm() != self.header.algorithm {
            return Err(JweError::KeyAlgorithmMismatch);
        }
        let content_key = self.content_key(key, provider)?;
        let sealing = self.header.enc.sealing();
        let content_key = content_key.get(..sealing.key_length()).ok_or(JweError::DecryptionFailed)?;
        let (Some(nonce), Some(tag)) = (self.nonce, self.tag) else {
            return Err(JweError::DecryptionFailed);
        };
        // Room for the decoder's estimate and the tag: a vector that grew would leave plaintext in freed memory.
        let room = (self.content.len() / 4).saturating_add(1).saturating_mul(3).saturating_add(tag.len());
        let mut content = Content(Vec::with_capacity(room));
        base64url::decode_append(self.content, &mut content.0).map_err(|_| match self.content.contains('.') {
            true => JweError::TooManySegments,
            false => JweError::DecryptionFailed,
        })?;
        content.0.extend_from_slice(&tag);
        provider
            .open(sealing, content_key, &nonce, self.associated.as_bytes(), &mut content.0)
            .map_err(|_| JweError::DecryptionFailed)?;
        Ok(Opened { content, holds_jwt: self.header.holds_jwt })
    }

    fn content_key(&self, key: &OpeningKey, provider: &dyn CryptoProvider) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let fits = |content_key: &Zeroizing<Vec<u8>>| content_key.len() == self.header.enc.sealing().key_length();
        match (key.private(), &self.header.ephemeral) {
            (Private::Agreement(private), Some(ephemeral)) => {
                let invalid = |_| JweError::InvalidKey(JwkError::NotOnCurve);
                let secret = private.agree(ephemeral).map_err(invalid)?;
                let header = &self.header;
                let (party_u, party_v) = (&header.party_u, &header.party_v);
                let derived = content_key::derive(&secret, header.algorithm, header.enc, party_u, party_v, provider);
                match header.algorithm {
                    KeyManagement::EcdhEs => Ok(Zeroizing::new(derived.to_vec())),
                    _ => {
                        let unwrapped = provider.unwrap_key(&derived, &self.encrypted_key).ok();
                        unwrapped.filter(fits).ok_or(JweError::DecryptionFailed)
                    }
                }
            }
            (Private::Rsa(private), _) => match private.decrypt(&self.encrypted_key).ok().filter(fits) {
                Some(content_key) => Ok(content_key),
                None => {
                    // RFC 7516 section 11.5: go on with a key that nobody knows, so that a bad padding, a bad length
                    // and a bad tag take the same way.
                    let mut nobodys = Zeroizing::new(vec![0; 32]);
                    provider.randomness().fill(&mut nobodys).map_err(|_| JweError::DecryptionFailed)?;
                    Ok(nobodys)
                }
            },
            (Private::Agreement(_), None) => Err(JweError::Malformed),
        }
    }
}

impl Opened {
    /// The content, by an unknown author.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content.0
    }

    /// The signed JWT that the content must be; still to be verified.
    ///
    /// fapi: JW-2
    ///
    /// # Errors
    /// [`JweError::NestedSignatureRequired`] unless `cty` is `JWT` and the content is a compact JWS with a signature,
    /// [`JweError::Nested`] when it is one and was refused.
    pub fn signed<K: Kind>(&self) -> Result<jwt::Presented<'_, K>, JweError> {
        let unsigned = JweError::NestedSignatureRequired;
        let text = core::str::from_utf8(&self.content.0).map_err(|_| unsigned)?;
        let signed = segments::<3>(text).is_ok_and(|[_, _, signature]| !signature.is_empty());
        if !self.holds_jwt || !signed {
            return Err(unsigned);
        }
        jwt::Presented::parse(text).map_err(JweError::Nested)
    }
}
