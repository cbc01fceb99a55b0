use crate::{CryptoProvider, Jwk, KeyError, KeyId, SignatureAlgorithm, VerifyingKey};

/// A set of verifying keys (RFC 7517 section 5), selected by kid, algorithm and use together.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

/// A key of a foreign set that was left out, and why (design rule 5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SkippedKey {
    /// Its `kid`, if it had a printable one.
    pub key_id: Option<KeyId>,
    /// Why it cannot be used.
    pub reason: KeyError,
}

/// Why a whole set was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeySetError {
    /// Not a JWK set, or over its limits.
    #[error("malformed key set")]
    Malformed,
    /// A private member in a public set.
    #[error("the key set holds private keys")]
    PrivateKey,
    /// A key of our own set that cannot be used.
    #[error("a key cannot be used: {0}")]
    Key(#[from] KeyError),
}

impl KeySet {
    /// A set of ready keys.
    #[must_use]
    pub fn new(keys: Vec<VerifyingKey>) -> Self {
        Self { keys }
    }

    /// Reads another party's set: an unusable key is skipped and reported; a malformed set or one with private members fails.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse_foreign(
        _text: &[u8],
        _registered: Option<SignatureAlgorithm>,
        _provider: &dyn CryptoProvider,
    ) -> Result<(Self, Vec<SkippedKey>), KeySetError> {
        todo!()
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Candidates for a message that names `key_id` and `algorithm` (all keys of the algorithm when it names none).
    pub fn select<'a>(
        &'a self,
        _key_id: Option<&'a str>,
        _algorithm: SignatureAlgorithm,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        self.keys.iter()
    }

    /// As public JWK set.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let _: Option<&Jwk> = None;
        todo!()
    }
}
