//! Clients that misbehave, and others that must not notice.
#![cfg(all(feature = "tokio", feature = "development"))]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

mod stage;

use std::{sync::atomic::Ordering, time::Duration};

use ingam_tls::{ChannelPolicy, ClientCertificates, ServeLimits};
use stage::{Server, fetch, frame, raw, raw_tcp, read_to_end};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Far longer than anything here takes; a test that reaches it hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Half of what the default policy gives a client for its handshake or headers.
const HALF: Duration = Duration::from_secs(5);

/// A server whose patience is a fifth of a second.
async fn impatient() -> Server {
    let mut policy = ChannelPolicy::tls13();
    let short = Duration::from_millis(200);
    policy.time_outs.handshake = short;
    policy.time_outs.header = short;
    policy.time_outs.body = short;
    Server::start(policy, ClientCertificates::NotAsked, ServeLimits::default()).await
}

/// Others are still served, and the server stops when it is told to.
async fn serves_others_and_stops(server: Server) {
    let answer = fetch(&server.transport(None), &server.url("/still-there")).await.unwrap();
    assert!(answer.starts_with("200 GET"), "{answer}");
    timeout(PATIENCE, server.stop()).await.expect("the server stops");
}

fn status(answer: &[u8]) -> &str {
    let text = std::str::from_utf8(answer.get(..12).unwrap_or(answer)).unwrap_or("not text");
    text.strip_prefix("HTTP/1.1 ").unwrap_or(text)
}

/// What the server answers to `bytes` on one HTTP/1.1 connection, to its end.
async fn answered(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let (mut read, mut write) = tokio::io::split(raw(server, b"http/1.1").await);
    let bytes = bytes.to_vec();
    let sending = tokio::spawn(async move {
        let _cut_off = write.write_all(&bytes).await;
        let _cut_off = write.flush().await;
        write
    });
    let answer = timeout(PATIENCE, read_to_end(&mut read)).await.expect("the server ends the connection");
    drop(sending.await.unwrap());
    answer
}

#[tokio::test]
async fn x1149_3_1_18_5_a_silent_tcp_client_is_dropped() {
    let server = impatient().await;
    let mut silent = raw_tcp(&server).await;
    let mut byte = [0];
    assert_eq!(timeout(PATIENCE, silent.read(&mut byte)).await.unwrap().unwrap_or(0), 0);
    serves_others_and_stops(server).await;
}

