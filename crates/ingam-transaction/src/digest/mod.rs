//! Digest fields (RFC 9530): of the content as sent, of the representation, and what the peer would like to see.

mod check;
mod make;
mod want;

use core::fmt;

use http::HeaderName;

pub use self::{
    check::{DigestError, Digests},
    make::field_value,
    want::{Wanted, wanted},
};

/// `Content-Digest`: over the bytes of the message body as sent (RFC 9530 section 2).
pub const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
/// `Repr-Digest`: over the whole representation (RFC 9530 section 3).
pub const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
/// `Want-Content-Digest` (RFC 9530 section 4).
pub const WANT_CONTENT_DIGEST: HeaderName = HeaderName::from_static("want-content-digest");
/// `Want-Repr-Digest` (RFC 9530 section 4).
pub const WANT_REPR_DIGEST: HeaderName = HeaderName::from_static("want-repr-digest");

/// The active algorithms of the registry (RFC 9530 section 5); the deprecated ones cannot be written down.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DigestAlgorithm {
    /// `sha-256`
    Sha256,
    /// `sha-512`
    Sha512,
}

impl DigestAlgorithm {
    /// The registered key.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha-256" => Some(Self::Sha256),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
