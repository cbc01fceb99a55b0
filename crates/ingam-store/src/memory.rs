use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Bound,
    sync::{Mutex, MutexGuard},
};

use ingam_ports::{Commit, IndexValue, Row, RowKey, Step, Store, StoreError, Table};
use ingam_wire::{BoxFuture, UnixTime};

use crate::plan::{Change, Moment, Plan, expired, plan};

/// A [`Store`] in memory, for tests and for trying things out: it forgets everything when the process ends.
///
/// Production mode refuses it.
#[derive(Default)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    rows: BTreeMap<(Table, RowKey), Row>,
    index: BTreeSet<(Table, IndexValue, RowKey)>,
    expiry: BTreeSet<(UnixTime, Table, RowKey)>,
    forgotten: Option<UnixTime>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> Result<MutexGuard<'_, Rows>, StoreError> {
        self.rows.lock().map_err(|_poisoned| StoreError)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Rows {
    fn commit(&mut self, steps: Vec<Step>, now: UnixTime) -> Result<Commit, StoreError> {
        let moment = Moment { now, forgotten: self.forgotten.unwrap_or(now) };
        let rows = &self.rows;
        match plan(steps, moment, &mut |table, key| Ok(rows.get(&(table, key.clone())).cloned()))? {
            Plan::Refused(step) => Ok(Commit::Refused { step }),
            Plan::Apply(changes) => {
                for change in changes {
                    self.apply(change);
                }
                Ok(Commit::Committed)
            }
        }
    }

    fn apply(&mut self, Change { table, key, before, after }: Change) {
        if let Some(before) = before {
            self.forget(table, &before);
        }
        if let Some(after) = after {
            for value in &after.index {
                self.index.insert((table, *value, key.clone()));
            }
            if let Some(expires) = after.expires {
                self.expiry.insert((expires, table, key.clone()));
            }
            self.rows.insert((table, key), after);
        }
    }

    fn forget(&mut self, table: Table, row: &Row) {
        for value in &row.index {
            self.index.remove(&(table, *value, row.key.clone()));
        }
        if let Some(expires) = row.expires {
            self.expiry.remove(&(expires, table, row.key.clone()));
        }
        self.rows.remove(&(table, row.key.clone()));
    }

    fn scan(&self, table: Table, index: IndexValue, limit: usize, now: UnixTime) -> Vec<Row> {
        let Some(first) = RowKey::new(&[]) else { return Vec::new() };
        self.index
            .range((table, index, first)..)
            .take_while(|(found, value, _)| *found == table && *value == index)
            .filter_map(|(_, _, key)| self.rows.get(&(table, key.clone())))
            .filter(|row| !expired(row.expires, now))
            .take(limit)
            .cloned()
            .collect()
    }

    fn list(&self, table: Table, after: &RowKey, limit: usize, now: UnixTime) -> Vec<Row> {
        self.rows
            .range((Bound::Excluded((table, after.clone())), Bound::Unbounded))
            .take_while(|((found, _), _)| *found == table)
            .map(|(_, row)| row)
            .filter(|row| !expired(row.expires, now))
            .take(limit)
            .cloned()
            .collect()
    }

    fn purge(&mut self, now: UnixTime, limit: usize) -> usize {
        let mut count = 0;
        while count < limit {
            let Some((expires, table, key)) = self.expiry.first().cloned() else { break };
            if expires > now {
                break;
            }
            self.expiry.remove(&(expires, table, key.clone()));
            if let Some(row) = self.rows.get(&(table, key)).cloned() {
                self.forget(table, &row);
            }
            count = count.saturating_add(1);
        }
        if count > 0 {
            self.forgotten = self.forgotten.max(Some(now));
        }
        count
    }
}

impl Store for MemoryStore {
    fn read<'a>(
        &'a self,
        table: Table,
        key: &'a RowKey,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            let rows = self.lock()?;
            Ok(rows.rows.get(&(table, key.clone())).filter(|row| !expired(row.expires, now)).cloned())
        })
    }

    fn scan<'a>(
        &'a self,
        table: Table,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move { Ok(self.lock()?.scan(table, index, limit, now)) })
    }

    fn list<'a>(
        &'a self,
        table: Table,
        after: &'a RowKey,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move { Ok(self.lock()?.list(table, after, limit, now)) })
    }

    fn commit<'a>(&'a self, steps: Vec<Step>, now: UnixTime) -> BoxFuture<'a, Result<Commit, StoreError>> {
        Box::pin(async move { self.lock()?.commit(steps, now) })
    }

    fn purge<'a>(&'a self, now: UnixTime, limit: usize) -> BoxFuture<'a, Result<usize, StoreError>> {
        Box::pin(async move { Ok(self.lock()?.purge(now, limit)) })
    }
}
