//! The administrators' listener: health and metrics, behind a client certificate.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam::{
    operator::{Operator, system_clock},
    ports::{ChainVerifier, Clock as _, Endpoint, PeerIdentity},
    wire::BoxFuture,
};
use tokio::sync::watch;

/// Answers `/health/live`, `/health/ready` and `/metrics`.
pub(crate) struct Admin {
    operator: Arc<Operator>,
    administrators: Arc<dyn ChainVerifier>,
    stopped: watch::Receiver<bool>,
    asked: AtomicU64,
}

impl Admin {
    /// For `operator`, answering those whose certificate leads to `administrators`; not ready any more when `stopped`.
    pub(crate) fn new(
        operator: Arc<Operator>,
        administrators: Arc<dyn ChainVerifier>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self { operator, administrators, stopped, asked: AtomicU64::new(0) }
    }

    async fn respond(&self, request: &Request<Bytes>) -> (StatusCode, String) {
        let peer = request.extensions().get::<PeerIdentity>();
        let trusted = |peer: &PeerIdentity| self.administrators.verify(&peer.chain, system_clock().now()).is_ok();
        let Some(_) = peer.filter(|peer| trusted(peer)) else {
            return (StatusCode::FORBIDDEN, "the certificate is not an administrator's\n".to_owned());
        };
        match request.uri().path() {
            "/health/live" => (StatusCode::OK, "live\n".to_owned()),
            "/health/ready" if *self.stopped.borrow() => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned()),
            "/health/ready" => match self.operator.ready().await {
                Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
            },
            "/metrics" => {
                let asked = self.asked.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                (StatusCode::OK, format!("{}ingam_metrics_reads_total {asked}\n", self.operator.metrics()))
            }
            _ => (StatusCode::NOT_FOUND, String::new()),
        }
    }
}

impl Endpoint for Admin {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let (status, body) = self.respond(&request).await;
            let mut answer = Response::new(Bytes::from(body));
            *answer.status_mut() = status;
            answer
        })
    }
}
