//! Bad input at every endpoint of the registration phase: the right 4xx, nothing stored, nothing told.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use ingam_access_key::RequestForm;
use ingam_contract::TestClock;
use ingam_keys::RecordSealer;
use ingam_operator::OperatorParts;
use ingam_ports::Store;
use ingam_store::{AuditMode, MemoryStore, StoreAudit, Trail};
use ingam_wire::SecretBytes;
use serde_json::json;

use crate::support::{
    Answer, BASE, Browser, CALLBACK, Fintech, PASSWORD, PROVIDER, Post, Setup, VERIFIER, World, sealed, sign,
};

const DIRECT: [&str; 4] = ["/par", "/token", "/introspect", "/revoke"];

/// A value that would be found again in a record.
const CANARY: &str = "canary-5d1f7e";

async fn good<'a>(world: &'a World, fintech: &'a Fintech, path: &str) -> Post<'a> {
    match path {
        "/par" => world.push(fintech).await,
        "/token" => world.redeem(fintech, "code").await,
        "/introspect" => world.introspect(fintech, "token").await,
        _ => world.revoke(fintech, "token").await,
    }
}

fn hidden(world: &World, answer: &Answer) {
    assert!(answer.header("cache-control").is_some_and(|value| value.contains("no-store")), "{answer:?}");
    assert!(!world.audit.printed().contains(CANARY), "{}", world.audit.printed());
    assert!(!answer.text().contains(CANARY), "{}", answer.text());
}

/// fapi: OA-1, PA-5
#[tokio::test]
async fn a_repeated_parameter_is_invalid_request_at_every_endpoint() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    for path in DIRECT {
        let names: Vec<String> = good(&world, &fintech, path).await.form.iter().map(|(name, _)| name.clone()).collect();
        for name in names.iter().map(String::as_str).chain(["client_assertion", "client_assertion_type", "zzz"]) {
            let post = good(&world, &fintech, path).await;
            let post = if name == "zzz" { post.add(name, CANARY) } else { post };
            let answer = post.add(name, CANARY).send().await;
            assert_eq!(answer.refused(), (400, "invalid_request".to_owned()), "{path} {name}");
            hidden(&world, &answer);
        }
    }
    assert_eq!(world.rows().await, before);
}

#[tokio::test]
async fn what_is_no_text_or_no_form_is_refused_at_every_endpoint() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    let broken: [&[u8]; 4] = [b"\xff\xfe=x", b"x=%ff%fe", b"x=%zz", b"x=%"];
    for path in DIRECT {
        for body in broken {
            let mut request = good(&world, &fintech, path).await.request().await;
            let mut bytes = request.body().to_vec();
            bytes.push(b'&');
            bytes.extend_from_slice(body);
            *request.body_mut() = bytes.into();
            let answer = world.send(request).await;
            assert_eq!(answer.refused(), (400, "invalid_request".to_owned()), "{path} {body:?}");
            hidden(&world, &answer);
        }
        let request = Request::post(format!("{BASE}{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(world.send(request).await.refused(), (401, "invalid_client".to_owned()), "{path}: empty");
    }
    assert_eq!(world.rows().await, before);
}

/// fapi: PA-5
#[tokio::test]
async fn what_is_too_large_is_refused_before_anything_is_verified() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    for path in DIRECT {
        let large = good(&world, &fintech, path).await.add("zzz", &CANARY.repeat(20_000)).send().await;
        assert_eq!(large.refused(), (413, "invalid_request".to_owned()), "{path}");
        hidden(&world, &large);
        let mut many = good(&world, &fintech, path).await;
        for at in 0..100 {
            many = many.add(&format!("p{at}"), "1");
        }
        assert_eq!(many.send().await.refused().0, 400, "{path}: a hundred parameters");
        let long = good(&world, &fintech, path).await.assertion("a.".repeat(8_000) + CANARY).send().await;
        assert_eq!(long.refused(), (401, "invalid_client".to_owned()));
        hidden(&world, &long);
    }
    for (name, value) in [
        ("state", "a\u{0}b"),
        ("nonce", "\u{7}"),
        ("scope", "accounts\u{0}"),
        ("redirect_uri", "https://fintech.example/\n"),
    ] {
        let answer = world.push(&fintech).await.set(name, value).send().await;
        assert_eq!(answer.refused().0, 400, "{name} {value:?}");
    }
    for (name, size) in
        [("state", 5_000), ("nonce", 5_000), ("scope", 10_000), ("redirect_uri", 10_000), ("dpop_jkt", 500)]
    {
        let answer = world.push(&fintech).await.set(name, &format!("https://{}", "x".repeat(size))).send().await;
        assert_eq!(answer.refused().0, 400, "{name}");
    }
    for code in ["x".repeat(5_000), "\u{1}".to_owned(), "코드".to_owned()] {
        assert_eq!(world.redeem(&fintech, &code).await.send().await.refused(), (400, "invalid_grant".to_owned()));
        assert_eq!(world.refresh(&fintech, &code).await.send().await.refused(), (400, "invalid_grant".to_owned()));
    }
    let far = world.get(&format!("/authorize?client_id=client-1&x={}", "x".repeat(9_000))).await;
    assert_eq!(far.status, 414);
    assert_eq!(world.rows().await, before);
}

