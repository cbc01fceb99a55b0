use core::fmt;

use ingam_wire::SecretText;

use super::DevelopmentError;
use crate::{
    certificate::{CertificateError, KeyedCertificate},
    peer::sha256,
    policy::CryptoModule,
};

/// A certificate with its private key, as they come from the CA.
pub struct IssuedCertificate {
    pub(super) certificate: rcgen::Certificate,
    pub(super) above: Vec<Vec<u8>>,
    pub(super) key: rcgen::KeyPair,
    pub(super) serial: rcgen::SerialNumber,
}

impl IssuedCertificate {
    /// The certificate, PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    /// The certificate, DER.
    #[must_use]
    pub fn certificate_der(&self) -> Vec<u8> {
        self.certificate.der().to_vec()
    }

    /// The certificate and those of subordinate CAs above it, DER: what a handshake presents.
    #[must_use]
    pub fn chain_der(&self) -> Vec<Vec<u8>> {
        core::iter::once(self.certificate_der()).chain(self.above.iter().cloned()).collect()
    }

    /// The private key, PKCS#8 PEM.
    #[must_use]
    pub fn key_pem(&self) -> SecretText {
        SecretText::new(self.key.serialize_pem())
    }

    /// SHA-256 of the subject public key info: what a directory entry pins.
    ///
    /// # Errors
    /// [`DevelopmentError`].
    pub fn spki_sha256(&self) -> Result<[u8; 32], DevelopmentError> {
        sha256(&rcgen::PublicKeyData::subject_public_key_info(&self.key)).map_err(|_| DevelopmentError)
    }

    /// Certificate and key, ready to be shown.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn keyed(&self, module: CryptoModule) -> Result<KeyedCertificate, CertificateError> {
        KeyedCertificate::from_der(self.chain_der(), self.key.serialized_der(), module)
    }
}

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedCertificate").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// A revocation list, signed by the CA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationList {
    pub(super) der: Vec<u8>,
    pub(super) pem: String,
}

impl RevocationList {
    /// DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }
}
