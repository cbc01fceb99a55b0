//! What Ingam asks of its surroundings: traits and the data they carry, no implementations.
//!
//! Ports are async and object-safe, held as `Arc<dyn Port>`; the pure steps around them are synchronous.
//! A port that fails means refuse, never accept.

mod audit;
mod block;
mod clock;
mod endpoint;
mod limit;
mod peer;
mod replay;
mod store;
mod transport;

pub use self::{
    audit::{AuditSink, ControlItem, EventKind, Outcome, RecordError, SecurityEvent, Threat},
    block::{BlockList, PortError, Risk, RiskDecision, Subject},
    clock::Clock,
    endpoint::{BODY_LIMIT, Endpoint, RemoteAddress},
    limit::{Permit, RateLimiter, RateSubject},
    peer::{ChainError, ChainVerifier, PeerIdentity, TrustedChain},
    replay::{
        Changes, Claim, ClaimPurpose, Freshness, Position, ReplayError, ReplayGuard, Revoked, SettleError, Unclaimed,
        settle, settle_in_commit,
    },
    store::{Commit, IndexValue, Row, RowKey, Step, Store, StoreError, Table},
    transport::{Transport, TransportError},
};
