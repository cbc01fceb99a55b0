use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ingam_access_key::{FintechRecord, LoadError, RegisteredFintech};
use ingam_jose::CryptoProvider;
use ingam_keys::{Records, RecordsError};
use ingam_ports::{Commit, PortError, RowKey};
use ingam_protocol::ClientId;
use ingam_wire::{BoxFuture, UnixTime};

/// Which fintechs the operator knows: the bank's own register, or [`StoredDirectory`].
pub trait FintechDirectory: core::fmt::Debug + Send + Sync {
    /// The fintech of this `client_id` as it stands at `now`, suspended ones too.
    fn find<'a>(
        &'a self,
        client: &'a ClientId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>>;
}

/// Fintechs kept as sealed records in the operator's store; their keys are parsed once per version.
#[derive(Debug)]
pub struct StoredDirectory {
    records: Records,
    provider: Arc<dyn CryptoProvider>,
    parsed: Mutex<HashMap<ClientId, (u64, Arc<RegisteredFintech>)>>,
}

impl StoredDirectory {
    /// The directory in `records`.
    #[must_use]
    pub fn new(records: Records, provider: Arc<dyn CryptoProvider>) -> Self {
        Self { records, provider, parsed: Mutex::default() }
    }

    /// Puts `record` in the place of whatever stood under its client id, at once for every node.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn put(&self, record: &FintechRecord, now: UnixTime) -> Result<(), DirectoryError> {
        RegisteredFintech::load(record.clone(), &*self.provider).map_err(DirectoryError::Keys)?;
        let key = self.row_key(&record.entry().client_id);
        let step = match self.records.read::<FintechRecord>(&key, now).await? {
            Some(stored) => self.records.replace(&stored, record),
            None => self.records.insert(key, None, Vec::new(), record),
        };
        match self.records.commit(vec![step.map_err(RecordsError::from)?], now).await.map_err(RecordsError::from)? {
            Commit::Committed => Ok(()),
            Commit::Refused { .. } => Err(DirectoryError::Contended),
        }
    }

    fn row_key(&self, client: &ClientId) -> RowKey {
        let hash = self.records.sealer().hash("fintech", client.as_str().as_bytes());
        RowKey::new(&hash).expect("a hash is shorter than the longest key")
    }

    async fn load(&self, client: &ClientId, now: UnixTime) -> Result<Option<Arc<RegisteredFintech>>, PortError> {
        let stored = self.records.read::<FintechRecord>(&self.row_key(client), now).await.map_err(|_| PortError)?;
        let Some(stored) = stored else { return Ok(None) };
        let cached = self.parsed.lock().unwrap_or_else(PoisonError::into_inner).get(client).cloned();
        if let Some((version, fintech)) = cached
            && version == stored.version
        {
            return Ok(Some(fintech));
        }
        let fintech = RegisteredFintech::load(stored.record, &*self.provider).map_err(|_| PortError)?;
        let fintech = Arc::new(fintech);
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        parsed.insert(client.clone(), (stored.version, Arc::clone(&fintech)));
        Ok(Some(fintech))
    }
}

impl FintechDirectory for StoredDirectory {
    fn find<'a>(
        &'a self,
        client: &'a ClientId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>> {
        Box::pin(self.load(client, now))
    }
}

/// Why a fintech could not be put into the directory.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DirectoryError {
    /// Its keys cannot be used.
    #[error(transparent)]
    Keys(LoadError),
    /// Another node changed it at the same time: look again.
    #[error("the fintech was changed at the same time")]
    Contended,
    /// The store or the sealing failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
}
