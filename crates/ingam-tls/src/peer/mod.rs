mod name;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ingam_ports::PeerIdentity;
use ingam_wire::UnixTime;
use rustls::SupportedCipherSuite;
use x509_parser::{
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    oid_registry::OID_X509_SERIALNUMBER,
    prelude::FromDer,
};

use crate::limits;

/// Reads who a chain (DER, end entity first) says its holder is; says nothing about trust.
///
/// For certificates of a handshake, and for those a configured proxy forwards (RFC 9440).
///
/// # Errors
/// [`InvalidPeer`]: a certificate that two parsers could read differently is not one to decide by.
///
/// fapi: MT-5
/// x1149: 3.1.15.4
pub fn identify(chain: &[Vec<u8>]) -> Result<PeerIdentity, InvalidPeer> {
    let der = chain.first().ok_or(InvalidPeer::NoCertificate)?;
    if chain.len() > limits::CHAIN || chain.iter().any(|certificate| certificate.len() > limits::CERTIFICATE) {
        return Err(InvalidPeer::TooLarge);
    }
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| InvalidPeer::Malformed)?;
    if !rest.is_empty() {
        return Err(InvalidPeer::Malformed);
    }
    let mut identity = PeerIdentity {
        certificate_sha256: sha256(der)?,
        spki_sha256: sha256(certificate.public_key().raw)?,
        subject_dn: name::rfc4514(certificate.subject())?,
        san_dns: Vec::new(),
        san_uri: Vec::new(),
        san_ip: Vec::new(),
        san_email: Vec::new(),
        serial_number: serial_number(&certificate)?,
        not_after: UnixTime::from_secs(certificate.validity().not_after.timestamp()),
        chain: chain.to_vec(),
    };
    alternative_names(&certificate, &mut identity)?;
    Ok(identity)
}

/// Subject serialNumber (2.5.4.5), which names the organisation; two of them name none.
fn serial_number(certificate: &X509Certificate<'_>) -> Result<Option<String>, InvalidPeer> {
    let mut found = certificate.subject().iter_by_oid(&OID_X509_SERIALNUMBER);
    let Some(attribute) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(InvalidPeer::AmbiguousName);
    }
    let text = name::text(attribute.attr_value()).ok_or(InvalidPeer::Malformed)?;
    printable(&text)?;
    Ok(Some(text))
}

fn alternative_names(certificate: &X509Certificate<'_>, identity: &mut PeerIdentity) -> Result<(), InvalidPeer> {
    let mut seen = false;
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => {
                if core::mem::replace(&mut seen, true) {
                    return Err(InvalidPeer::AmbiguousName);
                }
                for name in &names.general_names {
                    alternative_name(name, identity)?;
                }
            }
            ParsedExtension::ParseError { .. } => return Err(InvalidPeer::Malformed),
            _ => {}
        }
    }
    Ok(())
}

fn alternative_name(name: &GeneralName<'_>, identity: &mut PeerIdentity) -> Result<(), InvalidPeer> {
    match name {
        GeneralName::DNSName(dns) => identity.san_dns.push(printable(dns)?),
        GeneralName::URI(uri) => identity.san_uri.push(printable(uri)?),
        GeneralName::RFC822Name(email) => identity.san_email.push(printable(email)?),
        GeneralName::IPAddress(octets) => identity.san_ip.push(address(octets)?.to_string()),
        GeneralName::Invalid(..) => return Err(InvalidPeer::Malformed),
        _ => {}
    }
    Ok(())
}

/// SANs are IA5Strings; a NUL or a line break in one has only ever served to deceive (CVE-2009-2408).
fn printable(text: &str) -> Result<String, InvalidPeer> {
    if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        Ok(text.to_owned())
    } else {
        Err(InvalidPeer::Unprintable)
    }
}

fn address(octets: &[u8]) -> Result<IpAddr, InvalidPeer> {
    <[u8; 4]>::try_from(octets)
        .map(|octets| IpAddr::V4(Ipv4Addr::from(octets)))
        .or_else(|_| <[u8; 16]>::try_from(octets).map(|octets| IpAddr::V6(Ipv6Addr::from(octets))))
        .map_err(|_| InvalidPeer::Malformed)
}

pub(crate) fn subject(certificate: &X509Certificate<'_>) -> Option<String> {
    name::rfc4514(certificate.subject()).ok()
}

/// SHA-256 by ring, through the suite that uses it: rustls offers hashes only there.
pub(crate) fn sha256(data: &[u8]) -> Result<[u8; 32], InvalidPeer> {
    let SupportedCipherSuite::Tls13(suite) = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256 else {
        return Err(InvalidPeer::Malformed);
    };
    suite.common.hash_provider.hash(data).as_ref().try_into().map_err(|_| InvalidPeer::Malformed)
}

/// Why a certificate names nobody.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidPeer {
    /// The chain is empty.
    #[error("no certificate")]
    NoCertificate,
    /// More certificates or bytes than any real chain has.
    #[error("the certificate chain is too large")]
    TooLarge,
    /// Not one X.509 certificate in DER, or an extension of it cannot be read.
    #[error("the certificate is malformed")]
    Malformed,
    /// A name holds characters outside printable ASCII where the standard allows only these.
    #[error("a name in the certificate is not printable")]
    Unprintable,
    /// Two values where one is meant: subject serialNumber, or the extension with the alternative names.
    #[error("the certificate names its holder twice")]
    AmbiguousName,
}

impl InvalidPeer {
    /// The variant's name, for the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoCertificate => "NoCertificate",
            Self::TooLarge => "TooLarge",
            Self::Malformed => "Malformed",
            Self::Unprintable => "Unprintable",
            Self::AmbiguousName => "AmbiguousName",
        }
    }
}
