//! The listeners' TLS: certificates of the configuration, else fresh ones of a CA made for this run.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use ingam::{
    operator::system_clock,
    ports::{ChainVerifier, Clock as _, Transport},
    tls::{
        AddressPolicy, CertificateAuthorities, ChannelPolicy, ClientCertificates, ClientChannel, Clock, CryptoModule,
        HttpsTransport, KeyedCertificate, ServerChannel, ServerTrust, certificates_from_pem,
        development::DevelopmentCa,
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

/// What fetches fintechs' `jwks_uri`: trusts the CAs of the machine (or of `SSL_CERT_FILE`) and `client_ca`, and reaches
/// public addresses only; while `production = false` this machine's own too.
pub(crate) fn transport(config: &Config) -> Result<Arc<dyn Transport>, Box<dyn Error>> {
    let bundle = std::env::var_os("SSL_CERT_FILE").unwrap_or_else(|| "/etc/ssl/certs/ca-certificates.crt".into());
    let client_ca = config.tls.as_ref().and_then(|tls| tls.client_ca.clone());
    let mut anchors = Vec::new();
    for path in [Some(bundle.into()), client_ca].into_iter().flatten().filter(|path: &PathBuf| path.exists()) {
        anchors.extend(certificates_from_pem(&read(&path)?)?);
    }
    if anchors.is_empty() {
        return Err("jwks_uri: no CAs to trust; name a PEM file in SSL_CERT_FILE".into());
    }
    let trust = ServerTrust::in_authorities(anchors);
    let channel = ClientChannel::new(ChannelPolicy::fapi_tls12(), &trust, None, &Clock::new(system_clock()))?;
    let addresses = if config.production { AddressPolicy::public_only() } else { AddressPolicy::public_and_loopback() };
    Ok(Arc::new(HttpsTransport::new(&channel, addresses)))
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
