use core::fmt;

use secrecy::{ExposeSecret, SecretBox};
use subtle::ConstantTimeEq;

/// A secret in text form (an access key, a code, a password): wiped on drop, never printed.
///
/// There is no `Clone`, `Display`, `Serialize` or `PartialEq`; compare with [`SecretText::matches`].
///
/// ```compile_fail,E0277
/// let secret = ingam_wire::SecretText::new("code".to_owned());
/// println!("{secret}"); // a secret has no `Display`; `{secret:?}` compiles and prints `SecretText(..)`
/// ```
pub struct SecretText(SecretBox<String>);

impl SecretText {
    /// Takes over `text` as a secret.
    ///
    /// Give it a `String` made at its final capacity: one that has grown left copies behind that nobody wipes.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(SecretBox::new(Box::new(text))) // as it is: shrinking would leave a copy behind
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

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
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
///
/// ```compile_fail,E0599
/// let secret = ingam_wire::SecretBytes::new(vec![7; 32]);
/// let copy = secret.clone(); // a secret is moved or lent, never copied
/// ```
pub struct SecretBytes(SecretBox<Vec<u8>>);

impl SecretBytes {
    /// Takes over `bytes` as a secret.
    ///
    /// Give it a `Vec` made at its final capacity: one that has grown left copies behind that nobody wipes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(SecretBox::new(Box::new(bytes))) // as it is: shrinking would leave a copy behind
    }

    /// The secret in the clear, for the one place that must use it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// How many bytes the secret has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Whether `other` is the same, in time that depends only on the lengths.
    #[must_use]
    pub fn matches(&self, other: &[u8]) -> bool {
        same_bytes(self.expose(), other)
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
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

#[cfg(test)]
mod tests {
    use ingam_testkit::{CANARIES, assert_hidden};

    use super::*;

    #[test]
    fn sr_76_debug_never_shows_a_secret() {
        for canary in CANARIES {
            assert_hidden(&SecretText::new(canary.to_owned()), canary);
            assert_hidden(&SecretBytes::new(canary.as_bytes().to_vec()), canary);
            assert_hidden(&Some([SecretText::from(canary.to_owned())]), canary);
        }
    }

    #[test]
    fn sr_70_only_the_same_bytes_match() {
        let secret = SecretText::new("abc".to_owned());
        assert!(secret.matches("abc"));
        for other in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!secret.matches(other), "{other}");
            assert!(!SecretBytes::new(b"abc".to_vec()).matches(other.as_bytes()), "{other}");
        }
        assert!(SecretBytes::new(Vec::new()).matches(b""));
        assert!(SecretBytes::new(vec![0, 255]).matches(&[0, 255]));
    }
}
