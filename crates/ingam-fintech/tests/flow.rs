//! Registration over the wire: what a fintech sends, and each lie of an operator that stops it before its next call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod double;

use std::sync::Arc;

use double::{
    lies::Signature,
    parties::{World, cookies, user},
};
use ingam_fintech::{Authentication, Binding, Fintech, FintechError, RequestForm, Wanted};
use ingam_jose::{SignatureAlgorithm, SigningKey};
use ingam_protocol::{OAuthError, ResponseMode, details::AuthorizationDetails, usage::ResourceBody as _};
use ingam_wire::Seconds;
use serde_json::json;

fn named(result: Result<impl core::fmt::Debug, FintechError>) -> &'static str {
    result.expect_err("refused").name()
}

/// fapi: SP-C-1, SP-C-2, SP-C-4, SP-C-5, SP-C-14, SP-C-15, SP-C-16, SP-C-17, SP-C-19, PK-1, PK-2, OA-6, CA-1, CA-2, DP-2, DP-21, X-C-1, X-C-2, X-C-3, X-C-4, X-C-6, X-C-7, X-C-8, X-C-9, X-C-10, X-C-12, X-C-25
#[tokio::test]
async fn sr_47_a_whole_registration_sends_nothing_that_a_strict_operator_refuses() {
    let world = World::new();
    let node = world.node();
    for _ in 0..3 {
        let id = world.walk(&node, "transactions accounts").await.unwrap();
        let access = node.access(&id).await.unwrap();
        assert_eq!(access.scope().unwrap().to_string(), "transactions accounts");
        assert_eq!((access.user(), access.subject()), (&user(), None));
    }
    world.operator.assert_clean();
    let state = world.operator.state.lock().unwrap();
    assert!(state.hosts.iter().all(|host| host == "op.example"));
    let push = state.forms.iter().find(|form| form.get("response_type").is_some()).unwrap();
    assert_eq!(push.get("scope"), Some("transactions accounts"));
    assert_eq!((push.get("claims"), push.get("nonce")), (None, None));
    assert_eq!(push.get("state").unwrap().len(), 43);
    let token = state.forms.iter().find(|form| form.get("code").is_some()).unwrap();
    assert_eq!(token.get("redirect_uri"), Some("https://fintech.example/cb?a=b"));
    assert_eq!(token.get("code_verifier").unwrap().len(), 43);
    assert_eq!(state.paths.iter().filter(|path| path.contains("well-known")).count(), 1, "metadata are kept");
}

/// fapi: SP-C-8, DP-12, DP-15, X-C-4, X-C-5
#[tokio::test]
async fn nonces_wanted_anew_after_each_success_are_served_with_fresh_assertions_and_proofs() {
    let world = World::new();
    world.operator.lie(|lies| lies.nonces = true);
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    node.accounts(&id).await.unwrap();
    node.accounts(&id).await.unwrap();
    world.operator.assert_clean();
    assert_eq!((world.operator.calls("/par"), world.operator.calls("/token")), (2, 2));
    assert_eq!(world.operator.calls("/accounts"), 4);
}

/// fapi: DP-14, X-C-5
#[tokio::test]
async fn a_server_that_wants_a_nonce_and_gives_none_is_not_asked_again() {
    let world = World::new();
    world.operator.lie(|lies| (lies.nonces, lies.nonce_field_missing) = (true, true));
    assert_eq!(named(world.begun(&world.node(), "accounts").await), "Refused");
    assert_eq!(world.operator.calls("/par"), 1);
}

/// fapi: DP-15, SP-C-8
#[tokio::test]
async fn a_nonce_announced_on_a_success_saves_the_next_call_its_second_try() {
    let world = World::new();
    world.operator.lie(|lies| (lies.nonces, lies.nonces_announced) = (true, true));
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    for _ in 0..3 {
        node.accounts(&id).await.unwrap();
    }
    world.operator.assert_clean();
    assert_eq!(world.operator.calls("/par"), 2, "asked for");
    assert_eq!(world.operator.calls("/token"), 1, "announced with the push");
    assert_eq!(world.operator.calls("/accounts"), 4, "the first is asked for, the others announced");
}

/// fapi: X-C-5
#[tokio::test]
async fn a_server_that_is_never_content_with_a_nonce_is_asked_twice_and_no_more() {
    let world = World::new();
    world.operator.lie(|lies| (lies.nonces, lies.nonce_never_good) = (true, true));
    assert_eq!(named(world.begun(&world.node(), "accounts").await), "Refused");
    assert_eq!(world.operator.calls("/par"), 2);
}

