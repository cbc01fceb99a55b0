use std::sync::Arc;

use ingam_ports::{Changes, Commit, Position, Revoked, Row, RowKey, Step, Store, StoreError, Table};
use ingam_wire::{Seconds, UnixTime};

/// The change log of revocations over a [`Store`]: every node reads in it what no longer counts.
///
/// Each append is one row under the next number, so that two nodes can never write the same position and a reader
/// can never pass over one. Rows last as long as the longest access key; a purge then trims them.
#[derive(Clone, Debug)]
pub struct ChangeLog {
    store: Arc<dyn Store>,
    keep: Seconds,
}

impl ChangeLog {
    /// The log in `store`; entries are kept for `keep`, at least the lifetime of the longest access key.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keep: Seconds) -> Self {
        Self { store, keep }
    }

    /// The position after the last entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn head(&self, now: UnixTime) -> Result<Position, StoreError> {
        let row = self.store.read(Table::Changes, &head_key()?, now).await?;
        Ok(Position(row.map_or(0, |row| row.version)))
    }

    /// The steps that append `revoked` after `head`, for a commit that also does what makes it true.
    ///
    /// The first of them is refused when another append came in between: read the head anew and build them again,
    /// or let [`ChangeLog::commit`] do so.
    ///
    /// # Errors
    /// [`StoreError`] when the log is at its end (2^64 entries).
    pub fn revoke_steps(&self, revoked: &[Revoked], head: Position, now: UnixTime) -> Result<Vec<Step>, StoreError> {
        let next = head.0.checked_add(1).ok_or(StoreError)?;
        let row = Row {
            key: entry_key(next)?,
            version: 1,
            expires: Some(now.plus(self.keep)),
            index: Vec::new(),
            sealed: print(revoked),
        };
        Ok(vec![
            Step::Insert { table: Table::Changes, row },
            Step::Raise { table: Table::Changes, key: head_key()?, to: next },
        ])
    }

    /// Commits `steps` and appends `revoked` in the same commit; tries again while other appends come in between.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was done.
    pub async fn commit(&self, steps: Vec<Step>, revoked: &[Revoked], now: UnixTime) -> Result<Commit, StoreError> {
        for _ in 0..TRIES {
            let mut all = steps.clone();
            all.extend(self.revoke_steps(revoked, self.head(now).await?, now)?);
            match self.store.commit(all, now).await? {
                Commit::Refused { step } if step >= steps.len() => {}
                ended => return Ok(ended),
            }
        }
        Err(StoreError)
    }

    /// What was revoked since `seen`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn since(&self, seen: Position, now: UnixTime) -> Result<Changes, StoreError> {
        let head = self.head(now).await?;
        if seen >= head {
            // A position beyond the head is of another log: a backup was restored.
            let revoked = Vec::new();
            return Ok(if seen == head { Changes::Since { to: head, revoked } } else { Changes::TooOld { to: head } });
        }
        if seen == Position::default() {
            return self.everything(now).await;
        }
        let rows = self.store.list(Table::Changes, &entry_key(seen.0)?, READ, now).await?;
        let mut to = seen;
        let mut revoked = Vec::new();
        for row in rows {
            let next = to.0.checked_add(1).ok_or(StoreError)?;
            if position(&row.key)? != next {
                return Ok(Changes::TooOld { to: head });
            }
            parse(&row.sealed, &mut revoked)?;
            to = Position(next);
        }
        // Fewer than the head says: trimmed, or too many to be worth reading.
        Ok(if to < head { Changes::TooOld { to: head } } else { Changes::Since { to, revoked } })
    }

    /// All that is kept, for a reader that remembers nothing.
    async fn everything(&self, now: UnixTime) -> Result<Changes, StoreError> {
        let mut to = self.head(now).await?;
        let mut revoked = Vec::new();
        let mut after = entry_key(0)?;
        loop {
            let rows = self.store.list(Table::Changes, &after, READ, now).await?;
            let Some(last) = rows.last() else { return Ok(Changes::Since { to, revoked }) };
            after = last.key.clone();
            to = to.max(Position(position(&after)?));
            for row in &rows {
                parse(&row.sealed, &mut revoked)?;
            }
        }
    }
}

/// Tries of an append before it gives up; each failure means that another node appended.
const TRIES: usize = 32;

/// Most entries read at once; whoever is further behind forgets everything, which is as cheap.
const READ: usize = 1_024;

/// Key of the row whose version is the head; one byte, so that it sorts before every entry.
fn head_key() -> Result<RowKey, StoreError> {
    RowKey::new(&[0]).ok_or(StoreError)
}

fn entry_key(position: u64) -> Result<RowKey, StoreError> {
    RowKey::new(&position.to_be_bytes()).ok_or(StoreError)
}

fn position(key: &RowKey) -> Result<u64, StoreError> {
    key.as_bytes().try_into().map(u64::from_be_bytes).map_err(|_| StoreError)
}

/// Revocations as `kind ‖ digest`, one after the other: digests only, so there is nothing to seal.
fn print(revoked: &[Revoked]) -> Vec<u8> {
    let mut out = Vec::with_capacity(revoked.len().saturating_mul(33));
    for revoked in revoked {
        let (kind, digest) = match revoked {
            Revoked::Grant(digest) => (1, digest),
            Revoked::Fintech(digest) => (2, digest),
            Revoked::User(digest) => (3, digest),
            Revoked::SigningKey(digest) => (4, digest),
            Revoked::AccessKey(digest) => (5, digest),
        };
        out.push(kind);
        out.extend_from_slice(digest);
    }
    out
}

fn parse(mut bytes: &[u8], into: &mut Vec<Revoked>) -> Result<(), StoreError> {
    while let Some((kind, rest)) = bytes.split_first() {
        let (digest, rest) = rest.split_first_chunk::<32>().ok_or(StoreError)?;
        into.push(match *kind {
            1 => Revoked::Grant(*digest),
            2 => Revoked::Fintech(*digest),
            3 => Revoked::User(*digest),
            4 => Revoked::SigningKey(*digest),
            5 => Revoked::AccessKey(*digest),
            // Revoked by a later version: not to be passed over.
            _ => return Err(StoreError),
        });
        bytes = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revocations_read_back_and_what_is_cut_or_unknown_is_refused() {
        let all = [
            Revoked::Grant([1; 32]),
            Revoked::Fintech([2; 32]),
            Revoked::User([3; 32]),
            Revoked::SigningKey([4; 32]),
            Revoked::AccessKey([5; 32]),
        ];
        let bytes = print(&all);
        let mut read = Vec::new();
        assert_eq!(parse(&bytes, &mut read), Ok(()));
        assert_eq!(read, all);
        assert_eq!(parse(&bytes[..bytes.len() - 1], &mut read), Err(StoreError));
        assert_eq!(parse(&[&[6][..], &[0; 32]].concat(), &mut read), Err(StoreError));
    }
}
