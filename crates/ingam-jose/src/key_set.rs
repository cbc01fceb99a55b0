use ingam_wire::json;
use serde::Deserialize;

use crate::{
    CryptoProvider, JwkError, KeyError, KeyId, SignatureAlgorithm, VerifyingKey,
    jwk::{Member, RawJwk},
    limits,
};

/// A set of verifying keys (RFC 7517 section 5), selected by kid, algorithm and use together.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
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
    /// Two keys of our own set that no message could tell apart.
    #[error("two keys have the same kid and algorithm")]
    SameKeyId,
}

impl KeySetError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Malformed => "Malformed",
            Self::PrivateKey => "PrivateKey",
            Self::Key(reason) => reason.name(),
            Self::SameKeyId => "SameKeyId",
        }
    }
}

#[derive(Deserialize)]
struct RawSet<'a> {
    #[serde(borrow)]
    keys: Vec<RawJwk<'a>>,
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
    /// [`KeySetError::Malformed`] and [`KeySetError::PrivateKey`].
    pub fn parse_foreign(
        text: &[u8],
        registered: Option<SignatureAlgorithm>,
        provider: &dyn CryptoProvider,
    ) -> Result<(Self, Vec<SkippedKey>), KeySetError> {
        let raw = read(text)?;
        let (mut keys, mut skipped) = (Vec::with_capacity(raw.keys.len()), Vec::new());
        for raw in &raw.keys {
            match one(raw, registered, provider) {
                Ok(key) => keys.push(key),
                Err(reason) => skipped.push(SkippedKey { key_id: printable_key_id(&raw.kid), reason }),
            }
        }
        Ok((Self { keys }, skipped))
    }

    /// Reads a set of our own: the first key that cannot be used fails it, and so do two keys with the same `kid`
    /// and algorithm.
    ///
    /// fapi: SP-K-7
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse_own(text: &[u8], provider: &dyn CryptoProvider) -> Result<Self, KeySetError> {
        let raw = read(text)?;
        let mut keys: Vec<VerifyingKey> = Vec::with_capacity(raw.keys.len());
        for raw in &raw.keys {
            let key = one(raw, None, provider)?;
            let same = |k: &VerifyingKey| k.algorithm() == key.algorithm() && k.key_id() == key.key_id();
            if keys.iter().any(same) {
                return Err(KeySetError::SameKeyId);
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }

    /// The keys, in order.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Candidates for a message that names `key_id` and `algorithm` (all keys of the algorithm when it names none).
    pub fn select<'a, 'm>(
        &'a self,
        key_id: Option<&'m str>,
        algorithm: SignatureAlgorithm,
    ) -> impl Iterator<Item = &'a VerifyingKey> + use<'a, 'm> {
        self.keys.iter().filter(move |key| key.algorithm() == algorithm && named(key, key_id))
    }

    /// Whether a key of this `kid` is there, whatever its algorithm.
    #[must_use]
    pub fn knows(&self, key_id: &str) -> bool {
        self.keys.iter().any(|key| named(key, Some(key_id)))
    }

    /// As public JWK set.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let keys: Vec<_> = self.keys.iter().map(|key| key.to_jwk().to_json()).collect();
        serde_json::json!({ "keys": keys })
    }
}

fn named(key: &VerifyingKey, key_id: Option<&str>) -> bool {
    key_id.is_none_or(|wanted| key.key_id().is_some_and(|id| id.as_str() == wanted))
}

fn read(text: &[u8]) -> Result<RawSet<'_>, KeySetError> {
    json::check(text, &limits::KEY_SET_JSON).map_err(|_| KeySetError::Malformed)?;
    let raw: RawSet<'_> = serde_json::from_slice(text).map_err(|_| KeySetError::Malformed)?;
    if raw.keys.len() > limits::KEYS {
        return Err(KeySetError::Malformed);
    }
    // A shared secret in a public set is as public as a private key in it.
    if raw.keys.iter().any(RawJwk::has_private_member) {
        return Err(KeySetError::PrivateKey);
    }
    Ok(raw)
}

fn one(
    raw: &RawJwk<'_>,
    registered: Option<SignatureAlgorithm>,
    provider: &dyn CryptoProvider,
) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::from_jwk(&raw.to_public()?, registered, provider)
}

fn printable_key_id(kid: &Member<'_>) -> Option<KeyId> {
    kid.text().ok().flatten()?.parse().ok()
}

impl From<JwkError> for KeySetError {
    fn from(error: JwkError) -> Self {
        Self::Key(KeyError::Jwk(error))
    }
}
