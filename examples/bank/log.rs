//! The record on stderr too, one line an event, for whoever watches the program.

use std::sync::Arc;

use ingam::{
    ports::{AuditSink, Outcome, RecordError, SecurityEvent, Step},
    store::StoreAudit,
    wire::BoxFuture,
};

/// Keeps events in the store and prints each.
#[derive(Debug)]
pub(crate) struct Logged(pub(crate) Arc<StoreAudit>);

fn print(event: &SecurityEvent) {
    let outcome = match &event.outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Refused(reason) => format!("refused {reason}"),
    };
    let of = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!(" {name}={value:?}")).unwrap_or_default()
    };
    eprintln!(
        "{} {:?} {outcome} control={}{}{}{}{}",
        event.at.to_rfc3339(),
        event.kind,
        event.control.number(),
        event.threat.map(|threat| format!(" threat={threat:?}")).unwrap_or_default(),
        of("fintech", &event.fintech),
        of("user", &event.user),
        of("reference", &event.reference),
    );
}

impl AuditSink for Logged {
    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        print(&event);
        self.0.record(event)
    }

    fn step(&self, event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        print(event);
        self.0.step(event)
    }
}
