use core::{fmt, net::IpAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use ingam_access_key::{CertificateReader, ClientCertError, ConfiguredProxy, FrontedPeer};
use ingam_ports::{PeerIdentity, RemoteAddress};

/// The TLS proxies whose word on a fintech's certificate counts (RFC 9440), because the configuration names them.
pub struct Proxies {
    configured: Vec<ConfiguredProxy>,
    reader: Arc<dyn CertificateReader>,
    address_in: Option<HeaderName>,
}

/// Who stands behind a request, after taking a proxy's word where it counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fronted {
    /// The certificate, if one was shown.
    pub(crate) peer: Option<PeerIdentity>,
    /// Where from.
    pub(crate) address: Option<IpAddr>,
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
        Self { configured, reader, address_in: None }
    }

    /// The same proxies, which name the address of whom they speak for as the last element of the field `name`
    /// (`x-forwarded-for`); they must append to it or replace it.
    ///
    /// Without this all who come through a proxy are one address to the back-off after failures, and one of them can
    /// make it refuse the others.
    #[must_use]
    pub fn naming_addresses_in(self, name: HeaderName) -> Self {
        Self { address_in: Some(name), ..self }
    }

    /// Whose certificate stands behind a request from `address` by somebody who showed `shown`.
    ///
    /// x1149: 3.1.16.2
    ///
    /// # Errors
    /// [`ClientCertError`], only for what a configured proxy sends; anybody else's field is as if it were not there.
    pub(crate) fn fronted(
        &self,
        headers: &HeaderMap,
        address: Option<RemoteAddress>,
        shown: Option<PeerIdentity>,
    ) -> Result<Fronted, ClientCertError> {
        let carried = address.map(|address| address.0.ip());
        let fronted = FrontedPeer::of(headers, address, shown, &self.configured, &*self.reader)?;
        Ok(match fronted {
            FrontedPeer::Direct(peer) => Fronted { peer, address: carried },
            FrontedPeer::Proxied(peer) => Fronted { peer, address: self.named(headers).or(carried) },
        })
    }

    /// The address that the proxy named: what stands before it in the field may be the client's own word.
    ///
    /// x1149: 3.1.16.8
    fn named(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let line = headers.get_all(self.address_in.as_ref()?).iter().next_back()?.to_str().ok()?;
        line.rsplit(',').next()?.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
    }
}
