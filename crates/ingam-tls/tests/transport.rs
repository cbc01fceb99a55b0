//! What `HttpsTransport` connects to, believes, and bounds.
#![cfg(all(feature = "tokio", feature = "development"))]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

mod stage;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use ingam_ports::{Endpoint, RemoteAddress, Transport, TransportError};
use ingam_tls::{
    AddressPolicy, ChannelPolicy, ClientCertificates, ClientChannel, Clock, HttpsTransport, Pins, Resolve, ServeLimits,
    ServerTrust, TransportLimits,
    development::{ClientSubject, DevelopmentCa},
};
use ingam_wire::{BoxFuture, Seconds};
use stage::{ByFunction, End, RING, Server, answering_with, clock, fetch, now, request};
use tokio::net::TcpListener;

/// Answers each question with the next of its answers.
#[derive(Debug)]
struct Scripted {
    answers: Mutex<Vec<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Scripted {
    fn new(answers: &[&[SocketAddr]]) -> Arc<Self> {
        let answers = Mutex::new(answers.iter().rev().map(|it| it.to_vec()).collect());
        Arc::new(Self { answers, asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Scripted {
    fn resolve<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.lock().unwrap().pop().ok_or_else(|| io::ErrorKind::NotFound.into());
        Box::pin(async move { answer })
    }
}

fn channel(trust: &ServerTrust) -> ClientChannel {
    ClientChannel::new(ChannelPolicy::tls13(), trust, None, &clock()).unwrap()
}

fn quick() -> TransportLimits {
    let short = Duration::from_millis(300);
    TransportLimits { connect: short, exchange: short, ..TransportLimits::default() }
}

async fn served_by(endpoint: impl Endpoint + 'static) -> Server {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let certificate = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(RING).unwrap();
    let policy = ChannelPolicy::tls13();
    Server::with(ca, &certificate, policy, ClientCertificates::NotAsked, ServeLimits::default(), Arc::new(endpoint))
        .await
}

/// Counts the connections made to it, and accepts none.
async fn bait() -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while socket.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    (address, connections)
}

/// CVE-2020-10770, CVE-2026-4874.
#[tokio::test]
async fn sr_62_private_loopback_and_link_local_addresses_are_never_connected_to() {
    let (address, connections) = bait().await;
    let port = address.port();
    let ca = DevelopmentCa::new("Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_only()).with_limits(quick());
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "100.64.0.1",
    ] {
        let answer = transport.exchange(request("GET", &format!("https://{host}:{port}/"), "")).await;
        assert_eq!(answer.map(|_| ()), Err(TransportError::AddressNotAllowed), "{host}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn sr_62_a_name_with_one_inner_address_among_outer_ones_is_refused() {
    let (inner, connections) = bait().await;
    let outer: SocketAddr = "8.8.8.8:443".parse().unwrap();
    let ca = DevelopmentCa::new("Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    for answer in [[inner, outer], [outer, inner]] {
        let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_only())
            .with_resolver(Scripted::new(&[&answer]))
            .with_limits(quick());
        let answer = transport.exchange(request("GET", "https://bank.example/", "")).await;
        assert_eq!(answer.map(|_| ()), Err(TransportError::AddressNotAllowed));
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}

/// Rebinding: the address that was checked is the address that is connected to; the name is not asked for again.
#[tokio::test]
async fn sr_62_a_name_is_resolved_once_for_each_connection() {
    let server = Server::plain().await;
    let (inner, connections) = bait().await;
    let resolver = Scripted::new(&[&[server.address], &[inner]]);
    let only_the_server = AddressPolicy::public_only().with("127.0.0.1".parse().unwrap());
    let transport = HttpsTransport::new(&channel(&server.trust()), only_the_server)
        .with_resolver(resolver.clone())
        .with_limits(quick());
    let answer = fetch(&transport, "https://localhost/a").await.unwrap();
    assert!(answer.contains("https://localhost/a"), "{answer}");
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 1);
    assert_eq!(connections.load(Ordering::Relaxed), 0);
    server.stop().await;
}

#[tokio::test]
async fn sr_62_redirects_are_not_followed() {
    let (inner, connections) = bait().await;
    let server = served_by(ByFunction(move |_| {
        Response::builder().status(302).header("location", format!("https://{inner}/")).body(Bytes::new()).unwrap()
    }))
    .await;
    let answer = server.transport(None).exchange(request("GET", &server.url("/"), "")).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(connections.load(Ordering::Relaxed), 0);
    server.stop().await;
}

/// fapi: SP-N-1
#[tokio::test]
async fn only_https_without_user_information_is_sent() {
    let server = Server::plain().await;
    let transport = server.transport(None);
    let port = server.address.port();
    for uri in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://user@127.0.0.1:{port}/"),
        format!("https://user:pass@127.0.0.1:{port}/"),
        "/path-only".to_owned(),
        format!("ftp://127.0.0.1:{port}/"),
    ] {
        let answer = transport.exchange(request("GET", &uri, "")).await;
        assert_eq!(answer.map(|_| ()), Err(TransportError::AddressNotAllowed), "{uri}");
    }
    let connect = request("CONNECT", &server.url("/"), "");
    assert_eq!(transport.exchange(connect).await.map(|_| ()), Err(TransportError::AddressNotAllowed));
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    server.stop().await;
}

/// fapi: SP-N-5, TL-9
#[tokio::test]
async fn x1149_3_1_15_4_a_server_that_is_not_the_named_one_is_not_believed() {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let stranger = DevelopmentCa::new("Test Root", now()).unwrap();
    let day = Seconds::new(86_400);
    let policy = ChannelPolicy::tls13;
    let revoked = ca.server(&["localhost"], now()).unwrap();
    let lists = vec![ca.revocation_list(&[&revoked], now()).unwrap().der().to_vec()];
    let old_lists = vec![ca.revocation_list(&[], now().minus(Seconds::new(30 * 86_400))).unwrap().der().to_vec()];
    let trust = |lists: &[Vec<u8>]| ServerTrust {
        lists: lists.to_vec(),
        ..ServerTrust::in_authorities(vec![ca.certificate_der()])
    };
    let good = ca.server(&["localhost"], now()).unwrap();
    let client = ca.client(&ClientSubject::named("localhost"), now()).unwrap();
    let self_signed = DevelopmentCa::self_signed_client(&ClientSubject::named("localhost"), now()).unwrap();
    let cases = [
        ("valid", &good, trust(&[]), Ok(())),
        ("valid, list in force", &good, trust(&lists), Ok(())),
        ("revoked", &revoked, trust(&lists), Err(TransportError::Untrusted)),
        ("list expired", &good, trust(&old_lists), Err(TransportError::Untrusted)),
        ("other name", &ca.server(&["other.example"], now()).unwrap(), trust(&[]), Err(TransportError::Untrusted)),
        ("partial wildcard", &ca.server(&["*.localhost"], now()).unwrap(), trust(&[]), Err(TransportError::Untrusted)),
        (
            "expired",
            &ca.server_valid(&["localhost"], now().minus(day), now().minus(Seconds::new(60))).unwrap(),
            trust(&[]),
            Err(TransportError::Untrusted),
        ),
        ("other CA", &stranger.server(&["localhost"], now()).unwrap(), trust(&[]), Err(TransportError::Untrusted)),
        ("common name only", &client, trust(&[]), Err(TransportError::Untrusted)),
        ("self-signed", &self_signed, trust(&[]), Err(TransportError::Untrusted)),
    ];
    for (name, certificate, trust, expected) in cases {
        let server = Server::with(
            DevelopmentCa::new("unused", now()).unwrap(),
            &certificate.keyed(RING).unwrap(),
            policy(),
            ClientCertificates::NotAsked,
            ServeLimits::default(),
            Arc::new(stage::Echo::default()),
        )
        .await;
        let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback());
        let got = fetch(&transport, &format!("https://localhost:{}/", server.address.port())).await;
        assert_eq!(got.map(|_| ()), expected, "{name}");
        server.stop().await;
    }
}

/// The clock that was handed in decides, not the machine's.
#[tokio::test]
async fn validity_is_held_against_the_clock_that_was_handed_in() {
    let server = Server::plain().await;
    let in_a_year = Clock::new(|| now().plus(Seconds::new(365 * 86_400)));
    let channel = ClientChannel::new(ChannelPolicy::tls13(), &server.trust(), None, &in_a_year).unwrap();
    let transport = HttpsTransport::new(&channel, AddressPolicy::public_and_loopback());
    assert_eq!(fetch(&transport, &server.url("/")).await, Err(TransportError::Untrusted));
    server.stop().await;
}

/// A resumed session would take the server's certificate as it was checked once (RFC 8446 section 2.2).
#[tokio::test]
async fn every_new_connection_checks_the_servers_certificate() {
    let mut policy = ChannelPolicy::tls13();
    policy.time_outs.header = Duration::from_millis(50);
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let one_hour = ca.server_valid(&["127.0.0.1"], now(), now().plus(Seconds::new(3_600))).unwrap();
    let (asked, echo) = (ClientCertificates::NotAsked, Arc::new(stage::Echo::default()));
    let server = Server::with(ca, &one_hour.keyed(RING).unwrap(), policy, asked, ServeLimits::default(), echo).await;
    let later = Arc::new(AtomicU64::new(0));
    let seconds = Arc::clone(&later);
    let moved = move || now().plus(Seconds::new(seconds.load(Ordering::Relaxed)));
    let channel = ClientChannel::new(ChannelPolicy::tls13(), &server.trust(), None, &Clock::new(moved)).unwrap();
    let transport = HttpsTransport::new(&channel, AddressPolicy::public_and_loopback());
    assert!(fetch(&transport, &server.url("/")).await.is_ok());
    later.store(7_200, Ordering::Relaxed); // tickets are good for a day
    // Longer than the server keeps the connection open.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(fetch(&transport, &server.url("/")).await, Err(TransportError::Untrusted));
    server.stop().await;
}

#[tokio::test]
async fn x1149_3_1_16_5_a_pinned_operator_must_show_its_registered_key() {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let registered = ca.server(&["localhost", "127.0.0.1"], now()).unwrap();
    let misissued = ca.server(&["localhost", "127.0.0.1"], now()).unwrap();
    let pin = registered.spki_sha256().unwrap();
    let next = [7; 32];
    let trust = |pins| ServerTrust { pins, ..ServerTrust::in_authorities(vec![ca.certificate_der()]) };
    let cases = [
        ("registered key", &registered, "localhost", Pins::default().with("localhost", &[pin]).unwrap(), true),
        (
            "with the next one",
            &registered,
            "localhost",
            Pins::default().with("LOCALHOST.", &[next, pin]).unwrap(),
            true,
        ),
        ("by address", &registered, "127.0.0.1", Pins::default().with("127.0.0.1", &[pin]).unwrap(), true),
        (
            "another key of the same CA",
            &misissued,
            "localhost",
            Pins::default().with("localhost", &[pin]).unwrap(),
            false,
        ),
        ("another key, by address", &misissued, "127.0.0.1", Pins::default().with("127.0.0.1", &[pin]).unwrap(), false),
        ("no key registered", &registered, "localhost", Pins::default().with("localhost", &[]).unwrap(), false),
        ("pin of another host", &misissued, "localhost", Pins::default().with("other.example", &[pin]).unwrap(), true),
    ];
    for (name, certificate, host, pins, believed) in cases {
        let server = Server::with(
            DevelopmentCa::new("unused", now()).unwrap(),
            &certificate.keyed(RING).unwrap(),
            ChannelPolicy::tls13(),
            ClientCertificates::NotAsked,
            ServeLimits::default(),
            Arc::new(stage::Echo::default()),
        )
        .await;
        let transport = HttpsTransport::new(&channel(&trust(pins)), AddressPolicy::public_and_loopback());
        // With another spelling of the name, too.
        for host in [host.to_owned(), host.to_uppercase()] {
            let got = fetch(&transport, &format!("https://{host}:{}/", server.address.port())).await;
            assert_eq!(
                got.map(|_| ()).map_err(|error| error == TransportError::Untrusted),
                if believed { Ok(()) } else { Err(true) },
                "{name}"
            );
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn connections_are_used_again_and_never_shared_between_names() {
    let server = served_by(ByFunction(|request: http::Request<Bytes>| {
        let from = request.extensions().get::<RemoteAddress>().unwrap().0.port();
        Response::new(Bytes::from(from.to_string()))
    }))
    .await;
    let transport = server.transport(None);
    let by_address = server.url("/");
    let by_name = format!("https://localhost:{}/", server.address.port());
    let first = fetch(&transport, &by_address).await.unwrap();
    for _ in 0..5 {
        assert_eq!(fetch(&transport, &by_address).await.unwrap(), first);
    }
    assert_ne!(fetch(&transport, &by_name).await.unwrap(), first);
    server.stop().await;
}

/// A certificate is renewed and a list replaced while the fintech runs: no exchange fails, none goes over what was before.
#[tokio::test]
async fn a_replaced_channel_is_used_from_the_next_exchange_on() {
    let server = Server::start(ChannelPolicy::tls13(), ClientCertificates::Required, ServeLimits::default()).await;
    let keyed = |name: &str| server.ca.client(&ClientSubject::named(name), now()).unwrap().keyed(RING).unwrap();
    let over = |trust: &ServerTrust, certificate| {
        ClientChannel::new(ChannelPolicy::tls13(), trust, Some(certificate), &clock()).unwrap()
    };
    let (before, after) = (keyed("before"), keyed("after"));
    let transport = server.transport(Some(&before));
    assert!(fetch(&transport, &server.url("/")).await.unwrap().ends_with("peer=CN=before"));
    transport.replace_channel(&over(&server.trust(), &after));
    assert!(fetch(&transport, &server.url("/")).await.unwrap().ends_with("peer=CN=after"));
    let old = server.ca.revocation_list(&[], now().minus(Seconds::new(30 * 86_400))).unwrap().der().to_vec();
    transport.replace_channel(&over(&ServerTrust { lists: vec![old], ..server.trust() }, &after));
    assert_eq!(fetch(&transport, &server.url("/")).await, Err(TransportError::Untrusted));
    let fresh = server.ca.revocation_list(&[], now()).unwrap().der().to_vec();
    transport.replace_channel(&over(&ServerTrust { lists: vec![fresh], ..server.trust() }, &after));
    assert!(fetch(&transport, &server.url("/")).await.is_ok());
    server.stop().await;
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced_unnoticed() {
    let mut policy = ChannelPolicy::tls13();
    policy.time_outs.header = Duration::from_millis(50);
    let server = Server::start(policy, ClientCertificates::NotAsked, ServeLimits::default()).await;
    let transport = server.transport(None);
    for _ in 0..3 {
        let answer = transport.exchange(request("POST", &server.url("/"), "once")).await.unwrap();
        assert_eq!(answer.status(), 200);
        // Longer than the server keeps it open.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 3);
    server.stop().await;
}

#[tokio::test]
async fn silence_ends_in_timed_out() {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback()).with_limits(quick());
    let uri = format!("https://{}/", silent.local_addr().unwrap());
    assert_eq!(fetch(&transport, &uri).await, Err(TransportError::TimedOut), "in the handshake");

    struct Never;
    impl Endpoint for Never {
        fn answer(&self, _request: http::Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
            Box::pin(core::future::pending())
        }
    }
    let server = served_by(Never).await;
    let transport = server.transport(None).with_limits(quick());
    assert_eq!(fetch(&transport, &server.url("/")).await, Err(TransportError::TimedOut), "in the answer");
    server.stop().await;
}

#[tokio::test]
async fn nobody_listening_is_connect() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let ca = DevelopmentCa::new("Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback());
    assert_eq!(fetch(&transport, &format!("https://{closed}/")).await, Err(TransportError::Connect));
    let nobody =
        HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback()).with_resolver(Scripted::new(&[]));
    assert_eq!(fetch(&nobody, "https://bank.example/").await, Err(TransportError::Connect));
}

#[tokio::test]
async fn answers_that_are_too_large_or_broken_are_refused() {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let head = "HTTP/1.1 200 OK\r\n";
    let over = ingam_ports::BODY_LIMIT + 1;
    let long = "x".repeat(over);
    let many: String = (0..200).map(|n| format!("a{n}: b\r\n")).collect();
    let chunk = format!("{over:x}\r\n{long}\r\n0\r\n\r\n");
    for (name, bytes, expected) in [
        ("stated above the limit", format!("{head}Content-Length: {over}\r\n\r\n{long}"), TransportError::TooLarge),
        (
            "counted above the limit",
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}"),
            TransportError::TooLarge,
        ),
        ("until the close, above the limit", format!("{head}\r\n{long}"), TransportError::TooLarge),
        ("a header section above the limit", format!("{head}X: {}\r\n\r\n", &long[..40_000]), TransportError::TooLarge),
        ("too many fields", format!("{head}{many}\r\n"), TransportError::TooLarge),
        ("shorter than stated", format!("{head}Content-Length: 10\r\n\r\nhello"), TransportError::Broken),
        ("cut off in a chunk", format!("{head}Transfer-Encoding: chunked\r\n\r\nff\r\nhello"), TransportError::Broken),
        ("two lengths", format!("{head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nhi"), TransportError::Broken),
        (
            "coded within its chunks",
            format!("{head}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            TransportError::Broken,
        ),
        ("not HTTP", "220 mail.example ESMTP\r\n".to_owned(), TransportError::Broken),
        ("nothing", String::new(), TransportError::Broken),
    ] {
        let address = answering_with(&ca, bytes.into_bytes(), End::Proper).await;
        let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback());
        assert_eq!(fetch(&transport, &format!("https://{address}/")).await, Err(expected), "{name}");
    }
}

/// Without close_notify anybody on the way could have cut it short (RFC 8446 section 6.1).
#[tokio::test]
async fn an_answer_that_ends_with_the_connection_needs_a_proper_end() {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    for (end, expected) in [(End::Proper, Ok("200 partial".to_owned())), (End::CutOff, Err(TransportError::Broken))] {
        let address = answering_with(&ca, b"HTTP/1.1 200 OK\r\n\r\npartial".to_vec(), end).await;
        let transport = HttpsTransport::new(&channel(&trust), AddressPolicy::public_and_loopback());
        assert_eq!(fetch(&transport, &format!("https://{address}/")).await, expected, "{end:?}");
    }
}

/// What the caller states about framing is the connection's business.
#[tokio::test]
async fn a_caller_cannot_contradict_the_framing() {
    let server = Server::plain().await;
    let mut lying = request("POST", &server.url("/"), "hello");
    lying.headers_mut().insert("content-length", "3".parse().unwrap());
    lying.headers_mut().insert("transfer-encoding", "chunked".parse().unwrap());
    lying.headers_mut().insert("host", "other.example".parse().unwrap());
    let answer = server.transport(None).exchange(lying).await.unwrap();
    let text = std::str::from_utf8(answer.body()).unwrap();
    assert!(text.contains("body=5") && text.contains(&format!("host={}", server.address)), "{text}");
    server.stop().await;
}
