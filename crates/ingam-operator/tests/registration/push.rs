//! A②: what the pushed request endpoint takes and what it refuses.

use http::{Method, Request, StatusCode};
use ingam_jose::Signer as _;
use ingam_operator::Profile;
use ingam_ports::Table;
use serde_json::json;

use crate::support::{BASE, CALLBACK, Fintech, World, key};

/// fapi: SP-AZ-2, PA-1, PA-3, PA-4, SP-AZ-12, X-AS-4, X-AS-5, SP-K-4
#[tokio::test]
async fn a_push_is_answered_201_with_a_reference_that_nobody_guesses_and_ends_soon() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let post = world.push(&fintech).await;
    assert!(post.form.iter().all(|(name, _)| name != "client_id"), "the assertion alone says who it is");
    let pushed = post.send().await;
    assert_eq!(pushed.status, StatusCode::CREATED);
    assert_eq!(pushed.header("content-type"), Some("application/json"));
    assert_eq!(pushed.header("cache-control"), Some("no-cache, no-store"));
    let lives = pushed.json()["expires_in"].as_u64().unwrap();
    assert!((5..600).contains(&lives), "{lives}");
    let reference = pushed.member("request_uri");
    let reference = reference.strip_prefix("urn:ietf:params:oauth:request_uri:").unwrap();
    assert!(reference.len() >= 43, "{reference}");
    let second = world.push(&fintech).await.send().await.member("request_uri");
    assert!(!second.contains(reference));
}

/// fapi: PA-2, PK-3, PK-4, SP-AZ-1, SP-AZ-5, SP-AZ-6, SP-AZ-8, BCP-1, BCP-6, X-AS-17, JM-4, OA-11, RAR-3, RI-2, OA-8
#[tokio::test]
async fn a_request_that_breaks_a_rule_is_refused_with_the_code_of_that_rule_and_nothing_is_kept() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    let refusals: [(&str, Option<&str>, &str); 17] = [
        ("request_uri", Some("urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        ("response_type", Some("code id_token"), "unsupported_response_type"),
        ("redirect_uri", None, "invalid_request"),
        ("redirect_uri", Some("https://fintech.example/callback/"), "invalid_request"),
        ("redirect_uri", Some("https://FINTECH.example/callback"), "invalid_request"),
        ("redirect_uri", Some("http://fintech.example/callback"), "invalid_request"),
        ("redirect_uri", Some("https://fintech.example/callback#x"), "invalid_request"),
        ("scope", Some("accounts everything"), "invalid_scope"),
        ("authorization_details", Some("[{\"type\":\"nothing\"}]"), "invalid_authorization_details"),
        (
            "authorization_details",
            Some("[{\"type\":\"account_information\",\"actions\":[\"list_accounts\"],\"zzz\":1}]"),
            "invalid_authorization_details",
        ),
        ("resource", Some("https://elsewhere.example/"), "invalid_target"),
        ("client_id", Some("client-2"), "invalid_client"),
    ];
    for (name, value, error) in refusals {
        let post = world.push(&fintech).await;
        let post = match value {
            Some(value) => post.set(name, value),
            None => post.without(name),
        };
        let status = if error == "invalid_client" { 401 } else { 400 };
        assert_eq!(post.send().await.refused(), (status, error.to_owned()), "{name} {value:?}");
    }
    assert_eq!(world.rows().await, before, "what is refused leaves nothing");
}

/// fapi: PA-5, X-AS-18, OA-1
#[tokio::test]
async fn only_posted_forms_are_read() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    for path in ["/par", "/token", "/introspect", "/revoke"] {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH] {
            let request = Request::builder().method(&method).uri(format!("{BASE}{path}"));
            let answer = world.send(request.body("".into()).unwrap()).await;
            assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, Some("POST")));
        }
    }
    for media in [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencoded; charset=\"utf\"-8",
        "",
    ] {
        let mut request = world.push(&fintech).await.request().await;
        request.headers_mut().insert("content-type", media.parse().unwrap());
        let answer = world.send(request).await;
        assert_eq!(answer.refused(), (415, "invalid_request".to_owned()), "{media}");
    }
    for charset in ["charset=utf-8", "charset=\"UTF-8\""] {
        let mut request = world.push(&fintech).await.request().await;
        let media = format!("application/x-www-form-urlencoded; {charset}");
        request.headers_mut().insert("content-type", media.parse().unwrap());
        assert_eq!(world.send(request).await.status, 201, "{charset}");
    }
}

/// fapi: DP-17, SP-AS-12
#[tokio::test]
async fn a_named_key_that_is_not_the_proofs_key_is_refused() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (own, other) = (fintech.dpop.verifying_key().thumbprint(), key(fintech.dpop.verifying_key().algorithm()));
    let accepted = world.push(&fintech).await.set("dpop_jkt", &own.to_base64url()).send().await;
    assert_eq!(accepted.status, 201);
    let refused = world.push(&fintech).await.set("dpop_jkt", &other.verifying_key().thumbprint().to_base64url()).send();
    assert_eq!(refused.await.refused(), (400, "invalid_dpop_proof".to_owned()));
}

