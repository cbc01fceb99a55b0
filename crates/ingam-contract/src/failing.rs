use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use ingam_ports::{Commit, IndexValue, Row, RowKey, Step, Store, StoreError, Table};
use ingam_wire::{BoxFuture, UnixTime};

/// A store that answers [`StoreError`] when told to, and counts what it is asked: to show that a failing store
/// means refusal (503) and that nothing is half done.
#[derive(Debug)]
pub struct FailingStore {
    inner: Arc<dyn Store>,
    failing: AtomicBool,
    commits_until_failure: AtomicUsize,
    commits: AtomicUsize,
    verbs_until_one_failure: AtomicUsize,
}

impl FailingStore {
    /// `inner`, working until told otherwise.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            failing: AtomicBool::new(false),
            commits_until_failure: AtomicUsize::new(usize::MAX),
            commits: AtomicUsize::new(0),
            verbs_until_one_failure: AtomicUsize::new(usize::MAX),
        }
    }

    /// From now on every verb fails (`true`) or works (`false`).
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
        self.commits_until_failure.store(usize::MAX, Ordering::SeqCst);
        self.verbs_until_one_failure.store(usize::MAX, Ordering::SeqCst);
    }

    /// Lets `verbs` more verbs through, then a single one fails; those after it work.
    pub fn fail_once_after(&self, verbs: usize) {
        self.verbs_until_one_failure.store(verbs, Ordering::SeqCst);
    }

    /// Whether the single failure is still to come.
    #[must_use]
    pub fn will_fail_once(&self) -> bool {
        self.verbs_until_one_failure.load(Ordering::SeqCst) != usize::MAX
    }

    /// Lets `commits` more commits through, then every commit fails; reads go on.
    pub fn fail_after_commits(&self, commits: usize) {
        self.commits_until_failure.store(commits, Ordering::SeqCst);
    }

    /// How many commits were handed on.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    fn working(&self) -> Result<(), StoreError> {
        // Below zero it is `usize::MAX` again: nothing more to fail.
        let next = |left| if left == usize::MAX { None } else { Some(usize::wrapping_sub(left, 1)) };
        let once = self.verbs_until_one_failure.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next) == Ok(0);
        if once || self.failing.load(Ordering::SeqCst) { Err(StoreError) } else { Ok(()) }
    }

    fn one_more_commit(&self) -> Result<(), StoreError> {
        self.working()?;
        self.commits_until_failure
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| match left {
                usize::MAX => Some(usize::MAX),
                left => left.checked_sub(1),
            })
            .map_err(|_none_left| StoreError)?;
        self.commits.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl Store for FailingStore {
    fn is_durable(&self) -> bool {
        self.inner.is_durable()
    }

    fn read<'a>(
        &'a self,
        table: Table,
        key: &'a RowKey,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            self.working()?;
            self.inner.read(table, key, now).await
        })
    }

    fn scan<'a>(
        &'a self,
        table: Table,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            self.working()?;
            self.inner.scan(table, index, limit, now).await
        })
    }

    fn list<'a>(
        &'a self,
        table: Table,
        after: &'a RowKey,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            self.working()?;
            self.inner.list(table, after, limit, now).await
        })
    }

    fn commit<'a>(&'a self, steps: Vec<Step>, now: UnixTime) -> BoxFuture<'a, Result<Commit, StoreError>> {
        Box::pin(async move {
            self.one_more_commit()?;
            self.inner.commit(steps, now).await
        })
    }

    fn purge<'a>(&'a self, now: UnixTime, limit: usize) -> BoxFuture<'a, Result<usize, StoreError>> {
        Box::pin(async move {
            self.one_more_commit()?;
            self.inner.purge(now, limit).await
        })
    }
}
