use std::{io, net::SocketAddr};

use ingam_wire::BoxFuture;

/// Turns a host name into addresses.
pub trait Resolve: core::fmt::Debug + Send + Sync {
    /// The addresses of `host` (a DNS name or an IP address without brackets), with `port`.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}
