pub(crate) mod report;
mod suite;

use core::time::Duration;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use self::suite::{Group, Protocol, Suite};
use crate::limits;

/// What a channel may be: protocols, suites, groups, resumption, revocation and time-outs, as data.
///
/// What no policy can express: TLS below 1.2, CBC, static RSA, DHE, RC4, compression, renegotiation, 0-RTT,
/// key logging; rustls has none of the former, and the latter are never switched on.
///
/// fapi: SP-N-1, SP-N-2, SP-N-3, TL-1, TL-4, TL-5, TL-6
/// x1149: 3.1.15.4
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelPolicy {
    /// Its name, as reports print it.
    pub name: &'static str,
    /// Where the primitives come from.
    pub module: CryptoModule,
    /// The oldest protocol spoken.
    pub oldest: Protocol,
    /// Suites in order of preference; those of protocols older than `oldest` are left out.
    pub suites: Vec<Suite>,
    /// Key exchange groups in order of preference.
    pub groups: Vec<Group>,
    /// Whether a server resumes sessions; a client never does.
    pub resumption: Resumption,
    /// How revocation lists are used.
    pub revocation: Revocation,
    /// Application protocols a server offers.
    pub alpn: Vec<Alpn>,
    /// Bounds on a peer's slowness.
    pub time_outs: TimeOuts,
}

impl ChannelPolicy {
    /// TLS 1.3 only: what every channel uses unless its profile asks for more.
    #[must_use]
    pub fn tls13() -> Self {
        Self {
            name: "tls13",
            module: CryptoModule::Ring,
            oldest: Protocol::Tls13,
            suites: Suite::TLS13.to_vec(),
            groups: vec![Group::X25519, Group::Secp256r1, Group::Secp384r1],
            resumption: Resumption::InMemory,
            revocation: Revocation::default(),
            alpn: vec![Alpn::Http2, Alpn::Http11],
            time_outs: TimeOuts::default(),
        }
    }

    /// FAPI 2.0 for peers that lack TLS 1.3: also TLS 1.2 with the four suites of RFC 9325 section 4.2.
    ///
    /// fapi: SP-N-6, SP-N-9, TL-2, TL-3
    #[must_use]
    pub fn fapi_tls12() -> Self {
        let mut suites = Suite::TLS13.to_vec();
        suites.extend_from_slice(&Suite::TLS12);
        Self { name: "fapi-tls12", oldest: Protocol::Tls12, suites, ..Self::tls13() }
    }

    /// TLS 1.3 with the post-quantum hybrid X25519MLKEM768 first; needs feature `aws-lc-rs`.
    #[must_use]
    pub fn tls13_post_quantum() -> Self {
        let groups = vec![Group::X25519MlKem768, Group::X25519, Group::Secp256r1, Group::Secp384r1];
        Self { name: "tls13-post-quantum", module: CryptoModule::AwsLcRs, groups, ..Self::tls13() }
    }

    /// The policy called `name`: `tls13`, `fapi-tls12` or `tls13-post-quantum`.
    ///
    /// # Errors
    /// [`UnknownPolicy`]: a configuration that names no policy stops the start-up.
    pub fn named(name: &str) -> Result<Self, UnknownPolicy> {
        [Self::tls13(), Self::fapi_tls12(), Self::tls13_post_quantum()]
            .into_iter()
            .find(|policy| policy.name == name)
            .ok_or(UnknownPolicy)
    }

    /// The provider value this policy stands for: exactly its suites and groups.
    pub(crate) fn provider(&self) -> Result<Arc<CryptoProvider>, ChannelError> {
        let all = self.module.provider()?;
        let cipher_suites = self
            .spoken_suites()
            .map(|suite| suite.within(&all).ok_or(ChannelError::SuiteUnsupported(suite)))
            .collect::<Result<Vec<_>, _>>()?;
        let kx_groups = self
            .groups
            .iter()
            .map(|group| self.module.group(*group).ok_or(ChannelError::GroupUnsupported(*group)))
            .collect::<Result<Vec<_>, _>>()?;
        if kx_groups.is_empty() {
            return Err(ChannelError::NoGroup);
        }
        for protocol in self.protocols() {
            if !self.spoken_suites().any(|suite| suite.protocol() == protocol) {
                return Err(ChannelError::NoSuite(protocol));
            }
        }
        Ok(Arc::new(CryptoProvider { cipher_suites, kx_groups, ..all }))
    }

    /// The protocols spoken, newest first.
    pub(crate) fn protocols(&self) -> impl Iterator<Item = Protocol> + '_ {
        Protocol::ALL.into_iter().filter(|protocol| *protocol >= self.oldest)
    }

    pub(crate) fn spoken_suites(&self) -> impl Iterator<Item = Suite> + '_ {
        self.suites.iter().copied().filter(|suite| suite.protocol() >= self.oldest)
    }

    pub(crate) fn versions(&self) -> Vec<&'static rustls::SupportedProtocolVersion> {
        self.protocols().map(Protocol::version).collect()
    }
}

/// Where the primitives of the channel come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CryptoModule {
    /// ring 0.17.
    Ring,
    /// aws-lc-rs; only with the feature of that name.
    AwsLcRs,
}

impl CryptoModule {
    /// Everything the module can do, as a value; the process default is never read or set.
    pub(crate) fn provider(self) -> Result<CryptoProvider, ChannelError> {
        match self {
            Self::Ring => Ok(rustls::crypto::ring::default_provider()),
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => Ok(rustls::crypto::aws_lc_rs::default_provider()),
            #[cfg(not(feature = "aws-lc-rs"))]
            Self::AwsLcRs => Err(ChannelError::ModuleNotCompiled),
        }
    }

