//! Usage over the wire: calls, payments, refresh, and each lie of an operator that is not believed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod double;

use std::sync::atomic::{AtomicUsize, Ordering};

use double::{
    HOST,
    lies::Lie,
    parties::{World, order},
};
use ingam_fintech::{AccessId, Call, CallError, Fintech, FintechError, Messages};
use ingam_protocol::usage::{PaymentOrder, PaymentStatus, ResourceBody, TransactionQuery};
use ingam_wire::Seconds;

fn named(result: Result<impl core::fmt::Debug, FintechError>) -> &'static str {
    result.expect_err("refused").name()
}

async fn with_access(world: &World) -> (Fintech, AccessId) {
    let node = world.node();
    let id = world.walk(&node, "accounts balances transactions payments").await.unwrap();
    (node, id)
}

/// fapi: SP-C-3, SP-K-11, DP-2, FH-1, FH-4, X-C-6, X-C-21, X-C-22
#[tokio::test]
async fn every_service_is_called_with_a_proof_and_a_signature_and_read_typed() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    let account = "acc-1".parse().unwrap();
    assert_eq!(node.accounts(&id).await.unwrap().accounts[0].id, account);
    assert_eq!(node.balance(&id, &account).await.unwrap().amount.to_korean(), "12,000원");
    let page = node.transactions(&id, &account, &TransactionQuery::default()).await.unwrap();
    assert!(page.transactions.is_empty());
    let order = PaymentOrder::from_json(order().to_string().as_bytes()).unwrap();
    let paid = node.pay(&id, &order, &"key-1".parse().unwrap()).await.unwrap();
    assert_eq!((paid.status, &paid.order), (PaymentStatus::Completed, &order));
    let held = node.payment(&id, &"p-1".parse().unwrap()).await.unwrap();
    assert!(matches!(held.status, PaymentStatus::Held { .. }));
    world.operator.assert_clean();
}

/// fapi: FH-4, HS-4, HD-1
#[tokio::test]
async fn x1149_3_1_17_2_an_answer_that_is_not_signed_over_this_request_is_not_believed() {
    let table: [(&str, Lie); 4] = [
        ("SignatureMissing", |lies| lies.unsigned = true),
        ("ResponseNotBound", |lies| lies.answer_of_another = true),
        ("DigestMismatch", |lies| lies.changed_body = true),
        ("UnknownKey", |lies| lies.other_keys = true),
    ];
    for (name, lie) in table {
        let world = World::new();
        world.operator.lie(lie);
        let (node, id) = with_access(&world).await;
        assert_eq!(named(node.balance(&id, &"acc-1".parse().unwrap()).await), name);
    }
}

/// fapi: SP-K-5
#[tokio::test]
async fn sr_63_a_key_that_appears_later_is_found_and_an_invented_one_does_not_cause_a_flood() {
    let world = World::new();
    world.operator.lie(|lies| lies.other_keys = true);
    let (node, id) = with_access(&world).await;
    for _ in 0..3 {
        assert_eq!(named(node.accounts(&id).await), "UnknownKey");
    }
    assert_eq!(world.operator.calls("/jwks"), 1, "no second fetch within thirty seconds");
    world.operator.lie(|lies| lies.other_keys = false);
    world.clock.advance(Seconds::new(31));
    node.accounts(&id).await.unwrap();
    assert_eq!(world.operator.calls("/jwks"), 2);
}

#[tokio::test]
async fn unsigned_answers_pass_only_where_that_is_agreed_and_even_then_a_bad_signature_does_not() {
    let mut world = World::new();
    world.membership.messages = Messages::Unsigned;
    world.operator.lie(|lies| lies.unsigned = true);
    let (node, id) = with_access(&world).await;
    node.accounts(&id).await.unwrap();
    world.operator.assert_clean();
    world.operator.lie(|lies| (lies.unsigned, lies.changed_body) = (false, true));
    assert_eq!(named(node.balance(&id, &"acc-1".parse().unwrap()).await), "DigestMismatch");
}

