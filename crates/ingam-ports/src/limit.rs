use core::net::IpAddr;

use ingam_wire::{BoxFuture, UnixTime};

/// Who is limited.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum RateSubject {
    /// A network address.
    Address(IpAddr),
    /// A fintech, by client id, from one address.
    Fintech(String, IpAddr),
    /// A user name at the login page, from one address.
    User(String, IpAddr),
}

/// Whether a request may go on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permit {
    /// Go on.
    Granted,
    /// Too many; try again after this many seconds.
    After(u64),
}

/// Limits how often something may happen.
pub trait RateLimiter: core::fmt::Debug + Send + Sync {
    /// Takes `cost` from what `subject` has left in `bucket` at `now`; a cost of 0 only asks.
    ///
    /// Failures are counted by asking before the attempt and paying after a wrong one, so that a lock holds
    /// against right credentials too. Whoever counts by client or user adds the address to the subject, so that
    /// nobody can lock out another from elsewhere.
    fn permit<'a>(
        &'a self,
        bucket: &'static str,
        subject: &'a RateSubject,
        cost: u32,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Permit, crate::PortError>>;
}
