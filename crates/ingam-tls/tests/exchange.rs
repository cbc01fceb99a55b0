//! Both ends over sockets on loopback.
#![cfg(all(feature = "tokio", feature = "development"))]

mod stage;

use ingam_ports::Transport;
use ingam_tls::{
    ChannelPolicy, ClientCertificates, ServeLimits,
    development::{ClientSubject, DevelopmentCa},
};
use stage::{RING, Server, fetch, now, request};

#[tokio::test]
async fn a_request_reaches_the_endpoint_with_an_absolute_uri_and_one_host() {
    let server = Server::plain().await;
    let transport = server.transport(None);
    let url = server.url("/accounts?x=1");
    let answer = transport.exchange(request("POST", &url, "hello")).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("date"));
    let expected = format!("POST {url} host={} body=5 peer=-", server.address);
    assert_eq!(answer.body(), expected.as_bytes());
    server.stop().await;
}

/// fapi: MT-2
#[tokio::test]
async fn certificates_of_a_ca_and_self_signed_ones_arrive_as_peer_identity() {
    let server = Server::start(ChannelPolicy::tls13(), ClientCertificates::Required, ServeLimits::default()).await;
    let subject = ClientSubject { organisation: Some("Fin, Inc.".into()), ..ClientSubject::named("fintech-1") };
    for certificate in
        [server.ca.client(&subject, now()).unwrap(), DevelopmentCa::self_signed_client(&subject, now()).unwrap()]
    {
        let transport = server.transport(Some(&certificate.keyed(RING).unwrap()));
        let answer = fetch(&transport, &server.url("/")).await.unwrap();
        assert!(answer.ends_with(r"peer=O=Fin\, Inc.,CN=fintech-1"), "{answer}");
    }
    let answer = fetch(&server.transport(None), &server.url("/")).await;
    assert!(answer.is_err(), "{answer:?}");
    server.stop().await;
}
