//! A clock the test moves.

use std::sync::atomic::{AtomicI64, Ordering};

/// Seconds since the Unix epoch that stand still until the test moves them.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `seconds` since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(AtomicI64::new(seconds))
    }

    /// What it shows, in seconds since the epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves it by `seconds` (back where negative) and returns what it then shows.
    pub fn advance(&self, seconds: i64) -> i64 {
        self.0.fetch_add(seconds, Ordering::SeqCst).wrapping_add(seconds)
    }

    /// Sets it to `seconds` since the epoch.
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 2026-07-01T00:00:00Z.
    fn default() -> Self {
        Self::new(1_782_864_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_when_told() {
        let clock = ManualClock::new(1_000);
        assert_eq!((clock.now(), clock.advance(61), clock.now()), (1_000, 1_061, 1_061));
        clock.set(5);
        assert_eq!((clock.advance(-6), clock.now()), (-1, -1));
    }
}
