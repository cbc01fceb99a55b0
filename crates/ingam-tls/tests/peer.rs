//! What a certificate says about its holder.
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

use ingam_ports::PeerIdentity;
use ingam_tls::{InvalidPeer, certificates_from_pem, identify};
use ingam_wire::{UnixTime, base64url};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, KeyPair, SanType};

fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    change(&mut parameters);
    parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn read(change: impl FnOnce(&mut CertificateParams)) -> Result<PeerIdentity, InvalidPeer> {
    identify(&[certificate(change)])
}

/// RFC 8705 appendix A.
///
/// fapi: MT-5
#[test]
fn the_thumbprint_of_rfc_8705_is_found() {
    let pem = "-----BEGIN CERTIFICATE-----\n\
        MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx\n\
        ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG\n\
        SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ\n\
        /Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID\n\
        SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV\n\
        bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=\n-----END CERTIFICATE-----\n";
    let chain = certificates_from_pem(pem.as_bytes()).unwrap();
    let peer = identify(&chain).unwrap();
    assert_eq!(base64url::encode(peer.certificate_sha256), "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0");
    assert_eq!(peer.subject_dn, "CN=mtls");
    assert_eq!(peer.not_after, UnixTime::from_secs(1_651_495_029));
    assert_eq!(peer.chain, chain);
    assert_ne!(peer.spki_sha256, peer.certificate_sha256);
}

#[test]
fn subjects_are_printed_as_rfc_4514_says() {
    for (value, printed) in [
        ("James \"Jim\" Smith, III", r#"CN=James \"Jim\" Smith\, III"#),
        ("a+b;c<d>e\\f", r"CN=a\+b\;c\<d\>e\\f"),
        (" both ends ", r"CN=\ both ends\ "),
        (" ", r"CN=\ "),
        ("#first", r"CN=\#first"),
        ("not#first", "CN=not#first"),
        ("a=b", "CN=a=b"),
        ("before\rafter\0", r"CN=before\0Dafter\00"),
        ("김은행", "CN=김은행"),
        ("", "CN="),
    ] {
        let peer =
            read(|it| it.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(value.into()))).unwrap();
        assert_eq!(peer.subject_dn, printed);
    }
}

#[test]
fn the_most_specific_part_of_a_subject_comes_first() {
    let peer = read(|it| {
        it.distinguished_name.push(DnType::CountryName, "KR");
        it.distinguished_name.push(DnType::OrganizationName, "Fin, Inc.");
        it.distinguished_name.push(DnType::OrganizationalUnitName, "Pay");
        it.distinguished_name
            .push(DnType::from_oid(&[2, 5, 4, 5]), DnValue::PrintableString("123-45-67890".try_into().unwrap()));
        it.distinguished_name.push(DnType::CommonName, "fintech-1");
    })
    .unwrap();
    assert_eq!(peer.subject_dn, r"CN=fintech-1,serialNumber=123-45-67890,OU=Pay,O=Fin\, Inc.,C=KR");
    assert_eq!(peer.serial_number.as_deref(), Some("123-45-67890"));
}

/// RFC 4514 section 2.4.
#[test]
fn types_without_a_name_and_values_that_are_no_strings_are_hexadecimal() {
    let unknown = read(|it| {
        it.distinguished_name.push(DnType::from_oid(&[2, 5, 4, 97]), DnValue::Utf8String("PSDKR-1".into()));
    })
    .unwrap();
    assert_eq!(unknown.subject_dn, "2.5.4.97=#0c075053444b522d31");
    let bmp = read(|it| {
        it.distinguished_name.push(DnType::CommonName, DnValue::BmpString("은행".try_into().unwrap()));
    })
    .unwrap();
    assert_eq!(bmp.subject_dn, "CN=은행");
    let universal = read(|it| {
        it.distinguished_name.push(DnType::CommonName, DnValue::UniversalString("A".try_into().unwrap()));
    })
    .unwrap();
    assert_eq!(universal.subject_dn, "CN=#1c0400000041");
}

