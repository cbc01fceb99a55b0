use core::fmt;
use std::sync::Arc;

use ingam_wire::UnixTime;
use rustls::time_provider::TimeProvider;

/// The wall clock that certificates are checked against; handed in, because nothing below layer 6 reads one.
#[derive(Clone)]
pub struct Clock(Arc<dyn ingam_ports::Clock>);

impl Clock {
    /// The same clock for the TLS library; any `Fn() -> UnixTime` is one.
    ///
    /// ```
    /// # use ingam_tls::Clock; use ingam_wire::UnixTime;
    /// let noon = Clock::new(|| UnixTime::from_secs(1_800_000_000));
    /// assert_eq!(noon.now(), UnixTime::from_secs(1_800_000_000));
    /// ```
    #[must_use]
    pub fn new(clock: impl ingam_ports::Clock + 'static) -> Self {
        Self(Arc::new(clock))
    }

    /// The time it is.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.0.now()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock(..)")
    }
}

impl TimeProvider for Clock {
    /// A time before 1970 is no time: rustls then refuses the handshake.
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        pki_time(self.now())
    }
}

pub(crate) fn pki_time(now: UnixTime) -> Option<rustls::pki_types::UnixTime> {
    let seconds = u64::try_from(now.secs()).ok()?;
    Some(rustls::pki_types::UnixTime::since_unix_epoch(core::time::Duration::from_secs(seconds)))
}
