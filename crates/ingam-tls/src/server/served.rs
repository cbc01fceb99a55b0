use std::sync::{Arc, PoisonError, RwLock};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::certificate::KeyedCertificate;

/// The certificate shown at the next handshake.
#[derive(Debug)]
pub(super) struct ServedCertificate(RwLock<Arc<CertifiedKey>>);

impl ServedCertificate {
    pub(super) fn new(certificate: &KeyedCertificate) -> Self {
        Self(RwLock::new(certificate.certified()))
    }

    pub(super) fn replace(&self, certificate: &KeyedCertificate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate.certified();
    }

    pub(super) fn end_entity(&self) -> Option<Vec<u8>> {
        self.current().cert.first().map(|certificate| certificate.to_vec())
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for ServedCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}
