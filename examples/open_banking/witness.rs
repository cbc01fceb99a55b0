//! The operator's record, kept as always and remembered besides, so that the example can show what was refused and why.

use std::sync::{Arc, Mutex, PoisonError};

use ingam::{
    ports::{AuditSink, Outcome, RecordError, SecurityEvent, Step},
    store::StoreAudit,
    wire::BoxFuture,
};

/// Hands every event on to the store and remembers the refusals.
#[derive(Debug)]
pub(crate) struct Witness {
    kept: Arc<StoreAudit>,
    refused: Mutex<Vec<&'static str>>,
}

impl Witness {
    pub(crate) fn beside(kept: Arc<StoreAudit>) -> Self {
        Self { kept, refused: Mutex::default() }
    }

    /// The reasons of what was refused since the last call.
    pub(crate) fn refused(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn see(&self, event: &SecurityEvent) {
        if let Outcome::Refused(reason) = event.outcome {
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).push(reason);
        }
    }
}

impl AuditSink for Witness {
    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        self.see(&event);
        self.kept.record(event)
    }

    fn step(&self, event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        self.see(event);
        self.kept.step(event)
    }
}
