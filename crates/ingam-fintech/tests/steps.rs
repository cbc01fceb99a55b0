//! The pure steps on their own: no store, no transport, each check where it stands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod double;

use bytes::Bytes;
use double::parties::{World, user};
use http::Response;
use ingam_contract::Loopback;
use ingam_fintech::{
    AccessId, LocalUser, Membership, Operator, Pending, Redirect, RefreshError, Wanted, begin, claimed_state,
    cookie_of, discovery_requests, keys_request, read_keys, read_metadata, refresh_request,
};
use ingam_ports::Transport;
use ingam_protocol::{Callback, ResponseMode};
use ingam_wire::{Seconds, UnixTime};

async fn send(network: &Loopback, request: http::Request<Bytes>) -> Response<Bytes> {
    network.exchange(request).await.unwrap()
}

async fn discovered(world: &World, membership: &Membership) -> Operator {
    let [first, _] = discovery_requests(&membership.issuer).unwrap();
    let metadata = read_metadata(&send(&world.network, first).await, &membership.issuer).unwrap().unwrap();
    let keys = send(&world.network, keys_request(&metadata).unwrap().unwrap()).await;
    let (keys, skipped) = read_keys(&keys, &*world.provider).unwrap();
    assert_eq!(skipped.len(), 2, "the decoys that cannot be used");
    Operator::new(metadata, keys, membership, world.clock.now()).unwrap()
}

async fn pending(world: &World, operator: &Operator) -> (Redirect, Pending) {
    let (provider, now) = (&*world.provider, world.clock.now());
    let wanted = Wanted::scopes("accounts".parse().unwrap());
    let (push, begun) = begin(&world.membership, user(), wanted, provider, provider, now).unwrap();
    let request = push.request(&world.membership, operator, provider, None, now).await.unwrap();
    begun.pushed(&send(&world.network, request).await, &world.membership, operator).unwrap()
}

/// What `complete` says to `query` with the flow's own cookie.
fn completed(
    world: &World,
    operator: &Operator,
    flow: (Redirect, Pending),
    query: &str,
    now: UnixTime,
) -> &'static str {
    let callback = Callback::parse(query.as_bytes()).unwrap();
    let cookie = flow.0.cookie.value().to_owned();
    match flow.1.complete(callback, Some(&cookie), &world.membership, operator, &*world.provider, now) {
        Ok(_) => "redeem",
        Err(refused) => refused.name(),
    }
}

/// fapi: BCP-3, BCP-4, IS-3, X-C-15, X-C-16
#[tokio::test]
async fn a_callback_of_another_flow_another_operator_or_another_day_is_refused_by_the_step_itself() {
    let world = World::new();
    let operator = discovered(&world, &world.membership).await;
    let (one, other) = (pending(&world, &operator).await, pending(&world, &operator).await);
    let of_other = world.operator.authorize(&other.0.url).await;
    let now = world.clock.now();
    assert_eq!(completed(&world, &operator, one, &of_other, now), "WrongState");
    let late = now.plus(Seconds::new(1_800));
    assert_eq!(completed(&world, &operator, other, &of_other, late), "TooLate");

    let flow = pending(&world, &operator).await;
    let query = world.operator.authorize(&flow.0.url).await;
    assert_eq!(completed(&world, &operator, flow, &query, now), "redeem");

    // The flow began at this operator; the state of another operator's process must not finish it.
    let flow = pending(&world, &operator).await;
    let query = world.operator.authorize(&flow.0.url).await;
    let mut foreign = operator.metadata().clone();
    foreign.issuer = "https://evil.example".parse().unwrap();
    let foreign = Operator::new(foreign, operator.keys().clone(), &world.membership, now).unwrap();
    assert_eq!(completed(&world, &foreign, flow, &query, now), "WrongIssuer");

    let flow = pending(&world, &operator).await;
    let query = world.operator.authorize(&flow.0.url).await;
    let callback = Callback::parse(query.as_bytes()).unwrap();
    let state = claimed_state(&callback).unwrap();
    assert_eq!(cookie_of("a=b", &state, &*world.provider), None);
    let refused = flow.1.complete(callback, None, &world.membership, &operator, &*world.provider, now);
    assert_eq!(refused.unwrap_err().name(), "WrongUserAgent");
}

/// fapi: IS-4
#[tokio::test]
async fn an_issuer_beside_a_signed_answer_must_agree_with_it() {
    let mut world = World::new();
    world.membership.response = ResponseMode::Jwt;
    let operator = discovered(&world, &world.membership).await;
    let now = world.clock.now();
    for (iss, said) in
        [("https%3A%2F%2Fevil.example", "WrongIssuer"), ("https%3A%2F%2Fop.example%2Ft%2Fx%2F", "redeem")]
    {
        let flow = pending(&world, &operator).await;
        let query = format!("{}&iss={iss}", world.operator.authorize(&flow.0.url).await);
        assert_eq!(completed(&world, &operator, flow, &query, now), said);
    }
}

/// fapi: SP-K-11, OA-12
#[tokio::test]
async fn a_refresh_token_goes_to_the_operator_that_gave_it_only() {
    let world = World::new();
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    let access = node.access(&id).await.unwrap();
    let operator = discovered(&world, &world.membership).await;
    let mut foreign = operator.metadata().clone();
    foreign.issuer = "https://evil.example".parse().unwrap();
    let foreign = Operator::new(foreign, operator.keys().clone(), &world.membership, world.clock.now()).unwrap();
    let now = world.clock.now();
    let refused = refresh_request(&access, &world.membership, &foreign, &*world.provider, None, now).await;
    assert_eq!(refused.unwrap_err(), RefreshError::ForeignOperator);
    refresh_request(&access, &world.membership, &operator, &*world.provider, None, now).await.unwrap();
}

/// fapi: SP-C-2, MT-3
#[tokio::test]
async fn client_id_is_sent_once_and_the_pushed_parameters_are_what_was_wanted() {
    let world = World::new();
    let operator = discovered(&world, &world.membership).await;
    let _flow = pending(&world, &operator).await;
    let state = world.operator.state.lock().unwrap();
    let names: Vec<&str> = state.forms[0].iter().map(|(name, _)| name).collect();
    assert_eq!(names.iter().filter(|name| **name == "client_id").count(), 1);
    assert_eq!(state.forms[0].get("redirect_uri"), Some("https://fintech.example/cb?a=b"));
}

#[test]
fn names_are_what_they_say() {
    for refused in ["", "a b", "계", &"x".repeat(256)] {
        assert!(refused.parse::<LocalUser>().is_err(), "{refused}");
    }
    for refused in ["", "0", &"0".repeat(33), &"G".repeat(32), &"A".repeat(32)] {
        assert!(refused.parse::<AccessId>().is_err(), "{refused}");
    }
}
