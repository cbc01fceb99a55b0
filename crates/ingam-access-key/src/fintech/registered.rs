use ingam_jose::{CryptoProvider, KeySet, KeySetError};
use ingam_protocol::ClientId;

use super::{FintechEntry, FintechRecord, KeySource};

/// A fintech ready to be verified: its record with its keys, parsed once.
#[derive(Clone, Debug)]
pub struct RegisteredFintech {
    record: FintechRecord,
    keys: KeySet,
}

/// Why a fintech's keys could not be loaded.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// The inline set is not good, or holds private keys.
    #[error(transparent)]
    Keys(#[from] KeySetError),
    /// The keys are at a `jwks_uri`: fetch them and use [`RegisteredFintech::with_keys`].
    #[error("the keys must be fetched")]
    Remote,
}

impl LoadError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keys(_) => "Keys",
            Self::Remote => "Remote",
        }
    }
}

impl RegisteredFintech {
    /// Parses the keys that stand in the record; unusable ones are left out (design rule 5).
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(record: FintechRecord, provider: &dyn CryptoProvider) -> Result<Self, LoadError> {
        let keys = match &record.entry().keys {
            KeySource::None => KeySet::default(),
            KeySource::Inline(set) => {
                let registered = match record.entry().algorithms.as_slice() {
                    [one] => Some(*one),
                    _ => None,
                };
                KeySet::parse_foreign(set.to_string().as_bytes(), registered, provider)?.0
            }
            KeySource::Uri(_) => return Err(LoadError::Remote),
        };
        Ok(Self { record, keys })
    }

    /// With keys that were fetched from its `jwks_uri`.
    #[must_use]
    pub const fn with_keys(record: FintechRecord, keys: KeySet) -> Self {
        Self { record, keys }
    }

    /// Its client id.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.record.entry().client_id
    }

    /// Its record.
    #[must_use]
    pub const fn record(&self) -> &FintechRecord {
        &self.record
    }

    /// What is written down about it.
    #[must_use]
    pub const fn entry(&self) -> &FintechEntry {
        self.record.entry()
    }

    /// Its keys.
    #[must_use]
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }
}
