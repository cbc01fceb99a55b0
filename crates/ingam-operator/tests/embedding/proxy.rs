//! A TLS proxy in front (RFC 9440): its word on a certificate counts only where the configuration names it.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use ingam_access_key::{Binding, ConfiguredProxy};
use ingam_operator::{Entrance, Proxies};
use ingam_ports::{Endpoint as _, PeerIdentity};

use crate::support::{Answer, BASE, World, certificate, entrance};

const PROXY: u8 = 99;
/// `:base64 of one byte, 7:`, which the reader below takes for a certificate.
const SEVEN: &str = ":Bw==:";
const EIGHT: &str = ":CA==:";

fn behind(world: &World) -> Entrance {
    let reader = |chain: Vec<Vec<u8>>| chain.first().and_then(|der| der.first()).map(|number| certificate(*number));
    let proxies = Proxies::new(vec![ConfiguredProxy::Certificate([PROXY; 32])], Arc::new(reader));
    entrance(&world.operator).behind(Arc::new(proxies))
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
