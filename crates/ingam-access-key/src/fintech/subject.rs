use core::net::IpAddr;

use ingam_ports::PeerIdentity;
use serde::{Deserialize, Serialize};

use super::name::same_name;

/// The one thing in a certificate that names the fintech (RFC 8705 section 2.1.2); exactly one can be written down.
///
/// fapi: MT-1
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSubject {
    /// `tls_client_auth_subject_dn`: the subject as RFC 4514 string.
    #[serde(rename = "tls_client_auth_subject_dn")]
    Dn(String),
    /// `tls_client_auth_san_dns`
    #[serde(rename = "tls_client_auth_san_dns")]
    SanDns(String),
    /// `tls_client_auth_san_uri`
    #[serde(rename = "tls_client_auth_san_uri")]
    SanUri(String),
    /// `tls_client_auth_san_ip`
    #[serde(rename = "tls_client_auth_san_ip")]
    SanIp(IpAddr),
    /// `tls_client_auth_san_email`
    #[serde(rename = "tls_client_auth_san_email")]
    SanEmail(String),
}

impl CertificateSubject {
    /// Whether there is nothing to compare with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Dn(text) | Self::SanDns(text) | Self::SanUri(text) | Self::SanEmail(text) => text.trim().is_empty(),
            Self::SanIp(_) => false,
        }
    }

    /// Whether the certificate carries exactly this name: no wildcard, no common name in place of another.
    #[must_use]
    pub fn matches(&self, peer: &PeerIdentity) -> bool {
        match self {
            Self::Dn(name) => same_name(name, &peer.subject_dn),
            Self::SanDns(name) => peer.san_dns.iter().any(|san| san.eq_ignore_ascii_case(name)),
            Self::SanUri(uri) => peer.san_uri.iter().any(|san| san == uri),
            Self::SanIp(ip) => peer.san_ip.iter().any(|san| san.parse::<IpAddr>().is_ok_and(|san| san == *ip)),
            Self::SanEmail(email) => peer.san_email.iter().any(|san| san == email),
        }
    }
}