/// fapi: SU-2, OA-17
#[tokio::test]
async fn a_step_up_says_what_is_wanted_and_a_refusal_says_why() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    let challenge = r#"dpop error="insufficient_user_authentication", acr_values="urn:a urn:b", max_age="60""#;
    world.operator.lie(|lies| lies.resource_error = Some((401, challenge)));
    let Err(FintechError::Call(CallError::StepUp(step_up))) = node.accounts(&id).await else { panic!("a step-up") };
    let wanted: Vec<&str> = step_up.acr_values.iter().map(ingam_protocol::Acr::as_str).collect();
    assert_eq!((wanted, step_up.max_age), (vec!["urn:a", "urn:b"], Some(Seconds::new(60))));
    world.operator.lie(|lies| lies.resource_error = Some((403, r#"DPoP error="insufficient_scope""#)));
    let Err(FintechError::Call(CallError::Refused(refusal))) = node.accounts(&id).await else { panic!("a refusal") };
    assert_eq!((refusal.status, refusal.error.unwrap().as_str()), (403, "insufficient_scope"));
    world.operator.lie(|lies| (lies.resource_error, lies.unsigned) = (Some((401, challenge)), true));
    assert_eq!(named(node.accounts(&id).await), "SignatureMissing");
}

#[tokio::test]
async fn a_signed_body_of_another_shape_is_not_read() {
    for body in [r#"{"accounts":[]}"#, r#"{"account":"acc-1"}"#, "[]"] {
        let world = World::new();
        let (node, id) = with_access(&world).await;
        world.operator.lie(|lies| lies.resource_body = Some(body));
        assert_eq!(named(node.balance(&id, &"acc-1".parse().unwrap()).await), "Body");
    }
}

/// fapi: SP-C-6, OA-12, DP-10
#[tokio::test]
async fn an_access_key_that_is_over_is_refreshed_before_the_call_and_a_new_refresh_token_replaces_the_old() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    node.accounts(&id).await.unwrap();
    assert_eq!(world.operator.calls("/token"), 1);
    for rotates in [false, true, false] {
        world.operator.lie(|lies| lies.new_refresh_token = rotates);
        world.clock.advance(Seconds::new(296));
        node.accounts(&id).await.unwrap();
    }
    assert_eq!(world.operator.calls("/token"), 4);
    let used: Vec<String> = {
        let state = world.operator.state.lock().unwrap();
        state.forms.iter().filter_map(|form| form.get("refresh_token").map(str::to_owned)).collect()
    };
    assert!(used[0] == used[1] && used[1] != used[2], "{used:?}");
    world.operator.assert_clean();
}

/// The operator says nothing of when a key ends, or ends one before: the call is made again with another one, once.
#[tokio::test]
async fn an_access_key_that_the_operator_ended_is_refreshed_and_the_call_made_again_once() {
    let world = World::new();
    world.operator.lie(|lies| lies.token = Some(|members| drop(members.remove("expires_in"))));
    let (node, id) = with_access(&world).await;
    world.operator.end_access_keys();
    node.accounts(&id).await.unwrap();
    assert_eq!((world.operator.calls("/token"), world.operator.calls("/accounts")), (2, 2));
    world.operator.lie(|lies| lies.resource_error = Some((401, r#"DPoP error="invalid_token""#)));
    assert_eq!(named(node.accounts(&id).await), "Refused");
    assert_eq!((world.operator.calls("/token"), world.operator.calls("/accounts")), (3, 4));
    for (status, challenge) in [(403, r#"DPoP error="invalid_token""#), (401, r#"DPoP error="invalid_dpop_proof""#)] {
        world.operator.lie(|lies| lies.resource_error = Some((status, challenge)));
        assert_eq!(named(node.accounts(&id).await), "Refused");
    }
    assert_eq!(world.operator.calls("/token"), 3, "another key would not help");
    world.operator.assert_clean();
}

/// fapi: OA-12
#[tokio::test]
async fn a_refresh_that_brings_more_than_was_granted_is_not_kept() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    world.operator.lie(|lies| lies.token = Some(|members| drop(members.insert("scope".into(), "accounts".into()))));
    assert_eq!(node.refresh(&id).await.unwrap().scope().unwrap().to_string(), "accounts");
    let wider = |members: &mut serde_json::Map<_, _>| drop(members.insert("scope".into(), "accounts payments".into()));
    world.operator.lie(|lies| lies.token = Some(wider));
    assert_eq!(named(node.refresh(&id).await), "MoreThanAsked");
    assert_eq!(node.access(&id).await.unwrap().scope().unwrap().to_string(), "accounts");
}

/// Lets another node refresh before requests to `path`.
struct OtherNodeFirst {
    network: ingam_contract::Loopback,
    other: Fintech,
    id: AccessId,
    operator: std::sync::Arc<double::Double>,
    path: &'static str,
    /// How often it does.
    left: AtomicUsize,
    /// Refresh tokens that were used up are refused.
    once: bool,
}

impl OtherNodeFirst {
    fn before(world: &World, other: Fintech, id: &AccessId, path: &'static str, times: usize) -> Self {
        let (network, operator) = (world.network.clone(), world.operator.clone());
        Self { network, other, id: id.clone(), operator, path, left: AtomicUsize::new(times), once: path == "/token" }
    }
}

impl core::fmt::Debug for OtherNodeFirst {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OtherNodeFirst")
    }
}

impl ingam_ports::Transport for OtherNodeFirst {
    fn exchange(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> ingam_wire::BoxFuture<'_, Result<http::Response<bytes::Bytes>, ingam_ports::TransportError>> {
        Box::pin(async move {
            if request.uri().path() == self.path {
                if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                    self.other.refresh(&self.id).await.unwrap();
                }
                if self.once {
                    self.operator.lie(|lies| lies.token_error = Some(ingam_protocol::OAuthError::InvalidGrant));
                }
            }
            self.network.exchange(request).await
        })
    }
}

#[tokio::test]
async fn of_two_refreshes_at_once_the_slower_gets_what_the_faster_kept() {
    for (wins, expected) in [(1, "the other's"), (0, "Refused")] {
        let world = World::new();
        let (other, id) = with_access(&world).await;
        let before = other.access(&id).await.unwrap().ends();
        world.clock.advance(Seconds::new(1));
        let transport = OtherNodeFirst::before(&world, other, &id, "/token", wins);
        let slower = world.node().with(world.membership.clone(), std::sync::Arc::new(transport));
        let got = slower.refresh(&id).await;
        let got = got.map_or_else(
            |error| error.name(),
            |access| {
                assert!(access.ends() > before);
                "the other's"
            },
        );
        assert_eq!(got, expected);
    }
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_by_its_key_without_paying_again() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    let key = "a/b?c#d%e..1".parse().unwrap();
    let held = node.payment_by_key(&id, &key).await.unwrap();
    assert!(matches!(held.status, PaymentStatus::Held { .. }));
    assert_eq!(world.operator.calls("/payments/by-key/a%2Fb%3Fc%23d%25e..1"), 1);
    assert_eq!(world.operator.calls("/payments"), 0, "nothing is paid");
    world.operator.assert_clean();
}

#[tokio::test]
async fn without_a_refresh_token_the_user_must_register_anew() {
    let world = World::new();
    world.operator.lie(|lies| lies.token = Some(|members| drop(members.remove("refresh_token"))));
    let (node, id) = with_access(&world).await;
    assert_eq!(named(node.refresh(&id).await), "NoRefreshToken");
}

/// fapi: RV-1
#[tokio::test]
async fn a_token_given_back_is_forgotten() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    node.revoke(&id).await.unwrap();
    assert_eq!(world.operator.calls("/revoke"), 1);
    assert_eq!(named(node.accounts(&id).await), "UnknownAccess");
    world.operator.assert_clean();
}

/// fapi: RV-1
#[tokio::test]
async fn what_another_node_gets_while_tokens_are_given_back_is_given_back_too() {
    for (refreshes, calls, outcome) in [(1, 2, "forgotten"), (2, 3, "forgotten"), (9, 3, "Conflict")] {
        let world = World::new();
        let (other, id) = with_access(&world).await;
        world.operator.lie(|lies| lies.new_refresh_token = true);
        let transport = OtherNodeFirst::before(&world, other, &id, "/revoke", refreshes);
        let node = world.node().with(world.membership.clone(), std::sync::Arc::new(transport));
        assert_eq!(node.revoke(&id).await.map_or_else(|error| error.name(), |()| "forgotten"), outcome);
        assert_eq!(node.access(&id).await.is_err(), outcome == "forgotten");
        let state = world.operator.state.lock().unwrap();
        let given: std::collections::HashSet<_> = state.forms.iter().filter_map(|form| form.get("token")).collect();
        assert_eq!(given.len(), calls, "each refresh token once");
    }
}

/// fapi: SP-K-11, SP-C-3
#[tokio::test]
async fn an_access_key_leaves_for_its_operators_resources_and_nowhere_else() {
    let world = World::new();
    let (node, id) = with_access(&world).await;
    for path in [
        "//evil.example/accounts",
        "/../accounts",
        "@evil.example/",
        "/a\\b",
        "accounts",
        "/a?b",
        "/a#b",
        "/./a",
        ":1/",
    ] {
        let call = Call::get(path, None, &*world.provider).unwrap();
        assert_eq!(named(node.call(&id, &call).await), "Target", "{path}");
    }
    // Another membership, whose base the same store's access key was never issued for.
    let mut other = world.membership.clone();
    other.issuer = "https://other.example".parse().unwrap();
    let access = node.access(&id).await.unwrap();
    let call = Call::get("/accounts", None, &*world.provider).unwrap();
    let refused = call.request(&access, &other, &*world.provider, None, world.clock.now()).await.unwrap_err();
    assert_eq!(refused.name(), "ForeignOperator");
    assert_eq!(world.operator.calls("/accounts"), 0);
    let (request, _) =
        call.request(&access, &world.membership, &*world.provider, None, world.clock.now()).await.unwrap();
    assert_eq!(request.uri().to_string(), format!("{HOST}/accounts"));
    assert!(request.headers()["authorization"].is_sensitive());
}
