use ingam_jose::{CryptoProvider, Jwk, KeySet, SignatureAlgorithm, VerifyingKey};
use ingam_wire::{UnixTime, json};
use serde::{Deserialize, Serialize};

/// Keys that were seen, with the times between which they were: what checks an old signature after its key was
/// rotated away.
///
/// A key counts from when it was first seen until when it was last found missing, and for no other time. It holds public
/// keys only and may be kept as JSON.
#[derive(Clone, Debug, Default)]
pub struct KeyArchive {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: VerifyingKey,
    from: UnixTime,
    /// When it was found missing; `None` while it is in the set.
    until: Option<UnixTime>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    jwk: serde_json::Value,
    from: UnixTime,
    /// When it was found missing; `None` while it is in the set.
    until: Option<UnixTime>,
}

/// The text is not an archive.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a key archive")]
pub struct ArchiveError;

impl KeyArchive {
    /// Keys kept at most; the one that ended the longest ago goes first.
    pub const MAX: usize = 256;

    /// Writes down that exactly `keys` were seen at `now`; a key that is missing has ended.
    pub fn saw(&mut self, keys: &KeySet, now: UnixTime) {
        for entry in self.entries.iter_mut().filter(|entry| entry.until.is_none()) {
            if !keys.keys().iter().any(|key| same_key(&entry.key, key)) {
                entry.until = Some(now);
            }
        }
        for key in keys.keys() {
            let same = |entry: &&mut Entry| same_key(&entry.key, key);
            match self.entries.iter_mut().find(same) {
                // Seen now, it counts now, also where the clock was ahead when it was first seen.
                Some(entry) => (entry.from, entry.until) = (entry.from.min(now), None),
                None => self.entries.push(Entry { key: key.clone(), from: now, until: None }),
            }
        }
        self.bound();
    }

    /// Writes down that `key` signed from `from` until `until`, as its owner's ring says.
    pub fn add(&mut self, key: VerifyingKey, from: UnixTime, until: Option<UnixTime>) {
        self.entries.retain(|entry| !same_key(&entry.key, &key));
        self.entries.push(Entry { key, from, until });
        self.bound();
    }

    /// The key with this identifier and algorithm that was in the set at `at`.
    #[must_use]
    pub fn key_at(&self, key_id: &str, algorithm: SignatureAlgorithm, at: UnixTime) -> Option<&VerifyingKey> {
        self.entries
            .iter()
            .filter(|entry| entry.from <= at && entry.until.is_none_or(|until| at <= until))
            .map(|entry| &entry.key)
            .find(|key| key.algorithm() == algorithm && key.key_id().is_some_and(|id| id.as_str() == key_id))
    }

    /// Takes a key out, since it was compromised: nothing it signed counts any more.
    pub fn forget(&mut self, key_id: &str) {
        self.entries.retain(|entry| entry.key.key_id().is_none_or(|id| id.as_str() != key_id));
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The archive as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let stored = |entry: &Entry| serde_json::json!({ "jwk": entry.key.to_jwk().to_json(), "from": entry.from, "until": entry.until });
        self.entries.iter().map(stored).collect()
    }

    /// Reads what [`KeyArchive::to_json`] printed.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn from_json(text: &[u8], provider: &dyn CryptoProvider) -> Result<Self, ArchiveError> {
        let stored: Vec<Stored> = json::parse(text, &LIMITS).map_err(|_| ArchiveError)?;
        if stored.len() > Self::MAX {
            return Err(ArchiveError);
        }
        let entry = |stored: Stored| {
            let jwk = Jwk::parse(stored.jwk.to_string().as_bytes()).map_err(|_| ArchiveError)?;
            let key = VerifyingKey::from_jwk(&jwk, None, provider).map_err(|_| ArchiveError)?;
            Ok(Entry { key, from: stored.from, until: stored.until })
        };
        Ok(Self { entries: stored.into_iter().map(entry).collect::<Result<_, _>>()? })
    }

    fn bound(&mut self) {
        while self.entries.len() > Self::MAX {
            let oldest = self
                .entries
                .iter()
                .enumerate()
                .min_by_key(|(_, entry)| (entry.until.is_none(), entry.until))
                .map(|(at, _)| at);
            match oldest {
                Some(at) => drop(self.entries.remove(at)),
                None => return,
            }
        }
    }
}

fn same_key(left: &VerifyingKey, right: &VerifyingKey) -> bool {
    left.thumbprint() == right.thumbprint() && left.key_id() == right.key_id() && left.algorithm() == right.algorithm()
}

/// [`KeyArchive::MAX`] keys of at most RSA-4096, ten members each.
const LIMITS: json::Limits = json::Limits { bytes: 512 * 1024, depth: 6, members: 16 * KeyArchive::MAX };
