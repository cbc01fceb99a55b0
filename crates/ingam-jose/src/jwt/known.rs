use core::{fmt, marker::PhantomData};

use super::Kind;
use crate::{VerifyingKey, header::Header};

/// The header of a token that was verified with the key in it, and that key made ready.
///
/// A sender writes the same header into each of its tokens. What a header means depends on its text and its kind alone,
/// so one that is repeated byte for byte need not be read, nor its key prepared, again; the signature is verified each
/// time. Only [`super::Presented::verify_embedded_known`] makes one.
pub struct KnownHeader<K: Kind> {
    /// As it stood in the token, in base64url.
    text: Box<str>,
    key_id: Option<Box<str>>,
    key: VerifyingKey,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> fmt::Debug for KnownHeader<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownHeader").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<K: Kind> KnownHeader<K> {
    /// As it stood in the token, in base64url: what it takes to keep one.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The header of `signed`, whose signature by the `key` in that header was good.
    pub(super) fn new(signed: &str, key_id: Option<Box<str>>, key: VerifyingKey) -> Self {
        let text = signed.split('.').next().unwrap_or_default().into();
        Self { text, key_id, key, kind: PhantomData }
    }

    /// What reading `header` would give, where it is this one.
    pub(super) fn of(&self, header: &str) -> Option<(Header, VerifyingKey)> {
        // Verified with the key, so its algorithm is the header's.
        let read =
            || Header { algorithm: self.key.algorithm(), key_id: self.key_id.clone(), embedded: None, encoded: true };
        (*self.text == *header).then(|| (read(), self.key.clone()))
    }
}
