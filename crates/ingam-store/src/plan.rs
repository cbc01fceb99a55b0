//! What a commit does, decided once for every store: the rules of [`Step`], over any way to read a row.

use std::collections::BTreeMap;

use ingam_ports::{Row, RowKey, Step, StoreError, Table};
use ingam_wire::UnixTime;

use crate::limits;

/// What a commit comes to.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Write these, all of them.
    Apply(Vec<Change>),
    /// The step at this index does not hold: write nothing.
    Refused(usize),
}

/// One row before and after a commit.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) table: Table,
    pub(crate) key: RowKey,
    /// As it is stored, expired or not.
    pub(crate) before: Option<Row>,
    /// As it is to be stored; `None`: removed.
    pub(crate) after: Option<Row>,
}

/// How a row is read, expired or not.
pub(crate) type Read<'a> = &'a mut dyn FnMut(Table, &RowKey) -> Result<Option<Row>, StoreError>;

/// The earliest time in which nothing has been forgotten yet, and the caller's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: UnixTime,
    /// The latest `now` of a purge: a clock that was set back must not reopen what was forgotten since.
    pub(crate) forgotten: UnixTime,
}

/// Whether a row or claim that expires then is as good as absent at `now`.
pub(crate) fn expired(expires: Option<UnixTime>, now: UnixTime) -> bool {
    expires.is_some_and(|expires| expires <= now)
}

/// Goes through `steps` in order, each seeing what the ones before it did.
pub(crate) fn plan(steps: Vec<Step>, moment: Moment, read: Read<'_>) -> Result<Plan, StoreError> {
    let mut overlay = Overlay { slots: BTreeMap::new(), now: moment.now };
    for (index, step) in steps.into_iter().enumerate() {
        if !take_step(step, moment, &mut overlay, read)? {
            return Ok(Plan::Refused(index));
        }
    }
    Ok(Plan::Apply(overlay.into_changes()))
}

fn take_step(step: Step, moment: Moment, overlay: &mut Overlay, read: Read<'_>) -> Result<bool, StoreError> {
    match step {
        Step::Claim { table, key, expires } => {
            if expired(Some(expires), moment.now.max(moment.forgotten)) || overlay.live(table, &key, read)?.is_some() {
                return Ok(false);
            }
            let row = Row { key, version: 1, expires: Some(expires), index: Vec::new(), sealed: Vec::new() };
            overlay.put(table, row)
        }
        Step::Insert { table, row } => {
            if row.version != 1 || overlay.live(table, &row.key, read)?.is_some() {
                return Ok(false);
            }
            overlay.put(table, row)
        }
        Step::Take { table, key, version } => {
            let held = overlay.live(table, &key, read)?.is_some_and(|row| row.version == version);
            if held {
                overlay.remove(table, key);
            }
            Ok(held)
        }
        Step::Replace { table, row } => {
            let before = overlay.live(table, &row.key, read)?.map(|before| before.version);
            if before.is_none() || before != row.version.checked_sub(1) {
                return Ok(false);
            }
            overlay.put(table, row)
        }
        Step::Raise { table, key, to } => {
            let row = match overlay.live(table, &key, read)? {
                Some(row) if row.version >= to => return Ok(true),
                Some(row) => Row { version: to, ..row.clone() },
                None => Row { key, version: to, expires: None, index: Vec::new(), sealed: Vec::new() },
            };
            overlay.put(table, row)
        }
        Step::Event { row } => {
            if overlay.live(Table::Events, &row.key, read)?.is_some() {
                return Ok(false);
            }
            overlay.put(Table::Events, row)
        }
    }
}

/// The rows a commit has touched so far, over the rows that are stored.
struct Overlay {
    slots: BTreeMap<(Table, RowKey), Slot>,
    now: UnixTime,
}

struct Slot {
    before: Option<Row>,
    after: Option<Row>,
}

impl Overlay {
    /// The row under `key` as this commit sees it, unless expired.
    fn live(&mut self, table: Table, key: &RowKey, read: Read<'_>) -> Result<Option<&Row>, StoreError> {
        if key.as_bytes().is_empty() {
            return Err(StoreError);
        }
        let now = self.now;
        let slot = match self.slots.entry((table, key.clone())) {
            std::collections::btree_map::Entry::Occupied(slot) => slot.into_mut(),
            std::collections::btree_map::Entry::Vacant(slot) => {
                let before = read(table, key)?;
                slot.insert(Slot { after: before.clone(), before })
            }
        };
        Ok(slot.after.as_ref().filter(|row| !expired(row.expires, now)))
    }

    /// Puts a row whose key [`Overlay::live`] has looked at.
    fn put(&mut self, table: Table, row: Row) -> Result<bool, StoreError> {
        if row.sealed.len() > limits::SEALED || row.index.len() > limits::INDEX {
            return Err(StoreError);
        }
        let slot = self.slots.get_mut(&(table, row.key.clone())).ok_or(StoreError)?;
        slot.after = Some(row);
        Ok(true)
    }

    fn remove(&mut self, table: Table, key: RowKey) {
        if let Some(slot) = self.slots.get_mut(&(table, key)) {
            slot.after = None;
        }
    }

    fn into_changes(self) -> Vec<Change> {
        self.slots
            .into_iter()
            .filter(|(_, slot)| slot.before != slot.after)
            .map(|((table, key), Slot { before, after })| Change { table, key, before, after })
            .collect()
    }
}