/// RUSTSEC-2024-0336, RUSTSEC-2024-0399.
#[tokio::test]
async fn sr_75_a_handshake_fed_one_byte_at_a_time_is_dropped() {
    let server = impatient().await;
    let mut slow = raw_tcp(&server).await;
    // A handshake record that promises 512 bytes.
    let mut sent = 0_u32;
    let dribble = async {
        for byte in [0x16, 0x03, 0x01, 0x02, 0x00].into_iter().chain(core::iter::repeat(0x01)) {
            if slow.write_all(&[byte]).await.is_err() {
                return;
            }
            sent += 1;
            let mut answer = [0];
            if let Ok(ended) = timeout(Duration::from_millis(20), slow.read(&mut answer)).await
                && ended.unwrap_or(0) == 0
            {
                return;
            }
        }
    };
    timeout(PATIENCE, dribble).await.expect("the server drops it");
    assert!(sent < 512, "dropped before the record was complete: {sent}");
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn sr_75_headers_fed_one_byte_at_a_time_are_dropped() {
    let server = impatient().await;
    let mut slow = raw(&server, b"http/1.1").await;
    let dribble = async {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().copied().chain(core::iter::repeat(b'x')) {
            if slow.write_all(&[byte]).await.is_err() || slow.flush().await.is_err() {
                return;
            }
            let mut answer = [0];
            if let Ok(ended) = timeout(Duration::from_millis(20), slow.read(&mut answer)).await
                && ended.unwrap_or(0) == 0
            {
                return;
            }
        }
    };
    timeout(PATIENCE, dribble).await.expect("the server drops it");
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let server = impatient().await;
    let answer = answered(&server, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this").await;
    assert_eq!(status(&answer), "408", "{}", String::from_utf8_lossy(&answer));
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0, "half a body reaches nobody");
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn a_chunked_body_that_stops_in_a_chunk_is_408() {
    let server = impatient().await;
    let answer =
        answered(&server, b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nonly this")
            .await;
    assert_eq!(status(&answer), "408");
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_on_both_versions_of_http() {
    let mut policy = ChannelPolicy::tls13();
    policy.time_outs.idle = Duration::from_millis(100);
    policy.time_outs.shutdown = Duration::from_millis(100);
    let server = Server::start(policy, ClientCertificates::NotAsked, ServeLimits::default()).await;
    for alpn in [b"http/1.1".as_slice(), b"h2"] {
        let mut idle = raw(&server, alpn).await;
        if alpn == b"h2" {
            idle.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
            idle.write_all(&frame(0x4, 0, 0, &[])).await.unwrap();
        }
        timeout(HALF, read_to_end(&mut idle)).await.expect("closed");
    }
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn x1149_3_1_18_5_oversized_and_too_many_headers_are_431() {
    let server = Server::plain().await;
    let mut megabyte = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec();
    megabyte.resize(1 << 20, b'x');
    megabyte.extend_from_slice(b"\r\n\r\n");
    let mut many = b"GET / HTTP/1.1\r\nHost: localhost\r\n".to_vec();
    for _ in 0..200 {
        many.extend_from_slice(b"a: b\r\n");
    }
    many.extend_from_slice(b"\r\n");
    let mut just_over = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec();
    just_over.resize(33 << 10, b'x');
    just_over.extend_from_slice(b"\r\n\r\n");
    let mut target = b"GET /".to_vec();
    target.resize(70 << 10, b'x');
    target.extend_from_slice(b" HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (name, bytes, expected) in [
        ("1 MiB", megabyte, "431"),
        ("200 fields", many, "431"),
        ("33 KiB", just_over, "431"),
        ("target", target, "431"),
    ] {
        let answer = answered(&server, &bytes).await;
        let got = status(&answer);
        assert!(got == expected || (name == "target" && got == "414"), "{name}: {got}");
    }
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn x1149_3_1_18_5_a_body_above_the_limit_is_413_by_statement_and_by_count() {
    let server = Server::plain().await;
    let over = ingam_ports::BODY_LIMIT + 1;
    let stated = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {over}\r\n\r\n");
    assert_eq!(status(&answered(&server, stated.as_bytes()).await), "413", "before a byte of it was sent");
    let mut sent = stated.into_bytes();
    sent.resize(sent.len() + over, b'x');
    assert_eq!(status(&answered(&server, &sent).await), "413", "with all of it sent");
    let mut chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=16 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.resize(chunked.len() + 0x10000, b'x');
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(status(&answered(&server, &chunked).await), "413", "chunked");
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);

    let mut exact =
        format!("POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", over - 1)
            .into_bytes();
    exact.resize(exact.len() + over - 1, b'x');
    assert_eq!(status(&answered(&server, &exact).await), "200", "exactly the limit");
    serves_others_and_stops(server).await;
}

/// Most clients write all of a request before they read: the refusal must survive that (RFC 9112 section 9.6).
#[tokio::test]
async fn a_client_that_sends_everything_before_it_reads_still_reads_the_refusal() {
    let server = Server::plain().await;
    let size = 4 << 20;
    let mut body = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n").into_bytes();
    body.resize(body.len() + size, b'x');
    let mut header = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec();
    header.resize(size, b'x');
    for (name, bytes, expected) in [("body", body, "413"), ("header", header, "431")] {
        let mut client = raw(&server, b"http/1.1").await;
        let sent = timeout(PATIENCE, client.write_all(&bytes)).await.expect("the server reads on");
        assert!(sent.is_ok(), "{name}: {sent:?}");
        let answer = timeout(PATIENCE, read_to_end(&mut client)).await.expect("answered");
        assert_eq!(status(&answer), expected, "{name}");
    }
    serves_others_and_stops(server).await;
}

/// What two servers would read differently (request smuggling) is refused.
#[tokio::test]
async fn ambiguous_framing_and_targets_are_refused() {
    let server = Server::plain().await;
    for (name, bytes) in [
        ("two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
        ("a negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"),
        ("a length with a sign", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx"),
        ("an enormous length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        ("chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"),
        (
            "a coding within the chunks",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        ),
        ("chunked twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        ("no resource", "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        ("authority form", "GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("host with a port that cannot be", "GET / HTTP/1.1\r\nHost: a:65979\r\n\r\n"),
        ("no host", "GET / HTTP/1.1\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("host with user information", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        ("host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ("http in absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("space before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"),
        ("a folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"),
        ("a NUL", "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n"),
        ("garbage", "\u{1}\u{2}\u{3}\r\n\r\n"),
        ("HTTP/2 without ALPN", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a bad chunk size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        (
            "an endless chunk size",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        ),
    ] {
        let mut bytes = bytes.as_bytes().to_vec();
        if bytes.starts_with(b"GET") && !bytes.windows(10).any(|window| window == b"Connection") {
            let at = bytes.windows(2).position(|window| window == b"\r\n").unwrap() + 2;
            bytes.splice(at..at, *b"Connection: close\r\n");
        }
        let answer = answered(&server, &bytes).await;
        let got = status(&answer);
        assert!(
            got.starts_with('4') || got == "501" || answer.is_empty(),
            "{name}: {}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0, "none of them reached the endpoint");
    for framing in ["Content-Length: 30\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked"] {
        let first = format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n0\r\n\r\n");
        let answer = answered(&server, format!("{first}GET /x HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        assert!(!String::from_utf8_lossy(&answer).contains("/x"), "{framing}: the rest is no second request");
    }
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::plain().await;
    let mut bytes = Vec::new();
    for n in 0..50 {
        let close = if n == 49 { "Connection: close\r\n" } else { "" };
        bytes.extend_from_slice(format!("GET /{n} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n").as_bytes());
    }
    let answer = String::from_utf8(answered(&server, &bytes).await).unwrap();
    let order: Vec<u32> = answer
        .split("GET https://localhost/")
        .skip(1)
        .map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(order, (0..50).collect::<Vec<_>>());
    serves_others_and_stops(server).await;
}

/// A client that has said everything still hears the answer (RFC 8446 section 6.1: each direction is closed by itself).
#[tokio::test]
async fn a_client_that_closed_its_half_is_answered() {
    let server = Server::plain().await;
    let mut stream = raw(&server, b"http/1.1").await;
    stream.write_all(b"GET /half HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = timeout(PATIENCE, read_to_end(&mut stream)).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("GET https://localhost/half"), "{answer:?}");
    serves_others_and_stops(server).await;
}

/// A length that lies: the rest of the body is read as a request, refused, and harms nobody.
#[tokio::test]
async fn a_body_longer_than_stated_ends_the_connection() {
    let server = Server::plain().await;
    let answer =
        answered(&server, b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhello\r\n\r\n").await;
    let text = String::from_utf8(answer).unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("body=2"), "{text}");
    assert!(text.contains("HTTP/1.1 400"), "{text}");
    serves_others_and_stops(server).await;
}

/// CVE-2023-44487.
#[tokio::test]
async fn x1149_3_1_18_5_rapid_resets_end_the_connection_after_few_requests() {
    let server = Server::plain().await;
    let (mut read, mut write) = tokio::io::split(raw(&server, b"h2").await);
    let attack = tokio::spawn(async move {
        write.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        write.write_all(&frame(0x4, 0, 0, &[])).await.unwrap();
        let mut sent = 0_u32;
        for stream in (1..200_000_u32).step_by(2) {
            // GET, path /, scheme https, authority localhost; END_STREAM and END_HEADERS. Then RST_STREAM, CANCEL.
            let mut both = frame(0x1, 0x5, stream, b"\x82\x84\x87\x41\x09localhost");
            both.extend(frame(0x3, 0, stream, &8_u32.to_be_bytes()));
            if write.write_all(&both).await.is_err() {
                break;
            }
            sent += 1;
        }
        sent
    });
    let answer = timeout(PATIENCE, read_to_end(&mut read)).await.expect("the server ends the connection");
    let mut rest = answer.as_slice();
    let mut sent_away = false;
    while let Some((head, tail)) = rest.split_at_checked(9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        sent_away |= head[3] == 0x7;
        rest = tail.get(usize::try_from(length).unwrap()..).unwrap_or_default();
    }
    assert!(sent_away, "GOAWAY");
    drop(read);
    let sent = attack.await.unwrap();
    let answered = server.endpoint.answered.load(Ordering::Relaxed);
    println!("{answered} of {sent} reached the endpoint");
    assert!(sent > 1_000 && answered < 200, "few requests reached the endpoint: {answered} of {sent}");
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn an_http2_header_list_above_the_limit_is_431() {
    let server = Server::plain().await;
    let (mut read, mut write) = tokio::io::split(raw(&server, b"h2").await);
    write.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    write.write_all(&frame(0x4, 0, 0, &[])).await.unwrap();
    // 64 KiB of literal fields, in CONTINUATION frames that end.
    write.write_all(&frame(0x1, 0x1, 1, b"\x82\x84\x87\x41\x09localhost")).await.unwrap();
    let mut field = b"\x00\x01x\x7f\x81\x1e".to_vec(); // name "x", value of 4,000 bytes
    field.resize(field.len() + 4_000, b'y');
    for n in 0..16 {
        let flags = if n == 15 { 0x4 } else { 0 };
        if write.write_all(&frame(0x9, flags, 1, &field)).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let refused = async {
        let mut buffer = [0; 4_096];
        while let Ok(length @ 1..) = read.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..length]);
            if answer.windows(3).any(|window| window == b"431")
                || answer.windows(4).any(|w| w == [0x08, 0x03, 0x34, 0x33])
            {
                return;
            }
        }
    };
    timeout(PATIENCE, refused).await.expect("refused");
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    drop((read, write));
    serves_others_and_stops(server).await;
}

/// CVE-2024-27316: header fields that never end.
#[tokio::test]
async fn x1149_3_1_18_5_endless_continuation_frames_end_the_connection() {
    let server = Server::plain().await;
    let (mut read, mut write) = tokio::io::split(raw(&server, b"h2").await);
    let attack = tokio::spawn(async move {
        write.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        write.write_all(&frame(0x4, 0, 0, &[])).await.unwrap();
        write.write_all(&frame(0x1, 0, 1, b"\x82\x84\x87\x41\x09localhost")).await.unwrap();
        let mut sent = 0_u32;
        // A literal field "x: y" that is not indexed, again and again: 100 MB if nobody stops it.
        let fields = b"\x00\x01x\x01y".repeat(2_000);
        while sent < 10_000 && write.write_all(&frame(0x9, 0, 1, &fields)).await.is_ok() {
            sent += 1;
        }
        sent
    });
    timeout(PATIENCE, read_to_end(&mut read)).await.expect("the server ends the connection");
    drop(read);
    let sent = attack.await.unwrap();
    assert!(sent < 2_000, "cut off: {sent} frames");
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    serves_others_and_stops(server).await;
}

/// RUSTSEC-2024-0336, RUSTSEC-2024-0399: whatever bytes arrive, the acceptor neither panics nor hangs.
#[tokio::test]
async fn sr_75_garbage_in_the_handshake_ends_only_its_own_connection() {
    let server = impatient().await;
    let mut state = 0x1234_5678_9abc_def0_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    let hello = stage::client_hello();
    let mut inputs: Vec<Vec<u8>> = Vec::new();
    for length in 0..64 {
        inputs.push((0..length * 3).map(|_| next()).collect());
    }
    for _ in 0..128 {
        let mut changed = hello.clone();
        for _ in 0..3 {
            let at = usize::from(u16::from_le_bytes([next(), next()])) % changed.len();
            changed[at] = next();
        }
        inputs.push(changed);
    }
    for cut in (0..hello.len()).step_by(7) {
        inputs.push(hello[..cut].to_vec());
    }
    // CVE-2024-32650: close_notify in the middle of a handshake made rustls spin.
    inputs.push([hello.as_slice(), &[0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00]].concat());
    inputs.push(vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00]);
    // RUSTSEC-2024-0399: a hello in fragments.
    inputs.push(hello[5..].chunks(1).flat_map(|byte| [0x16, 0x03, 0x01, 0x00, 0x01, byte[0]]).collect());
    let total = inputs.len();
    let mut tasks = tokio::task::JoinSet::new();
    for input in inputs {
        let address = server.address;
        tasks.spawn(async move {
            let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
            let _cut_off = client.write_all(&input).await;
            let _cut_off = client.shutdown().await;
            timeout(PATIENCE, read_to_end(&mut client)).await.expect("the server ends the connection")
        });
    }
    let mut ended = 0;
    while let Some(result) = tasks.join_next().await {
        result.unwrap();
        ended += 1;
    }
    assert_eq!(ended, total);
    assert_eq!(server.endpoint.answered.load(Ordering::Relaxed), 0);
    serves_others_and_stops(server).await;
}

#[tokio::test]
async fn one_address_cannot_take_every_connection() {
    let bounds = ServeLimits { connections: 8, connections_per_address: 3, ..ServeLimits::default() };
    let server = Server::start(ChannelPolicy::tls13(), ClientCertificates::NotAsked, bounds).await;
    let held = [raw(&server, b"http/1.1").await, raw(&server, b"http/1.1").await, raw(&server, b"http/1.1").await];
    let mut fourth = raw_tcp(&server).await;
    assert_eq!(timeout(HALF, fourth.read(&mut [0])).await.unwrap().unwrap_or(0), 0, "closed at once");
    drop(held);
    // Places are given back as the connections end, which takes the server a moment to see.
    let again = async {
        while fetch(&server.transport(None), &server.url("/")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again).await.expect("places are given back");
    server.stop().await;
}