/// fapi: OA-1
#[tokio::test]
async fn an_empty_parameter_is_as_good_as_none_and_unknown_ones_are_ignored() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let post = world.push(&fintech).await.set("nonce", "").set("claims", "{}").set("zzz", "1");
    assert_eq!(post.send().await.status, 201);
    let without = world.push(&fintech).await.set("code_challenge", "").send().await;
    assert_eq!(without.refused(), (400, "invalid_request".to_owned()));
}

/// fapi: MD-5, SP-AS-14
#[tokio::test]
async fn a_fintech_cannot_ask_for_more_than_it_is_registered_for() {
    let world = World::new().await;
    let small = world.fintech_with("small", |fintech| {
        fintech.entry.scopes = "accounts".parse().unwrap();
        fintech.entry.authorization_details_types = vec!["account_information".to_owned()];
    });
    let small = small.await;
    let refused = world.push(&small).await.send().await;
    assert_eq!(refused.refused(), (400, "invalid_scope".to_owned()));
    let payment = json!([{
        "type": "payment_initiation",
        "instructedAmount": { "currency": "KRW", "amount": "1000" },
        "creditorName": "박지호",
        "creditorAccount": { "id": "ns-1012" },
    }]);
    let payment = payment.to_string();
    let refused = world.push(&small).await.set("scope", "accounts").set("authorization_details", &payment);
    assert_eq!(refused.send().await.refused(), (400, "invalid_authorization_details".to_owned()));
    assert_eq!(world.audit.last_refusal(), "UnregisteredDetails");
    let large = world.fintech("large").await;
    let accepted = world.push(&large).await.set("authorization_details", &payment).send().await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
}

/// fapi: MS-11, MS-12
#[tokio::test]
async fn a_fintech_is_answered_as_it_is_registered_and_in_no_other_mode() {
    let world = World::new().await;
    let plain = world.fintech("plain").await;
    let jarm = world.fintech_with("jarm", |fintech| fintech.entry.response = ingam_protocol::ResponseMode::Jwt).await;
    for (fintech, good, bad) in [(&plain, "query", "jwt"), (&jarm, "jwt", "query")] {
        assert_eq!(world.push(fintech).await.set("response_mode", good).send().await.status, 201);
        for mode in [bad, "fragment", "form_post"] {
            let refused = world.push(fintech).await.set("response_mode", mode).send().await;
            assert_eq!(refused.refused(), (400, "invalid_request".to_owned()), "{mode}");
        }
    }
}

/// fapi: SP-AS-10, DP-12, DP-14, DP-15, DP-16, X-AS-7, X-AS-8
#[tokio::test]
async fn where_nonces_are_demanded_the_first_try_costs_neither_assertion_nor_request() {
    let profile = Profile::fapi2_security().with(|s| s.dpop_nonce = ingam_access_key::DpopNonce::Required).unwrap();
    let world = World::under(profile).await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    let assertion = fintech.assertion(world.now()).await;
    let first = world.push(&fintech).await.assertion(assertion.clone()).send().await;
    assert_eq!(first.refused(), (400, "use_dpop_nonce".to_owned()));
    assert_eq!(first.headers.get_all("dpop-nonce").iter().count(), 1);
    let nonce = first.header("dpop-nonce").unwrap();
    assert!(!nonce.is_empty() && nonce.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
    assert_eq!(world.rows().await, before, "nothing was claimed");
    // The suite sends the same assertion again with the nonce.
    let second = world.push(&fintech).await.assertion(assertion).send().await;
    assert_eq!(second.status, 201, "{}", second.text());
    assert!(second.header("dpop-nonce").is_some(), "a new nonce comes with 2xx too");
    // A nonce of an hour ago is none.
    let stale = world.nonce();
    world.later(3600).await;
    let proof = Fintech::proof(&fintech.dpop, &Method::POST, "/par", None, stale.as_deref(), world.now()).await;
    let refused = world.push(&fintech).await.proof(proof).send().await;
    assert_eq!(refused.refused(), (400, "use_dpop_nonce".to_owned()));
}

/// fapi: SP-AZ-14, SP-AZ-16, X-AS-33
#[tokio::test]
async fn a_long_state_works_and_a_nonce_of_64_characters() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (state, nonce) = ("s".repeat(1200), "n".repeat(64));
    let post = world.push(&fintech).await.set("scope", "openid accounts").set("state", &state).set("nonce", &nonce);
    let landing = world.agreed(&fintech, post).await;
    assert_eq!(landing.parameter("state").as_deref(), Some(&*state));
    let long = world.push(&fintech).await.set("scope", "openid accounts").set("nonce", &"n".repeat(384)).send().await;
    assert!(long.status == 201 || long.refused() == (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn the_row_of_a_push_is_sealed_and_stands_under_a_hash() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.set("state", ingam_testkit::CANARY_TEXT).send().await;
    let reference = pushed.member("request_uri");
    let rows = world.rows_of(Table::PushedRequests).await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    let contains = |needle: &[u8]| row.sealed.windows(needle.len()).any(|window| window == needle);
    assert!(!contains(ingam_testkit::CANARY_BYTES) && !contains(CALLBACK.as_bytes()));
    assert!(!reference.as_bytes().ends_with(row.key.as_bytes()));
}
