//! Who is trusted, decided at each authentication.
#![cfg(feature = "development")]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

use ingam_ports::{ChainError, ChainVerifier};
use ingam_tls::{
    AuthorityError, CertificateAuthorities, ChannelPolicy, ExpiredList, Revocation, RevocationDepth, UnknownStatus,
    development::{ClientSubject, DevelopmentCa, IssuedCertificate},
};
use ingam_wire::{Seconds, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const DAY: Seconds = Seconds::new(86_400);

fn root() -> DevelopmentCa {
    DevelopmentCa::new("Root", NOW).unwrap()
}

fn fintech() -> ClientSubject {
    ClientSubject::named("fintech-1")
}

fn policy(change: impl FnOnce(&mut Revocation)) -> ChannelPolicy {
    let mut policy = ChannelPolicy::tls13();
    change(&mut policy.revocation);
    policy
}

/// Trust in `ca` with `lists`, refusing on every doubt.
fn trusting(ca: &DevelopmentCa, lists: &[Vec<u8>]) -> CertificateAuthorities {
    CertificateAuthorities::new(&[ca.certificate_der()], lists, &ChannelPolicy::tls13()).unwrap()
}

/// An empty list of `ca`, in force.
fn clean(ca: &DevelopmentCa) -> Vec<u8> {
    ca.revocation_list(&[], NOW).unwrap().der().to_vec()
}

fn verdict(authorities: &CertificateAuthorities, certificate: &IssuedCertificate) -> Result<(), ChainError> {
    authorities.verify(&certificate.chain_der(), NOW).map(|_| ())
}

/// fapi: MT-1
#[test]
fn x1149_3_1_15_4_a_client_of_a_trusted_ca_is_trusted() {
    let ca = root();
    let client = ca.client(&fintech(), NOW).unwrap();
    assert_eq!(verdict(&trusting(&ca, &[clean(&ca)]), &client), Ok(()));
}

#[test]
fn sr_45_an_untrusted_chain_with_a_matching_subject_is_refused() {
    let (ours, theirs) = (root(), root());
    let authorities = trusting(&ours, &[clean(&ours)]);
    let impostor = theirs.client(&fintech(), NOW).unwrap();
    assert_eq!(verdict(&authorities, &impostor), Err(ChainError::Untrusted));
    // Bringing the other CA's certificate along does not help, nor does ours.
    for extra in [theirs.certificate_der(), ours.certificate_der()] {
        let chain = vec![impostor.certificate_der(), extra];
        assert_eq!(authorities.verify(&chain, NOW), Err(ChainError::Untrusted));
    }
    let own = DevelopmentCa::self_signed_client(&fintech(), NOW).unwrap();
    assert_eq!(verdict(&authorities, &own), Err(ChainError::Untrusted));
}

#[test]
fn sr_45_the_trust_anchor_itself_is_no_client() {
    let ca = root();
    assert_eq!(trusting(&ca, &[clean(&ca)]).verify(&[ca.certificate_der()], NOW), Err(ChainError::Untrusted));
}

#[test]
fn a_server_certificate_is_no_client_certificate() {
    let ca = root();
    let server = ca.server(&["bank.example"], NOW).unwrap();
    assert_eq!(verdict(&trusting(&ca, &[clean(&ca)]), &server), Err(ChainError::Untrusted));
}

#[test]
fn validity_is_held_against_now_and_not_against_the_handshake() {
    let ca = root();
    let client = ca.client_valid(&fintech(), NOW, NOW.plus(DAY)).unwrap();
    let list = ca.revocation_list(&[], NOW).unwrap().der().to_vec();
    let authorities = trusting(&ca, &[list]);
    let chain = client.chain_der();
    for (at, expected) in [
        (NOW.minus(Seconds::new(7_200)), Err(ChainError::Expired)),
        (NOW, Ok(())),
        (NOW.plus(DAY), Ok(())),
        (NOW.plus(Seconds::new(86_401)), Err(ChainError::Expired)),
        (UnixTime::from_secs(-1), Err(ChainError::Expired)),
        (UnixTime::from_secs(i64::MAX), Err(ChainError::Expired)),
    ] {
        assert_eq!(authorities.verify(&chain, at).map(|_| ()), expected, "{at:?}");
    }
}

#[test]
fn x1149_3_1_15_4_a_revoked_certificate_is_refused_from_the_next_authentication_on() {
    let ca = root();
    let (client, other) = (ca.client(&fintech(), NOW).unwrap(), ca.client(&fintech(), NOW).unwrap());
    let authorities = trusting(&ca, &[clean(&ca)]);
    assert_eq!(verdict(&authorities, &client), Ok(()));
    authorities.replace_lists(&[ca.revocation_list(&[&client], NOW).unwrap().der().to_vec()]).unwrap();
    assert_eq!(verdict(&authorities, &client), Err(ChainError::Revoked));
    assert_eq!(verdict(&authorities, &other), Ok(()));
}

#[test]
fn an_expired_list_refuses_everybody_unless_configured() {
    let ca = root();
    let (client, revoked) = (ca.client(&fintech(), NOW).unwrap(), ca.client(&fintech(), NOW).unwrap());
    let old = ca.revocation_list(&[&revoked], NOW.minus(Seconds::new(8 * 86_400))).unwrap().der().to_vec();
    let strict = trusting(&ca, core::slice::from_ref(&old));
    assert_eq!(verdict(&strict, &client), Err(ChainError::RevocationUnknown));
    let lenient = policy(|revocation| revocation.expired_list = ExpiredList::UseAnyway);
    let lenient = CertificateAuthorities::new(&[ca.certificate_der()], &[old], &lenient).unwrap();
    assert_eq!(verdict(&lenient, &client), Ok(()));
    assert_eq!(verdict(&lenient, &revoked), Err(ChainError::Revoked));
}

#[test]
fn a_missing_list_refuses_everybody_unless_configured() {
    let (ca, stranger) = (root(), DevelopmentCa::new("Stranger", NOW).unwrap());
    let client = ca.client(&fintech(), NOW).unwrap();
    for lists in [vec![], vec![clean(&stranger)]] {
        assert_eq!(verdict(&trusting(&ca, &lists), &client), Err(ChainError::RevocationUnknown));
        let lenient = policy(|revocation| revocation.unknown_status = UnknownStatus::Accept);
        let lenient = CertificateAuthorities::new(&[ca.certificate_der()], &lists, &lenient).unwrap();
        assert_eq!(verdict(&lenient, &client), Ok(()));
    }
}

#[test]
fn sr_74_a_list_signed_by_a_namesake_of_the_ca_counts_for_nothing() {
    let (ca, namesake) = (root(), root());
    let client = ca.client(&fintech(), NOW).unwrap();
    assert_eq!(verdict(&trusting(&ca, &[clean(&namesake)]), &client), Err(ChainError::RevocationUnknown));
}

#[test]
fn every_certificate_of_a_longer_chain_is_looked_up() {
    let root = root();
    let middle = root.subordinate("Middle", &[], NOW).unwrap();
    let client = middle.client(&fintech(), NOW).unwrap();
    assert_eq!(client.chain_der().len(), 2);
    let both = trusting(&root, &[clean(&root), clean(&middle)]);
    assert_eq!(verdict(&both, &client), Ok(()));
    assert_eq!(both.verify(&[client.certificate_der()], NOW), Err(ChainError::Untrusted), "without the middle");
    assert_eq!(verdict(&trusting(&root, &[clean(&middle)]), &client), Err(ChainError::RevocationUnknown));
    let last_only = policy(|revocation| revocation.depth = RevocationDepth::EndEntity);
    let last_only = CertificateAuthorities::new(&[root.certificate_der()], &[clean(&middle)], &last_only).unwrap();
    assert_eq!(verdict(&last_only, &client), Ok(()));
}

#[test]
fn a_chain_longer_than_any_real_one_is_refused_before_it_is_searched() {
    let ca = root();
    let client = ca.client(&fintech(), NOW).unwrap();
    let authorities = trusting(&ca, &[clean(&ca)]);
    let mut chain = client.chain_der();
    chain.extend(vec![ca.certificate_der(); 5]);
    assert_eq!(authorities.verify(&chain, NOW).map(|_| ()), Ok(()));
    chain.push(ca.certificate_der());
    assert_eq!(authorities.verify(&chain, NOW), Err(ChainError::Untrusted));
    assert_eq!(authorities.verify(&[], NOW), Err(ChainError::Untrusted));
}

/// RUSTSEC-2026-0098, RUSTSEC-2026-0099.
#[test]
fn sr_74_name_constraints_hold_for_dns_names_wildcards_and_uris() {
    let root = root();
    let constrained = root.subordinate("Constrained", &["partner.example"], NOW).unwrap();
    let authorities = trusting(&root, &[clean(&root), clean(&constrained)]);
    let with_dns = |names: &[&str]| ClientSubject {
        san_dns: names.iter().map(|name| (*name).to_owned()).collect(),
        ..ClientSubject::named("x")
    };
    for (names, expected) in [
        (vec!["partner.example"], Ok(())),
        (vec!["api.partner.example"], Ok(())),
        (vec!["bank.example"], Err(ChainError::Untrusted)),
        (vec!["partner.example", "bank.example"], Err(ChainError::Untrusted)),
        (vec!["notpartner.example"], Err(ChainError::Untrusted)),
        (vec!["*.example"], Err(ChainError::Untrusted)),
        (vec!["*.partner.example"], Ok(())),
    ] {
        let client = constrained.client(&with_dns(&names), NOW).unwrap();
        assert_eq!(verdict(&authorities, &client), expected, "{names:?}");
    }
    let narrow = root.subordinate("Narrow", &["accept.partner.example"], NOW).unwrap();
    let authorities = trusting(&root, &[clean(&root), clean(&narrow)]);
    let client = narrow.client(&with_dns(&["*.partner.example"]), NOW).unwrap();
    assert_eq!(verdict(&authorities, &client), Err(ChainError::Untrusted), "wider than what is permitted");
}

/// RUSTSEC-2026-0098: a constraint on URIs that is not understood must not be passed over.
#[test]
fn sr_74_a_constraint_on_uris_is_never_passed_over() {
    use rcgen::{CertificateParams, CustomExtension, Issuer, KeyPair, SanType};
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    // NameConstraints { permittedSubtrees [0] { { uniformResourceIdentifier [6] "partner.example" } } }
    let host = b"partner.example";
    let mut content = vec![0x30, 0x15, 0xa0, 0x13, 0x30, 0x11, 0x86, 0x0f];
    content.extend_from_slice(host);
    let mut constraint = CustomExtension::from_oid_content(&[2, 5, 29, 30], content);
    constraint.set_criticality(true);
    ca.custom_extensions.push(constraint);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca, ca_key);
    let certified = |name: SanType| {
        let mut client = CertificateParams::default();
        client.distinguished_name.push(rcgen::DnType::CommonName, "client");
        client.subject_alt_names = vec![name];
        client.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec()
    };
    let accept = policy(|revocation| revocation.unknown_status = UnknownStatus::Accept);
    let authorities = CertificateAuthorities::new(&[ca_certificate.der().to_vec()], &[], &accept).unwrap();
    let uri = certified(SanType::URI("https://bank.example/".try_into().unwrap()));
    assert_eq!(authorities.verify(&[uri], NOW), Err(ChainError::Untrusted));
    let dns = certified(SanType::DnsName("bank.example".try_into().unwrap()));
    assert!(authorities.verify(&[dns], NOW).is_ok(), "a constraint on URIs says nothing about DNS names");
}

