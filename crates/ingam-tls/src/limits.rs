//! Every bound of the channel, each with its reason.

use core::time::Duration;

/// A handshake is two round trips and one signature; a phone on a bad line needs seconds, not a minute.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(10);
/// Headers leave a client in one write.
pub(crate) const HEADER: Duration = Duration::from_secs(10);
/// A body of 1 MiB at 40 KiB/s.
pub(crate) const BODY: Duration = Duration::from_secs(30);
/// Longer than a client's pool keeps a connection ([`POOL_IDLE`]), so that the client closes first.
pub(crate) const IDLE: Duration = Duration::from_secs(60);
/// What running requests are given to finish once the endpoint stops.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(10);

/// Certificates in a presented chain: end entity, two intermediates, a cross-signed pair, and room for one more.
pub(crate) const CHAIN: usize = 6;
/// Bytes of one certificate: the longest qualified certificates seen stay under 4 KiB, post-quantum ones under 16.
pub(crate) const CERTIFICATE: usize = 16 << 10;
/// Sessions kept for resumption; one is below 10 KiB with a client certificate.
pub(crate) const SESSIONS: usize = 4_096;

/// Connections open at once: at most 32 KiB of headers and 1 MiB of body each.
#[cfg(feature = "tokio")]
pub(crate) const CONNECTIONS: usize = 1_024;
/// Bytes of a request's header section: an access key, a proof, a signature and its input stay under 8 KiB;
/// RFC 9126's front-channel fallback with `state` of 1,000 characters under 16.
#[cfg(feature = "tokio")]
pub(crate) const HEADER_BYTES: u32 = 32 << 10;
/// Fields of a header section; browsers send 20.
#[cfg(feature = "tokio")]
pub(crate) const HEADERS: usize = 100;
/// Streams of one HTTP/2 connection (RFC 9113 section 6.5.2 recommends no fewer than 100).
#[cfg(feature = "tokio")]
pub(crate) const STREAMS: u32 = 100;
/// Streams a peer may open and reset before it is sent away (CVE-2023-44487).
#[cfg(feature = "tokio")]
pub(crate) const PENDING_RESETS: usize = 20;
/// Streams we reset for a peer's errors before it is sent away (RUSTSEC-2024-0003).
#[cfg(feature = "tokio")]
pub(crate) const LOCAL_RESETS: usize = 128;

/// How long a refused client may go on sending before it is cut off.
#[cfg(feature = "tokio")]
pub(crate) const LINGER: Duration = Duration::from_secs(2);
/// What of it is read and forgotten: eight times the largest body.
#[cfg(feature = "tokio")]
pub(crate) const LINGER_BYTES: usize = 8 << 20;

/// A whole exchange with an operator: one payment's booking is the slowest.
#[cfg(feature = "tokio")]
pub(crate) const EXCHANGE: Duration = Duration::from_secs(10);
/// Connecting, handshake included.
#[cfg(feature = "tokio")]
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// Connections kept per origin: more concurrent calls than this open new ones, with a whole handshake each.
#[cfg(feature = "tokio")]
pub(crate) const POOL_PER_ORIGIN: usize = 32;
/// Origins with kept connections: one per operator.
#[cfg(feature = "tokio")]
pub(crate) const POOL_ORIGINS: usize = 256;
/// How long an unused connection is kept: less than servers' header time-outs.
#[cfg(feature = "tokio")]
pub(crate) const POOL_IDLE: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
#[cfg(feature = "tokio")]
pub(crate) const ADDRESSES: usize = 4;
