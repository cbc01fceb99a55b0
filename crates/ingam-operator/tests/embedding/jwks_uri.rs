//! Fintechs that publish their keys at a `jwks_uri`.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam_access_key::{FintechRecord, KeySource};
use ingam_contract::Loopback;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_keys::{RemoteKeySets, RemotePolicy};
use ingam_operator::{DirectoryError, FintechDirectory as _, StoredDirectory};
use ingam_ports::{Clock as _, Endpoint, PortError};
use ingam_tls::{AddressPolicy, ChannelPolicy, ClientChannel, HttpsTransport, ServerTrust, development::DevelopmentCa};
use ingam_wire::BoxFuture;

use crate::support::{Fintech, PROVIDER, Setup, World, key};

/// Serves a key set, or nothing.
#[derive(Default)]
pub(crate) struct Published {
    pub(crate) keys: Mutex<Option<String>>,
    pub(crate) asked: AtomicUsize,
}

impl Published {
    fn publish(&self, keys: &[&SigningKey]) {
        self.show(&KeySet::new(keys.iter().map(|key| key.verifying_key().clone()).collect()));
    }

    pub(crate) fn show(&self, keys: &KeySet) {
        *self.keys.lock().unwrap() = Some(keys.to_json().to_string());
    }
}

impl Endpoint for Published {
    fn answer(&self, _request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answer = Response::new(Bytes::new());
        match self.keys.lock().unwrap().clone() {
            Some(keys) => *answer.body_mut() = keys.into(),
            None => *answer.status_mut() = StatusCode::BAD_GATEWAY,
        }
        Box::pin(async { answer })
    }
}

async fn world() -> (World, Arc<Published>, Fintech) {
    let (published, network) = (Arc::new(Published::default()), Loopback::new());
    network.attach("fintech.example", published.clone());
    let provider = Arc::new(PROVIDER);
    let sets = RemoteKeySets::new(Arc::new(network), provider.clone(), RemotePolicy::USUAL);
    let setup = Setup {
        parts: Box::new(move |parts| {
            let records = ingam_keys::Records::new(parts.store.clone(), parts.sealer.clone());
            parts.directory = Arc::new(StoredDirectory::new(records, provider).fetching(sets));
        }),
        ..Setup::default()
    };
    let world = World::with(setup).await;
    let mut fintech = world.fintech("client-1").await;
    fintech.entry.keys = KeySource::Uri("https://fintech.example/jwks".parse().unwrap());
    // The support's own directory fetches nothing, and says so; the row is what both read.
    let record = FintechRecord::new(fintech.entry.clone()).unwrap();
    let fetched_by_nobody = world.directory.put(&record, world.now()).await;
    assert!(matches!(fetched_by_nobody, Err(DirectoryError::Keys(ingam_access_key::LoadError::Remote))));
    let records = world.records.clone();
    let with_any = StoredDirectory::new(records, Arc::new(PROVIDER)).fetching(RemoteKeySets::new(
        Arc::new(Loopback::new()),
        Arc::new(PROVIDER),
        RemotePolicy::USUAL,
    ));
    with_any.put(&record, world.now()).await.unwrap();
    (world, published, fintech)
}

#[tokio::test]
async fn an_unreachable_jwks_uri_is_503_and_never_accepted() {
    let (world, published, fintech) = world().await;
    let refused = world.push(&fintech).await.send().await;
    assert_eq!(refused.refused(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(world.audit.last_refusal(), "Directory");

    published.publish(&[&fintech.signing]);
    world.later(11).await;
    let accepted = world.push(&fintech).await.send().await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    // Keys that are held carry on through an outage, for a day and no longer.
    *published.keys.lock().unwrap() = None;
    world.later(3_600).await;
    assert_eq!(world.push(&fintech).await.send().await.status, 201);
    world.later(86_400).await;
    assert_eq!(world.push(&fintech).await.send().await.status, 503);
}

#[tokio::test]
async fn a_new_key_is_seen_when_it_is_used_and_a_strangers_is_not() {
    let (world, published, mut fintech) = world().await;
    published.publish(&[&fintech.signing]);
    assert_eq!(world.push(&fintech).await.send().await.status, 201);
    world.later(11).await;
    fintech.signing = key(SignatureAlgorithm::Es256);
    let refused = world.push(&fintech).await.send().await;
    assert_eq!(refused.refused(), (401, "invalid_client".to_owned()), "not published");
    let asked = published.asked.load(Ordering::SeqCst);
    for _ in 0..20 {
        let refused = world.push(&fintech).await.send().await;
        assert_eq!(refused.status, 401);
    }
    assert_eq!(published.asked.load(Ordering::SeqCst), asked, "strangers' keys cause no more fetches");
    published.publish(&[&fintech.signing]);
    world.later(61).await;
    assert_eq!(world.push(&fintech).await.send().await.status, 201, "{:?}", world.audit.refusals());
}

#[tokio::test]
async fn a_directory_without_a_transport_fetches_nothing() {
    let (world, published, fintech) = world().await;
    published.publish(&[&fintech.signing]);
    let found = world.directory.find(&fintech.entry.client_id, world.now()).await;
    assert_eq!((found.err(), published.asked.load(Ordering::SeqCst)), (Some(PortError), 0));
}

/// sr 62: who registers a `jwks_uri` on the operator's own network makes it connect nowhere.
#[tokio::test]
async fn sr_62_a_private_address_is_not_even_connected_to() {
    let (world, _, mut fintech) = world().await;
    let clock = ingam_tls::Clock::new(ingam_operator::system_clock());
    let ca = DevelopmentCa::new("test", ingam_operator::system_clock().now()).unwrap();
    let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
    let channel = ClientChannel::new(ChannelPolicy::tls13(), &trust, None, &clock).unwrap();
    for (addresses, reached) in [(AddressPolicy::public_only(), 0), (AddressPolicy::public_and_loopback(), 1)] {
        let inside = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("https://{}/jwks", inside.local_addr().unwrap());
        let connected = Arc::new(AtomicUsize::new(0));
        let count = connected.clone();
        tokio::spawn(async move {
            while inside.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst); // and hangs up
            }
        });
        fintech.entry.keys = KeySource::Uri(uri.parse().unwrap());
        let transport = Arc::new(HttpsTransport::new(&channel, addresses));
        let sets = RemoteKeySets::new(transport, Arc::new(PROVIDER), RemotePolicy::USUAL);
        let directory = StoredDirectory::new(world.records.clone(), Arc::new(PROVIDER)).fetching(sets);
        directory.put(&FintechRecord::new(fintech.entry.clone()).unwrap(), world.now()).await.unwrap();
        let found = directory.find(&fintech.entry.client_id, world.now()).await;
        assert_eq!((found.err(), connected.load(Ordering::SeqCst)), (Some(PortError), reached));
    }
}
