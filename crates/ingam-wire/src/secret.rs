use core::fmt;

use secrecy::{ExposeSecret, SecretBox, SecretString};
use subtle::ConstantTimeEq;

/// A secret in text form (an access key, a code, a password): wiped on drop, never printed.
///
/// There is no `Clone`, `Display`, `Serialize` or `PartialEq`; compare with [`SecretText::matches`].
pub struct SecretText(SecretString);

impl SecretText {
    /// Takes over `text` as a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The secret in the clear, for the one place that must send or hash it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `other` is the same text, in time that depends only on the lengths.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        same_bytes(self.expose().as_bytes(), other.as_bytes())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Secret bytes (a master key, a PIN, a data key): wiped on drop, never printed.
///
/// There is no `Clone`, `Display`, `Serialize` or `PartialEq`; compare with [`SecretBytes::matches`].
pub struct SecretBytes(SecretBox<Vec<u8>>);

impl SecretBytes {
    /// Takes over `bytes` as a secret.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretBox::new(Box::new(bytes))) // as it is: shrinking would leave a copy behind
    }

    /// The secret in the clear, for the one place that must use it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Whether `other` is the same bytes, in time that depends only on the lengths.
    #[must_use]
    pub fn matches(&self, other: &[u8]) -> bool {
        same_bytes(self.expose(), other)
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

/// Whether two byte strings are equal, in constant time for equal lengths; unequal lengths never match.
///
/// The one comparison of secrets, MACs and digests in the workspace.
#[must_use]
pub fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}
