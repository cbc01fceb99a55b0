//! Who may ask at all: assertions and certificates at the direct endpoints.

use ingam_access_key::{Authentication, Binding, CertificateSubject, FintechStatus};
use ingam_jose::SignatureAlgorithm;
use ingam_ports::{ChainError, ChainVerifier, Table, TrustedChain};
use ingam_wire::UnixTime;
use serde_json::json;

use crate::support::{BASE, CALLBACK, CHALLENGE, Fintech, Post, Setup, World, assertion_with, certificate, key};

/// fapi: SP-AS-8, SP-AS-13, CA-2, CA-3, CA-5, CA-8, X-AS-13, X-AS-34, PA-10
#[tokio::test]
async fn sr_47_an_assertion_for_anybody_else_or_out_of_its_time_is_invalid_client() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let now = world.now().secs();
    let before = world.rows().await;
    for changes in [
        json!({ "aud": format!("{BASE}/par") }),
        json!({ "aud": format!("{BASE}/token") }),
        json!({ "aud": [BASE] }),
        json!({ "aud": [BASE, "https://elsewhere.example"] }),
        json!({ "aud": "https://other.example" }),
        json!({ "aud": format!("{BASE}/") }),
        json!({ "aud": null }),
        json!({ "sub": null }),
        json!({ "iss": null }),
        json!({ "iss": "client-2" }),
        json!({ "jti": null }),
        json!({ "exp": null }),
        json!({ "iat": now - 360, "nbf": now - 360, "exp": now - 300 }),
        json!({ "iat": now + 62, "nbf": now + 62, "exp": now + 122 }),
        json!({ "exp": now + 86_400 }),
    ] {
        for path in ["/par", "/token"] {
            let post = match path {
                "/par" => world.push(&fintech).await,
                _ => world.redeem(&fintech, "x").await,
            };
            let refused = post.asserting(changes.clone()).await.send().await;
            assert_eq!(refused.refused(), (401, "invalid_client".to_owned()), "{path} {changes}");
        }
    }
    assert_eq!(world.rows().await, before);
    let early = world.push(&fintech).await.asserting(json!({ "iat": now + 8, "nbf": now + 8, "exp": now + 68 })).await;
    assert_eq!(early.send().await.status, 201, "eight seconds ahead are a wrong clock, no attack");
}

/// fapi: SP-AS-6, OA-3
#[tokio::test]
async fn credentials_in_the_authorization_field_are_challenged_and_never_stand_beside_an_assertion() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    for (credentials, challenge) in [
        ("Basic Y2xpZW50LTE6c2VjcmV0", "Basic realm=\"fintechs\""),
        ("bearer abc", "bearer realm=\"fintechs\""),
        ("\"><", "Basic realm=\"fintechs\""),
    ] {
        for with_assertion in [true, false] {
            for path in ["/par", "/token", "/introspect", "/revoke"] {
                let post = match path {
                    "/par" => world.push(&fintech).await,
                    path => Post::new(&world, &fintech, path, &[("token", "x"), ("grant_type", "refresh_token")]).await,
                };
                let post = if with_assertion { post } else { post.assertion(None) };
                let refused = post.header("authorization", credentials).send().await;
                assert_eq!(refused.refused(), (401, "invalid_client".to_owned()), "{path} {credentials}");
                assert_eq!(refused.header("www-authenticate"), Some(challenge), "{path} {credentials}");
            }
        }
    }
}

