use std::sync::{Mutex, mpsc::Receiver};

use ingam_ports::{IndexValue, Row, RowKey, StoreError, Table};
use ingam_wire::UnixTime;
use redb::{Database, ReadOnlyTable, ReadTransaction, ReadableDatabase};

use super::{
    Answer,
    tables::{INDEX, ROWS, index_start, key_of_row, row_key},
};
use crate::{encoding::decode, plan::expired};

/// One question to the readers.
pub(super) enum Reads {
    One { table: Table, key: RowKey, now: UnixTime, answer: Answer<Option<Row>> },
    Scan { table: Table, index: IndexValue, limit: usize, now: UnixTime, answer: Answer<Vec<Row>> },
    List { table: Table, after: RowKey, limit: usize, now: UnixTime, answer: Answer<Vec<Row>> },
}

/// Answers until the store is dropped.
pub(super) fn serve_reads(database: &Database, reads: &Mutex<Receiver<Reads>>) {
    loop {
        // The lock is held only while waiting for the next question.
        let Ok(next) = reads.lock().map(|reads| reads.recv()) else { return };
        let Ok(question) = next else { return };
        // Whoever asked may have left: then the answer goes nowhere.
        match question {
            Reads::One { table, key, now, answer } => drop(answer.send(one(database, table, key, now))),
            Reads::Scan { table, index, limit, now, answer } => {
                drop(answer.send(scan(database, table, index, limit, now)));
            }
            Reads::List { table, after, limit, now, answer } => {
                drop(answer.send(list(database, table, &after, limit, now)));
            }
        }
    }
}

type Rows = ReadOnlyTable<&'static [u8], &'static [u8]>;

fn snapshot(database: &Database) -> Result<(ReadTransaction, Rows), StoreError> {
    let transaction = database.begin_read().map_err(|_| StoreError)?;
    let rows = transaction.open_table(ROWS).map_err(|_| StoreError)?;
    Ok((transaction, rows))
}

fn one(database: &Database, table: Table, key: RowKey, now: UnixTime) -> Result<Option<Row>, StoreError> {
    let (_transaction, rows) = snapshot(database)?;
    let Some(bytes) = rows.get(row_key(table, &key).as_slice()).map_err(|_| StoreError)? else { return Ok(None) };
    let row = decode(key, bytes.value())?;
    Ok(Some(row).filter(|row| !expired(row.expires, now)))
}

fn scan(
    database: &Database,
    table: Table,
    index: IndexValue,
    limit: usize,
    now: UnixTime,
) -> Result<Vec<Row>, StoreError> {
    let (transaction, rows) = snapshot(database)?;
    let entries = transaction.open_table(INDEX).map_err(|_| StoreError)?;
    let start = index_start(table, index);
    let mut found = Vec::new();
    for entry in entries.range(start.as_slice()..).map_err(|_| StoreError)? {
        if found.len() >= limit {
            break;
        }
        let (entry, ()) = entry.map(|(key, value)| (key, value.value())).map_err(|_| StoreError)?;
        let Some(key) = entry.value().strip_prefix(start.as_slice()) else { break };
        let key = RowKey::new(key).ok_or(StoreError)?;
        let bytes = rows.get(row_key(table, &key).as_slice()).map_err(|_| StoreError)?.ok_or(StoreError)?;
        let row = decode(key, bytes.value())?;
        if !expired(row.expires, now) {
            found.push(row);
        }
    }
    Ok(found)
}

fn list(
    database: &Database,
    table: Table,
    after: &RowKey,
    limit: usize,
    now: UnixTime,
) -> Result<Vec<Row>, StoreError> {
    let (_transaction, rows) = snapshot(database)?;
    let start = row_key(table, after);
    let mut found = Vec::new();
    for entry in rows.range(start.as_slice()..).map_err(|_| StoreError)? {
        if found.len() >= limit {
            break;
        }
        let (key, bytes) = entry.map_err(|_| StoreError)?;
        if key.value() == start.as_slice() {
            continue;
        }
        let Some(key) = key_of_row(table, key.value()) else { break };
        let row = decode(key?, bytes.value())?;
        if !expired(row.expires, now) {
            found.push(row);
        }
    }
    Ok(found)
}
