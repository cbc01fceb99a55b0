use ingam_wire::Seconds;

/// How another party's key set is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RemotePolicy {
    pub(super) times: RemoteTimes,
}

/// The times of a [`RemotePolicy`], each named where it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RemoteTimes {
    /// How long a set is used before it is fetched again; the answer's `max-age` may shorten it.
    pub fresh: Seconds,
    /// For how long after it was fetched a set is still used while its endpoint does not answer.
    pub stale: Seconds,
    /// Between two fetches, whatever the reason: what an attacker with invented key ids can cause at most.
    pub interval: Seconds,
    /// How long an identifier that a fresh set does not hold is not asked for again.
    pub negative: Seconds,
}

/// Why times make no policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemotePolicyError {
    /// Every unknown key id would cause a fetch.
    #[error("the interval between fetches is zero")]
    NoInterval,
    /// A set would be fetched again before it may be.
    #[error("sets are fresh for less than the interval between fetches")]
    FreshTooShort,
    /// A set would have to be thrown away while it is fresh.
    #[error("sets are kept for less than they are fresh")]
    StaleTooShort,
}

impl RemotePolicyError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoInterval => "NoInterval",
            Self::FreshTooShort => "FreshTooShort",
            Self::StaleTooShort => "StaleTooShort",
        }
    }
}

impl RemotePolicy {
    /// Five minutes fresh, a day through an outage, a fetch in ten seconds at most, a minute for an unknown key id.
    pub const USUAL: Self = Self {
        times: RemoteTimes {
            fresh: Seconds::new(300),
            stale: Seconds::new(86_400),
            interval: Seconds::new(10),
            negative: Seconds::new(60),
        },
    };

    /// A policy of these times.
    ///
    /// # Errors
    /// The first [`RemotePolicyError`] that applies.
    pub const fn new(times: RemoteTimes) -> Result<Self, RemotePolicyError> {
        if times.interval.get() == 0 {
            return Err(RemotePolicyError::NoInterval);
        }
        if times.fresh.get() < times.interval.get() {
            return Err(RemotePolicyError::FreshTooShort);
        }
        if times.stale.get() < times.fresh.get() {
            return Err(RemotePolicyError::StaleTooShort);
        }
        Ok(Self { times })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_bounds_the_next() {
        let times = |fresh, stale, interval| RemoteTimes {
            fresh: Seconds::new(fresh),
            stale: Seconds::new(stale),
            interval: Seconds::new(interval),
            negative: Seconds::new(0),
        };
        assert!(RemotePolicy::new(times(10, 10, 10)).is_ok());
        assert_eq!(RemotePolicy::new(times(10, 10, 0)), Err(RemotePolicyError::NoInterval));
        assert_eq!(RemotePolicy::new(times(9, 10, 10)), Err(RemotePolicyError::FreshTooShort));
        assert_eq!(RemotePolicy::new(times(10, 9, 10)), Err(RemotePolicyError::StaleTooShort));
        assert_eq!(RemotePolicy::new(RemotePolicy::USUAL.times), Ok(RemotePolicy::USUAL));
    }
}
