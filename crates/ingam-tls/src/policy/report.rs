use core::fmt;

use ingam_wire::{Seconds, UnixTime};
use x509_parser::{certificate::X509Certificate, prelude::FromDer, public_key::PublicKey};

use super::{ChannelPolicy, ExpiredList, Group, Protocol, Resumption, Suite, UnknownStatus};
use crate::{
    client::ClientChannel,
    server::{ClientCertificates, ServerChannel},
};

/// What a regime asks of a channel, as data; a report holds an endpoint against it.
///
/// fapi: SP-N-11, TL-8
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelRules {
    /// The regime's name.
    pub name: &'static str,
    /// The oldest protocol it admits.
    pub oldest: Protocol,
    /// The suites it admits.
    pub suites: Vec<Suite>,
    /// The key exchange groups it admits.
    pub groups: Vec<Group>,
    /// Least size of an RSA key, in bits.
    pub rsa_bits: usize,
    /// Least size of an elliptic curve key, in bits.
    pub ec_bits: usize,
    /// Whether keys of Ed25519 are admitted.
    pub ed25519: bool,
    /// Whether both ends must show certificates.
    pub mutual: bool,
    /// How long before its end a certificate is pointed out.
    pub warn_before: Seconds,
}

impl ChannelRules {
    /// FAPI 2.0 Security Profile section 5.2 with RFC 9325.
    #[must_use]
    pub fn fapi2_security() -> Self {
        let mut suites = Suite::TLS13.to_vec();
        suites.extend_from_slice(&Suite::TLS12);
        Self {
            name: "fapi2-security",
            oldest: Protocol::Tls12,
            suites,
            groups: vec![Group::X25519MlKem768, Group::X25519, Group::Secp256r1, Group::Secp384r1],
            rsa_bits: 2_048,
            ec_bits: 224,
            ed25519: true,
            mutual: false,
            warn_before: Seconds::new(30 * 86_400),
        }
    }

    /// Korea's MyData guide, section 5.4: TLS 1.3 and certificates on both sides.
    #[must_use]
    pub fn mydata() -> Self {
        Self {
            name: "mydata",
            oldest: Protocol::Tls13,
            suites: Suite::TLS13.to_vec(),
            mutual: true,
            ..Self::fapi2_security()
        }
    }

    /// What Korea's list of validated algorithms names: AES-GCM with SHA-2, P-256 and P-384, RSA-PSS and ECDSA.
    #[must_use]
    pub fn kcmvp() -> Self {
        Self {
            name: "kcmvp",
            oldest: Protocol::Tls12,
            suites: Self::fapi2_security()
                .suites
                .into_iter()
                .filter(|suite| *suite != Suite::Chacha20Poly1305Sha256)
                .collect(),
            groups: vec![Group::Secp256r1, Group::Secp384r1],
            ed25519: false,
            ..Self::fapi2_security()
        }
    }
}

/// Which end of the channel is reported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// The one that listens.
    Server(ClientCertificates),
    /// The one that connects.
    Client,
}

/// What a running endpoint does, and what its rules forbid about it; printed by `Display`.
///
/// x1149: 3.1.15.4
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelReport {
    /// The end.
    pub role: Role,
    /// The policy in force.
    pub policy: &'static str,
    /// The rules it is held against.
    pub rules: &'static str,
    /// Protocols spoken, newest first.
    pub protocols: Vec<Protocol>,
    /// Suites offered, in order of preference.
    pub suites: Vec<Suite>,
    /// Groups offered, in order of preference.
    pub groups: Vec<Group>,
    /// Whether sessions are resumed.
    pub resumption: Resumption,
    /// The certificate that is shown now.
    pub certificate: Option<CertificateReport>,
    /// What the rules forbid or point out; empty is good.
    pub findings: Vec<Finding>,
}

/// The facts of a certificate that is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateReport {
    /// Subject, RFC 4514.
    pub subject: String,
    /// Kind of key.
    pub key: KeyKind,
    /// Whether its own signature is over MD5 or SHA-1, so that another certificate could bear it.
    pub forgeable: bool,
    /// Start of validity.
    pub not_before: UnixTime,
    /// End of validity.
    pub not_after: UnixTime,
}

/// A kind of public key and its size in bits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// RSA, size of the modulus.
    Rsa(usize),
    /// A NIST curve, size of the field.
    Ec(usize),
    /// Edwards curve 25519.
    Ed25519,
    /// Something else.
    Other,
}

/// A point where an endpoint and its rules differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finding {
    /// The protocol is spoken and forbidden.
    ProtocolForbidden(Protocol),
    /// The suite is offered and forbidden.
    SuiteForbidden(Suite),
    /// The group is offered and forbidden.
    GroupForbidden(Group),
    /// The certificate's key is too small or of no admitted kind.
    KeyForbidden(KeyKind),
    /// The certificate is signed over MD5 or SHA-1 (RFC 9325 section 4.1.1); no client here believes it either.
    CertificateForgeable,
    /// The certificate is past its end.
    CertificateExpired,
    /// The certificate is not valid yet.
    CertificateNotYetValid,
    /// The certificate ends soon; pointed out, not forbidden.
    CertificateEndsSoon(Seconds),
    /// The certificate cannot be read.
    CertificateUnreadable,
    /// The rules ask for certificates on both sides.
    NotMutual,
    /// Expired revocation lists are used; pointed out, not forbidden.
    ExpiredListsUsed,
    /// Certificates without a revocation list are trusted; pointed out, not forbidden.
    UnknownStatusAccepted,
}

