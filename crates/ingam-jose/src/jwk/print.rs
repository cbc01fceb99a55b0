use ingam_wire::base64url;

use super::{Jwk, PublicKey};
use crate::{CryptoProvider, Thumbprint};

impl Jwk {
    /// The key as JSON value, with the members that are set.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut text = String::with_capacity(PRINTED);
        self.key.print(&mut text);
        let mut object: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap_or_default();
        let mut put = |name: &str, value: &str| object.insert(name.to_owned(), value.into());
        if let Some(key_id) = &self.key_id {
            put("kid", key_id.as_str());
        }
        if let Some(algorithm) = self.algorithm {
            put("alg", algorithm.name());
        }
        if let Some(key_use) = self.key_use {
            put("use", key_use.name());
        }
        object.into()
    }

    /// The key's SHA-256 thumbprint (RFC 7638; RFC 8037 section 2 for OKP keys).
    ///
    /// fapi: TP-1
    #[must_use]
    pub fn thumbprint(&self, provider: &dyn CryptoProvider) -> Thumbprint {
        let mut text = String::with_capacity(PRINTED);
        self.key.print(&mut text);
        Thumbprint::from_bytes(provider.sha256(&[text.as_bytes()]))
    }
}

impl PublicKey {
    /// Appends the required members only, in lexicographic order and without white space: the text that RFC 7638
    /// section 3 hashes, which is also the shortest `jwk` header (RFC 9449 section 4.2). The one place that prints keys.
    pub(crate) fn print(&self, out: &mut String) {
        // No value here holds a character that JSON escapes.
        let mut part = |before: &str, number: &[u8]| {
            out.push_str(before);
            base64url::encode_append(number, out);
        };
        match self {
            Self::P256(point) => {
                let (_, xy) = point.split_at(1);
                let (x, y) = xy.split_at(32);
                part(r#"{"crv":"P-256","kty":"EC","x":""#, x);
                part(r#"","y":""#, y);
            }
            Self::Ed25519(x) => part(r#"{"crv":"Ed25519","kty":"OKP","x":""#, x),
            Self::X25519(x) => part(r#"{"crv":"X25519","kty":"OKP","x":""#, x),
            Self::Rsa { n, e } => {
                part(r#"{"e":""#, e);
                part(r#"","kty":"RSA","n":""#, n);
            }
        }
        out.push_str("\"}");
    }
}

/// Bytes of a printed P-256 key, which is the usual one.
const PRINTED: usize = 160;
