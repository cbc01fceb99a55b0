use bytes::Bytes;
use http::{Request, Response};
use ingam_wire::BoxFuture;

/// The most a request body may be, in bytes: payments and pushed requests stay under 64 KiB, statements under 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// Answers HTTP requests, whatever carries them: the operator, a bank's API, a test.
///
/// The carrier bounds the body ([`BODY_LIMIT`]; 413 above it) and puts into the request's extensions the
/// [`RemoteAddress`] and, when the client showed a certificate, its [`crate::PeerIdentity`]. The URI is absolute and
/// there is one `Host`, whichever version of HTTP carried the request.
pub trait Endpoint: Send + Sync {
    /// The answer to `request`.
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>>;
}

/// The network address of the peer, as the carrier saw it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RemoteAddress(pub core::net::SocketAddr);
