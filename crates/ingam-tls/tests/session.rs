//! Resumption, revocation on resumed sessions, possession of keys, and new certificates under load.
#![cfg(all(feature = "tokio", feature = "development"))]
#![allow(clippy::unwrap_used, reason = "what a test cannot set up is a failed test")]

mod stage;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use ingam_ports::{ChainVerifier, PeerIdentity};
use ingam_tls::{
    CertificateAuthorities, ChannelPolicy, ClientCertificates, Protocol, Resumption, ServeLimits,
    development::{ClientSubject, DevelopmentCa, IssuedCertificate},
};
use rustls::{
    ClientConfig, HandshakeKind,
    client::ResolvesClientCert,
    pki_types::{PrivateKeyDer, ServerName, pem::PemObject},
    sign::CertifiedKey,
};
use stage::{ByFunction, RING, Server, fetch, now, raw_tcp, rustls_client};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_rustls::TlsConnector;

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers whether the client's chain is trusted now.
fn judging(
    authorities: Arc<CertificateAuthorities>,
) -> ByFunction<impl Fn(Request<Bytes>) -> Response<Bytes> + Send + Sync> {
    ByFunction(move |request: Request<Bytes>| {
        let verdict = match request.extensions().get::<PeerIdentity>() {
            None => "nobody".to_owned(),
            Some(peer) => format!("{:?}", authorities.verify(&peer.chain, now()).map(|_| peer.subject_dn.as_str())),
        };
        Response::new(Bytes::from(verdict))
    })
}

async fn judged_server(policy: ChannelPolicy) -> (Server, Arc<CertificateAuthorities>) {
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let list = ca.revocation_list(&[], now()).unwrap().der().to_vec();
    let authorities = Arc::new(CertificateAuthorities::new(&[ca.certificate_der()], &[list], &policy).unwrap());
    let certificate = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(RING).unwrap();
    let judge = Arc::new(judging(authorities.clone()));
    let server =
        Server::with(ca, &certificate, policy, ClientCertificates::Required, ServeLimits::default(), judge).await;
    (server, authorities)
}

fn key_of(certificate: &IssuedCertificate) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from_pem_slice(certificate.key_pem().expose().as_bytes()).unwrap()
}

/// rustls itself as the client, so that the kind of handshake can be seen.
fn showing(server: &Server, certificate: &IssuedCertificate) -> Arc<ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.ca.certificate_der().into()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![certificate.certificate_der().into()], key_of(certificate))
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// The kind of handshake and the body of the answer.
async fn visit(server: &Server, config: &Arc<ClientConfig>) -> std::io::Result<(HandshakeKind, String)> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = TlsConnector::from(config.clone()).connect(name, raw_tcp(server).await).await?;
    tls.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    timeout(PATIENCE, tls.read_to_string(&mut answer)).await.expect("the server answers")?;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
    Ok((tls.get_ref().1.handshake_kind().unwrap(), body))
}

#[tokio::test]
async fn x1149_3_1_15_4_revocation_holds_on_resumed_sessions() {
    for oldest in [Protocol::Tls13, Protocol::Tls12] {
        let mut policy = ChannelPolicy::fapi_tls12();
        policy.oldest = oldest;
        let (server, authorities) = judged_server(policy).await;
        let client = server.ca.client(&ClientSubject::named("fintech-1"), now()).unwrap();
        let mut config = showing(&server, &client).as_ref().clone();
        if oldest == Protocol::Tls12 {
            config = ClientConfig::builder_with_provider(config.crypto_provider().clone())
                .with_protocol_versions(&[&rustls::version::TLS12])
                .unwrap()
                .with_root_certificates({
                    let mut roots = rustls::RootCertStore::empty();
                    roots.add(server.ca.certificate_der().into()).unwrap();
                    roots
                })
                .with_client_auth_cert(vec![client.certificate_der().into()], key_of(&client))
                .unwrap();
        }
        let config = Arc::new(config);
        let trusted = "Ok(\"CN=fintech-1\")".to_owned();
        assert_eq!(visit(&server, &config).await.unwrap(), (HandshakeKind::Full, trusted.clone()));
        assert_eq!(visit(&server, &config).await.unwrap(), (HandshakeKind::Resumed, trusted));
        let list = server.ca.revocation_list(&[&client], now()).unwrap();
        authorities.replace_lists(&[list.der().to_vec()]).unwrap();
        assert_eq!(visit(&server, &config).await.unwrap(), (HandshakeKind::Resumed, "Err(Revoked)".to_owned()));
        server.stop().await;
    }
}

