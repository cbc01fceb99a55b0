//! base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict in both directions.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The text is not base64url: a foreign character, padding, white space, or stray trailing bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not base64url")]
pub struct NotBase64Url;

/// `bytes` as base64url text without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes that `text` stands for.
///
/// # Errors
/// [`NotBase64Url`] unless `text` is exactly what [`encode`] prints for some bytes.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| NotBase64Url)
}
