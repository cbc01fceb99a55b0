use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request};

use super::RequestRefused;
use crate::{
    head::{Length, RequestHead, length_lies},
    limits,
    target::{Origin, Target},
};

/// A request that arrived: bounded, nothing proven, nothing readable.
pub struct PresentedRequest {
    pub(crate) head: Arc<RequestHead>,
    pub(crate) body: Bytes,
}

/// What an answer must be bound to: the request as it arrived, whether or not it was accepted.
#[derive(Clone, Debug)]
pub struct Received(pub(crate) Arc<RequestHead>);

impl fmt::Debug for PresentedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedRequest").field("head", &self.head).field("body", &Length(&self.body)).finish()
    }
}

impl PresentedRequest {
    /// Takes in `request`, which arrived at a server that the outside world knows as `origin`.
    ///
    /// The target URI is `origin` and the path and query of the request; `Host` is not asked. Where a signature may cover
    /// `@request-target`, hand the request over with the target its request line had.
    ///
    /// # Errors
    /// `BodyTooLarge`, `LengthMismatch` or `TargetMismatch`.
    pub fn new(request: Request<Bytes>, origin: &Origin) -> Result<Self, RequestRefused> {
        let (parts, body) = request.into_parts();
        if body.len() > limits::BODY {
            return Err(RequestRefused::BodyTooLarge);
        }
        if length_lies(&parts.headers, &body) {
            return Err(RequestRefused::LengthMismatch);
        }
        let target = Target::arrived(origin, parts.uri)?;
        let head = RequestHead { method: parts.method, target, headers: parts.headers, trailers: None };
        Ok(Self { head: Arc::new(head), body })
    }

    /// The same request with the trailers that came after its body.
    #[must_use]
    pub fn with_trailers(self, trailers: HeaderMap) -> Self {
        let mut head = Arc::unwrap_or_clone(self.head);
        head.trailers = Some(trailers);
        Self { head: Arc::new(head), body: self.body }
    }

    /// What the answer will be bound to; taken before the check, so that a refusal can be signed too.
    #[must_use]
    pub fn received(&self) -> Received {
        Received(Arc::clone(&self.head))
    }
}
