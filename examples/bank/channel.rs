//! The listeners' TLS: certificates of the configuration, else fresh ones of a CA made for this run.

use std::{error::Error, fs, path::Path, sync::Arc};

use ingam::{
    operator::system_clock,
    ports::{ChainVerifier, Clock as _},
    tls::{
        CertificateAuthorities, ChannelPolicy, ClientCertificates, Clock, CryptoModule, KeyedCertificate,
        ServerChannel, certificates_from_pem, development::DevelopmentCa,
    },
};

use crate::config::Config;

/// A channel for each listener.
pub(crate) struct Channels {
    pub(crate) plain: ServerChannel,
    pub(crate) mtls: Option<ServerChannel>,
    pub(crate) admin: Option<ServerChannel>,
    /// The file with the CA that clients must trust.
    pub(crate) ca: String,
}

/// Builds the channels.
pub(crate) fn build(config: &Config) -> Result<Channels, Box<dyn Error>> {
    let (certificate, ca) = match &config.tls {
        Some(tls) => {
            let (chain, key) = (read(&tls.cert)?, read(&tls.key)?);
            (KeyedCertificate::from_pem(&chain, &key, CryptoModule::Ring)?, tls.cert.display().to_string())
        }
        None => fresh(config)?,
    };
    // TLS 1.2 with the suites of BCP 195 too: conformance suites and many banks' clients still speak it.
    let policy = ChannelPolicy::fapi_tls12();
    let clock = Clock::new(system_clock());
    let channel = |clients| ServerChannel::new(policy.clone(), &certificate, clients, clock.clone());
    Ok(Channels {
        plain: channel(ClientCertificates::NotAsked)?,
        mtls: config.mtls_listen.map(|_| channel(ClientCertificates::Required)).transpose()?,
        admin: config.admin.as_ref().map(|_| channel(ClientCertificates::Required)).transpose()?,
        ca,
    })
}

/// A CA and a certificate for this run, for development; the CA's certificate is written where clients can read it.
fn fresh(config: &Config) -> Result<(KeyedCertificate, String), Box<dyn Error>> {
    let now = system_clock().now();
    let ca = DevelopmentCa::new("Ingam development CA", now)?;
    let host = config.listen.ip().to_string();
    let issued = ca.server(&[&host, "localhost"], now)?;
    let path = std::env::temp_dir().join(format!("ingam-bank-{}-ca.pem", std::process::id()));
    fs::write(&path, ca.certificate_pem())?;
    Ok((issued.keyed(CryptoModule::Ring)?, path.display().to_string()))
}

/// The CAs whose client certificates authenticate fintechs (RFC 8705 section 2.1).
pub(crate) fn client_authorities(config: &Config) -> Result<Option<Arc<dyn ChainVerifier>>, Box<dyn Error>> {
    let Some(path) = config.tls.as_ref().and_then(|tls| tls.client_ca.as_deref()) else { return Ok(None) };
    Ok(Some(authorities(path)?))
}

/// The CAs in a PEM file. Without revocation lists in the configuration, the status of a certificate is not known.
pub(crate) fn authorities(path: &Path) -> Result<Arc<dyn ChainVerifier>, Box<dyn Error>> {
    let anchors = certificates_from_pem(&read(path)?)?;
    let mut policy = ChannelPolicy::fapi_tls12();
    policy.revocation.unknown_status = ingam::tls::UnknownStatus::Accept;
    Ok(Arc::new(CertificateAuthorities::new(&anchors, &[], &policy)?))
}

fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
