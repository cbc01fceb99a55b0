use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use ingam_wire::base64url;
use serde::{Deserialize, Serialize};

use crate::limits;

/// A key identifier (`kid`, RFC 7517 section 4.5): 1 to 128 printable ASCII characters, compared exactly.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends the identifier as JSON string: of printable ASCII, only quotes and backslashes are escaped.
    pub(crate) fn print(&self, out: &mut String) {
        out.push('"');
        for part in self.0.split_inclusive(['"', '\\']) {
            match part.strip_suffix(['"', '\\']) {
                Some(before) => {
                    out.push_str(before);
                    out.push('\\');
                    out.push(if part.ends_with('"') { '"' } else { '\\' });
                }
                None => out.push_str(part),
            }
        }
        out.push('"');
    }
}

/// The text is empty, longer than 128 characters, or not printable ASCII.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a key identifier")]
pub struct InvalidKeyId;

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
        match printable && (1..=limits::KEY_ID).contains(&text.len()) {
            true => Ok(Self(text.into())),
            false => Err(InvalidKeyId),
        }
    }
}

impl TryFrom<String> for KeyId {
    type Error = InvalidKeyId;

    fn try_from(text: String) -> Result<Self, InvalidKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Thumbprint> for KeyId {
    /// A key that was given no name is called by its thumbprint.
    fn from(thumbprint: Thumbprint) -> Self {
        Self(thumbprint.to_base64url().into())
    }
}

/// The SHA-256 thumbprint of a key (RFC 7638): what `cnf.jkt` holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The thumbprint with these 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The thumbprint whose base64url text (43 characters) is given.
    #[must_use]
    pub fn from_base64url(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let bytes = base64url::decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// base64url, 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(self.0)
    }
}

/// The text is not a SHA-256 thumbprint in base64url.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a SHA-256 thumbprint")]
pub struct InvalidThumbprint;

impl TryFrom<String> for Thumbprint {
    type Error = InvalidThumbprint;

    fn try_from(text: String) -> Result<Self, InvalidThumbprint> {
        Self::from_base64url(&text).ok_or(InvalidThumbprint)
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.to_base64url()
    }
}