/// fapi: RAR-3, RAR-8
#[tokio::test]
async fn ten_thousand_levels_of_json_are_refused_wherever_they_are_put() {
    let world = World::new().await;
    let plain = world.fintech("client-1").await;
    let signing = world.fintech_with("client-2", |fintech| fintech.entry.request = RequestForm::Signed).await;
    let before = world.rows().await;
    for deep in [
        "[".repeat(10_000) + &"]".repeat(10_000),
        r#"{"a":"#.repeat(6_000) + "1" + &"}".repeat(6_000),
        "[".repeat(30_000),
    ] {
        let answer = world.push(&plain).await.set("authorization_details", &deep).send().await;
        assert_eq!(answer.refused(), (400, "invalid_authorization_details".to_owned()));
        let answer = world.redeem(&plain, "code").await.set("authorization_details", &deep).send().await;
        assert_eq!(answer.refused().0, 400);
        // The same inside a header and inside the claims of everything that is signed.
        for token in [
            format!("{}.e30.AAAA", ingam_wire::base64url::encode(&deep)),
            format!(
                "{}.{}.AAAA",
                ingam_wire::base64url::encode(r#"{"alg":"ES256"}"#),
                ingam_wire::base64url::encode(&deep)
            ),
        ] {
            let answer = Post::new(&world, &signing, "/par", &[]).await.set("request", &token).send().await;
            assert_eq!(answer.refused(), (400, "invalid_request_object".to_owned()));
            let answer = world.push(&plain).await.assertion(token.clone()).send().await;
            assert_eq!(answer.refused(), (401, "invalid_client".to_owned()));
            let answer = world.push(&plain).await.proof(token.clone()).send().await;
            assert_eq!(answer.refused(), (400, "invalid_dpop_proof".to_owned()));
        }
    }
    // Well signed, but as deep.
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    let claims = json!({ "iss": "client-2", "client_id": "client-2", "aud": BASE, "deep": deep });
    let object = sign(&json!({}), claims.as_object().unwrap(), &signing.signing).await;
    let answer = Post::new(&world, &signing, "/par", &[]).await.set("request", &object).send().await;
    assert_eq!(answer.refused(), (400, "invalid_request_object".to_owned()));
    assert_eq!(world.rows().await, before);
}

/// fapi: OA-9, BCP-11
#[tokio::test]
async fn the_authorization_endpoint_shows_a_page_for_whatever_it_cannot_read() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let before = world.rows().await;
    let uri = pushed.replace(':', "%3A");
    for query in [
        String::new(),
        "client_id=client-1&client_id=client-1".to_owned(),
        format!("client_id=client-1&request_uri={uri}&request_uri={uri}"),
        format!("client_id=%ff&request_uri={uri}"),
        "client_id=client-1&request_uri=urn:ietf:params:oauth:request_uri:..%2F".to_owned(),
        "client_id=client-1&request_uri=https://attacker.example/object".to_owned(),
        format!("client_id=client-1&request=e30.e30.&redirect_uri={CANARY}"),
        (0..100).map(|at| format!("p{at}=1&")).collect(),
    ] {
        let answer = world.get(&format!("/authorize?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{query}");
        hidden(&world, &answer);
    }
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
    let post = async |media: &str, body: String| {
        let request = Request::post(format!("{BASE}/authorize"))
            .header("content-type", media)
            .header("cookie", browser.cookie.clone().unwrap());
        world.send(request.body(body.into()).unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    let csrf = sealed(&page);
    let login = format!("csrf={csrf}&username=alice&password={}", PASSWORD.replace(' ', "+"));
    for (status, media, body) in [
        (400, form, String::new()),
        (400, form, "csrf=&approve=approve".to_owned()),
        (400, form, format!("csrf={CANARY}&approve=approve")),
        (400, form, format!("{login}&csrf={csrf}&approve=approve")),
        (400, form, format!("{login}&username=bob&approve=approve")),
        (400, form, format!("{login}&approve=approve&deny=deny")),
        (400, form, login.clone()),
        (400, form, format!("{login}&approve=%ff")),
        (415, "application/json", format!("{login}&approve=approve")),
        (415, "multipart/form-data; boundary=x", format!("{login}&approve=approve")),
        (413, form, format!("{login}&approve={}", CANARY.repeat(10_000))),
    ] {
        let answer = post(media, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (status, None),
            "{}",
            body.get(..80).unwrap_or(&body)
        );
        hidden(&world, &answer);
    }
    assert_eq!(world.rows().await, before);
    let landing = browser.approve(&world, &page, "alice").await;
    assert!(landing.location().starts_with(CALLBACK), "the honest answer still counts");
}

/// fapi: OA-1, PA-5
#[tokio::test]
async fn a_wrong_method_or_media_type_is_refused_at_every_endpoint_and_nothing_is_read_of_it() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.rows().await;
    for path in DIRECT {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let mut request = good(&world, &fintech, path).await.add("zzz", CANARY).request().await;
            *request.method_mut() = method.clone();
            let answer = world.send(request).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")), "{path} {method}");
            hidden(&world, &answer);
        }
        for media in [
            Some("application/json"),
            Some("text/plain"),
            Some("multipart/form-data; boundary=x"),
            Some("application/x-www-form-urlencoded; charset=utf-16"),
            Some("application/x-www-form-urlencodedx"),
            None,
        ] {
            let mut request = good(&world, &fintech, path).await.add("zzz", CANARY).request().await;
            request.headers_mut().remove("content-type");
            if let Some(media) = media {
                request.headers_mut().insert("content-type", media.parse().unwrap());
            }
            let answer = world.send(request).await;
            assert_eq!(answer.refused(), (415, "invalid_request".to_owned()), "{path} {media:?}");
            hidden(&world, &answer);
        }
        let megabyte = good(&world, &fintech, path).await.add("zzz", &"x".repeat(1_000_000)).send().await;
        assert_eq!(megabyte.refused(), (413, "invalid_request".to_owned()), "{path}");
        let names = "zzz=&".repeat(200_000);
        let mut request = good(&world, &fintech, path).await.request().await;
        *request.body_mut() = names.into();
        assert_eq!(world.send(request).await.refused().0, 413, "{path}: a megabyte of names");
    }
    assert_eq!(world.rows().await, before);
}

/// fapi: BCP-9
#[tokio::test]
async fn x1149_3_1_16_9_the_kept_trail_of_good_and_bad_requests_names_no_secret() {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let sealer = || Arc::new(RecordSealer::new(Arc::new(PROVIDER), &SecretBytes::new(vec![7; 32])));
    let start = TestClock::default().now();
    let audit = Arc::new(StoreAudit::open(memory.clone(), sealer(), AuditMode::Durable, start).await.unwrap());
    let kept = audit.clone();
    let parts = move |parts: &mut OperatorParts| parts.audit = kept;
    let setup = Setup { memory: Some(memory.clone()), parts: Box::new(parts), ..Setup::default() };
    let world = World::with(setup).await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let mut secrets = vec![CANARY.to_owned(), PASSWORD.to_owned(), VERIFIER.to_owned()];

    let pushed = world.push(&fintech).await.set("state", CANARY).send().await.member("request_uri");
    secrets.push(pushed.rsplit(':').next().unwrap().to_owned());
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
    secrets.push(browser.cookie.clone().unwrap().rsplit('=').next().unwrap().to_owned());
    browser.press(&world, &page, &[("username", "alice"), ("password", CANARY)], "approve").await;
    let code = browser.approve(&world, &page, "alice").await.parameter("code").unwrap();
    world.redeem(&other, &code).await.send().await.refused();
    let code = world.code(&fintech).await;
    world.redeem(&fintech, &code).await.set("code_verifier", &VERIFIER.replace('d', "e")).send().await.refused();
    let tokens = world.redeem(&fintech, &code).await.send().await;
    let refresh = tokens.member("refresh_token");
    let request = world.refresh(&fintech, &refresh).await.request().await;
    secrets.push(String::from_utf8(request.body().to_vec()).unwrap().rsplit('.').next().unwrap().to_owned());
    secrets.push(request.headers()["dpop"].to_str().unwrap().to_owned());
    world.send(request.clone()).await;
    world.send(request).await.refused();
    world.introspect(&fintech, &tokens.member("access_token")).await.send().await;
    world.revoke(&fintech, &refresh).await.send().await;
    world.refresh(&fintech, &refresh).await.send().await.refused();
    secrets.extend([code, refresh, tokens.member("access_token")]);

    audit.flush_counted().await.unwrap();
    let trail = Trail::new(memory, sealer()).since(start, usize::MAX, world.now()).await.unwrap();
    let printed = format!("{trail:?}");
    for kind in ["RequestPushed", "ConsentGiven", "CodeIssued", "AccessKeyIssued", "AccessKeyRefreshed", "Revoked"] {
        assert!(printed.contains(kind), "{kind}: {printed}");
    }
    for reason in ["WrongPassword", "WrongFintech", "VerifierMismatch", "AssertionReplayed", "GrantNotActive"] {
        assert!(printed.contains(reason), "{reason}: {printed}");
    }
    for secret in secrets {
        assert!(secret.len() > 10 && !printed.contains(&secret), "{secret}: {printed}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_404_and_405() {
    let world = World::new().await;
    for path in ["/", "/par/", "/PAR", "/token/x", "/authorize/..", "/.well-known", "/%2e%2e/jwks"] {
        assert_eq!(world.get(path).await.status, 404, "{path}");
    }
    for path in ["/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let request = Request::post(format!("{BASE}{path}")).body(Bytes::new()).unwrap();
        let answer = world.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("GET, HEAD")), "{path}");
    }
}
