use core::future::Future;
use std::{io, net::SocketAddr, pin::pin, sync::Arc};

use ingam_ports::Endpoint;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{Duration, sleep, timeout},
};

use super::{
    bounds::ServeLimits,
    connection::{Shared, run},
    place::{Crowd, Place},
};
use crate::server::ServerChannel;

/// A socket that listens, with the channel spoken on it.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    channel: ServerChannel,
    bounds: ServeLimits,
}

impl Listener {
    /// Listens on `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// Whatever the operating system answers.
    pub async fn bind(address: SocketAddr, channel: ServerChannel) -> io::Result<Self> {
        Ok(Self::new(TcpListener::bind(address).await?, channel))
    }

    /// Takes over a socket that listens already.
    #[must_use]
    pub fn new(socket: TcpListener, channel: ServerChannel) -> Self {
        Self { socket, channel, bounds: ServeLimits::default() }
    }

    /// The same with other bounds.
    #[must_use]
    pub fn with_limits(mut self, bounds: ServeLimits) -> Self {
        self.bounds = bounds;
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Whatever the operating system answers.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The channel, to show a new certificate or to report.
    #[must_use]
    pub const fn channel(&self) -> &ServerChannel {
        &self.channel
    }
}

/// Answers requests on `listener` by `endpoint` until `shutdown` completes, then lets running requests finish.
///
/// Each handshake runs in its own task under its own time-out, so that no client can hold up another. The request
/// reaches the endpoint with an absolute URI and one `Host`, whichever version of HTTP carried it, with
/// [`ingam_ports::RemoteAddress`] and, where the client showed a certificate, [`ingam_ports::PeerIdentity`] among
/// its extensions.
///
/// x1149: 3.1.15.4, 3.1.18.5
pub async fn serve(listener: Listener, endpoint: Arc<dyn Endpoint>, shutdown: impl Future<Output = ()> + Send) {
    let Listener { socket, channel, bounds } = listener;
    let connections = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let crowd = Arc::new(Crowd::default());
    let (stop, stopped) = watch::channel(());
    let grace = channel.policy().time_outs.shutdown;
    let shared = Arc::new(Shared::new(channel, endpoint, bounds));
    let mut shutdown = pin!(shutdown);
    loop {
        let admitted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            admitted = admit(&socket, &connections, &crowd, bounds.connections_per_address) => admitted,
        };
        if let Some((stream, remote, place)) = admitted {
            tokio::spawn(run(Arc::clone(&shared), stream, remote, place, stopped.clone()));
        }
    }
    drop(socket);
    drop(stop);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    // Connections end themselves within the same time; this only waits for them.
    let _all_ended = timeout(grace + Duration::from_secs(1), connections.acquire_many(all)).await;
}

/// The next connection for which there is room.
async fn admit(
    socket: &TcpListener,
    connections: &Arc<Semaphore>,
    crowd: &Arc<Crowd>,
    per_address: usize,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match socket.accept().await {
        Ok((stream, remote)) => {
            let seat = crowd.enter(remote.ip(), per_address)?;
            let _without_it_only_slower = stream.set_nodelay(true);
            Some((stream, remote, Place::new(permit, seat)))
        }
        Err(error) => {
            // A peer that gave up is nothing; no descriptors left is a reason to let connections end first.
            if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                sleep(Duration::from_millis(50)).await;
            }
            None
        }
    }
}
