use std::sync::Arc;

use ingam_ports::{AuditSink, Outcome, RecordError, SecurityEvent, Step};
use ingam_wire::BoxFuture;

use super::RecordedEvent;

/// An [`AuditSink`] that writes each event to `tracing` (target `ingam::audit`), alone or before another sink.
#[derive(Clone, Debug, Default)]
pub struct TracingAudit {
    next: Option<Arc<dyn AuditSink>>,
}

impl TracingAudit {
    /// Writes to `tracing` only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes to `tracing` what `next` has taken.
    #[must_use]
    pub fn beside(next: Arc<dyn AuditSink>) -> Self {
        Self { next: Some(next) }
    }
}

impl AuditSink for TracingAudit {
    fn step(&self, event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        let step = self.next.as_ref().map(|next| next.step(event)).transpose()?.flatten();
        if step.is_some() {
            // Whoever commits it will not record it; whether the commit holds is told by what follows.
            tracing::info!(target: "ingam::audit", "{} (with its commit)", RecordedEvent::new(event.clone(), 1));
        }
        Ok(step)
    }

    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        Box::pin(async move {
            if let Some(next) = &self.next {
                next.record(event.clone()).await?;
            }
            let refused = event.outcome != Outcome::Done;
            let line = RecordedEvent::new(event, 1);
            if refused {
                tracing::warn!(target: "ingam::audit", "{line}");
            } else {
                tracing::info!(target: "ingam::audit", "{line}");
            }
            Ok(())
        })
    }
}
