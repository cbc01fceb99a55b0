use core::fmt;
use std::sync::Arc;

use ingam_access_key::{AccessKeyIssuer, FintechAuthenticator, NonceSource, NonceUser, Verifier};
use ingam_jose::KeyError;
use ingam_keys::{Purpose, Records, RingError, VaultError};
use ingam_ports::StoreError;
use ingam_store::ChangeLog;
use ingam_transaction::TargetMismatch;
use ingam_wire::{InvalidUrl, Seconds, SecretBytes, UnixTime};

use crate::{OperatorParts, gate::Gate, limits, metrics::Metrics, revoked::KnownRevocations};

/// An operator: both phases, over the parts it was given.
///
/// It answers through an [`crate::Entrance`] for each external URL; it opens no socket itself.
pub struct Operator {
    pub(crate) parts: OperatorParts,
    pub(crate) records: Records,
    pub(crate) authenticator: FintechAuthenticator,
    pub(crate) issuer: AccessKeyIssuer,
    pub(crate) server_nonces: Option<NonceSource>,
    pub(crate) resource_nonces: Option<NonceSource>,
    pub(crate) changes: ChangeLog,
    pub(crate) revocations: KnownRevocations,
    pub(crate) metrics: Metrics,
    gate: Gate,
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operator").field("issuer", &self.parts.identity.issuer).finish_non_exhaustive()
    }
}

/// Why an operator does not start.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StartError {
    /// A part for development in production.
    #[error("{0} is a test part and production = true")]
    TestPart(&'static str),
    /// The authenticator's decoy key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The external URL is not an https URL with an authority.
    #[error("the external URL is not an https URL")]
    BaseUrl,
}

impl From<InvalidUrl> for StartError {
    fn from(_: InvalidUrl) -> Self {
        Self::BaseUrl
    }
}

impl From<TargetMismatch> for StartError {
    fn from(_: TargetMismatch) -> Self {
        Self::BaseUrl
    }
}

impl Operator {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`StartError`]; in production every test part stops the start.
    pub fn start(parts: OperatorParts) -> Result<Arc<Self>, StartError> {
        if parts.production {
            refuse_test_parts(&parts)?;
        }
        let policy = Arc::new(parts.profile.access_key.clone());
        let authenticator = FintechAuthenticator::new(
            parts.identity.issuer.clone(),
            Arc::clone(&policy),
            Arc::clone(&parts.provider),
            parts.chains.clone(),
        )?;
        let issuer = AccessKeyIssuer::new(
            parts.identity.issuer.clone(),
            parts.identity.resource.clone(),
            policy,
            Arc::clone(&parts.provider),
        );
        let (server_nonces, resource_nonces) = nonces(&parts);
        let records = Records::new(Arc::clone(&parts.store), Arc::clone(&parts.sealer));
        let changes = ChangeLog::new(Arc::clone(&parts.store), longest_access_key(&parts));
        Ok(Arc::new(Self {
            parts,
            records,
            authenticator,
            issuer,
            server_nonces,
            resource_nonces,
            changes,
            revocations: KnownRevocations::default(),
            metrics: Metrics::default(),
            gate: Gate::default(),
        }))
    }

    /// Whether it can serve: the store answers and a key signs.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn ready(&self) -> Result<(), NotReady> {
        let now = self.now();
        self.changes.head(now).await.map_err(|StoreError| NotReady::Store)?;
        self.parts.keys.signer(Purpose::SignAccessKeys, now).map_err(NotReady::Keys)?;
        Ok(())
    }

    /// Every rule it follows, in words, one a line.
    #[must_use]
    pub fn report(&self) -> Vec<String> {
        let mut lines = self.parts.profile.report();
        lines.push(format!("issuer: {}", self.parts.identity.issuer.as_str()));
        lines.push(format!("crypto module: {}", self.parts.provider.name()));
        lines.push(format!("production: {}", self.parts.production));
        lines.push(format!("block list: {:?}, risk decision: {:?}", self.parts.blocks, self.parts.risk));
        lines
    }

    /// Requests answered so far, in the text format of Prometheus.
    #[must_use]
    pub fn metrics(&self) -> String {
        self.metrics.print()
    }

    /// What is due from time to time: the key ring, and forgetting what has expired. Call it about every second.
    ///
    /// # Errors
    /// [`TendError`]; whatever could not be done is due at the next call.
    pub async fn tend(&self) -> Result<(), TendError> {
        let now = self.now();
        self.parts.keys.refresh(now).await?;
        self.parts.store.purge(now, limits::PURGE).await?;
        Ok(())
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.parts.clock.now()
    }

    /// The verifier of our own access keys.
    pub(crate) fn verifier(&self, now: UnixTime) -> Arc<Verifier> {
        self.gate.verifier(&self.parts, now)
    }
}

/// Why it cannot serve.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotReady {
    /// The store does not answer.
    #[error("the store does not answer")]
    Store,
    /// No key signs.
    #[error(transparent)]
    Keys(RingError),
}

/// Why what was due could not be done.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TendError {
    /// The key ring.
    #[error(transparent)]
    Keys(#[from] VaultError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long a revocation must be remembered: until the last access key it concerns is over everywhere.
fn longest_access_key(parts: &OperatorParts) -> Seconds {
    let settings = parts.profile.access_key.settings();
    settings.access_key.plus(settings.future_skew).plus(settings.future_skew)
}

fn refuse_test_parts(parts: &OperatorParts) -> Result<(), StartError> {
    if !parts.store.is_durable() {
        return Err(StartError::TestPart("the store in memory"));
    }
    if parts.users.is_for_development() {
        return Err(StartError::TestPart("the user authenticator"));
    }
    if parts.keys.ring().environment() != ingam_keys::Environment::Live {
        return Err(StartError::TestPart("the key ring"));
    }
    Ok(())
}

/// Server nonces from a secret that all nodes derive from the store's master, so that they survive a restart.
fn nonces(parts: &OperatorParts) -> (Option<NonceSource>, Option<NonceSource>) {
    let settings = parts.profile.access_key.settings();
    if settings.dpop_nonce == ingam_access_key::DpopNonce::Off {
        return (None, None);
    }
    let source = |user| {
        let secret = SecretBytes::new(parts.sealer.hash("dpop nonce", b"").to_vec());
        NonceSource::new(Arc::clone(&parts.provider), secret, user, settings.nonce)
    };
    (Some(source(NonceUser::AuthorizationServer)), Some(source(NonceUser::ResourceServer)))
}
