use http::{HeaderMap, HeaderValue};
use ingam_access_key::*;
use ingam_ports::{PeerIdentity, RemoteAddress};
use proptest::prelude::*;

use crate::party::certificate;

/// Reads "certificates" of one byte: their seed.
fn read(chain: Vec<Vec<u8>>) -> Option<PeerIdentity> {
    match chain.first()?.as_slice() {
        [seed] if *seed < 100 => Some(PeerIdentity { chain: chain.clone(), ..certificate(*seed) }),
        _ => None,
    }
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn proxies() -> Vec<ConfiguredProxy> {
    vec![ConfiguredProxy::Certificate([50; 32]), ConfiguredProxy::Address("127.0.0.1".parse().unwrap())]
}

fn from(
    fields: &[(&'static str, &str)],
    address: &str,
    shown: Option<PeerIdentity>,
) -> Result<FrontedPeer, ClientCertError> {
    let address = RemoteAddress(address.parse().unwrap());
    FrontedPeer::of(&headers(fields), Some(address), shown, &proxies(), &read)
}

/// fapi: MT-10, BCP-13
#[test]
fn x1149_3_1_16_2_a_configured_proxys_word_is_taken() {
    for (address, shown) in
        [("203.0.113.9:1", Some(certificate(50))), ("127.0.0.1:1", None), ("[::ffff:127.0.0.1]:1", None)]
    {
        let peer = from(&[("client-cert", ":AQ==:")], address, shown).unwrap();
        assert_eq!(peer.identity().unwrap().certificate_sha256, [1; 32]);
        assert!(matches!(peer, FrontedPeer::Proxied(_)));
    }
    let peer =
        from(&[("client-cert", ":AQ==:"), ("client-cert-chain", ":Ag==:, :Aw==:")], "127.0.0.1:1", None).unwrap();
    assert_eq!(peer.identity().unwrap().chain, vec![vec![1], vec![2], vec![3]]);
    assert_eq!(from(&[], "127.0.0.1:1", None), Ok(FrontedPeer::Proxied(None)));
}

/// fapi: MT-10, BCP-13
#[test]
fn sr_46_a_certificate_field_from_anybody_else_is_ignored_and_two_copies_are_refused() {
    let field = [("client-cert", ":AQ==:")];
    assert_eq!(from(&field, "203.0.113.9:1", None), Ok(FrontedPeer::Direct(None)));
    let own = from(&field, "203.0.113.9:1", Some(certificate(7))).unwrap();
    assert_eq!(own.identity().unwrap().certificate_sha256, [7; 32], "the connection's own certificate counts");
    let twice = [("client-cert", ":AQ==:"), ("client-cert", ":Ag==:")];
    assert_eq!(from(&twice, "127.0.0.1:1", None), Err(ClientCertError::TooMany));
    assert!(from(&[("client-cert", ":AQ==:, :Ag==:")], "127.0.0.1:1", None).is_err());
    let two_chains = [("client-cert", ":AQ==:"), ("client-cert-chain", ":AQ==:"), ("client-cert-chain", ":AQ==:")];
    assert_eq!(from(&two_chains, "127.0.0.1:1", None), Err(ClientCertError::TooMany));
    // The proxy's own certificate never stands for the fintech's.
    assert_eq!(from(&[], "203.0.113.9:1", Some(certificate(50))), Ok(FrontedPeer::Proxied(None)));
}

#[test]
fn a_malformed_field_of_the_proxy_is_refused() {
    let long = format!(":{}:", "A".repeat(20_000));
    let chain = [":AQ==:"; 9].join(",");
    let table: [(&[(&'static str, &str)], ClientCertError); 8] = [
        (&[("client-cert", "AQ==")], ClientCertError::Malformed),
        (&[("client-cert", "\"AQ==\"")], ClientCertError::Malformed),
        (&[("client-cert", "::")], ClientCertError::Malformed),
        (&[("client-cert", ":A!==:")], ClientCertError::Malformed),
        (&[("client-cert-chain", ":AQ==:")], ClientCertError::Malformed),
        (&[("client-cert", &long)], ClientCertError::TooLarge),
        (&[("client-cert", ":AQ==:"), ("client-cert-chain", &chain)], ClientCertError::TooLarge),
        (&[("client-cert", ":yA==:")], ClientCertError::NotACertificate),
    ];
    for (fields, expected) in table {
        assert_eq!(from(fields, "127.0.0.1:1", None), Err(expected), "{expected:?}");
    }
}

proptest! {
    #[test]
    fn any_field_is_refused_or_read(text in "[ -~]{0,80}") {
        let _ = from(&[("client-cert", &text)], "127.0.0.1:1", None);
        let direct = from(&[("client-cert", &text), ("client-cert", &text)], "203.0.113.1:1", None);
        prop_assert_eq!(direct, Ok(FrontedPeer::Direct(None)));
    }
}
