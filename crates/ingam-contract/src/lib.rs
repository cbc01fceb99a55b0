//! Contract suites for the ports, and the surroundings that tests hold in their hands.
//!
//! Whoever implements a port runs its suite: [`store::suite`], [`replay::suite`], [`audit::suite`],
//! [`rate::suite`]. Each is deterministic, reads no clock and does not sleep. [`Loopback`] carries requests between
//! parties in memory, [`FailingStore`] fails and [`TestClock`] moves when told to, [`Events`] keeps what was recorded.

pub mod audit;
mod certificate;
mod clock;
mod events;
mod failing;
mod loopback;
mod random;
pub mod rate;
pub mod replay;
pub mod store;

pub use self::{
    certificate::certificate, clock::TestClock, events::Events, failing::FailingStore, loopback::Loopback,
    random::FixedRandom,
};
