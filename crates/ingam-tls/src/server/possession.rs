use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, UnixTime},
    server::{
        ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use crate::peer::identify;

/// Takes any well-formed certificate and proves that the client holds its key.
///
/// Matching on `UnknownIssuer` to let self-signed certificates through would miss those that
/// `openssl req -x509` makes, which are CA:TRUE and fail as `CaUsedAsEndEntity`.
///
/// fapi: MT-2, MT-11
#[derive(Debug)]
pub(super) struct PossessionOfKey {
    mandatory: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl PossessionOfKey {
    pub(super) fn required(provider: &CryptoProvider) -> Self {
        Self { mandatory: true, algorithms: provider.signature_verification_algorithms }
    }

    pub(super) fn optional(provider: &CryptoProvider) -> Self {
        Self { mandatory: false, algorithms: provider.signature_verification_algorithms }
    }
}

impl ClientCertVerifier for PossessionOfKey {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    /// No hints: a client with a self-signed certificate would not send it to a server that names CAs.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(end_entity)?;
        let chain: Vec<Vec<u8>> = core::iter::once(end_entity).chain(intermediates).map(|der| der.to_vec()).collect();
        identify(&chain).map_err(|_| CertificateError::BadEncoding)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
