use bytes::Bytes;
use http::{Request, Response};
use ingam_wire::BoxFuture;

/// One HTTP exchange: size, time and redirect bounds are the transport's own; redirects are never followed.
pub trait Transport: core::fmt::Debug + Send + Sync {
    /// Sends `request` (absolute URI) and returns the whole, bounded answer.
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransportError {
    /// The URI is not https, or names a private, loopback or link-local address that is not configured.
    #[error("the address is not allowed")]
    AddressNotAllowed,
    /// No connection.
    #[error("cannot connect")]
    Connect,
    /// The server's certificate or the TLS parameters were refused.
    #[error("the server's identity was not verified")]
    Untrusted,
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than the bound.
    #[error("the answer is too large")]
    TooLarge,
    /// The connection broke or the answer is not HTTP.
    #[error("the exchange broke off")]
    Broken,
}
