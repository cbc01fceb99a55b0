use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ingam_ports::RemoteAddress;
use tower_layer::Layer;
use tower_service::Service;

use super::{Protection, check::BODY};

/// Puts a [`Protection`] in front of services: what passes holds [`ingam_access_key::Access`] and
/// `Arc<`[`ingam_transaction::request::VerifiedRequest`]`>` in its extensions, what does not never reaches them.
#[derive(Clone, Debug)]
pub struct ProtectLayer(Arc<Protection>);

impl ProtectLayer {
    /// The layer of `protection`, which may stand in front of several services.
    #[must_use]
    pub const fn new(protection: Arc<Protection>) -> Self {
        Self(protection)
    }
}

impl<S> Layer<S> for ProtectLayer {
    type Service = Protected<S>;

    fn layer(&self, inner: S) -> Protected<S> {
        Protected { protection: Arc::clone(&self.0), inner }
    }
}

/// A service that only sees requests whose access key, proof, binding and signature were verified.
#[derive(Clone, Debug)]
pub struct Protected<S> {
    protection: Arc<Protection>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Protected<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: BodyExt + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn core::error::Error + Send + Sync>>,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready answers; a copy of it waits for the next request.
        let waiting = self.inner.clone();
        let mut inner = core::mem::replace(&mut self.inner, waiting);
        let protection = Arc::clone(&self.protection);
        Box::pin(async move {
            let now = protection.now();
            let fields = protection.fields(request.headers(), now);
            let mut answer = match checked(&protection, request, now).await {
                Ok(request) => inner.call(request.map(B::from)).await?,
                Err(refusal) => refusal.map(R::from),
            };
            fields.put(answer.headers_mut());
            Ok(answer)
        })
    }
}

/// Takes the body in up to its limit, then checks the whole.
async fn checked<B>(
    protection: &Protection,
    request: Request<B>,
    now: ingam_wire::UnixTime,
) -> Result<Request<Bytes>, Response<Bytes>>
where
    B: BodyExt,
    B::Error: Into<Box<dyn core::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    match Limited::new(Box::pin(body), BODY).collect().await {
        Ok(body) => protection.check(Request::from_parts(head, body.to_bytes()), now).await,
        Err(error) => {
            let address = head.extensions.get::<RemoteAddress>().map(|address| address.0.ip());
            Err(protection.refuse_body(error.is::<LengthLimitError>(), address, now).await)
        }
    }
}
