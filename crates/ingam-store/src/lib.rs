//! The [`Store`](ingam_ports::Store) and [`ReplayGuard`](ingam_ports::ReplayGuard) kept.
//!
//! [`RedbStore`] is the default: one file, durable, nothing to set up. [`MemoryStore`] is for tests. Both follow the
//! same rules (`plan`), decided once, and pass the same contract suites (`ingam-contract`). Stores never see clear
//! text, take no decision and read no clock.

mod audit;
mod encoding;
mod limits;
mod memory;
mod plan;
mod rate;
mod redb_store;
mod replay;

pub use self::{
    audit::{AuditMode, OpenAuditError, RecordedEvent, StoreAudit, TracingAudit, Trail},
    memory::MemoryStore,
    rate::{MemoryRateLimiter, RateLimit},
    redb_store::{OpenError, RedbStore},
    replay::{ChangeLog, MemoryReplayGuard, StoreReplayGuard},
};
