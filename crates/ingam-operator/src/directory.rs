use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use ingam_access_key::{FintechRecord, KeySource, LoadError, RegisteredFintech};
use ingam_jose::{CryptoProvider, KeySet, SignatureAlgorithm};
use ingam_keys::{Records, RecordsError, RemoteKeyError, RemoteKeySet, RemoteKeySets};
use ingam_ports::{Commit, PortError, RowKey};
use ingam_protocol::ClientId;
use ingam_wire::{BoxFuture, HttpUrl, UnixTime};

/// Which fintechs the operator knows: the bank's own register, or [`StoredDirectory`].
pub trait FintechDirectory: core::fmt::Debug + Send + Sync {
    /// The fintech of this `client_id` as it stands at `now`, suspended ones too.
    fn find<'a>(
        &'a self,
        client: &'a ClientId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>>;

    /// The same, after a message named a key that is not among the fintech's: it may have a new one at its `jwks_uri`.
    ///
    /// A directory that fetches no keys has nothing newer.
    fn find_signer<'a>(
        &'a self,
        client: &'a ClientId,
        _key_id: Option<&'a str>,
        _algorithm: SignatureAlgorithm,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>> {
        self.find(client, now)
    }
}

/// Fintechs kept as sealed records in the operator's store; their keys are parsed once per version.
#[derive(Debug)]
pub struct StoredDirectory {
    records: Records,
    provider: Arc<dyn CryptoProvider>,
    remote: Option<RemoteKeySets>,
    only: Option<HashSet<ClientId>>,
    parsed: Mutex<HashMap<ClientId, (u64, Arc<RegisteredFintech>)>>,
}

impl StoredDirectory {
    /// The directory in `records`.
    #[must_use]
    pub fn new(records: Records, provider: Arc<dyn CryptoProvider>) -> Self {
        Self { records, provider, remote: None, only: None, parsed: Mutex::default() }
    }

    /// The same, with the keys of fintechs that publish theirs at a `jwks_uri`, fetched through `remote`.
    ///
    /// Which addresses may be fetched from is its transport's policy (sr 62); an unreachable `jwks_uri` means that the
    /// fintech cannot be authenticated now, never that it is.
    #[must_use]
    pub fn fetching(self, remote: RemoteKeySets) -> Self {
        Self { remote: Some(remote), ..self }
    }

    /// The same for `clients` and nobody else, for programs whose configuration names them all: whoever is named no more
    /// is unknown, though the record and its grants stay.
    ///
    /// x1149: 3.1.16.2
    #[must_use]
    pub fn only(self, clients: impl IntoIterator<Item = ClientId>) -> Self {
        Self { only: Some(clients.into_iter().collect()), ..self }
    }

    /// Puts `record` in the place of whatever stood under its client id, at once for every node.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn put(&self, record: &FintechRecord, now: UnixTime) -> Result<(), DirectoryError> {
        match (&record.entry().keys, &self.remote) {
            (KeySource::Uri(uri), Some(remote)) => {
                remote.register(record.entry().client_id.as_str(), uri.clone()).map_err(DirectoryError::Remote)?;
            }
            _ => drop(RegisteredFintech::load(record.clone(), &*self.provider).map_err(DirectoryError::Keys)?),
        }
        let key = row_key(&self.records, &record.entry().client_id);
        let step = match self.records.read::<FintechRecord>(&key, now).await? {
            Some(stored) => self.records.replace(&stored, record),
            None => self.records.insert(key, None, Vec::new(), record),
        };
        match self.records.commit(vec![step.map_err(RecordsError::from)?], now).await.map_err(RecordsError::from)? {
            Commit::Committed => Ok(()),
            Commit::Refused { .. } => Err(DirectoryError::Contended),
        }
    }

    /// The key set at the `jwks_uri` of `client`.
    fn remote(&self, client: &ClientId, uri: &HttpUrl) -> Result<Arc<RemoteKeySet>, PortError> {
        let remote = self.remote.as_ref().ok_or(PortError)?;
        remote.register(client.as_str(), uri.clone()).map_err(|_| PortError)?;
        remote.of(client.as_str()).map_err(|_| PortError)
    }

    async fn load(
        &self,
        client: &ClientId,
        signed_by: Option<(Option<&str>, SignatureAlgorithm)>,
        now: UnixTime,
    ) -> Result<Option<Arc<RegisteredFintech>>, PortError> {
        if self.only.as_ref().is_some_and(|only| !only.contains(client)) {
            return Ok(None);
        }
        let stored =
            self.records.read::<FintechRecord>(&row_key(&self.records, client), now).await.map_err(|_| PortError)?;
        let Some(stored) = stored else { return Ok(None) };
        if let KeySource::Uri(uri) = &stored.record.entry().keys {
            let set = self.remote(client, uri)?;
            let keys = match signed_by {
                None => set.held(now).await,
                Some((key_id, algorithm)) => match set.keys(key_id, algorithm, now).await {
                    Err(RemoteKeyError::UnknownKey) => set.held(now).await,
                    keys => keys,
                },
            };
            let keys: KeySet = keys.map_err(|_| PortError)?;
            return Ok(Some(Arc::new(RegisteredFintech::with_keys(stored.record, keys))));
        }
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

/// Where a fintech's record stands.
pub(crate) fn row_key(records: &Records, client: &ClientId) -> RowKey {
    let hash = records.sealer().hash("fintech", client.as_str().as_bytes());
    RowKey::new(&hash).expect("a hash is shorter than the longest key")
}

impl FintechDirectory for StoredDirectory {
    fn find<'a>(
        &'a self,
        client: &'a ClientId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>> {
        Box::pin(self.load(client, None, now))
    }

    fn find_signer<'a>(
        &'a self,
        client: &'a ClientId,
        key_id: Option<&'a str>,
        algorithm: SignatureAlgorithm,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>> {
        Box::pin(self.load(client, Some((key_id, algorithm)), now))
    }
}

/// Why a fintech could not be put into the directory.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DirectoryError {
    /// Its keys cannot be used.
    #[error(transparent)]
    Keys(LoadError),
    /// Its `jwks_uri` cannot be used.
    #[error(transparent)]
    Remote(RemoteKeyError),
    /// Another node changed it at the same time: look again.
    #[error("the fintech was changed at the same time")]
    Contended,
    /// The store or the sealing failed.
    #[error(transparent)]
    Records(#[from] RecordsError),
}
