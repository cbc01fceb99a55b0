use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam_ports::{BODY_LIMIT, Endpoint, PeerIdentity, RemoteAddress, Transport, TransportError};
use ingam_wire::BoxFuture;

/// Carries requests to endpoints in the same process, chosen by the authority of the URI, as a network would:
/// adds the peer's [`RemoteAddress`] and, where set, its [`PeerIdentity`]; only `https`; bodies bounded.
///
/// Like a server behind TLS, an endpoint sees the request in origin form (`/path?query`) with a `Host` field.
#[derive(Clone)]
pub struct Loopback {
    endpoints: Arc<Mutex<HashMap<String, Arc<dyn Endpoint>>>>,
    address: SocketAddr,
    identity: Option<Arc<PeerIdentity>>,
}

impl Loopback {
    /// A network with nobody on it; the caller's address is 192.0.2.1 (RFC 5737).
    #[must_use]
    pub fn new() -> Self {
        Self {
            endpoints: Arc::default(),
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 40_000),
            identity: None,
        }
    }

    /// Puts `endpoint` at `authority`, e.g. `bank.example` or `127.0.0.1:9443`; seen by all clones.
    pub fn attach(&self, authority: &str, endpoint: Arc<dyn Endpoint>) {
        if let Ok(mut endpoints) = self.endpoints.lock() {
            endpoints.insert(authority.to_ascii_lowercase(), endpoint);
        }
    }

    /// The same network seen from another address.
    #[must_use]
    pub fn from_address(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The same network for a client that shows a certificate.
    #[must_use]
    pub fn with_identity(&self, identity: PeerIdentity) -> Self {
        Self { identity: Some(Arc::new(identity)), ..self.clone() }
    }

    fn endpoint(&self, authority: &str) -> Option<Arc<dyn Endpoint>> {
        self.endpoints.lock().ok()?.get(&authority.to_ascii_lowercase()).cloned()
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (mut parts, body) = request.into_parts();
        if parts.uri.scheme_str() != Some("https") {
            return Err(TransportError::AddressNotAllowed);
        }
        let authority = parts.uri.authority().ok_or(TransportError::AddressNotAllowed)?.to_string();
        let endpoint = self.endpoint(&authority).ok_or(TransportError::Connect)?;
        if body.len() > BODY_LIMIT {
            let mut refused = Response::new(Bytes::new());
            *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Ok(refused);
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = path.parse().map_err(|_| TransportError::AddressNotAllowed)?;
        let host = authority.parse().map_err(|_| TransportError::AddressNotAllowed)?;
        parts.headers.entry(http::header::HOST).or_insert(host);
        parts.extensions.insert(RemoteAddress(self.address));
        if let Some(identity) = &self.identity {
            parts.extensions.insert(PeerIdentity::clone(identity));
        }
        Ok(endpoint.answer(Request::from_parts(parts, body)).await)
    }
}

impl Default for Loopback {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Transport for Loopback {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.carry(request))
    }
}
