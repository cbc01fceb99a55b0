use ingam_ports::BODY_LIMIT;

use crate::limits;

/// Bounds on what clients may hold of a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServeLimits {
    /// Connections open at once; more wait in the kernel's backlog.
    pub connections: usize,
    /// Of these, from one address (of IPv6: from one network of 64 bits); more are closed at once. Behind a balancer that
    /// hides addresses: the same number.
    pub connections_per_address: usize,
    /// Bytes of a request's header section; 431 above it.
    pub header_bytes: u32,
    /// Fields of a header section; 431 above it.
    pub headers: usize,
    /// Bytes of a body; 413 above it.
    pub body: usize,
    /// Concurrent requests of one HTTP/2 connection.
    pub streams: u32,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            connections_per_address: limits::CONNECTIONS / 4,
            header_bytes: limits::HEADER_BYTES,
            headers: limits::HEADERS,
            body: BODY_LIMIT,
            streams: limits::STREAMS,
        }
    }
}
