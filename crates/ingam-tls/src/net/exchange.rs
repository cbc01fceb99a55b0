use core::{fmt, time::Duration};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri, header, uri::Scheme};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use ingam_ports::{BODY_LIMIT, Transport, TransportError};
use ingam_wire::BoxFuture;
use rustls::pki_types::ServerName;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    address::AddressPolicy,
    body::{BodyRefused, gather, is_coded_further},
    pool::{Origin, Pool, Sender},
    resolve::{Resolve, SystemResolver},
};
use crate::{
    client::{ClientChannel, server_name},
    limits,
    policy::Alpn,
};

/// `Transport` over HTTP/1.1 and TLS: https only, no redirects, everything bounded, connections kept for reuse.
///
/// The name is resolved once, every address is held against [`AddressPolicy`], and exactly those addresses are
/// connected to. A request is sent again on a new connection only when a kept one had closed before any of it
/// was sent.
///
/// fapi: SP-N-1, SP-N-5
/// x1149: 3.1.15.4
pub struct HttpsTransport {
    connector: RwLock<Connector>,
    addresses: AddressPolicy,
    resolver: Arc<dyn Resolve>,
    bounds: TransportLimits,
    pool: Pool,
}

/// How new connections are made: a channel, and which one it is, since its connections serve no other.
#[derive(Clone)]
struct Connector {
    tls: TlsConnector,
    number: u64,
}

impl Connector {
    fn over(channel: &ClientChannel, number: u64) -> Self {
        let mut config = channel.config().as_ref().clone();
        config.alpn_protocols = vec![Alpn::Http11.name().into()];
        Self { tls: TlsConnector::from(Arc::new(config)), number }
    }
}

/// Bounds on one exchange.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TransportLimits {
    /// For connecting, the TLS handshake included.
    pub connect: Duration,
    /// For the whole exchange.
    pub exchange: Duration,
    /// Bytes of an answer's header section.
    pub header_bytes: usize,
    /// Bytes of an answer's body.
    pub body: usize,
}

impl Default for TransportLimits {
    fn default() -> Self {
        Self { connect: limits::CONNECT, exchange: limits::EXCHANGE, header_bytes: 32 << 10, body: BODY_LIMIT }
    }
}

impl HttpsTransport {
    /// A transport over `channel` that connects where `addresses` admits.
    #[must_use]
    pub fn new(channel: &ClientChannel, addresses: AddressPolicy) -> Self {
        Self {
            connector: RwLock::new(Connector::over(channel, 0)),
            addresses,
            resolver: Arc::new(SystemResolver),
            bounds: TransportLimits::default(),
            pool: Pool::default(),
        }
    }

    /// The same with other bounds.
    #[must_use]
    pub fn with_limits(mut self, bounds: TransportLimits) -> Self {
        self.bounds = bounds;
        self
    }

    /// The same with another resolver.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Speaks over `channel` from the next exchange on: a renewed certificate, fresh revocation lists, other pins. Exchanges
    /// that run go on undisturbed, and no connection over the former channel is used again.
    pub fn replace_channel(&self, channel: &ClientChannel) {
        let mut connector = self.connector.write().unwrap_or_else(PoisonError::into_inner);
        *connector = Connector::over(channel, connector.number.wrapping_add(1));
    }