    fn group(self, group: Group) -> Option<&'static dyn rustls::crypto::SupportedKxGroup> {
        let all = match self {
            Self::Ring => rustls::crypto::ring::ALL_KX_GROUPS,
            #[cfg(feature = "aws-lc-rs")]
            Self::AwsLcRs => rustls::crypto::aws_lc_rs::ALL_KX_GROUPS,
            #[cfg(not(feature = "aws-lc-rs"))]
            Self::AwsLcRs => &[],
        };
        all.iter().copied().find(|candidate| candidate.name() == group.wire())
    }
}

/// Whether a peer may take up an earlier session instead of a full handshake (RFC 8446 section 2.2).
///
/// rustls does not ask the certificate verifier again on resumption; therefore trust in a client's certificate
/// is never taken from the handshake (see [`crate::CertificateAuthorities`]).
///
/// fapi: TL-7
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resumption {
    /// Every connection is a full handshake.
    Off,
    /// Sessions are kept in this process's memory, bounded; there are no ticket keys that could be stolen.
    InMemory,
}

/// How revocation lists (RFC 5280 section 5) are used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// What a list past its `nextUpdate` means.
    pub expired_list: ExpiredList,
    /// What a certificate means whose issuer has no list here.
    pub unknown_status: UnknownStatus,
    /// Which certificates are looked up.
    pub depth: RevocationDepth,
}

impl Default for Revocation {
    /// Refuse on every doubt, along the whole chain.
    fn default() -> Self {
        Self {
            expired_list: ExpiredList::Refuse,
            unknown_status: UnknownStatus::Refuse,
            depth: RevocationDepth::WholeChain,
        }
    }
}

/// What a revocation list past its `nextUpdate` means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExpiredList {
    /// Nobody is trusted until a fresh list is there.
    Refuse,
    /// The old list is used: whoever suppresses updates hides later revocations.
    UseAnyway,
}

/// What a certificate means whose issuer has no revocation list here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownStatus {
    /// It is not trusted.
    Refuse,
    /// It is taken as not revoked: for CAs that publish no lists.
    Accept,
}

/// Which certificates of a chain are looked up in the lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevocationDepth {
    /// All but the trust anchor.
    WholeChain,
    /// Only the end entity's.
    EndEntity,
}

/// An application protocol (RFC 7301).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Alpn {
    /// `h2`, RFC 9113.
    Http2,
    /// `http/1.1`, RFC 9112.
    Http11,
}

impl Alpn {
    /// The identifier on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http2 => "h2",
            Self::Http11 => "http/1.1",
        }
    }
}

/// How long a peer may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeOuts {
    /// For the TLS handshake, from the first byte of TCP.
    pub handshake: Duration,
    /// For a request's header section; on HTTP/1.1 it also bounds the pause before the next request.
    pub header: Duration,
    /// For a request's body.
    pub body: Duration,
    /// Without a request, before the connection is closed.
    pub idle: Duration,
    /// For running requests once the endpoint stops.
    pub shutdown: Duration,
}

impl Default for TimeOuts {
    fn default() -> Self {
        Self {
            handshake: limits::HANDSHAKE,
            header: limits::HEADER,
            body: limits::BODY,
            idle: limits::IDLE,
            shutdown: limits::SHUTDOWN,
        }
    }
}

/// No policy has this name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no channel policy has this name")]
pub struct UnknownPolicy;

/// Why no channel can be built from a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChannelError {
    /// The crypto module is not compiled in: feature `aws-lc-rs`.
    #[error("the crypto module is not compiled in")]
    ModuleNotCompiled,
    /// The module lacks this suite.
    #[error("the crypto module lacks {}", .0.name())]
    SuiteUnsupported(Suite),
    /// The module lacks this group.
    #[error("the crypto module lacks {}", .0.name())]
    GroupUnsupported(Group),
    /// A protocol is spoken for which the policy has no suite.
    #[error("no suite for {}", .0.name())]
    NoSuite(Protocol),
    /// The policy has no group.
    #[error("no key exchange group")]
    NoGroup,
    /// Nobody could be trusted: no trust anchor was given.
    #[error("no trust anchor")]
    NoTrustAnchor,
    /// A trust anchor is not a certificate that can be one.
    #[error("a trust anchor is malformed")]
    MalformedTrustAnchor,
    /// A revocation list is malformed or of a kind that is not understood (delta, indirect).
    #[error("a revocation list is malformed or unsupported")]
    MalformedRevocationList,
    /// A pin's host is not a DNS name or an IP address.
    #[error("a pinned name is neither a DNS name nor an IP address")]
    MalformedPinnedName,
    /// rustls refuses the combination.
    #[error("the combination of protocol, suite and group is inconsistent")]
    Inconsistent,
}

impl ChannelError {
    /// The variant's name, for the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ModuleNotCompiled => "ModuleNotCompiled",
            Self::SuiteUnsupported(_) => "SuiteUnsupported",
            Self::GroupUnsupported(_) => "GroupUnsupported",
            Self::NoSuite(_) => "NoSuite",
            Self::NoGroup => "NoGroup",
            Self::NoTrustAnchor => "NoTrustAnchor",
            Self::MalformedTrustAnchor => "MalformedTrustAnchor",
            Self::MalformedRevocationList => "MalformedRevocationList",
            Self::MalformedPinnedName => "MalformedPinnedName",
            Self::Inconsistent => "Inconsistent",
        }
    }
}