#[test]
fn alternative_names_are_told_apart() {
    let peer = read(|it| {
        it.subject_alt_names = vec![
            SanType::DnsName("api.fintech.example".try_into().unwrap()),
            SanType::DnsName("www.fintech.example".try_into().unwrap()),
            SanType::URI("urn:fintech:1".try_into().unwrap()),
            SanType::IpAddress("192.0.2.1".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
            SanType::Rfc822Name("ops@fintech.example".try_into().unwrap()),
        ];
    })
    .unwrap();
    assert_eq!(peer.san_dns, ["api.fintech.example", "www.fintech.example"]);
    assert_eq!(peer.san_uri, ["urn:fintech:1"]);
    assert_eq!(peer.san_ip, ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(peer.san_email, ["ops@fintech.example"]);
    assert_eq!(peer.serial_number, None);
}

/// CVE-2009-2408: a NUL in a name made readers see only what stands before it.
#[test]
fn sr_45_names_with_characters_that_deceive_are_refused() {
    for name in ["bank.example\0.evil.example", "bank.example\n", "bank\u{7f}.example"] {
        let dns = read(|it| it.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())]);
        assert_eq!(dns, Err(InvalidPeer::Unprintable), "{name:?}");
        let uri = read(|it| it.subject_alt_names = vec![SanType::URI(name.try_into().unwrap())]);
        assert_eq!(uri, Err(InvalidPeer::Unprintable), "{name:?}");
        let email = read(|it| it.subject_alt_names = vec![SanType::Rfc822Name(name.try_into().unwrap())]);
        assert_eq!(email, Err(InvalidPeer::Unprintable), "{name:?}");
        let number = read(|it| {
            it.distinguished_name.push(DnType::from_oid(&[2, 5, 4, 5]), DnValue::Utf8String(name.into()));
        });
        assert_eq!(number, Err(InvalidPeer::Unprintable), "{name:?}");
    }
}

#[test]
fn sr_45_a_holder_named_twice_is_refused() {
    let mut twice = certificate(|it| {
        it.distinguished_name.push(DnType::from_oid(&[2, 5, 4, 5]), "111");
        it.distinguished_name.push(DnType::LocalityName, "222");
    });
    // The locality (2.5.4.7) becomes a second serialNumber (2.5.4.5), in subject and issuer.
    for at in 0..twice.len() - 5 {
        if twice[at..at + 5] == [0x06, 0x03, 0x55, 0x04, 0x07] {
            twice[at + 4] = 0x05;
        }
    }
    assert_eq!(identify(&[twice]), Err(InvalidPeer::AmbiguousName));
    let names = read(|it| {
        it.subject_alt_names = vec![SanType::DnsName("a.example".try_into().unwrap())];
        // GeneralNames { dNSName [2] "b" }
        it.custom_extensions =
            vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], vec![0x30, 0x03, 0x82, 0x01, b'b'])];
    });
    assert!(matches!(names, Err(InvalidPeer::AmbiguousName | InvalidPeer::Malformed)), "{names:?}");
}

#[test]
fn malformed_alternative_names_are_refused() {
    for (name, content) in [
        ("an address of 5 octets", vec![0x30, 0x07, 0x87, 0x05, 1, 2, 3, 4, 5]),
        ("not UTF-8", vec![0x30, 0x04, 0x82, 0x02, 0xff, 0xfe]),
        ("cut short", vec![0x30, 0x09, 0x82, 0x01, b'b']),
        ("no sequence", vec![0x02, 0x01, 0x00]),
    ] {
        let peer = read(|it| {
            it.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], content)];
        });
        assert_eq!(peer, Err(InvalidPeer::Malformed), "{name}");
    }
}

#[test]
fn what_is_not_one_certificate_in_der_is_refused() {
    let good = certificate(|it| it.distinguished_name.push(DnType::CommonName, "x"));
    assert_eq!(identify(&[]), Err(InvalidPeer::NoCertificate));
    assert_eq!(identify(&[vec![]]), Err(InvalidPeer::Malformed));
    let mut trailing = good.clone();
    trailing.push(0);
    assert_eq!(identify(&[trailing]), Err(InvalidPeer::Malformed));
    for length in 0..good.len() {
        assert_eq!(identify(&[good[..length].to_vec()]), Err(InvalidPeer::Malformed), "{length}");
    }
    assert_eq!(identify(&vec![good.clone(); 7]), Err(InvalidPeer::TooLarge));
    assert_eq!(identify(&[good, vec![0; (16 << 10) + 1]]), Err(InvalidPeer::TooLarge));
}

/// Whatever the bytes: an answer, no panic; and an identity only with the hash of exactly these bytes.
#[test]
fn any_byte_may_be_anything() {
    let good = certificate(|it| {
        it.distinguished_name.push(DnType::CommonName, "x");
        it.subject_alt_names = vec![SanType::DnsName("a.example".try_into().unwrap())];
    });
    let hash = identify(std::slice::from_ref(&good)).unwrap().certificate_sha256;
    for position in 0..good.len() {
        for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut changed = good.clone();
            changed[position] = value;
            if changed != good
                && let Ok(peer) = identify(&[changed])
            {
                assert_ne!(peer.certificate_sha256, hash);
            }
        }
    }
}
