use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use ingam_wire::{Seconds, UnixTime};

/// A clock that stands until a test moves it; clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: UnixTime) -> Self {
        Self(Arc::new(AtomicI64::new(now.secs())))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward.
    pub fn advance(&self, span: Seconds) {
        self.set(self.now().plus(span));
    }

    /// Sets it.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.secs(), Ordering::SeqCst);
    }
}

impl Default for TestClock {
    /// 2026-01-02T03:04:05Z.
    fn default() -> Self {
        Self::at(UnixTime::from_secs(1_767_323_045))
    }
}
