use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use ingam_access_key::JarmKind;
use ingam_jose::{
    CryptoProvider, KeySet,
    jwt::{JwtError, Presented},
};
use ingam_ports::{Transport, TransportError};
use ingam_protocol::TokenResponse;
use ingam_wire::{Seconds, UnixTime};

use crate::{
    exchange::{Nonces, Server, nonce_challenge},
    membership::Membership,
    operator::{DiscoveryError, Operator, discovery_requests, keys_request, read_keys, read_metadata},
};

/// One operator as this process knows it: the membership, the way there, what was discovered, the newest nonces.
pub(crate) struct Connection {
    pub(crate) membership: Membership,
    transport: Arc<dyn Transport>,
    operator: Mutex<Option<Arc<Operator>>>,
    nonces: Nonces,
}

/// How long metadata and keys are used before they are asked for again.
const FRESH: Seconds = Seconds::new(3_600);

/// The least time between two discoveries, whatever a message claims: an unknown key id must not become a flood.
const PAUSE: Seconds = Seconds::new(30);

/// Why an operator was not reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(transparent)]
pub(crate) struct ConnectionError(#[from] TransportError);

impl From<ConnectionError> for TransportError {
    fn from(error: ConnectionError) -> Self {
        error.0
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("issuer", &self.membership.issuer).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) fn new(membership: Membership, transport: Arc<dyn Transport>) -> Self {
        Self { membership, transport, operator: Mutex::new(None), nonces: Nonces::default() }
    }

    /// The operator, discovered when it is not known or its description is no longer fresh.
    pub(super) async fn operator(
        &self,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Arc<Operator>, DiscoveryError> {
        match self.known() {
            Some(operator) if now < operator.since().plus(FRESH) => Ok(operator),
            _ => self.discover(provider, now).await,
        }
    }

    /// The operator with keys younger than `than`'s, for a message whose key is unknown; `None` too soon after the last time.
    pub(super) async fn newer(
        &self,
        than: &Operator,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Option<Arc<Operator>> {
        match self.known() {
            Some(operator) if operator.since() > than.since() => Some(operator),
            _ if now < than.since().plus(PAUSE) => None,
            _ => self.discover(provider, now).await.ok(),
        }
    }

    /// As [`Self::newer`], when the ID token of an answer names an unknown key.
    pub(super) async fn newer_for_id_token(
        &self,
        response: &Response<Bytes>,
        than: &Operator,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Option<Arc<Operator>> {
        let answer = TokenResponse::parse(response.body()).ok()?;
        if !unknown_key(answer.id_token.as_ref()?.expose(), than) {
            return None;
        }
        self.newer(than, provider, now).await
    }

    fn known(&self) -> Option<Arc<Operator>> {
        self.operator.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn discover(&self, provider: &dyn CryptoProvider, now: UnixTime) -> Result<Arc<Operator>, DiscoveryError> {
        let [first, second] = discovery_requests(&self.membership.issuer)?;
        let answer = self.transport.exchange(first).await?;
        let metadata = match read_metadata(&answer, &self.membership.issuer)? {
            Some(metadata) => metadata,
            None => {
                let answer = self.transport.exchange(second).await?;
                let status = answer.status().as_u16();
                read_metadata(&answer, &self.membership.issuer)?.ok_or(DiscoveryError::Status(status))?
            }
        };
        let keys = match keys_request(&metadata)? {
            None => KeySet::default(),
            Some(request) => {
                let (keys, skipped) = read_keys(&self.transport.exchange(request).await?, provider)?;
                for key in skipped {
                    tracing::warn!(issuer = %self.membership.issuer, reason = %key.reason, "a key of the operator is not used");
                }
                keys
            }
        };
        let operator = Arc::new(Operator::new(metadata, keys, &self.membership, now)?);
        *self.operator.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&operator));
        Ok(operator)
    }

    /// Tries to reach a server of the operator: one, and one more if it wants another nonce.
    pub(crate) fn tries(&self, server: Server) -> Tries<'_> {
        let nonce = self.nonces.newest(&self.membership.issuer, server);
        Tries { connection: self, server, nonce, again: true }
    }
}

/// The tries of one request; each is made anew by the caller, with a fresh assertion, proof and signature.
///
/// fapi: SP-C-8, DP-15, X-C-4, X-C-5
pub(crate) struct Tries<'a> {
    connection: &'a Connection,
    server: Server,
    nonce: Option<String>,
    again: bool,
}

impl Tries<'_> {
    /// The nonce for the next try.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// Sends one try; `None` when the server wants another nonce, which the next try must carry.
    pub(crate) async fn send(&mut self, request: Request<Bytes>) -> Result<Option<Response<Bytes>>, ConnectionError> {
        let Connection { membership, transport, nonces, .. } = self.connection;
        let response = transport.exchange(request).await.map_err(ConnectionError)?;
        nonces.learn(&membership.issuer, self.server, response.headers());
        match nonce_challenge(&response, self.server) {
            Some(wanted) if self.again && Some(wanted) != self.nonce() => {
                self.nonce = Some(wanted.to_owned());
                self.again = false;
                Ok(None)
            }
            _ => Ok(Some(response)),
        }
    }
}

/// Whether a signed answer names a key that the operator's set does not hold.
pub(super) fn unknown_key(token: &str, operator: &Operator) -> bool {
    let presented = Presented::<JarmKind>::parse(token);
    match presented {
        Ok(presented) => matches!(presented.verify_with(operator.keys()), Err(JwtError::UnknownKey)),
        Err(_) => false,
    }
}
