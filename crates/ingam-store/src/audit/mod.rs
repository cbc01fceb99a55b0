//! Where security events go (X.1149 item 3.1.16.9): sealed, in order, into the store; or to `tracing`.

mod counted;
mod kept;
mod recorded;
mod traced;
mod trail;

pub use self::{
    kept::{AuditMode, OpenAuditError, StoreAudit},
    recorded::RecordedEvent,
    traced::TracingAudit,
    trail::Trail,
};
