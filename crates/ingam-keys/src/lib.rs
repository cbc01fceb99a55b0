//! Key management: what a key is for, when it is published, active, retired, destroyed; custody; other parties' key sets.
//!
//! [`Records`] keeps typed values sealed in a store: each row under its own key, committed to and bound to its place.

mod record;

pub use self::record::{Record, RecordSealer, Records, RecordsError, SealError, Stored};
