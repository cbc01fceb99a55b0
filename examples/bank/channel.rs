//! The listeners' TLS: certificates of the configuration, else fresh ones of a CA made for this run.

use std::{
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use ingam::{
    access_key::ConfiguredProxy,
    operator::{Proxies, system_clock},
    ports::{ChainVerifier, Clock as _, Transport},
    tls::{
        AddressPolicy, CertificateAuthorities, ChannelPolicy, ClientCertificates, ClientChannel, Clock, CryptoModule,
        HttpsTransport, KeyedCertificate, ServerChannel, ServerTrust, certificates_from_pem,
        development::DevelopmentCa,
    },
};

use crate::{config::Config, faults::read};

/// A channel for each listener.
pub(crate) struct Channels {
    pub(crate) plain: ServerChannel,
    pub(crate) mtls: Option<ServerChannel>,
    pub(crate) admin: Option<ServerChannel>,
    /// What clients must trust.
    pub(crate) ca: Ca,
}

/// The file with the CA that clients must trust.
pub(crate) enum Ca {
    /// The configured chain.
    Configured(PathBuf),
    /// A CA of this run (PEM); its file goes when the program stops.
    Fresh(String),
}

/// That file, where it is.
pub(crate) struct CaFile {
    pub(crate) path: PathBuf,
    fresh: bool,
}

impl Ca {
    /// Puts it where clients can read it.
    pub(crate) fn publish(self) -> Result<CaFile, Box<dyn Error>> {
        let pem = match self {
            Self::Configured(path) => return Ok(CaFile { path, fresh: false }),
            Self::Fresh(pem) => pem,
        };
        let path = std::env::temp_dir().join(format!("ingam-bank-{}-ca.pem", std::process::id()));
        // What stands there is of an earlier process, or somebody's link: it is not written through.
        let _ = fs::remove_file(&path);
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.and_then(|mut file| file.write_all(pem.as_bytes()));
        file.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(CaFile { path, fresh: true })
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        if self.fresh {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Builds the channels.
pub(crate) fn build(config: &Config) -> Result<Channels, Box<dyn Error>> {
    let (certificate, ca) = match &config.tls {
        Some(tls) => {
            let (chain, key) = (read(&tls.cert)?, read(&tls.key)?);
            let keyed = KeyedCertificate::from_pem(&chain, &key, CryptoModule::Ring);
            let named = |error| format!("{} with {}: {error}", tls.cert.display(), tls.key.display());
            (keyed.map_err(named)?, Ca::Configured(tls.cert.clone()))
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

/// A CA and a certificate for this run, for development.
fn fresh(config: &Config) -> Result<(KeyedCertificate, Ca), Box<dyn Error>> {
    let now = system_clock().now();
    let ca = DevelopmentCa::new("Ingam development CA", now)?;
    let host = config.listen.ip().to_string();
    let issued = ca.server(&[&host, "localhost"], now)?;
    Ok((issued.keyed(CryptoModule::Ring)?, Ca::Fresh(ca.certificate_pem().to_owned())))
}

/// The proxies whose word on a certificate counts (RFC 9440); `None` where there is none.
pub(crate) fn proxies(config: &Config) -> Result<Option<Arc<Proxies>>, Box<dyn Error>> {
    let mut configured = Vec::new();
    for proxy in &config.proxies {
        configured.push(match (&proxy.certificate, proxy.address) {
            (Some(path), None) => {
                let named = |error| format!("{}: {error}", path.display());
                let chain = certificates_from_pem(&read(path)?).map_err(|error| named(error.to_string()))?;
                let shown = ingam::tls::identify(&chain).map_err(|error| named(error.to_string()))?;
                ConfiguredProxy::Certificate(shown.certificate_sha256)
            }
            (None, Some(address)) => ConfiguredProxy::Address(address.to_canonical()),
            _ => return Err("each has either certificate or address".into()),
        });
    }
    if configured.is_empty() {
        return Ok(None);
    }
    let reader = |chain: Vec<Vec<u8>>| ingam::tls::identify(&chain).ok();
    let proxies = Proxies::new(configured, Arc::new(reader));
    Ok(Some(Arc::new(match &config.proxy_address_in {
        Some(name) => proxies.naming_addresses_in(name.parse().map_err(|_| "proxy_address_in: not a field name")?),
        None => proxies,
    })))
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
    let anchors = certificates_from_pem(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut policy = ChannelPolicy::fapi_tls12();
    policy.revocation.unknown_status = ingam::tls::UnknownStatus::Accept;
    Ok(Arc::new(CertificateAuthorities::new(&anchors, &[], &policy)?))
}
