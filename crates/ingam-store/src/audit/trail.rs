use std::sync::Arc;

use ingam_keys::{RecordSealer, Records, RecordsError, Stored};
use ingam_ports::{RowKey, Store};
use ingam_wire::UnixTime;

use super::RecordedEvent;

/// Reads the record back, in the order it was written.
#[derive(Clone, Debug)]
pub struct Trail(Records);

impl Trail {
    /// The record in `store`, opened by the sealer it was written with.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Arc<RecordSealer>) -> Self {
        Self(Records::new(store, sealer))
    }

    /// At most `limit` events after the one whose key is `after` (an empty key: from the start).
    ///
    /// # Errors
    /// [`RecordsError`]; a record that was tampered with does not open.
    pub async fn after(
        &self,
        after: &RowKey,
        limit: usize,
        now: UnixTime,
    ) -> Result<Vec<Stored<RecordedEvent>>, RecordsError> {
        self.0.list(after, limit, now).await
    }

    /// At most `limit` events since `from`.
    ///
    /// # Errors
    /// [`RecordsError`].
    pub async fn since(&self, from: UnixTime, limit: usize, now: UnixTime) -> Result<Vec<RecordedEvent>, RecordsError> {
        // Eight bytes sort before every key of that second, which has 24.
        let Some(start) = RowKey::new(&from.secs().to_be_bytes()) else { return Ok(Vec::new()) };
        Ok(self.after(&start, limit, now).await?.into_iter().map(|stored| stored.record).collect())
    }
}
