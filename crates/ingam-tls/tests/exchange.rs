//! Both ends over sockets on loopback.
#![cfg(all(feature = "tokio", feature = "development"))]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

mod stage;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ingam_ports::Transport;
use ingam_tls::{
    ChannelPolicy, ClientCertificates, ServeLimits,
    development::{ClientSubject, DevelopmentCa},
};
use stage::{RING, Server, fetch, now, raw, request};

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

/// hyper's own client over one HTTP/2 connection.
async fn http2(server: &Server) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let io = TokioIo::new(raw(server, b"h2").await);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn text(answer: Response<hyper::body::Incoming>) -> (StatusCode, String) {
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn requests_over_http_2_have_the_same_shape() {
    let server = Server::plain().await;
    let sender = http2(&server).await;
    let mut running = tokio::task::JoinSet::new();
    for n in 0..50 {
        let mut sender = sender.clone();
        running.spawn(async move {
            let request =
                Request::post(format!("https://localhost:8443/{n}?q")).body(Full::new(Bytes::from("hello"))).unwrap();
            let (status, body) = text(sender.send_request(request).await.unwrap()).await;
            assert_eq!(status, 200);
            assert_eq!(body, format!("POST https://localhost:8443/{n}?q host=localhost:8443 body=5 peer=-"));
        });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
    server.stop().await;
}

#[tokio::test]
async fn http_2_requests_beyond_the_bounds_are_refused_one_by_one() {
    let server = Server::plain().await;
    let mut sender = http2(&server).await;
    let to = |uri: &str| Request::post(uri).header("x", "y");
    let over = vec![b'x'; ingam_ports::BODY_LIMIT + 1];
    let mut many = to("https://localhost/");
    for n in 0..150 {
        many = many.header(format!("h{n}"), "v");
    }
    let whole =
        |builder: http::request::Builder, body: &[u8]| builder.body(Full::new(Bytes::copy_from_slice(body))).unwrap();
    for (name, request, expected) in [
        ("a body above the limit", whole(to("https://localhost/"), &over), 413),
        ("too many fields", whole(many, b""), 431),
        ("another host", whole(to("https://localhost/").header("host", "other.example"), b""), 400),
        ("the same host", whole(to("https://localhost/").header("host", "localhost"), b""), 200),
        ("user information", whole(to("https://user@localhost/"), b""), 400),
        ("http", whole(to("http://localhost/"), b""), 400),
        ("the next one", whole(to("https://localhost/"), b"hello"), 200),
    ] {
        let (status, _) = text(sender.send_request(request).await.unwrap()).await;
        assert_eq!(status, expected, "{name}");
    }
    server.stop().await;
}
