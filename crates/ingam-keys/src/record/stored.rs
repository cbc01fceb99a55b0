use core::fmt;
use std::sync::Arc;

use ingam_ports::{Commit, IndexValue, Row, RowKey, Step, Store, StoreError};
use ingam_wire::UnixTime;

use super::{Record, RecordSealer, SealError};

/// Typed records over a store: each read opens, each step seals.
///
/// Steps are only built here; a caller collects all steps of one act and commits them once, so that nothing can be
/// half done.
#[derive(Clone, Debug)]
pub struct Records {
    store: Arc<dyn Store>,
    sealer: Arc<RecordSealer>,
}

/// A record as it was read, with what is needed to replace or take exactly this version of it.
pub struct Stored<R> {
    /// The record.
    pub record: R,
    /// The version that was read.
    pub version: u64,
    /// Its row key.
    pub key: RowKey,
    /// When it may be forgotten; `None`: never.
    pub expires: Option<UnixTime>,
    /// What it is found by.
    pub index: Vec<IndexValue>,
}

impl<R> fmt::Debug for Stored<R> {
    /// Without the record, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("key", &self.key)
            .field("version", &self.version)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Why records could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecordsError {
    /// The store did not answer: refuse (503).
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row does not open: the store was tampered with, or the wrong key is configured.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl RecordsError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Store(_) => "Store",
            Self::Seal(reason) => reason.name(),
        }
    }
}

impl Records {
    /// Records in `store`, sealed by `sealer`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Arc<RecordSealer>) -> Self {
        Self { store, sealer }
    }

    /// The store beneath.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The sealer, for index values and hashes.
    #[must_use]
    pub fn sealer(&self) -> &RecordSealer {
        &self.sealer
    }

    /// The record under `key`, unless absent or expired at `now`.
    ///
    /// # Errors
    /// [`RecordsError`]; a row that is not the one asked for does not open.
    pub async fn read<R: Record>(&self, key: &RowKey, now: UnixTime) -> Result<Option<Stored<R>>, RecordsError> {
        match self.store.read(R::TABLE, key, now).await? {
            Some(row) if expired(&row, now) => Ok(None),
            Some(row) if row.key == *key => self.open(row).map(Some),
            Some(_) => Err(SealError::UnsealFailed.into()),
            None => Ok(None),
        }
    }

    /// At most `limit` records found by `index`, in key order, without the ones expired at `now`.
    ///
    /// # Errors
    /// [`RecordsError`]; a row that does not carry the index does not open.
    pub async fn find<R: Record>(
        &self,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> Result<Vec<Stored<R>>, RecordsError> {
        let rows = self.store.scan(R::TABLE, index, limit, now).await?;
        let found = rows.into_iter().filter(|row| !expired(row, now));
        found
            .map(|row| if row.index.contains(&index) { self.open(row) } else { Err(SealError::UnsealFailed.into()) })
            .collect()
    }

    /// At most `limit` records with keys greater than `after`, in key order, without the ones expired at `now`.
    ///
    /// # Errors
    /// [`RecordsError`].
    pub async fn list<R: Record>(
        &self,
        after: &RowKey,
        limit: usize,
        now: UnixTime,
    ) -> Result<Vec<Stored<R>>, RecordsError> {
        let rows = self.store.list(R::TABLE, after, limit, now).await?;
        rows.into_iter().filter(|row| !expired(row, now)).map(|row| self.open(row)).collect()
    }

    /// What a record that was signed by `key_id` is to be found by: put it into the index of grants and receipts.
    #[must_use]
    pub fn signed_by(&self, key_id: &str) -> IndexValue {
        self.sealer.index("signing-key", key_id.as_bytes())
    }

    /// Exactly the live records that `key_id` signed, at most `limit`: what its revocation affects.
    ///
    /// x1149: 3.1.16.10
    ///
    /// # Errors
    /// [`RecordsError`].
    pub async fn find_signed_by<R: Record>(
        &self,
        key_id: &str,
        limit: usize,
        now: UnixTime,
    ) -> Result<Vec<Stored<R>>, RecordsError> {
        self.find(self.signed_by(key_id), limit, now).await
    }

    /// The step that adds `record` as a new row.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn insert<R: Record>(
        &self,
        key: RowKey,
        expires: Option<UnixTime>,
        index: Vec<IndexValue>,
        record: &R,
    ) -> Result<Step, SealError> {
        Ok(Step::Insert { table: R::TABLE, row: self.sealer.seal(key, 1, expires, index, record)? })
    }

    /// The step that puts `record` in the place of what was read; expiry and index stay.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn replace<R: Record>(&self, read: &Stored<R>, record: &R) -> Result<Step, SealError> {
        self.replace_with(read, read.expires, read.index.clone(), record)
    }

    /// The step that puts `record` in the place of what was read, with a new expiry and index.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn replace_with<R: Record>(
        &self,
        read: &Stored<R>,
        expires: Option<UnixTime>,
        index: Vec<IndexValue>,
        record: &R,
    ) -> Result<Step, SealError> {
        let version = read.version.saturating_add(1); // at the end of the range a store refuses the step
        let row = self.sealer.seal(read.key.clone(), version, expires, index, record)?;
        Ok(Step::Replace { table: R::TABLE, row })
    }

    /// The step that removes exactly what was read.
    #[must_use]
    pub fn take<R: Record>(&self, read: &Stored<R>) -> Step {
        Step::Take { table: R::TABLE, key: read.key.clone(), version: read.version }
    }

    /// Does all `steps` or none.
    ///
    /// # Errors
    /// [`StoreError`] when the store did not answer.
    pub async fn commit(&self, steps: Vec<Step>, now: UnixTime) -> Result<Commit, StoreError> {
        self.store.commit(steps, now).await
    }

    fn open<R: Record>(&self, row: Row) -> Result<Stored<R>, RecordsError> {
        let record = self.sealer.open(&row)?;
        Ok(Stored { record, version: row.version, key: row.key, expires: row.expires, index: row.index })
    }
}

fn expired(row: &Row, now: UnixTime) -> bool {
    row.expires.is_some_and(|expires| expires <= now)
}