/// fapi: MS-6, MS-7, MS-8, MS-9, MS-10, MS-14, JM-5, X-C-11, X-C-12
#[tokio::test]
async fn request_objects_and_signed_answers_go_the_same_way() {
    let mut world = World::new();
    let Authentication::PrivateKeyJwt(signer) = world.membership.authentication.clone() else { unreachable!() };
    world.membership.request = RequestForm::Signed(signer);
    world.membership.response = ResponseMode::Jwt;
    let node = world.node();
    world.walk(&node, "accounts").await.unwrap();
    world.operator.assert_clean();
}

/// fapi: SP-C-7, SP-N-7, MT-3, MT-8, X-C-7, X-C-23
#[tokio::test]
async fn a_fintech_with_a_certificate_names_itself_uses_the_aliases_and_makes_no_assertion_or_proof() {
    let mut world = World::new();
    world.membership.authentication = Authentication::Certificate;
    world.membership.binding = Binding::Certificate;
    world.operator.lie(|lies| lies.certificate = true);
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    node.accounts(&id).await.unwrap();
    world.operator.assert_clean();
    let state = world.operator.state.lock().unwrap();
    assert_eq!(state.hosts, ["mtls.op.example", "mtls.op.example"], "push and token");
    for form in &state.forms {
        assert_eq!(
            (form.get("client_id"), form.get("client_assertion"), form.get("dpop_jkt")),
            (Some("c1"), None, None)
        );
    }
}

/// fapi: SP-N-7
#[tokio::test]
async fn a_fintech_that_is_told_to_uses_the_aliases_without_a_certificate() {
    let mut world = World::new();
    world.membership.use_mtls_endpoint_aliases = true;
    world.walk(&world.node(), "accounts").await.unwrap();
    world.operator.assert_clean();
    assert_eq!(world.operator.state.lock().unwrap().hosts, ["mtls.op.example", "mtls.op.example"]);
}

/// fapi: X-C-3, MD-2
#[tokio::test]
async fn metadata_are_found_at_the_second_place_when_the_first_has_none() {
    let world = World::new();
    world.operator.lie(|lies| lies.oauth_place_missing = true);
    world.walk(&world.node(), "accounts").await.unwrap();
    assert_eq!(world.operator.calls("/t/x/.well-known/openid-configuration"), 1);
}

/// fapi: SP-C-9, SP-C-11, MD-3, X-C-2, X-C-17, X-C-20, AM-A1a
#[tokio::test]
async fn x1149_3_1_16_5_metadata_that_are_not_the_issuers_end_everything() {
    let table: [(&str, double::lies::Lie); 6] = [
        ("IssuerMismatch", |lies| lies.issuer = Some("https://op.example/t/x".parse().unwrap())),
        ("IssuerMismatch", |lies| lies.issuer = Some("https://evil.example/".parse().unwrap())),
        ("MediaType", |lies| lies.metadata_as_html = true),
        ("NotOffered", |lies| lies.challenge_methods = Some(&["plain"])),
        ("NotOffered", |lies| lies.challenge_methods = Some(&[])),
        ("NotOffered", |lies| lies.dpop_algorithms = Some(&["RS256", "ES256"])),
    ];
    for (name, lie) in table {
        let world = World::new();
        world.operator.lie(lie);
        assert_eq!(named(world.begun(&world.node(), "accounts").await), name);
        assert_eq!(world.operator.calls("/par"), 0, "{name}");
    }
}