/// fapi: TL-7
#[tokio::test]
async fn without_resumption_every_handshake_is_full() {
    for oldest in [Protocol::Tls13, Protocol::Tls12] {
        let mut policy = ChannelPolicy::fapi_tls12();
        policy.oldest = oldest;
        policy.resumption = Resumption::Off;
        let (server, _) = judged_server(policy).await;
        let client = server.ca.client(&ClientSubject::named("fintech-1"), now()).unwrap();
        let config = showing(&server, &client);
        for _ in 0..3 {
            assert_eq!(visit(&server, &config).await.unwrap().0, HandshakeKind::Full);
        }
        server.stop().await;
    }
}

/// A certificate is public; only its key proves anything.
///
/// fapi: MT-1, MT-2
#[tokio::test]
async fn sr_45_a_certificate_shown_without_its_key_is_refused() {
    #[derive(Debug)]
    struct Stolen(Arc<CertifiedKey>);
    impl ResolvesClientCert for Stolen {
        fn resolve(&self, _hints: &[&[u8]], _schemes: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
            Some(self.0.clone())
        }
        fn has_certs(&self) -> bool {
            true
        }
    }
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let (server, _) = judged_server(ChannelPolicy::fapi_tls12()).await;
        let subject = ClientSubject::named("fintech-1");
        let thief = server.ca.client(&ClientSubject::named("thief"), now()).unwrap();
        for victim in
            [server.ca.client(&subject, now()).unwrap(), DevelopmentCa::self_signed_client(&subject, now()).unwrap()]
        {
            let provider = rustls::crypto::ring::default_provider();
            let key = provider.key_provider.load_private_key(key_of(&thief)).unwrap();
            let stolen = CertifiedKey::new(vec![victim.certificate_der().into()], key);
            let mut roots = rustls::RootCertStore::empty();
            roots.add(server.ca.certificate_der().into()).unwrap();
            let config = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots)
                .with_client_cert_resolver(Arc::new(Stolen(Arc::new(stolen))));
            let answer = visit(&server, &Arc::new(config)).await;
            assert!(answer.is_err(), "{answer:?}");
        }
        server.stop().await;
    }
}

/// fapi: MT-11
#[tokio::test]
async fn where_certificates_are_optional_a_client_without_one_reaches_the_endpoint() {
    let server = Server::start(ChannelPolicy::tls13(), ClientCertificates::Optional, ServeLimits::default()).await;
    assert!(fetch(&server.transport(None), &server.url("/")).await.unwrap().ends_with("peer=-"));
    let client = server.ca.client(&ClientSubject::named("fintech-1"), now()).unwrap().keyed(RING).unwrap();
    assert!(fetch(&server.transport(Some(&client)), &server.url("/")).await.unwrap().ends_with("peer=CN=fintech-1"));
    server.stop().await;
    let server = Server::start(ChannelPolicy::tls13(), ClientCertificates::NotAsked, ServeLimits::default()).await;
    assert!(fetch(&server.transport(Some(&client)), &server.url("/")).await.unwrap().ends_with("peer=-"));
    server.stop().await;
}