/// fapi: CA-4, CA-6, CA-7, CA-9, SP-AS-3, SP-AS-6, SP-AZ-4, X-AS-16, X-AS-31, SP-K-1
#[tokio::test]
async fn only_the_clients_own_unused_assertion_authenticates_it() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let rsa = world.fintech_of("client-rsa", SignatureAlgorithm::Ps256, |_| {}).await;
    let stranger = key(SignatureAlgorithm::Es256);
    let now = world.now();
    assert_eq!(world.push(&rsa).await.send().await.status, 201);
    let refused: [(&str, Post<'_>); 7] = [
        ("none", world.push(&fintech).await.assertion(None).set("client_id", "client-1")),
        ("nobody", world.push(&fintech).await.assertion(None)),
        ("secret", world.push(&fintech).await.set("client_secret", "x")),
        (
            "another's key",
            world.push(&fintech).await.assertion(assertion_with(&fintech, &stranger, &json!({}), now).await),
        ),
        ("another's id", world.push(&fintech).await.set("client_id", "client-rsa")),
        ("RS256", world.push(&rsa).await.assertion(rs256(&rsa, now).await)),
        ("none alg", world.push(&fintech).await.assertion("eyJhbGciOiJub25lIn0.e30.".to_owned())),
    ];
    for (name, post) in refused {
        assert_eq!(post.send().await.refused(), (401, "invalid_client".to_owned()), "{name}");
    }
}

/// An assertion that says RS256 over a signature that would be good as PS256.
async fn rs256(fintech: &Fintech, now: UnixTime) -> String {
    let claims = json!({
        "iss": fintech.id(), "sub": fintech.id(), "aud": BASE, "jti": "rs256", "exp": now.secs() + 60,
    });
    crate::support::sign(&json!({ "alg": "RS256" }), claims.as_object().unwrap(), &fintech.signing).await
}

/// fapi: CA-4
#[tokio::test]
async fn sr_48_an_assertion_is_good_once_at_whichever_endpoint() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let assertion = fintech.assertion(world.now()).await;
    assert_eq!(world.push(&fintech).await.assertion(assertion.clone()).send().await.status, 201);
    let posts = [world.push(&fintech).await, world.introspect(&fintech, "x").await, world.revoke(&fintech, "x").await];
    for post in posts {
        let replayed = post.assertion(assertion.clone()).send().await;
        assert_eq!(replayed.refused(), (401, "invalid_client".to_owned()));
        assert_eq!(world.audit.last_refusal(), "AssertionReplayed");
    }
}

/// fapi: CA-4, SP-K-10
#[tokio::test]
async fn sr_39_a_request_that_fails_otherwise_burns_no_id() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let assertion = fintech.assertion(world.now()).await;
    let proof = Fintech::proof(&fintech.dpop, &http::Method::POST, "/par", None, None, world.now()).await;
    for post in [
        world.push(&fintech).await.set("redirect_uri", "https://elsewhere.example/"),
        world.push(&fintech).await.set("scope", "everything"),
        world.push(&fintech).await.without("code_challenge"),
    ] {
        let refused = world.send(with(post, &assertion, &proof).await).await;
        assert_eq!(refused.status, 400);
    }
    assert!(world.rows_of(Table::Claims).await.is_empty());
    world.store.fail_after_commits(0);
    let unavailable = world.send(with(world.push(&fintech).await, &assertion, &proof).await).await;
    assert_eq!(unavailable.refused(), (503, "temporarily_unavailable".to_owned()));
    world.store.fail(false);
    assert_eq!(world.send(with(world.push(&fintech).await, &assertion, &proof).await).await.status, 201);
    assert_eq!(world.send(with(world.push(&fintech).await, &assertion, &proof).await).await.status, 401);
}

async fn with(post: Post<'_>, assertion: &str, proof: &str) -> http::Request<bytes::Bytes> {
    post.assertion(assertion.to_owned()).proof(proof.to_owned()).request().await
}

/// A verifier that trusts chains of the certificates it was given.
#[derive(Debug)]
struct Trusting(Vec<Vec<u8>>);

impl ChainVerifier for Trusting {
    fn verify(&self, chain: &[Vec<u8>], _now: UnixTime) -> Result<TrustedChain, ChainError> {
        if chain.iter().all(|one| self.0.contains(one)) {
            Ok(TrustedChain::verified())
        } else {
            Err(ChainError::Untrusted)
        }
    }
}

