use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use ingam_access_key::{AccessKeyIssuer, ClientCertError, FintechAuthenticator, NonceSource, NonceUser, Verifier};
use ingam_jose::KeyError;
use ingam_keys::{Purpose, Records, RingError, VaultError};
use ingam_ports::{ControlItem, Endpoint, EventKind, PeerIdentity, RemoteAddress, StoreError, Threat};
use ingam_protocol::OAuthError;
use ingam_store::ChangeLog;
use ingam_transaction::{Origin, TargetMismatch};
use ingam_wire::{BoxFuture, HttpUrl, InvalidUrl, Seconds, SecretBytes, UnixTime};

use crate::{
    OperatorParts, Proxies, answer, limits,
    record::About,
    refusal::Refusal,
    registration,
    route::{Route, route},
    usage,
};
use crate::{gate::Gate, metrics::Metrics};

/// An operator: both phases, over the parts it was given.
///
/// It answers through an [`Entrance`] for each external URL; it opens no socket itself.
pub struct Operator {
    pub(crate) parts: OperatorParts,
    pub(crate) records: Records,
    pub(crate) authenticator: FintechAuthenticator,
    pub(crate) issuer: AccessKeyIssuer,
    pub(crate) server_nonces: Option<NonceSource>,
    pub(crate) resource_nonces: Option<NonceSource>,
    pub(crate) changes: ChangeLog,
    gate: Gate,
    pub(crate) access_checks: usage::AccessChecks,
    metrics: Metrics,
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
        let (gate, metrics) = (Gate::default(), Metrics::default());
        let access_checks = usage::AccessChecks::default();
        Ok(Arc::new(Self {
            parts,
            records,
            authenticator,
            issuer,
            server_nonces,
            resource_nonces,
            access_checks,
            changes,
            gate,
            metrics,
        }))
    }

    /// The operator as seen under the external URL `base`, e.g. `https://bank.example` or that of the mTLS listener.
    ///
    /// # Errors
    /// [`StartError::BaseUrl`].
    pub fn entrance(self: &Arc<Self>, base: &HttpUrl) -> Result<Entrance, StartError> {
        if !base.is_https() || base.query().is_some() || base.fragment().is_some() {
            return Err(StartError::BaseUrl);
        }
        let text = base.as_str().trim_end_matches('/');
        let path = base.path().trim_end_matches('/').to_owned();
        let (operator, base, origin) = (Arc::clone(self), text.to_owned(), Origin::of(base)?);
        Ok(Entrance { operator, base, path, origin, proxies: None })
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

/// The operator under one external URL: what a listener, a proxy or a test hands requests to.
#[derive(Clone, Debug)]
pub struct Entrance {
    operator: Arc<Operator>,
    base: String,
    path: String,
    origin: Origin,
    proxies: Option<Arc<Proxies>>,
}

/// A request on its way to its endpoint, with what the carrier said of its sender.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Request<Bytes>,
    pub(crate) peer: Option<PeerIdentity>,
    pub(crate) address: Option<core::net::IpAddr>,
    pub(crate) now: UnixTime,
}

impl Entrance {
    /// The operator behind it.
    #[must_use]
    pub fn operator(&self) -> &Arc<Operator> {
        &self.operator
    }

    /// The same entrance behind `proxies`: who they say showed a certificate counts as having shown it.
    ///
    /// Without this, `Client-Cert` is nobody's word and is ignored.
    #[must_use]
    pub fn behind(self, proxies: Arc<Proxies>) -> Self {
        Self { proxies: Some(proxies), ..self }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path that all endpoints lie below; empty at the root.
    pub(crate) fn base_path(&self) -> &str {
        &self.path
    }

    /// The external URL of `path` below the base.
    pub(crate) fn url(&self, path: &str) -> Result<HttpUrl, InvalidUrl> {
        format!("{}{path}", self.base).parse()
    }

    /// The external URL of a browser form's action.
    pub(crate) fn action(&self) -> String {
        format!("{}/authorize", self.path)
    }

    async fn dispatch(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let route = route(&path, &self.path);
        let answer = self.route(request, route.as_ref()).await;
        self.operator.metrics.count(route.as_ref(), answer.status());
        answer
    }

    async fn route(&self, mut request: Request<Bytes>, route: Option<&Route<'_>>) -> Response<Bytes> {
        let now = self.operator.now();
        if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > limits::TARGET) {
            return answer::empty(StatusCode::URI_TOO_LONG, now);
        }
        // Which host the request names is the sender's word; ours is the configuration (RFC 9449 section 4.3, sr 41).
        if let Some(target) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = target.into();
        }
        let carrier = request.extensions().get::<RemoteAddress>().copied();
        let address = carrier.map(|address| address.0.ip());
        let mut peer = request.extensions_mut().remove::<PeerIdentity>();
        if let Some(proxies) = &self.proxies {
            peer = match proxies.peer(request.headers(), carrier, peer) {
                Ok(peer) => peer,
                Err(error) => return self.refuse_certificate(error, address, now).await,
            };
        }
        let Some(route) = route else { return answer::empty(StatusCode::NOT_FOUND, now) };
        if !route.methods().contains(request.method()) {
            return not_allowed(route.methods(), now);
        }
        let incoming = Incoming { request, peer, address, now };
        match route {
            Route::Metadata => registration::metadata(&self.operator, now),
            Route::Jwks => registration::jwks(&self.operator, now),
            Route::Push => registration::push(self, incoming).await,
            Route::Authorize => registration::authorize(self, incoming).await,
            Route::Token => registration::token(self, incoming).await,
            Route::Introspect => registration::introspect(self, incoming).await,
            Route::Revoke => registration::revoke(self, incoming).await,
            Route::Resource(path) => usage::resource(self, path, incoming).await,
        }
    }

    /// A configured proxy's word that cannot be taken: refused, for the field may be the client's own.
    async fn refuse_certificate(
        &self,
        error: ClientCertError,
        address: Option<core::net::IpAddr>,
        now: UnixTime,
    ) -> Response<Bytes> {
        let refusal = Refusal::new(OAuthError::InvalidRequest, error, error.name())
            .by(ControlItem::FINTECH_AUTHENTICATION, Some(Threat::CredentialCracking));
        let about = About { address, ..About::default() };
        self.operator.refuse(refusal, EventKind::FintechAuthenticated, about, now).await
    }
}

impl Endpoint for Entrance {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(self.dispatch(request))
    }
}

fn not_allowed(methods: &[Method], now: UnixTime) -> Response<Bytes> {
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let mut answer = answer::oauth_error(OAuthError::InvalidRequest, "method not allowed", now);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::try_from(allow).unwrap_or(HeaderValue::from_static("POST")));
    answer
}
