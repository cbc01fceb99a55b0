use core::fmt;
use std::sync::Arc;

use http::HeaderMap;
use ingam_access_key::{CertificateReader, ClientCertError, ConfiguredProxy, FrontedPeer};
use ingam_ports::{PeerIdentity, RemoteAddress};

/// The TLS proxies whose word on a fintech's certificate counts (RFC 9440), because the configuration names them.
pub struct Proxies {
    configured: Vec<ConfiguredProxy>,
    reader: Arc<dyn CertificateReader>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").field("configured", &self.configured).finish_non_exhaustive()
    }
}

impl Proxies {
    /// `configured` and nobody else; `reader` parses the certificates they hand on (`ingam_tls::identify`).
    #[must_use]
    pub fn new(configured: Vec<ConfiguredProxy>, reader: Arc<dyn CertificateReader>) -> Self {
        Self { configured, reader }
    }

    /// Whose certificate stands behind a request from `address` by somebody who showed `shown`.
    ///
    /// x1149: 3.1.16.2
    ///
    /// # Errors
    /// [`ClientCertError`], only for what a configured proxy sends; anybody else's field is as if it were not there.
    pub fn peer(
        &self,
        headers: &HeaderMap,
        address: Option<RemoteAddress>,
        shown: Option<PeerIdentity>,
    ) -> Result<Option<PeerIdentity>, ClientCertError> {
        let fronted = FrontedPeer::of(headers, address, shown, &self.configured, &*self.reader)?;
        Ok(match fronted {
            FrontedPeer::Direct(peer) | FrontedPeer::Proxied(peer) => peer,
        })
    }
}