#[tokio::test]
async fn a_new_certificate_is_shown_under_load_without_a_dropped_request() {
    let server = Server::plain().await;
    let certificates: Vec<_> =
        (0..4).map(|_| server.ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(RING).unwrap()).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let (exchanges, connections) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut load = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let kept = server.transport(None);
        let trust = server.trust();
        let url = server.url("/load");
        let (stop, exchanges, connections) = (stop.clone(), exchanges.clone(), connections.clone());
        load.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                // Half of them keep their connection, half shake hands each time.
                let answer = if worker % 2 == 0 {
                    fetch(&kept, &url).await
                } else {
                    connections.fetch_add(1, Ordering::Relaxed);
                    fetch(&stage::transport_to(&trust), &url).await
                };
                assert!(answer.unwrap().starts_with("200"));
                exchanges.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let rotate = async {
        for round in 0..40 {
            let seen = connections.load(Ordering::Relaxed);
            server.channel.show(&certificates[round % certificates.len()]);
            while connections.load(Ordering::Relaxed) < seen + 2 {
                tokio::task::yield_now().await;
            }
        }
    };
    timeout(PATIENCE, rotate).await.expect("the load goes on");
    stop.store(true, Ordering::Relaxed);
    while let Some(worker) = load.join_next().await {
        worker.expect("no request was dropped");
    }
    println!("{} exchanges, {} handshakes", exchanges.load(Ordering::Relaxed), connections.load(Ordering::Relaxed));

    let last = &certificates[39 % certificates.len()];
    let name = ServerName::try_from("localhost").unwrap();
    let config = Arc::new(rustls_client(&server));
    let tls = TlsConnector::from(config).connect(name, raw_tcp(&server).await).await.unwrap();
    let shown = tls.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    assert_eq!(shown, last.chain()[0]);
    drop(tls);
    server.stop().await;
}

/// A request that runs when the server stops is answered; a new connection is not accepted.
#[tokio::test]
async fn stopping_lets_running_requests_finish() {
    struct Slow(Arc<tokio::sync::Notify>, Arc<tokio::sync::Notify>);
    impl ingam_ports::Endpoint for Slow {
        fn answer(&self, _request: Request<Bytes>) -> ingam_wire::BoxFuture<'_, Response<Bytes>> {
            Box::pin(async move {
                self.0.notify_one();
                self.1.notified().await;
                Response::new(Bytes::from("finished"))
            })
        }
    }
    let (started, release) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let certificate = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(RING).unwrap();
    let server = Server::with(
        ca,
        &certificate,
        ChannelPolicy::tls13(),
        ClientCertificates::NotAsked,
        ServeLimits::default(),
        Arc::new(Slow(started.clone(), release.clone())),
    )
    .await;
    let (transport, url, address) = (server.transport(None), server.url("/"), server.address);
    let running = tokio::spawn(async move { fetch(&transport, &url).await });
    started.notified().await;
    let stopping = tokio::spawn(server.stop());
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, refused).await.expect("no new connection is accepted");
    release.notify_one();
    assert_eq!(running.await.unwrap().unwrap(), "200 finished");
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
}

/// fapi: TL-8
#[cfg(feature = "aws-lc-rs")]
#[tokio::test]
async fn with_aws_lc_rs_the_hybrid_group_is_negotiated_and_others_fall_back() {
    use ingam_tls::{AddressPolicy, ClientChannel, CryptoModule, HttpsTransport};
    let ca = DevelopmentCa::new("Test Root", now()).unwrap();
    let certificate = ca.server(&["localhost", "127.0.0.1"], now()).unwrap().keyed(CryptoModule::AwsLcRs).unwrap();
    let policy = ChannelPolicy::tls13_post_quantum();
    let echo = Arc::new(stage::Echo::default());
    let bounds = ServeLimits::default();
    let server = Server::with(ca, &certificate, policy.clone(), ClientCertificates::NotAsked, bounds, echo).await;
    let channel = ClientChannel::new(policy, &server.trust(), None, &stage::clock()).unwrap();
    let transport = HttpsTransport::new(&channel, AddressPolicy::public_and_loopback());
    assert!(fetch(&transport, &server.url("/")).await.unwrap().starts_with("200"));
    assert!(fetch(&server.transport(None), &server.url("/")).await.unwrap().starts_with("200"), "X25519 for ring");

    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.ca.certificate_der().into()).unwrap();
    let provider = rustls::crypto::CryptoProvider {
        kx_groups: vec![rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768],
        ..rustls::crypto::aws_lc_rs::default_provider()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::new(config)).connect(name, raw_tcp(&server).await).await.unwrap();
    let group = tls.get_ref().1.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    drop(tls);
    server.stop().await;
}
