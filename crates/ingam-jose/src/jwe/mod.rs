//! Sealed messages (RFC 7516, compact serialisation): confidential, and by themselves from nobody.
//!
//! Whoever knows a public key can seal to it. So [`open`](Presented::open) returns [`Opened`], which says nothing about
//! the author; a message whose author matters is signed first and then sealed ([`seal_signed`], [`open_signed`]).

mod content_key;
mod header;
mod nested;
mod open;
mod seal;

pub use self::{
    nested::{open_signed, seal_signed},
    open::{JweError, Opened, Presented},
    seal::{SealJweError, Sealing, seal},
};

/// How the content is encrypted (RFC 7518 section 5.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContentEncryption {
    /// `A256GCM`, the one we seal with unless asked otherwise.
    A256Gcm,
    /// `A128GCM`
    A128Gcm,
}

impl ContentEncryption {
    /// The algorithm of a JOSE `enc` name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::A256Gcm, Self::A128Gcm].into_iter().find(|enc| enc.name() == name)
    }

    /// The JOSE name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.sealing().name().unwrap_or_default()
    }

    /// Its row of the table.
    #[must_use]
    pub const fn sealing(self) -> crate::SealingAlgorithm {
        match self {
            Self::A256Gcm => crate::SealingAlgorithm::A256Gcm,
            Self::A128Gcm => crate::SealingAlgorithm::A128Gcm,
        }
    }
}
