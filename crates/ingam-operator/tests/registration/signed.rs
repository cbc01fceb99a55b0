//! JAR at the push: what a request object must be, and that nothing beside it counts.

use ingam_access_key::RequestForm;
use ingam_jose::SignatureAlgorithm;
use ingam_operator::Profile;
use serde_json::{Value, json};

use crate::support::{BASE, Browser, Fintech, World, key, sign, sign_object};

async fn signing(world: &World, id: &str) -> Fintech {
    world.fintech_with(id, |fintech| fintech.entry.request = RequestForm::Signed).await
}

/// fapi: MS-1, MS-2, MS-3, MS-4, MS-5, MS-19, MS-20, MS-21, MS-24, X-AS-6, X-AS-11, X-AS-34, PA-13, JW-7
#[tokio::test]
async fn a_faulty_request_object_is_400_invalid_request_object() {
    let world = World::under(Profile::fapi2_message_signing()).await;
    let fintech = signing(&world, "client-1").await;
    let now = world.now().secs();
    let before = world.rows().await;
    for (name, value) in [
        ("exp", Value::Null),
        ("nbf", Value::Null),
        ("aud", Value::Null),
        ("aud", json!("https://elsewhere.example")),
        ("exp", json!(now - 61)),
        ("exp", json!(now + 4200)),
        ("nbf", json!(now - 4200)),
        ("nbf", json!(now + 62)),
        ("client_id", json!("client-2")),
        ("client_id", Value::Null),
        ("iss", json!("client-2")),
        ("request_uri", json!("urn:ietf:params:oauth:request_uri:x")),
        ("request", json!("e30.e30.")),
    ] {
        let refused = world.push(&fintech).await.claim(name, value.clone()).send().await;
        assert_eq!(refused.refused(), (400, "invalid_request_object".to_owned()), "{name} {value}");
    }
    assert_eq!(world.rows().await, before);
    for (name, value) in [
        ("aud", json!([BASE, "https://elsewhere.example"])),
        ("nbf", json!(now + 8)),
        ("iat", json!(now)),
        ("jti", json!("once")),
    ] {
        let accepted = world.push(&fintech).await.claim(name, value.clone()).send().await;
        assert_eq!(accepted.status, 201, "{name} {value} {}", accepted.text());
    }
    // The same object twice, where it has an id: the second is a replay.
    let replayed = world.push(&fintech).await.claim("jti", json!("once")).send().await;
    assert_eq!(replayed.refused(), (400, "invalid_request_object".to_owned()));
}

/// fapi: MS-5, MS-23, MS-24, SP-K-1, X-AS-6, JW-1
#[tokio::test]
async fn the_header_decides_neither_algorithm_nor_key() {
    let world = World::under(Profile::fapi2_message_signing()).await;
    let fintech = signing(&world, "client-1").await;
    let other = key(SignatureAlgorithm::Es256);
    let claims = object(&world, &fintech).await;
    let push = |object: String| {
        let (world, fintech) = (&world, &fintech);
        async move {
            let mut post = crate::support::Post::new(world, fintech, "/par", &[]).await;
            post = post.set("request", &object);
            post.send().await
        }
    };
    for typ in ["oauth-authz-req+jwt", "OautH-auThZ-REQ+jWt", "application/oauth-authz-req+jwt"] {
        let accepted = push(sign(&json!({ "typ": typ }), &claims, &fintech.signing).await).await;
        assert_eq!(accepted.status, 201, "{typ} {}", accepted.text());
    }
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "HS256" }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "dpop+jwt" }),
        json!({ "crit": ["b64"], "b64": false }),
    ] {
        let refused = push(sign(&header, &claims, &fintech.signing).await).await;
        assert_eq!(refused.refused(), (400, "invalid_request_object".to_owned()), "{header}");
    }
    let forged = push(sign_object(&claims, &other).await).await;
    assert_eq!(forged.refused().0, 400);
    let five_parts =
        format!("{}.AAAA.AAAA.AAAA.AAAA", ingam_wire::base64url::encode(r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#));
    assert_eq!(
        push(five_parts).await.refused(),
        (400, "invalid_request_object".to_owned()),
        "encrypted ones are not taken"
    );
    let mut unsigned = sign_object(&claims, &fintech.signing).await;
    unsigned.truncate(unsigned.rfind('.').unwrap() + 1);
    assert_eq!(push(unsigned).await.refused(), (400, "invalid_request_object".to_owned()));
}

/// fapi: MS-1, X-AS-12
#[tokio::test]
async fn an_unsigned_push_where_signing_is_required_is_400_invalid_request() {
    let world = World::under(Profile::fapi2_message_signing()).await;
    let fintech = world.fintech("client-1").await;
    let form: Vec<(&str, &str)> = vec![
        ("response_type", "code"),
        ("redirect_uri", crate::support::CALLBACK),
        ("scope", "accounts"),
        ("code_challenge", crate::support::CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let refused = crate::support::Post::new(&world, &fintech, "/par", &form).await.send().await;
    assert_eq!(refused.refused(), (400, "invalid_request".to_owned()));
}

/// fapi: MS-22, X-AS-3
#[tokio::test]
async fn what_stands_beside_the_object_does_not_count() {
    let world = World::new().await;
    let fintech = signing(&world, "client-1").await;
    let landing = world.agreed(&fintech, world.push(&fintech).await.set("state", "outside")).await;
    let response = landing.parameter("state");
    assert_eq!(response.as_deref(), Some("state-1"));
    let only_outside = world.push(&fintech).await.claim("state", Value::Null).set("state", "outside");
    assert_eq!(world.agreed(&fintech, only_outside).await.parameter("state"), None);
    let pushed = world.push(&fintech).await.set("scope", "payments").send().await.member("request_uri");
    let page = Browser::default().open_pushed(&world, fintech.id(), &pushed).await;
    assert!(!page.text().contains("payments"));
}

async fn object(world: &World, fintech: &Fintech) -> serde_json::Map<String, Value> {
    let now = world.now().secs();
    json!({
        "iss": fintech.id(), "client_id": fintech.id(), "aud": BASE, "nbf": now, "exp": now + 300,
        "response_type": "code", "redirect_uri": crate::support::CALLBACK, "scope": "accounts",
        "code_challenge": crate::support::CHALLENGE, "code_challenge_method": "S256",
    })
    .as_object()
    .unwrap()
    .clone()
}
