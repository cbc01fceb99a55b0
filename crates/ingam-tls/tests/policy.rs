//! Policies, what can be built from them, and what reports say.
#![cfg(feature = "development")]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

use ingam_tls::{
    CertificateError, ChannelError, ChannelPolicy, ChannelRules, ClientCertificates, ClientChannel, Clock,
    CryptoModule, ExpiredList, Finding, Group, KeyKind, KeyedCertificate, Pins, Protocol, Resumption, Role,
    ServerChannel, ServerTrust, Suite, UnknownPolicy, UnknownStatus,
    development::{ClientSubject, DevelopmentCa},
};
use ingam_wire::{Seconds, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn clock() -> Clock {
    Clock::new(|| NOW)
}

fn ca() -> DevelopmentCa {
    DevelopmentCa::new("Root", NOW).unwrap()
}

fn server(policy: ChannelPolicy, clients: ClientCertificates) -> Result<ServerChannel, ChannelError> {
    let certificate = ca().server(&["bank.example"], NOW).unwrap().keyed(CryptoModule::Ring).unwrap();
    ServerChannel::new(policy, &certificate, clients, clock())
}

/// fapi: TL-1, TL-3, TL-4
#[test]
fn x1149_3_1_15_4_the_default_speaks_tls_1_3_only_and_nothing_can_name_an_older_one() {
    let policy = ChannelPolicy::tls13();
    assert_eq!(policy.oldest, Protocol::Tls13);
    let report = server(policy, ClientCertificates::NotAsked).unwrap().report(&ChannelRules::fapi2_security());
    assert_eq!(report.protocols, [Protocol::Tls13]);
    assert_eq!(report.suites, Suite::TLS13);
    assert_eq!(report.findings, []);
    let report = server(ChannelPolicy::fapi_tls12(), ClientCertificates::NotAsked)
        .unwrap()
        .report(&ChannelRules::fapi2_security());
    assert_eq!(report.protocols, [Protocol::Tls13, Protocol::Tls12]);
    assert_eq!(report.suites.len(), 7);
    assert_eq!(report.findings, []);
}

#[test]
fn policies_are_found_by_name_and_unknown_names_stop() {
    for name in ["tls13", "fapi-tls12", "tls13-post-quantum"] {
        assert_eq!(ChannelPolicy::named(name).unwrap().name, name);
    }
    for name in ["", "TLS13", "tls12", "default"] {
        assert_eq!(ChannelPolicy::named(name), Err(UnknownPolicy), "{name}");
    }
}

#[test]
fn a_policy_that_cannot_be_met_builds_no_channel() {
    let refused = |change: fn(&mut ChannelPolicy)| {
        let mut policy = ChannelPolicy::tls13();
        change(&mut policy);
        server(policy, ClientCertificates::NotAsked).unwrap_err()
    };
    assert_eq!(refused(|it| it.suites.clear()), ChannelError::NoSuite(Protocol::Tls13));
    assert_eq!(refused(|it| it.oldest = Protocol::Tls12), ChannelError::NoSuite(Protocol::Tls12));
    assert_eq!(refused(|it| it.suites = Suite::TLS12.to_vec()), ChannelError::NoSuite(Protocol::Tls13));
    assert_eq!(refused(|it| it.groups.clear()), ChannelError::NoGroup);
    assert_eq!(
        refused(|it| it.groups.push(Group::X25519MlKem768)),
        ChannelError::GroupUnsupported(Group::X25519MlKem768),
        "ring has no ML-KEM"
    );
    if cfg!(not(feature = "aws-lc-rs")) {
        assert_eq!(refused(|it| it.module = CryptoModule::AwsLcRs), ChannelError::ModuleNotCompiled);
    }
}

#[test]
fn a_client_that_would_trust_nobody_or_malformed_things_is_not_built() {
    let refused = |trust: &ServerTrust| ClientChannel::new(ChannelPolicy::tls13(), trust, None, &clock()).unwrap_err();
    assert_eq!(refused(&ServerTrust::default()), ChannelError::NoTrustAnchor);
    assert_eq!(refused(&ServerTrust::in_authorities(vec![vec![1, 2, 3]])), ChannelError::MalformedTrustAnchor);
    let mut trust = ServerTrust::in_authorities(vec![ca().certificate_der()]);
    trust.lists = vec![vec![0x30, 0x00]];
    assert_eq!(refused(&trust), ChannelError::MalformedRevocationList);
    for host in ["", "not a host", "[::1]", "a..b", "https://bank.example"] {
        assert_eq!(Pins::default().with(host, &[]), Err(ChannelError::MalformedPinnedName), "{host}");
    }
}

/// fapi: SP-N-11
#[test]
fn x1149_3_1_15_4_reports_flag_what_the_rules_forbid() {
    let (protocol, suite, group) = (Finding::ProtocolForbidden, Finding::SuiteForbidden, Finding::GroupForbidden);
    let report =
        server(ChannelPolicy::fapi_tls12(), ClientCertificates::Optional).unwrap().report(&ChannelRules::mydata());
    let mut expected = vec![protocol(Protocol::Tls12)];
    expected.extend(Suite::TLS12.map(suite));
    expected.push(Finding::NotMutual);
    assert_eq!(report.findings, expected);
    assert!(report.findings.iter().all(|finding| finding.forbidden()));
    assert_eq!(report.role, Role::Server(ClientCertificates::Optional));

    let report = server(ChannelPolicy::tls13(), ClientCertificates::Required).unwrap().report(&ChannelRules::mydata());
    assert_eq!(report.findings, []);

    let report = server(ChannelPolicy::tls13(), ClientCertificates::NotAsked).unwrap().report(&ChannelRules::kcmvp());
    assert_eq!(report.findings, [suite(Suite::Chacha20Poly1305Sha256), group(Group::X25519)]);

    let mut lenient = ChannelPolicy::tls13();
    lenient.revocation.expired_list = ExpiredList::UseAnyway;
    lenient.revocation.unknown_status = UnknownStatus::Accept;
    let report = server(lenient, ClientCertificates::NotAsked).unwrap().report(&ChannelRules::fapi2_security());
    assert_eq!(report.findings, [Finding::ExpiredListsUsed, Finding::UnknownStatusAccepted]);
    assert!(report.findings.iter().all(|finding| !finding.forbidden()));
    let text = report.to_string();
    for line in [
        "protocols    TLS 1.3",
        "groups       x25519 secp256r1",
        "note         ExpiredListsUsed",
        "CN=bank.example, Ec(256)",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
}

#[test]
fn reports_follow_the_certificate_that_is_shown_now() {
    let ca = ca();
    let day = Seconds::new(86_400);
    let rules = ChannelRules::fapi2_security();
    let channel = server(ChannelPolicy::tls13(), ClientCertificates::NotAsked).unwrap();
    let shown = channel.report(&rules).certificate.unwrap();
    assert_eq!((shown.key, shown.not_after), (KeyKind::Ec(256), NOW.plus(Seconds::new(90 * 86_400))));
    for (from, until, expected) in [
        (NOW, NOW.plus(day), Finding::CertificateEndsSoon(day)),
        (NOW, NOW.minus(day), Finding::CertificateExpired),
        (NOW.plus(day), NOW.plus(Seconds::new(90 * 86_400)), Finding::CertificateNotYetValid),
    ] {
        channel.show(&ca.server_valid(&["bank.example"], from, until).unwrap().keyed(CryptoModule::Ring).unwrap());
        assert_eq!(channel.report(&rules).findings, [expected]);
    }
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let client = ca.client(&ClientSubject::named("fintech-1"), NOW).unwrap().keyed(CryptoModule::Ring).unwrap();
    let with = ClientChannel::new(ChannelPolicy::tls13(), &trust, Some(&client), &clock()).unwrap();
    assert_eq!(with.report(&ChannelRules::mydata(), NOW).findings, []);
    assert_eq!(with.report(&rules, NOW).certificate.unwrap().subject, "CN=fintech-1");
    let without = ClientChannel::new(ChannelPolicy::tls13(), &trust, None, &clock()).unwrap();
    assert_eq!(without.report(&ChannelRules::mydata(), NOW).findings, [Finding::NotMutual]);
    assert_eq!(without.report(&rules, NOW).resumption, Resumption::Off, "whatever the policy lets a server do");
}

/// fapi: TL-8
#[test]
fn small_keys_are_forbidden() {
    let mut rules = ChannelRules::fapi2_security();
    rules.ec_bits = 384;
    let report = server(ChannelPolicy::tls13(), ClientCertificates::NotAsked).unwrap().report(&rules);
    assert_eq!(report.findings, [Finding::KeyForbidden(KeyKind::Ec(256))]);
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let ca = ca();
    let (one, other) = (ca.server(&["a.example"], NOW).unwrap(), ca.server(&["a.example"], NOW).unwrap());
    let load = |chain: &str, key: &str| {
        KeyedCertificate::from_pem(chain.as_bytes(), key.as_bytes(), CryptoModule::Ring).map(|_| ())
    };
    let (chain, key) = (one.certificate_pem(), one.key_pem());
    assert_eq!(load(&chain, key.expose()), Ok(()));
    assert_eq!(load(&chain, other.key_pem().expose()), Err(CertificateError::KeyMismatch));
    assert_eq!(load("", key.expose()), Err(CertificateError::NoCertificate));
    assert_eq!(load(key.expose(), key.expose()), Err(CertificateError::NoCertificate));
    assert_eq!(load(&chain, ""), Err(CertificateError::NoKey));
    assert_eq!(load(&chain, &chain), Err(CertificateError::NoKey));
    assert_eq!(load(&chain[..chain.len() / 2], key.expose()), Err(CertificateError::MalformedPem));
    let empty = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    assert_eq!(load(empty, key.expose()), Err(CertificateError::MalformedCertificate));
    let no_key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    assert_eq!(load(&chain, no_key), Err(CertificateError::KeyUnsupported));
    assert_eq!(
        KeyedCertificate::from_der(vec![], &[], CryptoModule::Ring).map(|_| ()),
        Err(CertificateError::KeyUnsupported)
    );
}

#[test]
fn private_keys_are_never_printed() {
    let issued = ca().server(&["a.example"], NOW).unwrap();
    let pem = issued.key_pem();
    let keyed = issued.keyed(CryptoModule::Ring).unwrap();
    let channel = ServerChannel::new(ChannelPolicy::tls13(), &keyed, ClientCertificates::NotAsked, clock()).unwrap();
    let printed = format!("{issued:?} {keyed:?} {channel:?} {pem:?} {:?}", clock());
    for line in pem.expose().lines().filter(|line| !line.starts_with("---")) {
        assert!(!printed.contains(line) && line.len() > 20, "{printed}");
    }
    assert!(printed.len() < 400, "{printed}");
}

/// fapi: TL-8
#[cfg(feature = "aws-lc-rs")]
#[test]
fn with_aws_lc_rs_the_post_quantum_policy_builds() {
    let certificate = ca().server(&["bank.example"], NOW).unwrap().keyed(CryptoModule::AwsLcRs).unwrap();
    let policy = ChannelPolicy::tls13_post_quantum();
    let channel = ServerChannel::new(policy, &certificate, ClientCertificates::NotAsked, clock()).unwrap();
    let report = channel.report(&ChannelRules::fapi2_security());
    assert_eq!(report.groups.first(), Some(&Group::X25519MlKem768));
    assert_eq!(report.findings, []);
}