    async fn run(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let connector = self.connector.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (target, mut request) = Target::of(request, connector.number)?;
        if let Some(mut sender) = self.pool.take(&target.origin).await {
            match sender.try_send_request(request).await {
                Ok(answer) => return self.finish(answer, sender, target.origin).await,
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(broken(error.error())),
                },
            }
        }
        let mut sender = timeout(self.bounds.connect, self.connect(&connector.tls, &target))
            .await
            .map_err(|_| TransportError::TimedOut)??;
        let answer = sender.send_request(request).await.map_err(|error| broken(&error))?;
        self.finish(answer, sender, target.origin).await
    }

    /// fapi: SP-N-5
    async fn connect(&self, connector: &TlsConnector, target: &Target) -> Result<Sender, TransportError> {
        let Origin { host, port, .. } = &target.origin;
        let addresses = self.resolver.resolve(host, *port).await.map_err(|_| TransportError::Connect)?;
        // One inner address among outer ones is a rebinding attempt, not a reason to try the others.
        if !addresses.iter().all(|address| self.addresses.admits(address.ip())) {
            return Err(TransportError::AddressNotAllowed);
        }
        let tcp = connect_any(&addresses).await?;
        let _without_it_only_slower = tcp.set_nodelay(true);
        let stream = connector
            .connect(target.name.clone(), tcp)
            .await
            .map_err(|error| if is_tls(&error) { TransportError::Untrusted } else { TransportError::Connect })?;
        self.start(stream).await
    }

    async fn start(&self, stream: TlsStream<TcpStream>) -> Result<Sender, TransportError> {
        let (sender, connection) = http1::Builder::new()
            .max_header_size(self.bounds.header_bytes)
            .max_buf_size(self.bounds.header_bytes.max(LEAST_BUFFER))
            .max_headers(limits::HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| TransportError::Broken)?;
        // Ends when the sender is dropped or the peer closes.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn finish(
        &self,
        answer: Response<Incoming>,
        sender: Sender,
        origin: Origin,
    ) -> Result<Response<Bytes>, TransportError> {
        let (parts, body) = answer.into_parts();
        if is_coded_further(&parts.headers) {
            return Err(TransportError::Broken);
        }
        let body = gather(body, self.bounds.body).await.map_err(|error| match error {
            BodyRefused::TooLarge => TransportError::TooLarge,
            BodyRefused::Broken => TransportError::Broken,
        })?;
        self.pool.keep(origin, sender);
        let mut whole = Response::new(body);
        *whole.status_mut() = parts.status;
        *whole.version_mut() = parts.version;
        *whole.headers_mut() = parts.headers;
        Ok(whole)
    }
}

impl Transport for HttpsTransport {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            timeout(self.bounds.exchange, self.run(request)).await.map_err(|_| TransportError::TimedOut)?
        })
    }
}

impl fmt::Debug for HttpsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsTransport")
            .field("addresses", &self.addresses)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// Where a request goes.
struct Target {
    origin: Origin,
    name: ServerName<'static>,
}

impl Target {
    /// The target of `request`, and the request as HTTP/1.1 sends it: origin form and `Host` (RFC 9112 section 3.2).
    fn of(request: Request<Bytes>, channel: u64) -> Result<(Self, Request<Full<Bytes>>), TransportError> {
        let (mut parts, body) = request.into_parts();
        let authority = parts.uri.authority().ok_or(TransportError::AddressNotAllowed)?.clone();
        let https = parts.uri.scheme() == Some(&Scheme::HTTPS);
        if !https || authority.as_str().contains('@') || parts.method == Method::CONNECT {
            return Err(TransportError::AddressNotAllowed);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let name = server_name(&host).ok_or(TransportError::AddressNotAllowed)?;
        let port = authority.port_u16().unwrap_or(443);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = path.parse::<Uri>().map_err(|_| TransportError::AddressNotAllowed)?;
        let value = HeaderValue::from_str(authority.as_str()).map_err(|_| TransportError::AddressNotAllowed)?;
        parts.headers.insert(header::HOST, value);
        // The framing is the connection's business.
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::TRANSFER_ENCODING);
        parts.headers.remove(header::CONNECTION);
        parts.version = http::Version::HTTP_11;
        Ok((Self { origin: Origin { host, port, channel }, name }, Request::from_parts(parts, Full::new(body))))
    }
}

async fn connect_any(addresses: &[SocketAddr]) -> Result<TcpStream, TransportError> {
    for address in addresses.iter().take(limits::ADDRESSES) {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(TransportError::Connect)
}

fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// In TLS 1.3 a server's refusal of the client's certificate arrives only with the first answer.
fn broken(error: &hyper::Error) -> TransportError {
    if error.is_parse_too_large() {
        return TransportError::TooLarge;
    }
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.downcast_ref::<io::Error>().is_some_and(is_tls) {
            return TransportError::Untrusted;
        }
        source = inner.source();
    }
    TransportError::Broken
}

/// The least buffer hyper works with.
const LEAST_BUFFER: usize = 8_192;
