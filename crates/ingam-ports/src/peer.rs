use ingam_wire::UnixTime;

/// Who is at the other end of the channel, as the certificate states it.
///
/// Filled by the TLS layer, or from RFC 9440 `Client-Cert` of a configured proxy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerIdentity {
    /// SHA-256 of the DER certificate: the value of `x5t#S256` (RFC 8705 section 3.1).
    pub certificate_sha256: [u8; 32],
    /// SHA-256 of the subject public key info.
    pub spki_sha256: [u8; 32],
    /// Subject as an RFC 4514 string.
    pub subject_dn: String,
    /// DNS names among the subject alternative names.
    pub san_dns: Vec<String>,
    /// URIs among them.
    pub san_uri: Vec<String>,
    /// IP addresses among them, as text.
    pub san_ip: Vec<String>,
    /// E-mail addresses among them.
    pub san_email: Vec<String>,
    /// Subject serialNumber (2.5.4.5): the organisation's registered number.
    pub serial_number: Option<String>,
    /// End of validity.
    pub not_after: UnixTime,
    /// The chain as presented, end entity first, DER.
    pub chain: Vec<Vec<u8>>,
}

/// A chain that was verified to a trusted CA, with revocation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrustedChain(());

impl TrustedChain {
    /// Only a [`ChainVerifier`] says this.
    #[must_use]
    pub const fn verified() -> Self {
        Self(())
    }
}

/// Verifies certificate chains apart from the handshake: each time a client authenticates, resumed sessions too.
pub trait ChainVerifier: core::fmt::Debug + Send + Sync {
    /// Whether `chain` (DER, end entity first) leads to a trusted CA at `now` and is not revoked.
    ///
    /// # Errors
    /// [`ChainError`].
    fn verify(&self, chain: &[Vec<u8>], now: UnixTime) -> Result<TrustedChain, ChainError>;
}

/// Why a chain is not trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// No path to a trusted CA, wrong usage, bad signature.
    #[error("the certificate chain is not trusted")]
    Untrusted,
    /// Not yet or no longer valid.
    #[error("the certificate is outside its validity")]
    Expired,
    /// Revoked.
    #[error("the certificate is revoked")]
    Revoked,
    /// The revocation list is missing or past its next update.
    #[error("the revocation status is unknown")]
    RevocationUnknown,
}
