use core::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use ingam_ports::PeerIdentity;
use ingam_transaction::Origin;
use ingam_wire::{HttpUrl, InvalidUrl, UnixTime};

use crate::{Operator, Proxies, StartError};

/// The operator under one external URL: what a listener, a proxy or a test hands requests to.
#[derive(Clone, Debug)]
pub struct Entrance {
    operator: Arc<Operator>,
    base: String,
    path: String,
    origin: Origin,
    proxies: Option<Arc<Proxies>>,
}

/// A request on its way to its endpoint, with what the carrier said of its sender.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Request<Bytes>,
    pub(crate) peer: Option<PeerIdentity>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) now: UnixTime,
}

impl Entrance {
    /// The operator behind it.
    #[must_use]
    pub fn operator(&self) -> &Arc<Operator> {
        &self.operator
    }

    /// The same entrance behind `proxies`: who they say showed a certificate counts as having shown it.
    ///
    /// Without this, `Client-Cert` is nobody's word and is ignored.
    #[must_use]
    pub fn behind(self, proxies: Arc<Proxies>) -> Self {
        Self { proxies: Some(proxies), ..self }
    }

    pub(crate) fn proxies(&self) -> Option<&Proxies> {
        self.proxies.as_deref()
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The path that all endpoints lie below; empty at the root.
    pub(crate) fn base_path(&self) -> &str {
        &self.path
    }

    /// The external URL of `path` below the base.
    pub(crate) fn url(&self, path: &str) -> Result<HttpUrl, InvalidUrl> {
        format!("{}{path}", self.base).parse()
    }

    /// The external URL of a browser form's action.
    pub(crate) fn action(&self) -> String {
        format!("{}/authorize", self.path)
    }
}

impl Operator {
    /// The operator as seen under the external URL `base`, e.g. `https://bank.example` or that of the mTLS listener.
    ///
    /// # Errors
    /// [`StartError::BaseUrl`].
    pub fn entrance(self: &Arc<Self>, base: &HttpUrl) -> Result<Entrance, StartError> {
        if !base.is_https() || base.query().is_some() || base.fragment().is_some() {
            return Err(StartError::BaseUrl);
        }
        let text = base.as_str().trim_end_matches('/');
        let path = base.path().trim_end_matches('/').to_owned();
        let (operator, base, origin) = (Arc::clone(self), text.to_owned(), Origin::of(base)?);
        Ok(Entrance { operator, base, path, origin, proxies: None })
    }
}
