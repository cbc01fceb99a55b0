use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{Pins, ServerTrust};
use crate::{
    peer::sha256,
    policy::{ChannelError, ChannelPolicy, ExpiredList, RevocationDepth, UnknownStatus},
};

/// RFC 5280 and RFC 9525 by webpki, then the pins.
#[derive(Debug)]
pub(super) struct PinnedServers {
    authorities: Arc<WebPkiServerVerifier>,
    pins: Pins,
}

impl PinnedServers {
    pub(super) fn new(
        trust: &ServerTrust,
        policy: &ChannelPolicy,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, ChannelError> {
        let mut roots = RootCertStore::empty();
        for anchor in &trust.anchors {
            roots.add(CertificateDer::from(anchor.as_slice())).map_err(|_| ChannelError::MalformedTrustAnchor)?;
        }
        if roots.is_empty() {
            return Err(ChannelError::NoTrustAnchor);
        }
        let lists = trust.lists.iter().map(|list| CertificateRevocationListDer::from(list.clone()));
        let mut builder =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).with_crls(lists);
        if policy.revocation.expired_list == ExpiredList::Refuse {
            builder = builder.enforce_revocation_expiration();
        }
        if policy.revocation.unknown_status == UnknownStatus::Accept {
            builder = builder.allow_unknown_revocation_status();
        }
        if policy.revocation.depth == RevocationDepth::EndEntity {
            builder = builder.only_check_end_entity_revocation();
        }
        let authorities = builder.build().map_err(|_| ChannelError::MalformedRevocationList)?;
        Ok(Self { authorities, pins: trust.pins.clone() })
    }

    fn check_pin(&self, end_entity: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
        let Some(pinned) = self.pins.of(name) else { return Ok(()) };
        let shown = sha256(&ParsedCertificate::try_from(end_entity)?.subject_public_key_info())
            .map_err(|_| CertificateError::BadEncoding)?;
        if pinned.contains(&shown) { Ok(()) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
    }
}

impl ServerCertVerifier for PinnedServers {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        self.check_pin(end_entity, server_name)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.authorities.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}
