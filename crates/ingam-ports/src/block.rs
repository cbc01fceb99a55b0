use ingam_protocol::{AccountId, ClientId, UserId};
use ingam_wire::{BoxFuture, UnixTime};

/// A port did not answer: refuse.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a port is not available")]
pub struct PortError;

/// What a decision is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The fintech.
    pub fintech: &'a ClientId,
    /// The user.
    pub user: &'a UserId,
    /// The account, where one is named.
    pub account: Option<&'a AccountId>,
    /// The operation's name, e.g. `payments`.
    pub operation: &'static str,
}

/// Users' and banks' blocks (안심차단): consulted at A③ and B②.
pub trait BlockList: core::fmt::Debug + Send + Sync {
    /// Whether the subject is blocked at `now`.
    fn blocked<'a>(&'a self, subject: Subject<'a>, now: UnixTime) -> BoxFuture<'a, Result<bool, PortError>>;
}

/// What the bank's fraud detection says of a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Risk {
    /// Go on.
    Allow,
    /// The user must authenticate again (RFC 9470).
    StepUp,
    /// Not before this time.
    Delay(UnixTime),
    /// Held for a person to look at.
    Hold,
    /// No.
    Deny,
}

/// The bank's fraud detection: consulted at B②.
pub trait RiskDecision: core::fmt::Debug + Send + Sync {
    /// What to do with the call at `now`.
    fn decide<'a>(&'a self, subject: Subject<'a>, now: UnixTime) -> BoxFuture<'a, Result<Risk, PortError>>;
}
