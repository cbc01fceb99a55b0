use core::{
    convert::Infallible,
    future::Future,
    pin::{Pin, pin},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ingam_ports::{Endpoint, PeerIdentity};
use ingam_wire::BoxFuture;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    answer::{Answerer, answer},
    bounds::ServeLimits,
    linger::Lingering,
    place::Place,
};
use crate::{limits, peer::identify, policy::Alpn, policy::TimeOuts, server::ServerChannel};

/// What all connections of a listener share.
pub(super) struct Shared {
    acceptor: TlsAcceptor,
    answerer: Answerer,
    time_outs: TimeOuts,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Shared {
    pub(super) fn new(channel: ServerChannel, endpoint: Arc<dyn Endpoint>, bounds: ServeLimits) -> Self {
        let time_outs = channel.policy().time_outs;
        let header_bytes = usize::try_from(bounds.header_bytes).unwrap_or(usize::MAX);
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .half_close(true)
            .header_read_timeout(time_outs.header)
            .max_header_size(header_bytes)
            .max_buf_size(header_bytes.max(LEAST_BUFFER))
            .max_headers(bounds.headers);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_header_list_size(bounds.header_bytes)
            .max_concurrent_streams(bounds.streams)
            .max_pending_accept_reset_streams(limits::PENDING_RESETS)
            .max_local_error_reset_streams(limits::LOCAL_RESETS)
            .keep_alive_interval(time_outs.idle)
            .keep_alive_timeout(time_outs.header);
        let acceptor = TlsAcceptor::from(Arc::clone(channel.config()));
        let answerer = Answerer { endpoint, bounds, body_time: time_outs.body };
        Self { acceptor, answerer, time_outs, http1, http2 }
    }
}

/// One connection, from the handshake to its end; `place` is given back with it.
pub(super) async fn run(
    shared: Arc<Shared>,
    stream: TcpStream,
    remote: SocketAddr,
    place: Place,
    stopped: watch::Receiver<()>,
) {
    if let Ok(Ok(stream)) = timeout(shared.time_outs.handshake, shared.acceptor.accept(stream)).await {
        // A certificate nobody can read is the end of the connection: full handshakes have checked it already.
        if let Ok(peer) = peer_of(&stream) {
            converse(shared, stream, remote, peer, stopped).await;
        }
    }
    drop(place);
}

/// Who the client's certificate says it is; resumed sessions carry the certificate of their first handshake.
fn peer_of(stream: &TlsStream<TcpStream>) -> Result<Option<PeerIdentity>, crate::InvalidPeer> {
    match stream.get_ref().1.peer_certificates() {
        None | Some([]) => Ok(None),
        Some(chain) => identify(&chain.iter().map(|der| der.to_vec()).collect::<Vec<_>>()).map(Some),
    }
}

async fn converse(
    shared: Arc<Shared>,
    stream: TlsStream<TcpStream>,
    remote: SocketAddr,
    peer: Option<PeerIdentity>,
    stopped: watch::Receiver<()>,
) {
    // HTTP/2 over TLS is chosen by ALPN and nothing else (RFC 9113 section 3.2).
    let http2 = stream.get_ref().1.alpn_protocol() == Some(Alpn::Http2.name().as_bytes());
    let activity = Arc::new(Activity::default());
    let time_outs = shared.time_outs;
    let answering = Answering { shared: Arc::clone(&shared), remote, peer, activity: Arc::clone(&activity) };
    let io = TokioIo::new(Lingering::new(stream));
    if http2 {
        let connection = pin!(shared.http2.serve_connection(io, answering));
        attend(connection, http2::Connection::graceful_shutdown, &activity, time_outs, stopped).await;
    } else {
        let connection = pin!(shared.http1.serve_connection(io, answering));
        attend(connection, http1::Connection::graceful_shutdown, &activity, time_outs, stopped).await;
    }
}

/// Drives a connection until it ends, idles too long, or the server stops; then until its grace is over.
async fn attend<C: Future>(
    mut connection: Pin<&mut C>,
    wind_down: impl Fn(Pin<&mut C>),
    activity: &Activity,
    time_outs: TimeOuts,
    mut stopped: watch::Receiver<()>,
) {
    tokio::select! {
        _ended = connection.as_mut() => return,
        () = activity.idle(time_outs.idle) => {}
        _closed = stopped.changed() => {}
    }
    wind_down(connection.as_mut());
    let deadline = sleep_until(Instant::now() + time_outs.shutdown);
    tokio::select! {
        _ended = connection => {}
        () = deadline => {}
    }
}

/// Requests of one connection, as far as idling is concerned.
#[derive(Debug, Default)]
struct Activity {
    running: AtomicUsize,
    begun: AtomicUsize,
}

impl Activity {
    fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    /// Completes once nothing ran and nothing began for one to two `span`s.
    async fn idle(&self, span: core::time::Duration) {
        let mut before = self.begun.load(Ordering::Relaxed);
        loop {
            sleep(span).await;
            let now = self.begun.load(Ordering::Relaxed);
            if now == before && self.running.load(Ordering::Relaxed) == 0 {
                return;
            }
            before = now;
        }
    }
}

/// One request that is being answered.
struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The service hyper calls for each request of a connection.
struct Answering {
    shared: Arc<Shared>,
    remote: SocketAddr,
    peer: Option<PeerIdentity>,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let running = self.activity.begin();
        let shared = Arc::clone(&self.shared);
        let remote = self.remote;
        let peer = self.peer.clone();
        Box::pin(async move {
            let response = answer(&shared.answerer, request, remote, peer).await;
            drop(running);
            Ok(response.map(Full::new))
        })
    }
}

/// The least buffer hyper works with.
const LEAST_BUFFER: usize = 8_192;
