use core::fmt::Write as _;

use ingam_wire::base64url;

use super::{Jwk, PublicKey};
use crate::{CryptoProvider, Thumbprint};

impl Jwk {
    /// The key as JSON value, with the members that are set.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let mut object = serde_json::Map::new();
        let mut put = |name: &str, value: &str| object.insert(name.to_owned(), value.into());
        for (name, value) in self.key.members() {
            put(name, &value);
        }
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
        let mut text = String::with_capacity(128);
        self.key.print(&mut text);
        Thumbprint::from_bytes(provider.sha256(&[text.as_bytes()]))
    }
}

impl PublicKey {
    /// Appends the required members only, in lexicographic order and without white space: the text that RFC 7638
    /// section 3 hashes, which is also the shortest `jwk` header (RFC 9449 section 4.2).
    pub(crate) fn print(&self, out: &mut String) {
        let mut opening = '{';
        for (name, value) in self.members() {
            // Writing to a String cannot fail, and no value here holds a character that JSON escapes.
            let _ = write!(out, "{opening}\"{name}\":\"{value}\"");
            opening = ',';
        }
        out.push('}');
    }

    /// The required members in lexicographic order.
    fn members(&self) -> Vec<(&'static str, String)> {
        let text = str::to_owned;
        match self {
            Self::P256(point) => {
                let (_, xy) = point.split_at(1);
                let (x, y) = xy.split_at(32);
                let (x, y) = (base64url::encode(x), base64url::encode(y));
                vec![("crv", text("P-256")), ("kty", text("EC")), ("x", x), ("y", y)]
            }
            Self::Ed25519(x) => vec![("crv", text("Ed25519")), ("kty", text("OKP")), ("x", base64url::encode(x))],
            Self::X25519(x) => vec![("crv", text("X25519")), ("kty", text("OKP")), ("x", base64url::encode(x))],
            Self::Rsa { n, e } => {
                vec![("e", base64url::encode(e)), ("kty", text("RSA")), ("n", base64url::encode(n))]
            }
        }
    }
}
