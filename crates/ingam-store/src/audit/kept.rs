use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ingam_keys::RecordSealer;
use ingam_ports::{AuditSink, Commit, RecordError, Row, RowKey, SecurityEvent, Step, Store, StoreError, Table};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

use super::{counted::Counted, recorded::RecordedEvent};

/// When a record is kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AuditMode {
    /// `record` returns when the event is queued; [`StoreAudit::run`] writes the queue every 100 ms. A killed process
    /// can lose what was recorded in that time, never what a commit said (see [`AuditSink::step`]).
    #[default]
    Queued,
    /// `record` returns when the event is durable.
    Durable,
}

/// An [`AuditSink`] over a [`Store`]: each event sealed, in the order it was recorded (X.1149 item 3.1.16.9).
///
/// Three ways in, by what the event is about: a change of state goes into the commit that makes it
/// ([`AuditSink::step`]); what an authenticated peer did or was refused is queued; refusals of unknown peers (neither
/// `fintech` nor `user` set) are counted by kind, reason and address and written once a second.
///
/// x1149: 3.1.16.9
pub struct StoreAudit {
    store: Arc<dyn Store>,
    sealer: Arc<RecordSealer>,
    mode: AuditMode,
    keep: Option<Seconds>,
    /// Grows with every opening: keys of one opening sort after those of the ones before, in the same second too.
    epoch: u64,
    counter: AtomicU64,
    queue: Mutex<Queue>,
    /// Held while the queue is written, so that records are written in their order.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<(RowKey, RecordedEvent)>,
    counted: Counted,
}

/// Most events that wait: at 1,000 calls a second, half a minute of a store that does not answer.
const WAITING: usize = 32_768;

/// Events written in one commit.
const BATCH: usize = 512;

/// How long an event waits at most.
const FLUSH: Duration = Duration::from_millis(100);

/// Flushes between two records of what was counted: one second.
const COUNTED_EVERY: u32 = 10;

/// Name of the row that counts openings.
const EPOCH: &[u8] = b"audit epoch";

impl StoreAudit {
    /// Opens the record in `store`. In [`AuditMode::Queued`], [`StoreAudit::run`] must run beside it.
    ///
    /// # Errors
    /// [`OpenAuditError`].
    pub async fn open(
        store: Arc<dyn Store>,
        sealer: Arc<RecordSealer>,
        mode: AuditMode,
        now: UnixTime,
    ) -> Result<Self, OpenAuditError> {
        let epoch = next_epoch(&*store, now).await.map_err(|StoreError| OpenAuditError)?;
        let (counter, queue) = (AtomicU64::new(0), Mutex::default());
        Ok(Self { store, sealer, mode, keep: None, epoch, counter, queue, writing: tokio::sync::Mutex::default() })
    }

    /// Keeps each record for `keep` after its event; without this, for ever. The statute asks for five years.
    #[must_use]
    pub const fn keeping(mut self, keep: Seconds) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Writes what is queued.
    ///
    /// # Errors
    /// [`RecordError`] when the store did not take it; it stays queued.
    pub async fn flush(&self) -> Result<(), RecordError> {
        let _writing = self.writing.lock().await;
        loop {
            let batch = self.next_batch()?;
            // The latest time an event states stands for now: there is no clock on this layer.
            let Some(now) = batch.iter().map(|(_, event)| event.at).max() else { return Ok(()) };
            if self.write(&batch, now).await.is_err() {
                let mut queue = self.queue()?;
                batch.into_iter().rev().for_each(|entry| queue.events.push_front(entry));
                return Err(RecordError);
            }
        }
    }

    /// Queues what was counted and writes the queue: at the end of a second, and before the process ends.
    ///
    /// # Errors
    /// [`RecordError`], as [`StoreAudit::flush`].
    pub async fn flush_counted(&self) -> Result<(), RecordError> {
        {
            let mut queue = self.queue()?;
            if queue.events.len() < WAITING {
                for (event, count) in queue.counted.drain() {
                    let entry = (self.next_key(event.at)?, RecordedEvent::new(event, count));
                    queue.events.push_back(entry);
                }
            }
        }
        self.flush().await
    }

