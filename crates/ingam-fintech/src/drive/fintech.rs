use core::fmt;
use std::{collections::HashMap, sync::Arc};

use ingam_jose::CryptoProvider;
use ingam_keys::{Records, RecordsError, SealError};
use ingam_ports::{Clock, StoreError, Transport, TransportError};
use ingam_protocol::{CallbackError, Issuer};
use ingam_wire::{RandomnessUnavailable, UnixTime};

use super::connection::{Connection, ConnectionError};
use crate::{
    access::RefreshError,
    exchange::SendError,
    membership::Membership,
    operator::DiscoveryError,
    registration::{BeginError, CompleteError, PushError, RedeemError},
    usage::CallError,
};

/// A fintech: many operators, one store, any number of nodes.
///
/// It holds no state of a user in memory: what must survive lies sealed in the store, so that the node that began a flow
/// need not be the one that finishes it.
///
/// # Examples
/// ```
/// use ingam_fintech::{Fintech, FintechError, LocalUser, Redirect, Wanted};
/// use ingam_protocol::{Issuer, usage::AccountList};
///
/// /// A① and A②: the user pressed a button; the answer redirects to `url` and sets the cookie.
/// async fn ask(fintech: &Fintech, bank: &Issuer, user: LocalUser) -> Result<Redirect, FintechError> {
///     let scope = "accounts balances".parse().expect("two scopes");
///     fintech.begin(bank, user, Wanted::scopes(scope)).await
/// }
///
/// /// A④ and B①: the user came back to the redirect URI with this query and these cookies.
/// async fn came_back(fintech: &Fintech, query: &str, cookies: &str) -> Result<AccountList, FintechError> {
///     let access = fintech.complete(query, cookies).await?;
///     fintech.accounts(&access).await
/// }
/// ```
pub struct Fintech {
    pub(super) provider: Arc<dyn CryptoProvider>,
    pub(super) records: Records,
    pub(super) clock: Arc<dyn Clock>,
    connections: HashMap<Issuer, Arc<Connection>>,
}

/// Why something a fintech wanted to do was not done.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FintechError {
    /// There is no membership with this operator.
    #[error("no membership with this operator")]
    UnknownOperator,
    /// There is no such access key, or it is no longer kept.
    #[error("no such access key")]
    UnknownAccess,
    /// The operator was not found.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// Nothing was begun.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The push failed.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The callback was refused.
    #[error(transparent)]
    Complete(#[from] CompleteError),
    /// The code was not redeemed.
    #[error(transparent)]
    Redeem(#[from] RedeemError),
    /// The access key was not refreshed.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The call came to nothing.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A request was not made.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The operator refused to take a token back.
    #[error("the token was not taken back, status {0}")]
    NotRevoked(u16),
    /// No answer; whether the operator acted is not known.
    #[error(transparent)]
    Transport(TransportError),
    /// The store did not answer, or a record does not open.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// A record is not what was sealed once.
    #[error("a record cannot be read")]
    Record,
    /// A body cannot be asked for by this name.
    #[error("two records under one name")]
    Conflict,
}

impl FintechError {
    /// The rule's name, from the innermost error.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownOperator => "UnknownOperator",
            Self::UnknownAccess => "UnknownAccess",
            Self::Discovery(reason) => reason.name(),
            Self::Begin(reason) => reason.name(),
            Self::Push(reason) => reason.name(),
            Self::Complete(reason) => reason.name(),
            Self::Redeem(reason) => reason.name(),
            Self::Refresh(reason) => reason.name(),
            Self::Call(reason) => reason.name(),
            Self::Send(reason) => reason.name(),
            Self::NotRevoked(_) => "NotRevoked",
            Self::Transport(_) => "Transport",
            Self::Records(reason) => reason.name(),
            Self::Randomness(_) => "Randomness",
            Self::Record => "Record",
            Self::Conflict => "Conflict",
        }
    }
}

impl From<ConnectionError> for FintechError {
    fn from(error: ConnectionError) -> Self {
        Self::Transport(error.into())
    }
}

impl From<StoreError> for FintechError {
    fn from(error: StoreError) -> Self {
        Self::Records(error.into())
    }
}

impl From<SealError> for FintechError {
    fn from(error: SealError) -> Self {
        Self::Records(error.into())
    }
}

impl From<CallbackError> for FintechError {
    fn from(error: CallbackError) -> Self {
        Self::Complete(error.into())
    }
}

impl fmt::Debug for Fintech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fintech").field("operators", &self.connections.keys()).finish_non_exhaustive()
    }
}

impl Fintech {
    /// A fintech without any operator yet; its records lie in `records`, sealed.
    #[must_use]
    pub fn new(provider: Arc<dyn CryptoProvider>, records: Records, clock: Arc<dyn Clock>) -> Self {
        Self { provider, records, clock, connections: HashMap::new() }
    }

    /// With one more operator, reached over `transport` (which shows the certificate, where one is agreed).
    #[must_use]
    pub fn with(mut self, membership: Membership, transport: Arc<dyn Transport>) -> Self {
        let issuer = membership.issuer.clone();
        self.connections.insert(issuer, Arc::new(Connection::new(membership, transport)));
        self
    }

    /// The operators there is a membership with.
    pub fn operators(&self) -> impl Iterator<Item = &Issuer> {
        self.connections.keys()
    }

    pub(super) fn connection(&self, issuer: &Issuer) -> Result<Arc<Connection>, FintechError> {
        self.connections.get(issuer).cloned().ok_or(FintechError::UnknownOperator)
    }

    pub(super) fn now(&self) -> UnixTime {
        self.clock.now()
    }
}
