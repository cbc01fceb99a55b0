//! A server on loopback, its CA, and clients for it.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a stage that cannot be set is a failed test")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use ingam_ports::{Endpoint, PeerIdentity, RemoteAddress, Transport, TransportError};
use ingam_tls::{
    AddressPolicy, ChannelPolicy, ClientCertificates, ClientChannel, Clock, CryptoModule, HttpsTransport,
    KeyedCertificate, Listener, ServeLimits, ServerChannel, ServerTrust, development::DevelopmentCa, serve,
};
use ingam_wire::{BoxFuture, UnixTime};
use rustls::{
    ClientConfig,
    pki_types::{ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The wall clock, because openssl cannot be told another one.
pub(crate) fn now() -> UnixTime {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    UnixTime::from_secs(i64::try_from(since.as_secs()).unwrap())
}

pub(crate) fn clock() -> Clock {
    Clock::new(now)
}

/// Says what arrived: method, URI, host, length of the body, and who the client is.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    pub(crate) answered: AtomicUsize,
}

impl Endpoint for Echo {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            self.answered.fetch_add(1, Ordering::Relaxed);
            assert!(request.extensions().get::<RemoteAddress>().is_some());
            let peer = request.extensions().get::<PeerIdentity>().map(|peer| peer.subject_dn.clone());
            let text = format!(
                "{} {} host={} body={} peer={}",
                request.method(),
                request.uri(),
                request.headers().get("host").map_or("", |host| host.to_str().unwrap()),
                request.body().len(),
                peer.as_deref().unwrap_or("-"),
            );
            Response::new(Bytes::from(text))
        })
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) ca: DevelopmentCa,
    pub(crate) channel: ServerChannel,
    pub(crate) address: SocketAddr,
    pub(crate) endpoint: Arc<Echo>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Server {
    /// Echoes.
    pub(crate) async fn start(policy: ChannelPolicy, clients: ClientCertificates, bounds: ServeLimits) -> Self {
        let echo = Arc::new(Echo::default());
        let ca = DevelopmentCa::new("Test Root", now()).unwrap();
        let certificate = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(policy.module).unwrap();
        let mut server = Self::with(ca, &certificate, policy, clients, bounds, echo.clone()).await;
        server.endpoint = echo;
        server
    }

    /// Answers by `endpoint`.
    pub(crate) async fn with(
        ca: DevelopmentCa,
        certificate: &KeyedCertificate,
        policy: ChannelPolicy,
        clients: ClientCertificates,
        bounds: ServeLimits,
        endpoint: Arc<dyn Endpoint>,
    ) -> Self {
        let channel = ServerChannel::new(policy, certificate, clients, clock()).unwrap();
        let listener =
            Listener::bind("127.0.0.1:0".parse().unwrap(), channel.clone()).await.unwrap().with_limits(bounds);
        let address = listener.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, endpoint, async move {
            let _either = stopped.await;
        }));
        Self { ca, channel, address, endpoint: Arc::default(), stop: Some(stop), serving }
    }

    pub(crate) async fn plain() -> Self {
        Self::start(ChannelPolicy::tls13(), ClientCertificates::NotAsked, ServeLimits::default()).await
    }

    pub(crate) fn trust(&self) -> ServerTrust {
        ServerTrust::in_authorities(vec![self.ca.certificate_der()])
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// A transport that trusts the server's CA and shows `certificate`.
    pub(crate) fn transport(&self, certificate: Option<&KeyedCertificate>) -> HttpsTransport {
        let channel = ClientChannel::new(ChannelPolicy::tls13(), &self.trust(), certificate, &clock()).unwrap();
        HttpsTransport::new(&channel, AddressPolicy::public_and_loopback())
    }

    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.await.unwrap();
    }
}

pub(crate) fn request(method: &str, uri: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).body(body.into()).unwrap()
}

pub(crate) async fn fetch(transport: &dyn Transport, uri: &str) -> Result<String, TransportError> {
    let answer = transport.exchange(request("GET", uri, "")).await?;
    Ok(format!("{} {}", answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap()))
}

pub(crate) const RING: CryptoModule = CryptoModule::Ring;

/// TCP, without TLS.
pub(crate) async fn raw_tcp(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// TLS by rustls itself, so that the bytes of HTTP are the test's own.
pub(crate) async fn raw(server: &Server, alpn: &[u8]) -> TlsStream<TcpStream> {
    let mut config = rustls_client(server);
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, raw_tcp(server).await).await.unwrap()
}

/// A rustls configuration that trusts the server's CA and shows nothing.
pub(crate) fn rustls_client(server: &Server) -> ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.ca.certificate_der().into()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The first flight of a handshake.
pub(crate) fn client_hello() -> Vec<u8> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let mut connection =
        rustls::ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut hello = Vec::new();
    connection.write_tls(&mut hello).unwrap();
    hello
}

/// What arrives until the peer closes, however it does that.
pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 16 << 10];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        all.extend_from_slice(&buffer[..length]);
    }
    all
}

/// An HTTP/2 frame (RFC 9113 section 4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// Answers by a function of the request.
pub(crate) struct ByFunction<F>(pub(crate) F);

impl<F: Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync> Endpoint for ByFunction<F> {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        let answer = (self.0)(request);
        Box::pin(async move { answer })
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// With close_notify.
    Proper,
    /// Without.
    CutOff,
}

/// A server of our own making that answers every connection with `bytes` and closes; TLS by rustls itself.
pub(crate) async fn answering_with(ca: &DevelopmentCa, bytes: Vec<u8>, end: End) -> SocketAddr {
    let issued = ca.server(&["localhost", "127.0.0.1"], now()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(issued.key_pem().expose().as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.certificate_der().into()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = socket.accept().await {
            let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
            let _request = tls.read(&mut [0; 4_096]).await;
            let _cut_off = tls.write_all(&bytes).await;
            let _cut_off = match end {
                End::Proper => tls.shutdown().await,
                End::CutOff => tls.get_mut().0.shutdown().await,
            };
        }
    });
    address
}

/// A fresh transport with no kept connection.
pub(crate) fn transport_to(trust: &ServerTrust) -> HttpsTransport {
    let channel = ClientChannel::new(ChannelPolicy::tls13(), trust, None, &clock()).unwrap();
    HttpsTransport::new(&channel, AddressPolicy::public_and_loopback())
}
