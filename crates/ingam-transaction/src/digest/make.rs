use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use ingam_jose::CryptoProvider;

use super::DigestAlgorithm;

/// The value of a digest field over `bytes`, with one algorithm (RFC 9530 section 2).
///
/// # Panics
/// Never: the text is printable ASCII.
#[must_use]
pub fn field_value(bytes: &[u8], algorithm: DigestAlgorithm, provider: &dyn CryptoProvider) -> HeaderValue {
    let mut text = String::with_capacity(100);
    text.push_str(algorithm.name());
    text.push_str("=:");
    match algorithm {
        DigestAlgorithm::Sha256 => STANDARD.encode_string(provider.sha256(&[bytes]), &mut text),
        DigestAlgorithm::Sha512 => STANDARD.encode_string(provider.sha512(&[bytes]), &mut text),
    }
    text.push(':');
    HeaderValue::try_from(text).expect("a key and base64 between colons are printable ASCII")
}