    /// Writes the queue every 100 ms and the counts every second, until dropped. A store that does not answer is
    /// asked again at the next turn; meanwhile the queue fills and then `record` refuses.
    pub async fn run(&self) {
        let mut turns = 0_u32;
        loop {
            tokio::time::sleep(FLUSH).await;
            turns = turns.wrapping_add(1);
            let written =
                if turns.is_multiple_of(COUNTED_EVERY) { self.flush_counted().await } else { self.flush().await };
            if written.is_err() {
                tracing::error!(target: "ingam::audit", "the record cannot be written");
            }
        }
    }

    async fn write(&self, batch: &[(RowKey, RecordedEvent)], now: UnixTime) -> Result<(), RecordError> {
        let rows = batch.iter().map(|(key, event)| self.seal(key.clone(), event));
        let steps = rows.map(|row| Ok(Step::Event { row: row? })).collect::<Result<Vec<_>, RecordError>>()?;
        match self.store.commit(steps, now).await {
            Ok(Commit::Committed) => Ok(()),
            Ok(Commit::Refused { .. }) | Err(StoreError) => Err(RecordError),
        }
    }

    fn next_batch(&self) -> Result<Vec<(RowKey, RecordedEvent)>, RecordError> {
        let mut queue = self.queue()?;
        let count = queue.events.len().min(BATCH);
        Ok(queue.events.drain(..count).collect())
    }

    fn queue(&self) -> Result<MutexGuard<'_, Queue>, RecordError> {
        self.queue.lock().map_err(|_poisoned| RecordError)
    }

    fn enqueue(&self, event: SecurityEvent) -> Result<(), RecordError> {
        let mut queue = self.queue()?;
        let Some(event) = queue.counted.add(event) else { return Ok(()) };
        if queue.events.len() >= WAITING {
            return Err(RecordError);
        }
        // Under the lock, so that keys and queue have one order.
        let entry = (self.next_key(event.at)?, RecordedEvent::new(event, 1));
        queue.events.push_back(entry);
        Ok(())
    }

    /// `time ‖ epoch ‖ counter`: unique, and in the order of recording within a second.
    fn next_key(&self, at: UnixTime) -> Result<RowKey, RecordError> {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed);
        let key = [at.secs().to_be_bytes(), self.epoch.to_be_bytes(), counter.to_be_bytes()].concat();
        RowKey::new(&key).ok_or(RecordError)
    }

    fn seal(&self, key: RowKey, event: &RecordedEvent) -> Result<Row, RecordError> {
        let expires = self.keep.map(|keep| event.at.plus(keep));
        self.sealer.seal(key, 1, expires, Vec::new(), event).map_err(|_| RecordError)
    }
}

async fn next_epoch(store: &dyn Store, now: UnixTime) -> Result<u64, StoreError> {
    let key = RowKey::new(EPOCH).ok_or(StoreError)?;
    loop {
        let read = store.read(Table::Singletons, &key, now).await?;
        let version = read.as_ref().map_or(0, |row| row.version).checked_add(1).ok_or(StoreError)?;
        let row = Row { key: key.clone(), version, expires: None, index: Vec::new(), sealed: Vec::new() };
        let table = Table::Singletons;
        let step = if read.is_none() { Step::Insert { table, row } } else { Step::Replace { table, row } };
        // Refused: another node opened the record in between.
        if store.commit(vec![step], now).await? == Commit::Committed {
            return Ok(version);
        }
    }
}

/// The record cannot be opened: the store did not answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the record cannot be opened: the store is not available")]
pub struct OpenAuditError;

impl fmt::Debug for StoreAudit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreAudit").field("mode", &self.mode).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl AuditSink for StoreAudit {
    fn step(&self, event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        let key = self.next_key(event.at)?;
        Ok(Some(Step::Event { row: self.seal(key, &RecordedEvent::new(event.clone(), 1))? }))
    }

    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        Box::pin(async move {
            self.enqueue(event)?;
            match self.mode {
                AuditMode::Queued => Ok(()),
                AuditMode::Durable => self.flush().await,
            }
        })
    }
}
