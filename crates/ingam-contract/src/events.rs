use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use ingam_ports::{AuditSink, Outcome, RecordError, SecurityEvent, Step};
use ingam_wire::BoxFuture;

/// An [`AuditSink`] that keeps every event for the test to look at, and fails when told to.
#[derive(Debug, Default)]
pub struct Events {
    events: Mutex<Vec<SecurityEvent>>,
    failing: AtomicBool,
}

impl Events {
    /// Everything recorded so far; hold it no longer than an expression.
    pub fn all(&self) -> MutexGuard<'_, Vec<SecurityEvent>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reasons of all refusals.
    #[must_use]
    pub fn refusals(&self) -> Vec<&'static str> {
        let refused = |event: &SecurityEvent| match event.outcome {
            Outcome::Refused(reason) => Some(reason),
            Outcome::Done => None,
        };
        self.all().iter().filter_map(refused).collect()
    }

    /// The reason of the last refusal.
    #[must_use]
    pub fn last_refusal(&self) -> &'static str {
        self.refusals().last().copied().unwrap_or("nothing was refused")
    }

    /// Everything, as a log would print it.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{:?}", self.all())
    }

    /// From now on nothing can be recorded, or it can again.
    pub fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn works(&self) -> Result<(), RecordError> {
        if self.failing.load(Ordering::SeqCst) { Err(RecordError) } else { Ok(()) }
    }
}

impl AuditSink for Events {
    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        Box::pin(async move {
            self.works()?;
            self.all().push(event);
            Ok(())
        })
    }

    fn step(&self, _event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        self.works().map(|()| None)
    }
}
