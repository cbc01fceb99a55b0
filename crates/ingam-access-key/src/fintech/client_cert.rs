use core::net::IpAddr;

use http::{HeaderMap, HeaderName};
use ingam_ports::{PeerIdentity, RemoteAddress};
use sfv::{BareItem, Item, List, ListEntry, Parser};

use crate::limits;

/// `Client-Cert`: the client's certificate as a proxy saw it (RFC 9440 section 2.2).
pub const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

/// `Client-Cert-Chain`: the rest of its chain (RFC 9440 section 2.3).
pub const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// Reads a certificate; given by whoever may parse X.509 (`ingam-tls`), so that this crate need not.
pub trait CertificateReader: Send + Sync {
    /// The identity in the first certificate of `chain` (DER, end entity first), if it is one.
    fn read(&self, chain: Vec<Vec<u8>>) -> Option<PeerIdentity>;
}

impl<F: Fn(Vec<Vec<u8>>) -> Option<PeerIdentity> + Send + Sync> CertificateReader for F {
    fn read(&self, chain: Vec<Vec<u8>>) -> Option<PeerIdentity> {
        self(chain)
    }
}

/// A TLS proxy whose `Client-Cert` is believed, because the operator's configuration names it.
///
/// Nothing else is believed: without a match by certificate, or by address where the link needs none, the field is as
/// if it were not there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConfiguredProxy {
    /// The proxy shows this certificate (SHA-256 of its DER) on its own connection.
    Certificate([u8; 32]),
    /// The proxy connects from this address: only for loopback and links that nobody else can reach.
    Address(IpAddr),
}

/// Who is at the other end, after taking a proxy's word where it counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FrontedPeer {
    /// The connection is the fintech's own; its certificate, if it showed one.
    Direct(Option<PeerIdentity>),
    /// The connection is a configured proxy's; the fintech's certificate, if the proxy saw one.
    Proxied(Option<PeerIdentity>),
}

impl FrontedPeer {
    /// The fintech's certificate.
    #[must_use]
    pub const fn identity(&self) -> Option<&PeerIdentity> {
        match self {
            Self::Direct(peer) | Self::Proxied(peer) => peer.as_ref(),
        }
    }
}

/// Why a configured proxy's word was not taken, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClientCertError {
    /// `Client-Cert` or its chain is there twice: one of them is the client's own.
    #[error("more than one Client-Cert field")]
    TooMany,
    /// The field is longer than its limit, or the chain is.
    #[error("the Client-Cert field is too large")]
    TooLarge,
    /// The field is not one byte sequence (RFC 9440 section 2.1), or a chain came without a certificate.
    #[error("malformed Client-Cert field")]
    Malformed,
    /// The bytes are no certificate.
    #[error("the Client-Cert field holds no certificate")]
    NotACertificate,
}

impl ClientCertError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooMany => "TooMany",
            Self::TooLarge => "TooLarge",
            Self::Malformed => "Malformed",
            Self::NotACertificate => "NotACertificate",
        }
    }
}

impl FrontedPeer {
    /// Who sent a request that came over a connection from `address` by somebody who showed `shown`.
    ///
    /// fapi: MT-10, BCP-13
    /// x1149: 3.1.16.2
    ///
    /// # Errors
    /// [`ClientCertError`], only for what a configured proxy sends; from anybody else the fields are ignored.
    pub fn of(
        headers: &HeaderMap,
        address: Option<RemoteAddress>,
        shown: Option<PeerIdentity>,
        proxies: &[ConfiguredProxy],
        reader: &dyn CertificateReader,
    ) -> Result<Self, ClientCertError> {
        let configured = proxies.iter().any(|proxy| match proxy {
            ConfiguredProxy::Certificate(hash) => shown.as_ref().is_some_and(|p| p.certificate_sha256 == *hash),
            ConfiguredProxy::Address(ip) => address.is_some_and(|address| address.0.ip().to_canonical() == *ip),
        });
        if !configured {
            return Ok(Self::Direct(shown));
        }
        let certificate = single(headers, &CLIENT_CERT)?;
        let chain = single(headers, &CLIENT_CERT_CHAIN)?;
        let Some(certificate) = certificate else {
            return if chain.is_some() { Err(ClientCertError::Malformed) } else { Ok(Self::Proxied(None)) };
        };
        let mut ders = vec![byte_sequence(certificate)?];
        if let Some(chain) = chain {
            ders.extend(byte_sequences(chain)?);
        }
        let identity = reader.read(ders).ok_or(ClientCertError::NotACertificate)?;
        Ok(Self::Proxied(Some(identity)))
    }
}

/// The field's only line.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, ClientCertError> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next();
    if lines.next().is_some() {
        return Err(ClientCertError::TooMany);
    }
    match first.map(http::HeaderValue::as_bytes) {
        Some(bytes) if bytes.len() > limits::CLIENT_CERT => Err(ClientCertError::TooLarge),
        other => Ok(other),
    }
}

fn byte_sequence(field: &[u8]) -> Result<Vec<u8>, ClientCertError> {
    let item: Item = Parser::new(field).parse().map_err(|_| ClientCertError::Malformed)?;
    bytes_of(item)
}

fn byte_sequences(field: &[u8]) -> Result<Vec<Vec<u8>>, ClientCertError> {
    let list: List = Parser::new(field).parse().map_err(|_| ClientCertError::Malformed)?;
    if list.len() > limits::CLIENT_CERT_CHAIN {
        return Err(ClientCertError::TooLarge);
    }
    list.into_iter()
        .map(|entry| match entry {
            ListEntry::Item(item) => bytes_of(item),
            ListEntry::InnerList(_) => Err(ClientCertError::Malformed),
        })
        .collect()
}

fn bytes_of(item: Item) -> Result<Vec<u8>, ClientCertError> {
    match item.bare_item {
        BareItem::ByteSequence(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(ClientCertError::Malformed),
    }
}