/// RUSTSEC-2026-0049: which list speaks for a certificate is decided by its distribution point.
#[test]
fn sr_74_a_list_for_another_distribution_point_says_nothing() {
    use rcgen::{
        CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, Issuer,
        KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd,
    };
    let key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&key).unwrap();
    let issuer = Issuer::new(ca, key);
    let mut client = CertificateParams::default();
    client.distinguished_name.push(rcgen::DnType::CommonName, "client");
    client.serial_number = Some(SerialNumber::from(77));
    client.crl_distribution_points =
        vec![CrlDistributionPoint { uris: vec!["http://a.example/one.crl".into(), "http://a.example/two.crl".into()] }];
    let client = client.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec();
    let list = |uri: &str, revoked: bool| {
        let revoked_certs = if revoked {
            vec![RevokedCertParams {
                serial_number: SerialNumber::from(77),
                revocation_time: date_time_ymd(2020, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }]
        } else {
            vec![]
        };
        CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(2040, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: Some(CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint { uris: vec![uri.into()] },
                scope: None,
            }),
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        }
        .signed_by(&issuer)
        .unwrap()
        .der()
        .to_vec()
    };
    let judged = |lists: &[Vec<u8>]| {
        CertificateAuthorities::new(&[ca_certificate.der().to_vec()], lists, &ChannelPolicy::tls13())
            .unwrap()
            .verify(std::slice::from_ref(&client), NOW)
            .map(|_| ())
    };
    assert_eq!(judged(&[list("http://a.example/one.crl", false)]), Ok(()));
    assert_eq!(judged(&[list("http://b.example/other.crl", false)]), Err(ChainError::RevocationUnknown));
    assert_eq!(judged(&[list("http://a.example/one.crl", true)]), Err(ChainError::Revoked));
    // The second URI of the point speaks for it just as the first.
    assert_eq!(judged(&[list("http://a.example/two.crl", true)]), Err(ChainError::Revoked));
}

