use core::fmt;
use std::sync::Arc;

use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use crate::policy::{ChannelError, CryptoModule};

/// A certificate chain with the private key of its first certificate; the two are known to match.
#[derive(Clone)]
pub struct KeyedCertificate(Arc<CertifiedKey>);

impl KeyedCertificate {
    /// Reads a chain (end entity first) and its key from PEM: PKCS#8, PKCS#1 or SEC 1.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_pem(chain: &[u8], key: &[u8], module: CryptoModule) -> Result<Self, CertificateError> {
        let chain = pem_certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            rustls::pki_types::pem::Error::NoItemsFound => CertificateError::NoKey,
            _ => CertificateError::MalformedPem,
        })?;
        Self::new(chain, key, module)
    }

    /// Reads a chain (end entity first) and its key from DER.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(chain: Vec<Vec<u8>>, key: &[u8], module: CryptoModule) -> Result<Self, CertificateError> {
        let key = PrivateKeyDer::try_from(key).map_err(|_| CertificateError::KeyUnsupported)?.clone_key();
        Self::new(chain.into_iter().map(CertificateDer::from).collect(), key, module)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        module: CryptoModule,
    ) -> Result<Self, CertificateError> {
        let provider: CryptoProvider = module.provider().map_err(CertificateError::Module)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = provider.key_provider.load_private_key(key).map_err(|_| CertificateError::KeyUnsupported)?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::KeyMismatch,
            _ => CertificateError::MalformedCertificate,
        })?;
        Ok(Self(Arc::new(certified)))
    }

    /// The chain, DER, end entity first.
    #[must_use]
    pub fn chain(&self) -> Vec<Vec<u8>> {
        self.0.cert.iter().map(|certificate| certificate.to_vec()).collect()
    }

    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for KeyedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedCertificate").field("certificates", &self.0.cert.len()).finish_non_exhaustive()
    }
}

/// Reads every certificate of a PEM text, as DER, in order.
///
/// # Errors
/// [`CertificateError::MalformedPem`], or [`CertificateError::NoCertificate`] when there is none.
pub fn certificates_from_pem(pem: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    Ok(pem_certificates(pem)?.into_iter().map(|certificate| certificate.to_vec()).collect())
}

/// Reads every revocation list of a PEM text, as DER, in order; there may be none.
///
/// # Errors
/// [`CertificateError::MalformedPem`].
pub fn revocation_lists_from_pem(pem: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    CertificateRevocationListDer::pem_slice_iter(pem)
        .map(|list| list.map(|list| list.to_vec()).map_err(|_| CertificateError::MalformedPem))
        .collect()
}

fn pem_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| CertificateError::MalformedPem)?;
    if chain.is_empty() { Err(CertificateError::NoCertificate) } else { Ok(chain) }
}

/// Why a certificate or its key cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    /// No certificate was given.
    #[error("there is no certificate")]
    NoCertificate,
    /// No private key was given.
    #[error("there is no private key")]
    NoKey,
    /// The text is not PEM (RFC 7468).
    #[error("the text is not PEM")]
    MalformedPem,
    /// The certificate is not X.509 version 3 in DER.
    #[error("the certificate is malformed")]
    MalformedCertificate,
    /// The key is malformed or of a kind the crypto module does not have.
    #[error("the private key is malformed or unsupported")]
    KeyUnsupported,
    /// The key is not the certificate's.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The crypto module cannot be used.
    #[error(transparent)]
    Module(ChannelError),
}

impl CertificateError {
    /// The variant's name, for the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoCertificate => "NoCertificate",
            Self::NoKey => "NoKey",
            Self::MalformedPem => "MalformedPem",
            Self::MalformedCertificate => "MalformedCertificate",
            Self::KeyUnsupported => "KeyUnsupported",
            Self::KeyMismatch => "KeyMismatch",
            Self::Module(_) => "Module",
        }
    }
}