/// fapi: PA-3
#[tokio::test]
async fn an_answer_to_the_push_that_is_not_201_with_a_reference_is_refused() {
    let good = r#"{"request_uri":"urn:ietf:params:oauth:request_uri:reference-0123456789","expires_in":60}"#;
    for (status, body, name) in [
        (200, good, "NotCreated"),
        (201, r#"{"expires_in":60}"#, "Json"),
        (201, r#"{"request_uri":"https://x.example","expires_in":60}"#, "RequestUri"),
        (400, r#"{"error":"invalid_request"}"#, "Refused"),
        (302, good, "NotCreated"),
    ] {
        let world = World::new();
        world.operator.lie(|lies| lies.push_answer = Some((status, body)));
        assert_eq!(named(world.begun(&world.node(), "accounts").await), name, "{status} {body}");
    }
}

/// fapi: SP-C-18, IS-3, BCP-3, BCP-4, X-C-15, X-C-16, X-C-20, AM-G3
#[tokio::test]
async fn sr_56_a_callback_that_is_not_the_operators_to_this_flow_stops_before_the_token_call() {
    let table: [(&str, double::lies::Edit); 9] = [
        ("WrongIssuer", |claims| drop(claims.insert("iss".into(), "https://op.example/t/x".into()))),
        ("WrongIssuer", |claims| drop(claims.insert("iss".into(), "https://evil.example/".into()))),
        ("MissingIss", |claims| drop(claims.remove("iss"))),
        ("UnknownState", |claims| drop(claims.remove("state"))),
        ("UnknownState", |claims| drop(claims.insert("state".into(), "1".into()))),
        ("NeitherCodeNorError", |claims| drop(claims.remove("code"))),
        ("NeitherCodeNorError", |claims| drop(claims.insert("error".into(), "access_denied".into()))),
        ("Mixed", |claims| drop(claims.insert("response".into(), "a.b.c".into()))),
        ("InvalidCode", |claims| drop(claims.insert("code".into(), "\u{1}".into()))),
    ];
    for (name, lie) in table {
        let world = World::new();
        world.operator.lie(|lies| lies.callback = Some(lie));
        assert_eq!(named(world.walk(&world.node(), "accounts").await), name);
        assert_eq!(world.operator.calls("/token"), 0, "{name}");
    }
}

/// fapi: JM-5, IS-4, MS-14, X-C-19, X-C-20
#[tokio::test]
async fn a_signed_callback_that_is_not_good_stops_before_the_token_call() {
    let table: [(&str, double::lies::Edit, Signature); 12] = [
        ("IssuerMismatch", |claims| drop(claims.remove("iss")), Signature::Good),
        ("IssuerMismatch", |claims| drop(claims.insert("iss".into(), "https://evil.example/".into())), Signature::Good),
        ("WrongAudience", |claims| drop(claims.remove("aud")), Signature::Good),
        ("WrongAudience", |claims| drop(claims.insert("aud".into(), "c2".into())), Signature::Good),
        ("ExpiryMissing", |claims| drop(claims.remove("exp")), Signature::Good),
        ("Expired", |claims| drop(claims.insert("exp".into(), 1_700_000_000.into())), Signature::Good),
        ("UnknownState", |claims| drop(claims.insert("state".into(), "1".into())), Signature::Good),
        ("UnknownState", |claims| drop(claims.remove("state")), Signature::Good),
        ("InvalidJarm", |_| {}, Signature::OtherKey),
        ("InvalidJarm", |_| {}, Signature::None),
        ("InvalidJarm", |_| {}, Signature::Hs256),
        ("InvalidJarm", |_| {}, Signature::Rs256),
    ];
    for (name, lie, signature) in table {
        let mut world = World::new();
        world.membership.response = ResponseMode::Jwt;
        world.operator.lie(|lies| (lies.callback, lies.callback_signature) = (Some(lie), signature));
        assert_eq!(named(world.walk(&world.node(), "accounts").await), name, "{signature:?}");
        assert_eq!(world.operator.calls("/token"), 0, "{name}");
    }
}

/// fapi: MS-14, X-C-19
#[tokio::test]
async fn a_plain_callback_does_not_pass_where_a_signed_one_was_asked_nor_the_other_way_round() {
    for mode in [ResponseMode::Jwt, ResponseMode::Query] {
        let mut world = World::new();
        world.membership.response = mode;
        world.operator.lie(|lies| lies.wrong_form = true);
        assert_eq!(named(world.walk(&world.node(), "accounts").await), "WrongForm", "{mode:?}");
        assert_eq!(world.operator.calls("/token"), 0);
    }
}

/// fapi: OA-10
#[tokio::test]
async fn a_user_who_says_no_is_believed_only_from_the_operator_that_was_asked() {
    let world = World::new();
    world.operator.lie(|lies| lies.refuse = true);
    let refused = world.walk(&world.node(), "accounts").await.unwrap_err();
    let FintechError::Complete(ingam_fintech::CompleteError::Refused { error, .. }) = refused else {
        panic!("{refused}")
    };
    assert!(error.is(OAuthError::AccessDenied));
    assert_eq!(world.operator.calls("/token"), 0);
}

/// fapi: BCP-3, SP-C-12, SP-C-17, AM-G3
#[tokio::test]
async fn only_the_user_agent_that_began_can_finish_and_only_once_and_in_time_on_whatever_node() {
    let world = World::new();
    let (one, other) = (world.node(), world.node());
    let redirect = world.begun(&one, "accounts").await.unwrap();
    let victim = world.begun(&one, "accounts").await.unwrap();
    let query = world.operator.authorize(&redirect.url).await;
    assert_eq!(named(other.complete(&query, "").await), "WrongUserAgent");
    assert_eq!(named(other.complete(&query, &cookies(&victim)).await), "WrongUserAgent");
    let forged = format!("{}={}", redirect.cookie.name(), victim.cookie.value());
    assert_eq!(named(other.complete(&query, &forged).await), "WrongUserAgent");
    let twice = format!("{}; {}", forged, cookies(&redirect));
    assert_eq!(named(other.complete(&query, &twice).await), "WrongUserAgent");
    assert_eq!(world.operator.calls("/token"), 0);

    other.complete(&query, &cookies(&redirect)).await.unwrap();
    assert_eq!(named(one.complete(&query, &cookies(&redirect)).await), "UnknownState");
    assert_eq!(world.operator.calls("/token"), 1);

    let query = world.operator.authorize(&victim.url).await;
    world.clock.advance(Seconds::new(1_800));
    assert_eq!(named(one.complete(&query, &cookies(&victim)).await), "UnknownState");
    assert!(redirect.cookie.set_cookie().starts_with("__Host-ingam-"));
    for attribute in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite=Lax;"] {
        assert!(redirect.cookie.set_cookie().contains(attribute), "{attribute}");
    }
    world.operator.assert_clean();
}

/// Another store master cannot finish the flow: what was kept is sealed.
#[tokio::test]
async fn sr_76_pending_flows_and_tokens_lie_sealed_in_the_store() {
    let world = World::new();
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    let redirect = world.begun(&node, "accounts").await.unwrap();
    let rows = format!("{:?}", world.store);
    for secret in ["access-key-", "refresh-", "code_verifier", redirect.cookie.value()] {
        assert!(!rows.contains(secret), "{secret}");
    }
    let shown = format!("{node:?} {redirect:?} {:?}", node.access(&id).await.unwrap());
    for secret in ["access-key-", "refresh-", redirect.cookie.value()] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

/// fapi: OA-14, OA-15, X-C-13, X-C-14
#[tokio::test]
async fn a_token_type_in_odd_case_and_a_missing_expires_in_are_fine() {
    let world = World::new();
    world.operator.lie(|lies| {
        lies.token = Some(|members| {
            members.insert("token_type".into(), "dPOp".into());
            members.remove("expires_in");
        });
    });
    let node = world.node();
    let id = world.walk(&node, "accounts").await.unwrap();
    assert_eq!(node.access(&id).await.unwrap().ends(), None);
    node.accounts(&id).await.unwrap();
    world.operator.assert_clean();
}

/// fapi: SP-C-1, SP-K-12, OA-2
#[tokio::test]
async fn a_token_response_that_is_not_as_agreed_is_not_kept_and_the_code_is_not_tried_again() {
    let table: [(&str, double::lies::Edit); 3] = [
        ("WrongTokenType", |members| drop(members.insert("token_type".into(), "Bearer".into()))),
        ("TokenType", |members| drop(members.insert("token_type".into(), "mac".into()))),
        ("Json", |members| drop(members.remove("access_token"))),
    ];
    for (name, lie) in table {
        let world = World::new();
        world.operator.lie(|lies| lies.token = Some(lie));
        assert_eq!(named(world.walk(&world.node(), "accounts").await), name);
        assert_eq!(world.operator.calls("/token"), 1);
    }
    let world = World::new();
    world.operator.lie(|lies| lies.token_error = Some(OAuthError::InvalidGrant));
    assert_eq!(named(world.walk(&world.node(), "accounts").await), "Refused");
    assert_eq!(world.operator.calls("/token"), 1);
}

/// fapi: OA-2, SP-C-13
#[tokio::test]
async fn an_access_key_that_is_good_for_more_than_was_asked_is_not_kept() {
    let table: [(&str, double::lies::Edit); 5] = [
        ("kept", |members| drop(members.insert("scope".into(), "accounts".into()))),
        ("kept", |members| drop(members.insert("scope".into(), "".into()))),
        ("MoreThanAsked", |members| drop(members.insert("scope".into(), "accounts payments".into()))),
        ("kept", |members| drop(members.insert("scope".into(), "balances accounts".into()))),
        ("MoreThanAsked", |members| {
            drop(members.insert("authorization_details".into(), json!([{"type": "payment_initiation"}])));
        }),
    ];
    for (name, lie) in table {
        let world = World::new();
        world.operator.lie(|lies| lies.token = Some(lie));
        let outcome = world.walk(&world.node(), "accounts balances").await;
        assert_eq!(outcome.map_or_else(|error| error.name(), |_| "kept"), name);
    }
}

/// What was asked in detail, and for which resource, lies with the flow in the store, so that any node can go on with it.
#[tokio::test]
async fn authorization_details_that_were_changed_are_not_kept() {
    let asked = json!([{"type": "payment_initiation", "instructedAmount": {"currency": "KRW", "amount": "12000"},
        "creditorName": "김철수", "creditorAccount": {"bank_code": "097", "number": "123456789012"},
        "actions": ["initiate", "status"]}]);
    let table: [(&str, double::lies::Edit); 7] = [
        ("kept", |_| {}),
        ("kept", |detail| drop(detail.insert("debtorAccount".into(), json!("acc-1")))),
        ("kept", |detail| drop(detail.insert("actions".into(), json!(["status"])))),
        ("MoreThanAsked", |detail| drop(detail.insert("actions".into(), json!(["status", "cancel"])))),
        ("MoreThanAsked", |detail| drop(detail.insert("actions".into(), json!([])))),
        ("MoreThanAsked", |detail| drop(detail.remove("creditorAccount"))),
        ("MoreThanAsked", |detail| {
            drop(detail.insert("instructedAmount".into(), json!({"currency": "KRW", "amount": "92000"})));
        }),
    ];
    for (name, edit) in table {
        let world = World::new();
        let mut granted = asked.clone();
        edit(granted[0].as_object_mut().unwrap());
        world.operator.state.lock().unwrap().granted = Some(granted);
        let mut wanted = Wanted::details(AuthorizationDetails::from_value(&asked).unwrap());
        wanted.resources = vec!["https://op.example/payments".parse().unwrap()];
        let redirect = world.node().begin(&world.membership.issuer, user(), wanted).await.unwrap();
        let query = world.operator.authorize(&redirect.url).await;
        let outcome = world.node().complete(&query, &cookies(&redirect)).await;
        if let Ok(id) = &outcome {
            world.node().refresh(id).await.unwrap();
            let another = json!([{"type": "account_information", "actions": ["list_accounts"]}]);
            world.operator.state.lock().unwrap().granted = Some(another);
            assert_eq!(named(world.node().refresh(id).await), "MoreThanAsked");
        }
        assert_eq!(outcome.map_or_else(|error| error.name(), |_| "kept"), name);
        let state = world.operator.state.lock().unwrap();
        let redeemed = state.forms.iter().find(|form| form.get("code").is_some()).unwrap();
        assert_eq!(redeemed.get("resource"), Some("https://op.example/payments"), "the code is redeemed for the same");
    }
}

/// fapi: OI-4, OI-5, MS-17, SP-K-1, SP-K-8, SP-C-20, X-C-9, X-C-18, AM-G2
#[tokio::test]
async fn an_id_token_is_wanted_where_asked_and_each_bad_one_is_refused() {
    let world = World::new();
    let node = world.node();
    let id = world.walk(&node, "openid accounts").await.unwrap();
    assert_eq!(node.access(&id).await.unwrap().subject().unwrap().as_str(), "user-at-op");
    world.operator.lie(|lies| lies.id_token = Some(|claims| drop(claims.insert("aud".into(), json!(["c1"])))));
    world.walk(&node, "openid accounts").await.unwrap();
    let lengths: Vec<usize> =
        world.operator.state.lock().unwrap().forms.iter().filter_map(|form| form.get("nonce").map(str::len)).collect();
    assert_eq!(lengths, [43, 43]);

    let table: [(&str, double::lies::Edit, Signature); 17] = [
        (
            "IssuerMismatch",
            |claims| drop(claims.insert("iss".into(), "https://op.example/t/x".into())),
            Signature::Good,
        ),
        ("InvalidIdToken", |claims| drop(claims.remove("iss")), Signature::Good),
        ("WrongAudience", |claims| drop(claims.insert("aud".into(), "c2".into())), Signature::Good),
        ("InvalidIdToken", |claims| drop(claims.remove("aud")), Signature::Good),
        ("WrongAudience", |claims| drop(claims.insert("aud".into(), json!(["c1", "c2"]))), Signature::Good),
        ("Expired", |claims| drop(claims.insert("exp".into(), 1_700_000_000.into())), Signature::Good),
        ("InvalidIdToken", |claims| drop(claims.remove("exp")), Signature::Good),
        ("InvalidIdToken", |claims| drop(claims.remove("iat")), Signature::Good),
        ("InvalidIdToken", |claims| drop(claims.remove("sub")), Signature::Good),
        ("NonceMismatch", |claims| drop(claims.insert("nonce".into(), "other".into())), Signature::Good),
        ("NonceMissing", |claims| drop(claims.remove("nonce")), Signature::Good),
        ("FromTheFuture", |claims| drop(claims.insert("iat".into(), 4_000_000_000_i64.into())), Signature::Good),
        ("AtHashMismatch", |claims| drop(claims.insert("at_hash".into(), "x".into())), Signature::Good),
        ("InvalidIdToken", |_| {}, Signature::OtherKey),
        ("InvalidIdToken", |_| {}, Signature::None),
        ("InvalidIdToken", |_| {}, Signature::Hs256),
        ("InvalidIdToken", |_| {}, Signature::Rs256),
    ];
    for (name, lie, signature) in table {
        let world = World::new();
        world.operator.lie(|lies| (lies.id_token, lies.id_token_signature) = (Some(lie), signature));
        assert_eq!(named(world.walk(&world.node(), "openid accounts").await), name, "{signature:?}");
        let tokens = world.node();
        assert!(tokens.access(&"0".repeat(32).parse().unwrap()).await.is_err());
    }
    let world = World::new();
    world.operator.lie(|lies| lies.token = Some(|members| drop(members.remove("id_token"))));
    assert_eq!(named(world.walk(&world.node(), "openid").await), "MissingIdToken");
}

/// fapi: SP-C-10, SP-K-11, BCP-4, AM-A1a
#[tokio::test]
async fn an_operator_without_membership_is_not_asked_anything() {
    let world = World::new();
    let evil = "https://evil.example/".parse().unwrap();
    let refused = world.node().begin(&evil, user(), Wanted::scopes("accounts".parse().unwrap())).await;
    assert_eq!(named(refused), "UnknownOperator");
    let nothing = world.node().begin(&world.membership.issuer, user(), Wanted::default()).await;
    assert_eq!(named(nothing), "NothingWanted");
    assert_eq!(world.operator.calls("/par"), 0);
}

/// fapi: SP-C-5, X-C-2
#[tokio::test]
async fn each_permitted_algorithm_can_sign_assertions_and_proofs() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let mut world = World::new();
        let key = Arc::new(SigningKey::generate(algorithm, &*world.provider).unwrap());
        let operator = Arc::get_mut(&mut world.operator);
        assert!(operator.is_none(), "shared with the network");
        world.membership.binding = Binding::Dpop(key);
        world.walk(&world.node(), "accounts").await.unwrap();
        world.operator.assert_clean();
    }
}

/// A store that fails stops the flow before the user agent leaves.
#[tokio::test]
async fn a_store_that_fails_ends_in_a_refusal() {
    let world = World::new();
    let failing = Arc::new(ingam_contract::FailingStore::new(world.store.clone()));
    let sealer = ingam_keys::RecordSealer::new(world.provider.clone(), &ingam_wire::SecretBytes::new(vec![7; 32]));
    let records = ingam_keys::Records::new(failing.clone(), Arc::new(sealer));
    let clock = world.clock.clone();
    let node = Fintech::new(world.provider.clone(), records, Arc::new(move || clock.now()))
        .with(world.membership.clone(), Arc::new(world.network.clone()));
    failing.fail(true);
    assert_eq!(named(world.begun(&node, "accounts").await), "Store");
}

/// A web server may move what it awaits from thread to thread.
#[test]
fn everything_that_is_awaited_can_be_sent_to_another_thread() {
    fn assert_send<T: Send>(_: T) {}
    let world = World::new();
    let (node, id) = (world.node(), "0".repeat(32).parse().unwrap());
    let (account, order) = ("a".parse().unwrap(), double::parties::order());
    let order = ingam_protocol::usage::PaymentOrder::from_json(order.to_string().as_bytes()).unwrap();
    assert_send(node.begin(&world.membership.issuer, user(), Wanted::default()));
    assert_send(node.complete("", ""));
    assert_send(node.refresh(&id));
    assert_send(node.revoke(&id));
    assert_send(node.balance(&id, &account));
    assert_send(node.pay(&id, &order, &"k".parse().unwrap()));
}
