//! The embedded store: one file, one writer thread, group commit, readers that never wait for the writer.

mod open;
mod read;
mod tables;
mod write;

use std::{
    fmt,
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};

use ingam_ports::{Commit, IndexValue, Row, RowKey, Step, Store, StoreError, Table};
use ingam_wire::{BoxFuture, UnixTime};
use redb::Database;
use tokio::sync::oneshot;

pub use self::open::OpenError;
use self::{
    read::{Reads, serve_reads},
    write::{Work, serve_writes},
};
use crate::limits;

/// Threads that read; a read that misses the cache waits for the disk, and another can go on meanwhile.
const READERS: usize = 2;

/// A [`Store`] in one file (redb): ACID, durable on return, exclusive to this process.
///
/// Commits of waiting callers are written with one flush; a lone caller is not made to wait for company.
/// Reads see the last flushed commit and never wait for the writer. All disk work happens on the store's own
/// threads, so it may be used from any executor. The file is readable by its owner only (mode 0600 on Unix).
pub struct RedbStore {
    writer: Option<SyncSender<Work>>,
    reader: Option<SyncSender<Reads>>,
    threads: Vec<JoinHandle<()>>,
}

impl RedbStore {
    /// Opens the store at `path`, or makes an empty one.
    ///
    /// # Errors
    /// [`OpenError`]; a store of an unknown format is left as it is.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let database = Arc::new(open::open(path)?);
        let (writer, work) = sync_channel(limits::WAITING);
        let (reader, reads) = sync_channel(limits::WAITING);
        let mut store = Self { writer: Some(writer), reader: Some(reader), threads: Vec::new() };
        store.start(database, work, reads).map_err(|error| OpenError::Io(error.kind()))?;
        Ok(store)
    }

    fn start(
        &mut self,
        database: Arc<Database>,
        work: Receiver<Work>,
        reads: Receiver<Reads>,
    ) -> Result<(), std::io::Error> {
        let reads = Arc::new(Mutex::new(reads));
        for _ in 0..READERS {
            let (database, reads) = (Arc::clone(&database), Arc::clone(&reads));
            let thread =
                Builder::new().name("ingam-store-read".into()).spawn(move || serve_reads(&database, &reads))?;
            self.threads.push(thread);
        }
        let thread = Builder::new().name("ingam-store-write".into()).spawn(move || serve_writes(&database, &work))?;
        self.threads.push(thread);
        Ok(())
    }

    async fn ask_reader<T>(&self, ask: impl FnOnce(Answer<T>) -> Reads) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.reader.as_ref().ok_or(StoreError)?.try_send(ask(answer)).map_err(|_full_or_gone| StoreError)?;
        answered.await.map_err(|_gone| StoreError)?
    }

    async fn ask_writer<T>(&self, ask: impl FnOnce(Answer<T>) -> Work) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.writer.as_ref().ok_or(StoreError)?.try_send(ask(answer)).map_err(|_full_or_gone| StoreError)?;
        answered.await.map_err(|_gone| StoreError)?
    }
}

/// Where the outcome of a piece of work goes; whoever asked may have left.
pub(super) type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

impl Drop for RedbStore {
    /// Finishes what was handed over and gives the file free.
    fn drop(&mut self) {
        self.writer = None;
        self.reader = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing more to finish.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

impl Store for RedbStore {
    fn is_durable(&self) -> bool {
        true
    }

    fn read<'a>(
        &'a self,
        table: Table,
        key: &'a RowKey,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(self.ask_reader(move |answer| Reads::One { table, key: key.clone(), now, answer }))
    }

    fn scan<'a>(
        &'a self,
        table: Table,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(self.ask_reader(move |answer| Reads::Scan { table, index, limit, now, answer }))
    }

    fn list<'a>(
        &'a self,
        table: Table,
        after: &'a RowKey,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(self.ask_reader(move |answer| Reads::List { table, after: after.clone(), limit, now, answer }))
    }

    fn commit<'a>(&'a self, steps: Vec<Step>, now: UnixTime) -> BoxFuture<'a, Result<Commit, StoreError>> {
        Box::pin(self.ask_writer(move |answer| Work::Commit { steps, now, answer }))
    }

    fn purge<'a>(&'a self, now: UnixTime, limit: usize) -> BoxFuture<'a, Result<usize, StoreError>> {
        Box::pin(self.ask_writer(move |answer| Work::Purge { now, limit, answer }))
    }
}