/// RUSTSEC-2026-0104: parsing a list must not panic, whatever its bytes.
#[test]
fn sr_74_a_malformed_list_is_an_error_and_the_earlier_ones_stay() {
    let ca = root();
    let client = ca.client(&fintech(), NOW).unwrap();
    let good = ca.revocation_list(&[&client], NOW).unwrap().der().to_vec();
    let authorities = trusting(&ca, core::slice::from_ref(&good));
    for length in 0..good.len() {
        let cut = good[..length].to_vec();
        assert_eq!(authorities.replace_lists(&[cut]), Err(AuthorityError::MalformedRevocationList), "{length}");
    }
    for position in 0..good.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[position] ^= flip;
            // Some bytes are only covered by the signature; then the list is no use, and never a way in.
            if let Ok(other) = CertificateAuthorities::new(&[ca.certificate_der()], &[bad], &ChannelPolicy::tls13()) {
                assert!(verdict(&other, &client).is_err(), "byte {position} ^ {flip:#x}");
            }
        }
    }
    assert_eq!(verdict(&authorities, &client), Err(ChainError::Revoked));
}

#[test]
fn certificates_with_any_byte_changed_are_refused() {
    let ca = root();
    let client = ca.client(&fintech(), NOW).unwrap().certificate_der();
    let authorities = trusting(&ca, &[clean(&ca)]);
    assert!(authorities.verify(std::slice::from_ref(&client), NOW).is_ok());
    for position in 0..client.len() {
        let mut bad = client.clone();
        bad[position] ^= 0x01;
        assert!(authorities.verify(&[bad], NOW).is_err(), "byte {position}");
    }
}

