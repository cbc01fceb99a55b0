//! A TLS proxy in front (RFC 9440): its word on a certificate counts only where the configuration names it.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use ingam_access_key::{Binding, ConfiguredProxy};
use ingam_operator::{Entrance, OperatorParts, Proxies};
use ingam_ports::{Endpoint as _, PeerIdentity, RemoteAddress};
use ingam_store::{MemoryRateLimiter, RateLimit};
use ingam_wire::Seconds;

use crate::support::{Answer, BASE, Setup, World, certificate, entrance};

const PROXY: u8 = 99;
/// `:base64 of one byte, 7:`, which the reader below takes for a certificate.
const SEVEN: &str = ":Bw==:";
const EIGHT: &str = ":CA==:";

fn proxies() -> Proxies {
    let reader = |chain: Vec<Vec<u8>>| chain.first().and_then(|der| der.first()).map(|number| certificate(*number));
    Proxies::new(vec![ConfiguredProxy::Certificate([PROXY; 32])], Arc::new(reader))
}

fn behind(world: &World) -> Entrance {
    entrance(&world.operator).behind(Arc::new(proxies()))
}

async fn call(entrance: &Entrance, token: &str, lines: &[&str], shown: Option<PeerIdentity>) -> Answer {
    let request = Request::get(format!("{BASE}/accounts")).header("authorization", format!("Bearer {token}"));
    let request = lines.iter().fold(request, |request, line| request.header("client-cert", *line));
    let mut request = request.body(Bytes::new()).unwrap();
    if let Some(shown) = shown {
        request.extensions_mut().insert(shown);
    }
    entrance.answer(request).await.into()
}

/// fapi: MT-10, BCP-13
#[tokio::test]
async fn sr_46_client_cert_counts_only_from_a_configured_proxy_and_only_once() {
    let world = World::new().await;
    let fintech = world
        .fintech_with("client-1", |fintech| {
            fintech.entry.binding = Binding::Mtls;
            fintech.certificate = Some(certificate(7));
        })
        .await;
    let token = world.tokens(&fintech).await.member("access_token");
    let (proxied, direct) = (behind(&world), entrance(&world.operator));
    let by_proxy = || Some(certificate(PROXY));

    let good = call(&proxied, &token, &[SEVEN], by_proxy()).await;
    assert_eq!(good.status, 200, "{} {:?}", good.text(), world.audit.refusals());
    let good = call(&proxied, &token, &[], Some(certificate(7))).await;
    assert_eq!(good.status, 200, "a connection of its own still counts: {}", good.text());

    for (entrance, lines, shown, status, reason) in [
        (&proxied, &[SEVEN][..], None, 401, "CertificateMissing"),
        (&proxied, &[SEVEN], Some(certificate(8)), 401, "CertificateMismatch"),
        (&proxied, &[EIGHT], by_proxy(), 401, "CertificateMismatch"),
        (&proxied, &[], by_proxy(), 401, "CertificateMissing"),
        (&proxied, &[SEVEN, SEVEN], by_proxy(), 400, "TooMany"),
        (&proxied, &[EIGHT, SEVEN], by_proxy(), 400, "TooMany"),
        (&proxied, &["Bw=="], by_proxy(), 400, "Malformed"),
        (&direct, &[SEVEN], by_proxy(), 401, "CertificateMismatch"),
        (&direct, &[SEVEN], None, 401, "CertificateMissing"),
    ] {
        let refused = call(entrance, &token, lines, shown).await;
        assert_eq!((refused.status.as_u16(), world.audit.last_refusal()), (status, reason), "{lines:?}");
    }
}

/// The answer to a push without credentials that came from `192.0.2.200`, where `named` stands in `x-forwarded-for`.
async fn wrong(entrance: &Entrance, named: &str, shown: Option<PeerIdentity>) -> u16 {
    let request = Request::post(format!("{BASE}/par")).header("content-type", "application/x-www-form-urlencoded");
    let mut request = request.header("x-forwarded-for", named).body(Bytes::from("client_id=client-1")).unwrap();
    request.extensions_mut().insert(RemoteAddress(([192, 0, 2, 200], 4711).into()));
    if let Some(shown) = shown {
        request.extensions_mut().insert(shown);
    }
    Answer::from(entrance.answer(request).await).status.as_u16()
}

#[tokio::test]
async fn x1149_3_1_16_8_who_fails_through_a_proxy_locks_out_nobody_else_behind_it() {
    let limiter = || Arc::new(MemoryRateLimiter::new(RateLimit::new(5, Seconds::new(300))));
    let parts = Box::new(move |parts: &mut OperatorParts| parts.limiter = limiter());
    let world = World::with(Setup { parts, ..Setup::default() }).await;
    world.fintech("client-1").await;
    let naming = Arc::new(proxies().naming_addresses_in("x-forwarded-for".parse().unwrap()));
    let entrance = entrance(&world.operator).behind(naming);
    let by_proxy = || Some(certificate(PROXY));
    for _ in 0..5 {
        assert_eq!(wrong(&entrance, "203.0.113.9, 198.51.100.1", by_proxy()).await, 401);
    }
    // What stands before the proxy's own word is the client's, and so helps it neither out nor another in.
    assert_eq!(wrong(&entrance, "203.0.113.10, 198.51.100.1", by_proxy()).await, 429);
    assert_eq!(wrong(&entrance, "198.51.100.1, 198.51.100.2", by_proxy()).await, 401);
    // Whoever is no proxy is counted where the connection comes from, whatever it names.
    for number in 0..5 {
        assert_eq!(wrong(&entrance, &format!("203.0.113.{number}"), None).await, 401);
    }
    assert_eq!(wrong(&entrance, "203.0.113.77", None).await, 429);
    // A proxy that names nobody stands for itself.
    assert_eq!(wrong(&entrance, "unknown", by_proxy()).await, 429);
}