impl Finding {
    /// Whether the rules forbid it, or it is merely pointed out.
    #[must_use]
    pub const fn forbidden(self) -> bool {
        !matches!(self, Self::CertificateEndsSoon(_) | Self::ExpiredListsUsed | Self::UnknownStatusAccepted)
    }
}

impl ServerChannel {
    /// What this endpoint does now, held against `rules`.
    #[must_use]
    pub fn report(&self, rules: &ChannelRules) -> ChannelReport {
        report(self.policy(), Role::Server(self.clients()), self.shown().as_deref(), rules, self.clock().now())
    }
}

impl ClientChannel {
    /// What this endpoint does, held against `rules` at `now`.
    #[must_use]
    pub fn report(&self, rules: &ChannelRules, now: UnixTime) -> ChannelReport {
        report(self.policy(), Role::Client, self.shown().as_deref(), rules, now)
    }
}

fn report(
    policy: &ChannelPolicy,
    role: Role,
    shown: Option<&[u8]>,
    rules: &ChannelRules,
    now: UnixTime,
) -> ChannelReport {
    let protocols: Vec<_> = policy.protocols().collect();
    let suites: Vec<_> = policy.spoken_suites().collect();
    let certificate = shown.map(read);
    let mut findings = Vec::new();
    findings.extend(protocols.iter().filter(|it| **it < rules.oldest).map(|it| Finding::ProtocolForbidden(*it)));
    findings.extend(suites.iter().filter(|it| !rules.suites.contains(it)).map(|it| Finding::SuiteForbidden(*it)));
    findings
        .extend(policy.groups.iter().filter(|it| !rules.groups.contains(it)).map(|it| Finding::GroupForbidden(*it)));
    let (mutual, resumption) = match role {
        Role::Server(clients) => (clients == ClientCertificates::Required, policy.resumption),
        Role::Client => (certificate.is_some(), Resumption::Off),
    };
    if rules.mutual && !mutual {
        findings.push(Finding::NotMutual);
    }
    if policy.revocation.expired_list == ExpiredList::UseAnyway {
        findings.push(Finding::ExpiredListsUsed);
    }
    if policy.revocation.unknown_status == UnknownStatus::Accept {
        findings.push(Finding::UnknownStatusAccepted);
    }
    match &certificate {
        None => {}
        Some(None) => findings.push(Finding::CertificateUnreadable),
        Some(Some(certificate)) => judge(certificate, rules, now, &mut findings),
    }
    ChannelReport {
        role,
        policy: policy.name,
        rules: rules.name,
        protocols,
        suites,
        groups: policy.groups.clone(),
        resumption,
        certificate: certificate.flatten(),
        findings,
    }
}

fn judge(certificate: &CertificateReport, rules: &ChannelRules, now: UnixTime, findings: &mut Vec<Finding>) {
    let admitted = match certificate.key {
        KeyKind::Rsa(bits) => bits >= rules.rsa_bits,
        KeyKind::Ec(bits) => bits >= rules.ec_bits,
        KeyKind::Ed25519 => rules.ed25519,
        KeyKind::Other => false,
    };
    if !admitted {
        findings.push(Finding::KeyForbidden(certificate.key));
    }
    if certificate.forgeable {
        findings.push(Finding::CertificateForgeable);
    }
    if now < certificate.not_before {
        findings.push(Finding::CertificateNotYetValid);
    }
    if now >= certificate.not_after {
        findings.push(Finding::CertificateExpired);
    } else if now.plus(rules.warn_before) >= certificate.not_after {
        let left = certificate.not_after.secs().saturating_sub(now.secs());
        findings.push(Finding::CertificateEndsSoon(Seconds::new(u64::try_from(left).unwrap_or(0))));
    }
}

/// md5WithRSAEncryption, sha1WithRSAEncryption, ecdsa-with-SHA1.
const FORGEABLE: [&str; 3] = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

fn read(der: &[u8]) -> Option<CertificateReport> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let key = match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => KeyKind::Rsa(key.key_size()),
        Ok(PublicKey::EC(point)) => KeyKind::Ec(point.key_size()),
        _ if certificate.public_key().algorithm.algorithm.to_id_string() == "1.3.101.112" => KeyKind::Ed25519,
        _ => KeyKind::Other,
    };
    Some(CertificateReport {
        subject: crate::peer::subject(&certificate)?,
        key,
        forgeable: FORGEABLE.contains(&certificate.signature_algorithm.algorithm.to_id_string().as_str()),
        not_before: UnixTime::from_secs(certificate.validity().not_before.timestamp()),
        not_after: UnixTime::from_secs(certificate.validity().not_after.timestamp()),
    })
}

impl fmt::Display for ChannelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: Vec<&'static str>| names.join(" ");
        writeln!(f, "channel      {:?}, policy {}, held against {}", self.role, self.policy, self.rules)?;
        writeln!(f, "protocols    {}", list(self.protocols.iter().map(|it| it.name()).collect()))?;
        writeln!(f, "suites       {}", list(self.suites.iter().map(|it| it.name()).collect()))?;
        writeln!(f, "groups       {}", list(self.groups.iter().map(|it| it.name()).collect()))?;
        writeln!(f, "resumption   {:?}, 0-RTT off, key log off", self.resumption)?;
        if let Some(certificate) = &self.certificate {
            writeln!(
                f,
                "certificate  {}, {:?}, valid {} to {} (Unix seconds)",
                certificate.subject,
                certificate.key,
                certificate.not_before.secs(),
                certificate.not_after.secs()
            )?;
        }
        for finding in &self.findings {
            writeln!(f, "{}    {finding:?}", if finding.forbidden() { "FORBIDDEN" } else { "note     " })?;
        }
        Ok(())
    }
}