#[test]
fn authorities_that_could_trust_nobody_are_not_built() {
    let policy = ChannelPolicy::tls13();
    let refused = |anchors: &[Vec<u8>]| CertificateAuthorities::new(anchors, &[], &policy).unwrap_err();
    assert_eq!(refused(&[]), AuthorityError::NoTrustAnchor);
    assert_eq!(refused(&[vec![0x30, 0x00]]), AuthorityError::MalformedTrustAnchor);
    assert_eq!(refused(&[vec![]]), AuthorityError::MalformedTrustAnchor);
}

/// RUSTSEC-2026-0049, -0098, -0099, -0104 (rustls-webpki); RUSTSEC-2026-0044 to -0048 (aws-lc).
#[test]
fn sr_74_the_floors_of_the_packages_hold() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let Ok(lock) = std::fs::read_to_string(lock) else {
        ingam_testkit::not_run("no Cargo.lock beside the workspace");
        return;
    };
    let lowest = |name: &str| {
        let marker = format!("name = \"{name}\"\nversion = \"");
        lock.split(&marker)
            .skip(1)
            .map(|rest| {
                rest.split('"').next().unwrap().split(['.', '-']).map(|n| n.parse().unwrap()).collect::<Vec<u32>>()
            })
            .min()
    };
    for (name, floor) in
        [("rustls-webpki", vec![0, 103, 13]), ("rustls", vec![0, 23, 18]), ("aws-lc-sys", vec![0, 39, 0])]
    {
        if let Some(found) = lowest(name) {
            assert!(found >= floor, "{name} {found:?} is below {floor:?}");
        }
    }
}
