use core::fmt;

use ingam_wire::{BoxFuture, UnixTime};

/// The tables of one operator or fintech: all names on one screen.
///
/// The number is part of every stored key, so a secret of one table can never be found in another.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Table {
    /// Pushed authorization requests, by `request_uri` (RFC 9126).
    PushedRequests = 1,
    /// Browser sessions at the operator's pages.
    Sessions = 2,
    /// Authorization codes (RFC 6749 section 4.1.2).
    Codes = 3,
    /// Grants: what a user consented to, for which fintech.
    Grants = 4,
    /// Refresh tokens.
    RefreshTokens = 5,
    /// Issued access keys, by hash (opaque keys, introspection, revocation).
    AccessKeys = 6,
    /// Claims of one-time ids: proofs, assertions, signatures.
    Claims = 7,
    /// Fintech records.
    Fintechs = 8,
    /// Signing and sealing keys, sealed.
    Keys = 9,
    /// Payments by id, with their outcome.
    Payments = 10,
    /// Idempotency records.
    Idempotency = 11,
    /// Approvals of transfers.
    Approvals = 12,
    /// Security events, in the order they happened.
    Events = 13,
    /// The change log of revocations.
    Changes = 14,
    /// At the fintech: flows between push and callback.
    Pending = 15,
    /// At the fintech: access and refresh tokens, sealed.
    Tokens = 16,
    /// Users' credentials and counters of the development authenticator.
    Users = 17,
    /// Counters of failures, for back-off and locks.
    Failures = 18,
    /// Named values that exist once (ring state, epochs, shared secrets).
    Singletons = 19,
}

/// Key of a row: 1 to 64 bytes, ordered bytewise (the empty key names no row: it is where [`Store::list`] starts); one-time secrets are kept under `time ‖ hash(random)`.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RowKey(Box<[u8]>);

impl RowKey {
    /// The longest key, in bytes.
    pub const MAX: usize = 64;

    /// A key of at most [`RowKey::MAX`] bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= Self::MAX).then(|| Self(bytes.into()))
    }

    /// `time` (seconds, 8 bytes big-endian) followed by a 32-byte hash: rows in time order commit many times faster.
    #[must_use]
    pub fn timed(time: UnixTime, hash: &[u8; 32]) -> Self {
        Self([&time.secs().to_be_bytes()[..], hash].concat().into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowKey(")?;
        for byte in self.0.iter().take(8) {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("..)")
    }
}

/// The HMAC of an indexed value, so that a store can find rows without seeing the value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IndexValue(pub [u8; 32]);

/// A row as every store keeps it: never clear text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// Its key in the table.
    pub key: RowKey,
    /// 1 when inserted; each replacement adds one.
    pub version: u64,
    /// When it may be forgotten: from this very second on (`expires <= now`) it is as good as absent. `None`: never.
    pub expires: Option<UnixTime>,
    /// Values it can be found by.
    pub index: Vec<IndexValue>,
    /// The sealed content.
    pub sealed: Vec<u8>,
}

/// One step of a commit; all steps happen or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Takes an id once: refused when the key is already there. `expires` must outlive the id's acceptance;
    /// a claim that would be forgotten at once (`expires <= now`) is refused, since nothing would stop its replay.
    Claim {
        /// Namespace of the id.
        table: Table,
        /// The id.
        key: RowKey,
        /// When the claim may be forgotten.
        expires: UnixTime,
    },
    /// Adds a row: refused when the key is there or its version is not 1.
    Insert {
        /// The table.
        table: Table,
        /// The row.
        row: Row,
    },
    /// Removes a row of exactly this version: refused when it is absent or was changed.
    Take {
        /// The table.
        table: Table,
        /// The key.
        key: RowKey,
        /// The version that was read.
        version: u64,
    },
    /// Puts `row` in the place of version `row.version - 1`: refused when it is absent or was changed.
    Replace {
        /// The table.
        table: Table,
        /// The new row.
        row: Row,
    },
    /// Raises a counter to at least `to`; never refused, never lowers. An absent row is made: empty, never expiring.
    Raise {
        /// The table.
        table: Table,
        /// The key.
        key: RowKey,
        /// The new least value, kept as the row's version.
        to: u64,
    },
    /// Appends a security event row (key: `time ‖ unique`); refused only when the key is there: no event is
    /// ever overwritten.
    Event {
        /// The sealed event.
        row: Row,
    },
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Commit {
    /// All steps happened, durably.
    Committed,
    /// Nothing happened, because of the step at this index.
    Refused {
        /// Index into the steps.
        step: usize,
    },
}

/// The store did not answer; whoever asked must refuse (503), nothing was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the store is not available")]
pub struct StoreError;

/// One transactional store behind everything that must survive.
pub trait Store: fmt::Debug + Send + Sync {
    /// Whether what was committed survives the end of the process; production refuses a store that does not say so.
    fn is_durable(&self) -> bool {
        false
    }

    /// The row under `key`, unless absent or expired at `now`.
    fn read<'a>(
        &'a self,
        table: Table,
        key: &'a RowKey,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>>;

    /// At most `limit` rows with `index`, in key order, without the ones expired at `now`.
    fn scan<'a>(
        &'a self,
        table: Table,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// At most `limit` rows with keys greater than `after` (all from the start: an empty key), in key order.
    fn list<'a>(
        &'a self,
        table: Table,
        after: &'a RowKey,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// Does all `steps` at once and durably, or nothing. A row expired at `now` counts as absent.
    ///
    /// A step sees what the steps before it did, so `Take` then `Insert` of one key is a move, and one id claimed
    /// twice in a commit is refused. Dropping the future does not undo a commit that was already handed over.
    fn commit<'a>(&'a self, steps: Vec<Step>, now: UnixTime) -> BoxFuture<'a, Result<Commit, StoreError>>;

    /// Forgets rows and claims expired at `now`; at most `limit`, returns how many.
    fn purge<'a>(&'a self, now: UnixTime, limit: usize) -> BoxFuture<'a, Result<usize, StoreError>>;
}
