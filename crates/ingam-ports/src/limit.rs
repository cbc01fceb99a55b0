use core::net::IpAddr;

use ingam_wire::{BoxFuture, UnixTime};

/// Who is limited.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum RateSubject {
    /// A fintech, by client id.
    Fintech(String),
    /// A network address.
    Address(IpAddr),
    /// A user name at the login page.
    User(String),
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
    /// Whether `subject` may do one more `bucket` at `now`.
    fn permit<'a>(
        &'a self,
        bucket: &'static str,
        subject: &'a RateSubject,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Permit, crate::PortError>>;
}
