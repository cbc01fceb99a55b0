//! The layer follows the keys that an operator publishes.

use std::sync::{Arc, atomic::Ordering};

use ingam_access_key::{TrustedIssuer, Verifier};
use ingam_contract::Loopback;
use ingam_jose::KeySet;
use ingam_keys::{Purpose, RemoteKeySet, RemotePolicy, RemoteTimes};
use ingam_operator::{Profile, usage::ProtectionParts};
use ingam_ports::Transport;
use ingam_wire::Seconds;

use crate::{
    jwks_uri::Published,
    protect::{Api, call},
    support::{BASE, PROVIDER, World},
};

/// Fresh for 20 seconds, kept for a minute, fetched every 10 seconds at most.
fn policy() -> RemotePolicy {
    let times = RemoteTimes {
        fresh: Seconds::new(20),
        stale: Seconds::new(60),
        interval: Seconds::new(10),
        negative: Seconds::new(10),
    };
    RemotePolicy::new(times).unwrap()
}

/// Trusts the operator, knows no key of it, and reads them from `uri`.
fn following(parts: &mut ProtectionParts, uri: &str, network: Arc<dyn Transport>) {
    let issuer = TrustedIssuer { issuer: BASE.parse().unwrap(), keys: KeySet::default(), not_before: None };
    let profile = Arc::new(Profile::fapi2_security().access_key);
    let provider = Arc::new(PROVIDER);
    let resource = BASE.parse().unwrap();
    parts.verifier = Arc::new(Verifier::new(vec![issuer], resource, Seconds::new(10), profile, provider.clone()));
    let set = RemoteKeySet::new(uri.parse().unwrap(), policy(), network, provider).unwrap();
    parts.published = vec![(BASE.parse().unwrap(), Arc::new(set))];
}

fn published(world: &World) -> (Arc<Published>, Api) {
    let (published, network) = (Arc::new(Published::default()), Loopback::new());
    network.attach("keys.bank.example", published.clone());
    let api = Api::new(world, |parts| following(parts, "https://keys.bank.example/jwks", Arc::new(network)));
    (published, api)
}

/// The operator's own `/jwks`, over several rotations.
#[tokio::test]
async fn an_operator_may_rotate_its_keys_and_nobody_in_front_of_another_api_is_told() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let network = Arc::new(world.network.clone());
    let api = Api::new(&world, |parts| following(parts, "https://bank.example/jwks", network));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let token = world.tokens(&fintech).await.member("access_token");
        let answer = api.send(call(&world, &fintech, &token, None).await).await;
        assert_eq!(answer.status, 200, "{} {:?}", answer.text(), world.audit.refusals());
        seen.push(token.split('.').next().unwrap().to_owned());
        // First the next key is shown, then it signs.
        for _ in 0..2 {
            world.later(45 * 86_400).await;
        }
        world.later(700).await;
    }
    seen.dedup();
    assert!(seen.len() > 1, "the signing key changed at least once");
}

/// x1149 3.1.16.10: a key that its operator withdrew stops counting, remembered access keys with it.
#[tokio::test]
async fn x1149_3_1_16_10_a_key_that_is_published_no_more_stops_counting() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let (published, api) = published(&world);
    published.show(&world.verifying(Purpose::SignAccessKeys));
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200);
    published.show(&KeySet::default());
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200, "the set is still fresh");
    world.later(21).await;
    api.refuses(&world, call(&world, &fintech, &token, None).await, 401, "UnknownKey").await;
}

#[tokio::test]
async fn x1149_3_1_16_10_keys_that_cannot_be_fetched_are_503_and_verify_nothing_once_they_are_stale() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let (published, api) = published(&world);
    api.refuses(&world, call(&world, &fintech, &token, None).await, 503, "KeysUnavailable").await;
    published.show(&world.verifying(Purpose::SignAccessKeys));
    world.later(10).await;
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200);
    *published.keys.lock().unwrap() = None;
    world.later(30).await;
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200, "an outage is bridged");
    world.later(31).await;
    api.refuses(&world, call(&world, &fintech, &token, None).await, 503, "KeysUnavailable").await;
}

/// Invented key ids cost the operator one request in the interval.
#[tokio::test]
async fn unknown_keys_do_not_make_the_layer_hammer_the_operator() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let (published, api) = published(&world);
    published.show(&KeySet::default());
    for _ in 0..50 {
        api.refuses(&world, call(&world, &fintech, &token, None).await, 401, "UnknownKey").await;
    }
    assert_eq!(published.asked.load(Ordering::SeqCst), 1);
    // A key that is published while the set is still fresh is looked for as soon as the interval allows.
    published.show(&world.verifying(Purpose::SignAccessKeys));
    world.later(11).await;
    assert_eq!(api.send(call(&world, &fintech, &token, None).await).await.status, 200);
    assert_eq!(published.asked.load(Ordering::SeqCst), 2);
}