/// fapi: MT-1, MT-2, MT-3, MT-4, MT-9, SP-AS-5, SP-AS-6
#[tokio::test]
async fn sr_45_a_certificate_authenticates_its_own_client_only() {
    let trusted = Trusting(vec![vec![1], vec![2]]);
    let setup =
        Setup { parts: Box::new(move |parts| parts.chains = Some(std::sync::Arc::new(trusted))), ..Setup::default() };
    let world = World::with(setup).await;
    let subject = |number| CertificateSubject::Dn(format!("CN=fintech-{number}.example"));
    let mtls = |number: u8| {
        move |fintech: &mut Fintech| {
            fintech.certificate = Some(certificate(number));
            fintech.entry.authentication = Authentication::TlsClientAuth(subject(number));
            fintech.entry.binding = Binding::Mtls;
        }
    };
    let one = world.fintech_with("client-1", mtls(1)).await;
    let two = world.fintech_with("client-2", mtls(2)).await;
    let own = world
        .fintech_with("client-3", |fintech| {
            fintech.certificate = Some(certificate(3));
            fintech.entry.authentication = Authentication::SelfSignedTlsClientAuth(vec![[3; 32]]);
            fintech.entry.binding = Binding::Mtls;
        })
        .await;
    for fintech in [&one, &two, &own] {
        assert_eq!(world.push(fintech).await.send().await.status, 201, "{:?}", world.audit.refusals());
    }
    let untrusted = |number| {
        let mut shown = certificate(number);
        shown.chain = vec![vec![99]];
        shown
    };
    for (fintech, shown, reason) in [
        (&one, Some(certificate(2)), "WrongSubject"),
        (&one, Some(untrusted(1)), "CertificateUntrusted"),
        (&one, None, "CertificateRequired"),
        (&own, Some(certificate(1)), "UnregisteredCertificate"),
    ] {
        let request = world.push(fintech).await.request().await;
        let refused = match shown {
            Some(shown) => world.send_showing(shown, request).await,
            None => world.send(request).await,
        };
        assert_eq!(refused.refused(), (401, "invalid_client".to_owned()));
        assert_eq!(world.audit.last_refusal(), reason);
    }
}

/// fapi: MS-23, BCP-14, SP-K-13
#[tokio::test]
async fn a_fintech_that_is_suspended_may_do_nothing_from_the_next_request_on() {
    let world = World::new().await;
    let mut fintech = world.fintech("client-1").await;
    let tokens = world.tokens(&fintech).await;
    let (access_key, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    fintech.entry.status = FintechStatus::Suspended;
    world.register(&fintech).await;
    assert_eq!(world.push(&fintech).await.send().await.refused(), (401, "invalid_client".to_owned()));
    assert_eq!(world.refresh(&fintech, &refresh).await.send().await.refused(), (401, "invalid_client".to_owned()));
    let page = crate::support::Browser::default().open_pushed(&world, fintech.id(), &pushed).await;
    assert_eq!(page.status, 400);
    assert_ne!(world.call(&fintech, &access_key, "/accounts").await.status, 200);
    fintech.entry.status = FintechStatus::Active;
    world.register(&fintech).await;
    assert_eq!(world.refresh(&fintech, &refresh).await.send().await.status, 200);
}

/// fapi: MT-3, X-AS-4
#[tokio::test]
async fn a_client_that_shows_a_certificate_is_named_by_client_id() {
    let world = World::new().await;
    let fintech = world
        .fintech_with("client-3", |fintech| {
            fintech.certificate = Some(certificate(3));
            fintech.entry.authentication = Authentication::SelfSignedTlsClientAuth(vec![[3; 32]]);
            fintech.entry.binding = Binding::Mtls;
        })
        .await;
    let form = [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "accounts"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let named = Post::new(&world, &fintech, "/par", &form).await;
    assert_eq!(named.send().await.status, 201);
    let nameless = Post::new(&world, &fintech, "/par", &form).await.without("client_id");
    assert_eq!(nameless.send().await.refused(), (401, "invalid_client".to_owned()));
}
