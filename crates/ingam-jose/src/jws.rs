//! Signed messages that are no JWTs (RFC 7515), with the payload in the token or beside it (appendix F), and beside it
//! also unencoded (RFC 7797).

use core::fmt;
use std::borrow::Cow;

use ingam_wire::base64url;

use crate::{
    KeySet, SignError, SignatureAlgorithm, Signer, VerifyingKey,
    header::{self, Form, Header},
    jwt::{JwtError, KeyReference, Typ, bounded_segments, header_text, select},
    limits,
};

/// A signed message that arrived: bounded and parsed, nothing proven.
pub struct Presented<'a> {
    signed: Cow<'a, [u8]>,
    signature: Vec<u8>,
    header: Header,
    payload: Cow<'a, [u8]>,
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("algorithm", &self.header.algorithm)
            .field("key_id", &self.header.key_id)
            .finish_non_exhaustive()
    }
}

/// A payload whose signature was verified with the key beside it.
pub struct Verified<'a> {
    payload: Cow<'a, [u8]>,
    key: VerifyingKey,
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<'a> Presented<'a> {
    /// Reads a compact message with its payload inside.
    ///
    /// # Errors
    /// The first [`JwtError`] that applies.
    pub fn compact(token: &'a str, typ: Typ) -> Result<Self, JwtError> {
        let [header, payload, signature] = bounded_segments(token)?;
        // One dot stands between the two.
        let (signed, _) = token.split_at_checked(header.len() + 1 + payload.len()).ok_or(JwtError::Malformed)?;
        let (header, signature) = read(header, signature, typ, Form::Attached)?;
        let payload = base64url::decode(payload).map_err(|_| JwtError::Malformed)?;
        Ok(Self { signed: signed.as_bytes().into(), signature, header, payload: payload.into() })
    }

    /// Reads a message `header..signature` whose payload came beside it.
    ///
    /// # Errors
    /// The first [`JwtError`] that applies.
    pub fn detached(token: &'a str, payload: &'a [u8], typ: Typ) -> Result<Self, JwtError> {
        let [head, inside, signature] = bounded_segments(token)?;
        if !inside.is_empty() {
            return Err(JwtError::Malformed);
        }
        let (header, signature) = read(head, signature, typ, Form::Detached)?;
        let signed = signing_input(head, payload, header.encoded);
        Ok(Self { signed: signed.into(), signature, header, payload: payload.into() })
    }

    /// The header's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.header.algorithm
    }

    /// The header's `kid`, for lookup among known keys.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    /// Verifies with one key.
    ///
    /// # Errors
    /// `KeyAlgorithmMismatch` or `BadSignature`.
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified<'a>, JwtError> {
        if key.algorithm() != self.header.algorithm {
            return Err(JwtError::KeyAlgorithmMismatch);
        }
        key.verify(&self.signed, &self.signature).map_err(|_| JwtError::BadSignature)?;
        Ok(Verified { payload: self.payload, key: key.clone() })
    }

    /// Verifies with the key of `keys` that `kid` and `alg` select; the answer says which.
    ///
    /// # Errors
    /// `UnknownKey`, `KeyAlgorithmMismatch` or `BadSignature`.
    pub fn verify_with(self, keys: &KeySet) -> Result<Verified<'a>, JwtError> {
        let key = select(&self.header, keys, &self.signed, &self.signature)?.clone();
        Ok(Verified { payload: self.payload, key })
    }
}

impl<'a> Verified<'a> {
    /// The bytes that were signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Payload and key.
    #[must_use]
    pub fn into_parts(self) -> (Cow<'a, [u8]>, VerifyingKey) {
        (self.payload, self.key)
    }
}

/// Where the payload of a message that is signed goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Placement {
    /// Into the token.
    Attached,
    /// Beside the token, encoded in the signing input (RFC 7515 appendix F).
    Detached,
    /// Beside the token, signed as it is (`b64:false`, RFC 7797).
    DetachedUnencoded,
}

/// Signs `payload` and returns the compact message; `typ` is printed where it names one.
///
/// # Errors
/// [`SignError`].
pub async fn sign(payload: &[u8], typ: Typ, placement: Placement, signer: &dyn Signer) -> Result<String, SignError> {
    let extension = match placement {
        Placement::Attached | Placement::Detached => "",
        Placement::DetachedUnencoded => ",\"b64\":false,\"crit\":[\"b64\"]",
    };
    let mut token = base64url::encode(header_text(typ, KeyReference::ById, signer, extension));
    let input = signing_input(&token, payload, placement != Placement::DetachedUnencoded);
    let signature = signer.sign(&input).await?;
    token.push('.');
    if placement == Placement::Attached {
        base64url::encode_append(payload, &mut token);
    }
    token.push('.');
    base64url::encode_append(signature, &mut token);
    Ok(token)
}

fn read(header: &str, signature: &str, typ: Typ, form: Form) -> Result<(Header, Vec<u8>), JwtError> {
    if signature.len() > limits::SIGNATURE_TEXT {
        return Err(JwtError::BadSignature);
    }
    let header = base64url::decode(header).map_err(|_| JwtError::Malformed)?;
    let header = header::read(&header, typ, KeyReference::ById, form)?;
    let signature = base64url::decode(signature).map_err(|_| JwtError::Malformed)?;
    Ok((header, signature))
}

fn signing_input(header: &str, payload: &[u8], encoded: bool) -> Vec<u8> {
    let mut text = String::with_capacity(header.len() + 1 + payload.len() / 3 * 4 + 4);
    text.push_str(header);
    text.push('.');
    if encoded {
        base64url::encode_append(payload, &mut text);
        return text.into_bytes();
    }
    let mut input = text.into_bytes();
    input.extend_from_slice(payload);
    input
}
