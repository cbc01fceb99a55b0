use std::sync::Arc;

use ingam_jose::CryptoProvider;
use ingam_keys::RecordSealer;
use ingam_ports::{AuditSink, BlockList, ChainVerifier, Clock, RateLimiter, ReplayGuard, RiskDecision, Store};
use ingam_protocol::{Issuer, Resource};
use ingam_wire::{HttpUrl, UnixTime};

use crate::{Bank, ConsentPolicy, FintechDirectory, OperatorKeys, Profile, UserAuthenticator};

/// Who the operator is to the outside.
#[derive(Clone, Debug)]
pub struct Identity {
    /// `iss`, byte for byte, and the only audience of client assertions.
    pub issuer: Issuer,
    /// `aud` of access keys.
    pub resource: Resource,
    /// External base URL of the listener that asks for client certificates, for `mtls_endpoint_aliases`.
    pub mtls_base: Option<HttpUrl>,
    /// Access keys issued before this time no longer count: set after a backup was restored.
    pub not_before: Option<UnixTime>,
}

/// Everything an operator is made of, handed in by whoever embeds it; no part is a global.
#[derive(Clone)]
pub struct OperatorParts {
    /// Who it is.
    pub identity: Identity,
    /// The rules.
    pub profile: Profile,
    /// True refuses every test part.
    pub production: bool,
    /// The primitives.
    pub provider: Arc<dyn CryptoProvider>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What must survive.
    pub store: Arc<dyn Store>,
    /// Seals what goes into the store.
    pub sealer: Arc<RecordSealer>,
    /// The signing keys.
    pub keys: Arc<OperatorKeys>,
    /// One-time ids of the usage phase.
    pub replay: Arc<dyn ReplayGuard>,
    /// The record of everything decided.
    pub audit: Arc<dyn AuditSink>,
    /// Back-off against guessing.
    pub limiter: Arc<dyn RateLimiter>,
    /// Users' and banks' blocks.
    pub blocks: Arc<dyn BlockList>,
    /// The bank's fraud detection.
    pub risk: Arc<dyn RiskDecision>,
    /// Certificate chains of fintechs that authenticate by PKI.
    pub chains: Option<Arc<dyn ChainVerifier>>,
    /// The fintechs.
    pub directory: Arc<dyn FintechDirectory>,
    /// The users' login.
    pub users: Arc<dyn UserAuthenticator>,
    /// What users may consent to.
    pub consent: Arc<dyn ConsentPolicy>,
    /// The banks behind the operator.
    pub bank: Arc<dyn Bank>,
}

impl core::fmt::Debug for OperatorParts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OperatorParts")
            .field("identity", &self.identity)
            .field("profile", &self.profile.name)
            .field("production", &self.production)
            .finish_non_exhaustive()
    }
}
