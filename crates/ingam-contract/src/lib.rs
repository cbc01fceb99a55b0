//! Contract suites for the ports, and the surroundings that tests hold in their hands.
//!
//! Whoever implements a port runs its suite: [`store::suite`], [`replay::suite`], [`audit::suite`],
//! [`rate::suite`]. Each is deterministic, reads no clock and does not sleep. [`Loopback`] carries requests between
//! parties in memory, [`FailingStore`] fails when told to, [`TestClock`] moves when told to.

pub mod audit;
mod clock;
mod failing;
mod loopback;
mod random;
pub mod rate;
pub mod replay;
pub mod store;

pub use self::{clock::TestClock, failing::FailingStore, loopback::Loopback, random::FixedRandom};
