//! One-time ids remembered until they can no longer be accepted, and the log of what was revoked.

mod fingerprints;
mod kept;
mod log;
mod memory;
mod recent;

pub use self::{kept::StoreReplayGuard, log::ChangeLog, memory::MemoryReplayGuard};
