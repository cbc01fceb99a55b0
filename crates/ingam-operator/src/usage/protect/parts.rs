use std::sync::Arc;

use ingam_access_key::{NonceSource, Verifier};
use ingam_jose::CryptoProvider;
use ingam_keys::RemoteKeySet;
use ingam_ports::{AuditSink, Clock, RateLimiter, ReplayGuard};
use ingam_protocol::Issuer;
use ingam_transaction::policy::{CoveragePolicy, Unsigned};
use ingam_wire::HttpUrl;

use super::Introspection;
use crate::{FintechDirectory, Proxies};

/// What stands in front of a bank's API is made of.
#[derive(Clone)]
pub struct ProtectionParts {
    /// The external URL of the API: proofs and signatures are compared with it, never with what a request says of its
    /// host.
    pub base: HttpUrl,
    /// Whose access keys count; several operators may be in it.
    pub verifier: Arc<Verifier>,
    /// The key sets that operators publish at their `jwks_uri`: followed as they change, in the place of the keys that
    /// `verifier` has of these operators. A key that is published no more stops counting when its set is no longer fresh.
    pub published: Vec<(Issuer, Arc<RemoteKeySet>)>,
    /// What signed requests must cover, and whether unsigned ones pass.
    pub requests: CoveragePolicy,
    /// The fintechs of each operator: their status and the keys they sign requests with. Without one, no signature of
    /// that operator's fintechs can be good.
    pub registers: Vec<(Issuer, Arc<dyn FintechDirectory>)>,
    /// Where operators are asked about access keys that are no JWTs; without any, only JWTs pass. JWTs are never asked
    /// about.
    ///
    /// Such an access key does not say whose it is: the operators are asked in this order until one knows it, so each
    /// one before that learns of it (it is of no use without its holder's key).
    pub introspections: Vec<Introspection>,
    /// Nonces that proofs must hold, if any.
    pub nonces: Option<Arc<NonceSource>>,
    /// The proxies whose word on a certificate counts; none: the carrier's alone.
    pub proxies: Option<Arc<Proxies>>,
    /// The primitives.
    pub provider: Arc<dyn CryptoProvider>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Takes one-time ids, and tells what was revoked.
    pub replay: Arc<dyn ReplayGuard>,
    /// Back-off of addresses that keep showing access keys which no operator knows (`access-key` is the bucket): further
    /// ones are 429 and nobody is asked about them. JWTs are neither counted nor held back.
    pub limiter: Arc<dyn RateLimiter>,
    /// The record of what passed and what did not.
    pub audit: Arc<dyn AuditSink>,
}

impl core::fmt::Debug for ProtectionParts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ProtectionParts")
            .field("base", &self.base)
            .field("requests", &self.requests)
            .finish_non_exhaustive()
    }
}

impl ProtectionParts {
    /// Whether they fit together.
    pub(super) fn check(&self) -> Result<(), ProtectionError> {
        let base = &self.base;
        if !base.is_https() || base.query().is_some() || base.fragment().is_some() {
            return Err(ProtectionError::BaseUrl);
        }
        if self.requests.unsigned == Unsigned::Refused && self.registers.is_empty() {
            return Err(ProtectionError::NoRegister);
        }
        if self.introspections.iter().any(|asked| !asked.endpoint.is_https()) {
            return Err(ProtectionError::IntrospectionUrl);
        }
        if self.published.iter().any(|(issuer, _)| self.verifier.keys_of(issuer).is_none()) {
            return Err(ProtectionError::PublisherUntrusted);
        }
        if self.introspections.iter().any(|asked| self.verifier.keys_of(&asked.issuer).is_none()) {
            return Err(ProtectionError::IntrospectionUntrusted);
        }
        Ok(())
    }
}

/// Why the parts do not fit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProtectionError {
    /// The external URL is not an https URL without query.
    #[error("the external URL is not an https URL")]
    BaseUrl,
    /// Signatures are demanded, and nobody's keys are known.
    #[error("signed requests are demanded, but no register says whose keys sign them")]
    NoRegister,
    /// An introspection endpoint is not an https URL.
    #[error("an introspection endpoint is not an https URL")]
    IntrospectionUrl,
    /// Keys of an operator are to be followed whose access keys do not count.
    #[error("an operator's keys are to be followed whose access keys are not trusted")]
    PublisherUntrusted,
    /// An operator is to be asked whose access keys do not count.
    #[error("an operator is to be asked whose access keys are not trusted")]
    IntrospectionUntrusted,
}

impl ProtectionError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BaseUrl => "BaseUrl",
            Self::NoRegister => "NoRegister",
            Self::IntrospectionUrl => "IntrospectionUrl",
            Self::PublisherUntrusted => "PublisherUntrusted",
            Self::IntrospectionUntrusted => "IntrospectionUntrusted",
        }
    }
}
