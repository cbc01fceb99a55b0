use std::{
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use ingam_ports::{Commit, RowKey, Step, StoreError, Table};
use ingam_wire::UnixTime;
use redb::{Database, ReadableTable, Table as Opened, WriteTransaction};

use super::{
    Answer,
    tables::{EXPIRY, FORGOTTEN, INDEX, META, ROWS, expiry_key, expiry_parts, index_key, row_key},
};
use crate::{
    encoding::{decode, encode},
    limits,
    plan::{Change, Moment, Plan, expired, plan},
};

/// One piece of work for the writer.
pub(super) enum Work {
    Commit { steps: Vec<Step>, now: UnixTime, answer: Answer<Commit> },
    Purge { now: UnixTime, limit: usize, answer: Answer<usize> },
}

/// A piece of work that is written but not yet flushed.
enum Written {
    Commit(Answer<Commit>, Commit),
    Purge(Answer<usize>, usize),
}

/// Writes until the store is dropped: whatever waits goes into one flush; nothing is answered before it.
pub(super) fn serve_writes(database: &Database, work: &Receiver<Work>) {
    let mut last = Flush::default();
    while let Ok(first) = work.recv() {
        let group = gather(first, work, last);
        let (size, start) = (group.len(), clock());
        write_group(database, group);
        last = Flush { size, took: start.elapsed() };
    }
}

/// How many pieces of work the last flush had, and how long it took.
#[derive(Clone, Copy, Default)]
struct Flush {
    size: usize,
    took: Duration,
}

/// `first` and whatever waits. Callers who were answered together come back one after the other, so the first of them is
/// held until as many are there as the last flush had, or a quarter of its time has passed; who was alone never waits.
fn gather(first: Work, work: &Receiver<Work>, last: Flush) -> Vec<Work> {
    let until = clock() + (last.took / 4).min(limits::COMPANY);
    let mut group = vec![first];
    loop {
        group.extend(work.try_iter().take(limits::GROUP - group.len()));
        if group.len() >= last.size {
            return group;
        }
        match work.recv_timeout(until.saturating_duration_since(clock())) {
            Ok(next) => group.push(next),
            Err(_late_or_gone) => return group,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it says how long to wait for company, and nothing of any row")]
fn clock() -> Instant {
    Instant::now()
}

fn write_group(database: &Database, group: Vec<Work>) {
    let Ok(transaction) = database.begin_write() else { return refuse(group) };
    let mut written = Vec::with_capacity(group.len());
    let mut group = group.into_iter();
    let sound = match Tables::open(&transaction) {
        Ok(mut tables) => group.by_ref().all(|work| write(&mut tables, work, &mut written).is_ok()),
        Err(StoreError) => false,
    };
    // Dropping the answers of a group that broke tells each caller `StoreError`: nothing of it was kept.
    if !sound || transaction.commit().is_err() {
        drop(written);
        return refuse(group);
    }
    for written in written {
        // Whoever asked may have left: the commit stands all the same.
        match written {
            Written::Commit(answer, commit) => drop(answer.send(Ok(commit))),
            Written::Purge(answer, count) => drop(answer.send(Ok(count))),
        }
    }
}

fn refuse(group: impl IntoIterator<Item = Work>) {
    for work in group {
        match work {
            Work::Commit { answer, .. } => drop(answer.send(Err(StoreError))),
            Work::Purge { answer, .. } => drop(answer.send(Err(StoreError))),
        }
    }
}

/// Writes one piece of work; an error means that the whole transaction must be given up.
fn write(tables: &mut Tables<'_>, work: Work, written: &mut Vec<Written>) -> Result<(), StoreError> {
    match work {
        Work::Commit { steps, now, answer } => {
            let moment = Moment { now, forgotten: tables.forgotten };
            match plan(steps, moment, &mut |table, key| tables.read(table, key)) {
                // Only this caller's rows are unreadable or too large: nothing of it was written.
                Err(StoreError) => drop(answer.send(Err(StoreError))),
                Ok(Plan::Refused(step)) => written.push(Written::Commit(answer, Commit::Refused { step })),
                Ok(Plan::Apply(changes)) => {
                    for change in changes {
                        tables.apply(change)?;
                    }
                    written.push(Written::Commit(answer, Commit::Committed));
                }
            }
        }
        Work::Purge { now, limit, answer } => {
            let count = tables.purge(now, limit)?;
            written.push(Written::Purge(answer, count));
        }
    }
    Ok(())
}

/// The tables of one write transaction.
struct Tables<'t> {
    rows: Opened<'t, &'static [u8], &'static [u8]>,
    index: Opened<'t, &'static [u8], ()>,
    expiry: Opened<'t, &'static [u8], ()>,
    meta: Opened<'t, &'static str, i64>,
    forgotten: UnixTime,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        let meta = transaction.open_table(META).map_err(|_| StoreError)?;
        let forgotten = meta.get(FORGOTTEN).map_err(|_| StoreError)?.map_or(i64::MIN, |time| time.value());
        Ok(Self {
            rows: transaction.open_table(ROWS).map_err(|_| StoreError)?,
            index: transaction.open_table(INDEX).map_err(|_| StoreError)?,
            expiry: transaction.open_table(EXPIRY).map_err(|_| StoreError)?,
            meta,
            forgotten: UnixTime::from_secs(forgotten),
        })
    }

    fn read(&self, table: Table, key: &RowKey) -> Result<Option<ingam_ports::Row>, StoreError> {
        let bytes = self.rows.get(row_key(table, key).as_slice()).map_err(|_| StoreError)?;
        bytes.map(|bytes| decode(key.clone(), bytes.value())).transpose()
    }

    fn apply(&mut self, Change { table, key, before, after }: Change) -> Result<(), StoreError> {
        if let Some(before) = &before {
            for value in &before.index {
                self.index.remove(index_key(table, *value, &key).as_slice()).map_err(|_| StoreError)?;
            }
            if let Some(expires) = before.expires {
                self.expiry.remove(expiry_key(expires, table, &key).as_slice()).map_err(|_| StoreError)?;
            }
        }
        let stored = row_key(table, &key);
        match after {
            None => {
                self.rows.remove(stored.as_slice()).map_err(|_| StoreError)?;
            }
            Some(after) => {
                for value in &after.index {
                    self.index.insert(index_key(table, *value, &key).as_slice(), ()).map_err(|_| StoreError)?;
                }
                if let Some(expires) = after.expires {
                    self.expiry.insert(expiry_key(expires, table, &key).as_slice(), ()).map_err(|_| StoreError)?;
                }
                self.rows.insert(stored.as_slice(), encode(&after)?.as_slice()).map_err(|_| StoreError)?;
            }
        }
        Ok(())
    }

    fn purge(&mut self, now: UnixTime, limit: usize) -> Result<usize, StoreError> {
        let mut due = Vec::new();
        for entry in self.expiry.iter().map_err(|_| StoreError)?.take(limit) {
            let (entry, _) = entry.map_err(|_| StoreError)?;
            let (expires, _) = expiry_parts(entry.value())?;
            if !expired(Some(expires), now) {
                break;
            }
            due.push(entry.value().to_vec());
        }
        for entry in &due {
            let (_, stored) = expiry_parts(entry)?;
            self.forget(stored)?;
            self.expiry.remove(entry.as_slice()).map_err(|_| StoreError)?;
        }
        if !due.is_empty() && self.forgotten < now {
            self.forgotten = now;
            self.meta.insert(FORGOTTEN, now.secs()).map_err(|_| StoreError)?;
        }
        Ok(due.len())
    }

    /// Removes the row under a stored key, with its index entries.
    fn forget(&mut self, stored: &[u8]) -> Result<(), StoreError> {
        let (number, key) = stored.split_first().ok_or(StoreError)?;
        let Some(bytes) = self.rows.remove(stored).map_err(|_| StoreError)? else { return Ok(()) };
        let row = decode(RowKey::new(key).ok_or(StoreError)?, bytes.value())?;
        for value in &row.index {
            let entry = [&[*number][..], &value.0, key].concat();
            self.index.remove(entry.as_slice()).map_err(|_| StoreError)?;
        }
        Ok(())
    }
}
