//! What an attacker would try at the registration phase, by the number of the field failure it comes from.

use core::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use std::{
    sync::{Arc, Barrier},
    thread,
};

use http::{Method, StatusCode};
use ingam_access_key::{ProofTarget, make_proof};
use ingam_jose::{SignatureAlgorithm, Signer as _};
use ingam_operator::{Operator, StartError};
use ingam_ports::{Endpoint, Table};
use ingam_store::{MemoryRateLimiter, RateLimit, RedbStore};
use ingam_wire::{HttpUrl, Seconds};
use serde_json::json;

use crate::stuck::Stuck;
use crate::support::{
    Browser, CALLBACK, Fintech, PASSWORD, PROVIDER, Setup, World, assertion_with, entrance, key, sealed,
};

/// The value of a future that waits for nothing but locks.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        thread::yield_now();
    }
}

/// fapi: DP-7, SP-K-10, CA-4
#[tokio::test]
async fn sr_36_of_a_hundred_threads_at_two_operators_one_succeeds_in_each_of_a_thousand_rounds() {
    const THREADS: usize = 100;
    // Unoptimised, a thousand take a minute; `.ci/parts/31-race.sh` runs them optimised.
    const ROUNDS: usize = if cfg!(debug_assertions) { 100 } else { 1_000 };
    let world = World::new().await;
    let fintech = world.fintech_of("client-1", SignatureAlgorithm::EdDsa, |_| {}).await;
    let nodes = [entrance(&world.operator), entrance(&world.another_node())];
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(world.push(&fintech).await.request().await);
    }
    let wins: Vec<AtomicUsize> = rounds.iter().map(|_| AtomicUsize::new(0)).collect();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for at in 0..THREADS {
            let (rounds, wins, barrier, node) = (&rounds, &wins, &barrier, &nodes[at % 2]);
            scope.spawn(move || {
                barrier.wait();
                for (request, wins) in rounds.iter().zip(wins) {
                    let answer = ready(node.answer(request.clone()));
                    if answer.status() == StatusCode::CREATED {
                        wins.fetch_add(1, Ordering::SeqCst);
                    } else {
                        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
                    }
                }
            });
        }
    });
    let wins: Vec<usize> = wins.iter().map(|wins| wins.load(Ordering::SeqCst)).collect();
    assert_eq!(wins, vec![1; ROUNDS]);
    assert_eq!(world.rows_of(Table::PushedRequests).await.len(), ROUNDS);
}

/// fapi: DP-6, DP-7, SP-AS-13
#[tokio::test]
async fn sr_37_a_proof_is_still_known_at_the_last_instant_at_which_it_is_accepted() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let settings = world.parts.profile.access_key.settings().clone();
    let made = world.now().plus(settings.future_skew);
    let proof = Fintech::proof(&fintech.dpop, &Method::POST, "/par", None, None, made).await;
    assert_eq!(world.push(&fintech).await.proof(proof.clone()).send().await.status, 201);
    world.later(settings.future_skew.get() + settings.proof_window.get()).await;
    let replayed = world.push(&fintech).await.proof(proof.clone()).send().await;
    assert_eq!((replayed.refused().1, world.audit.last_refusal()), ("invalid_dpop_proof".to_owned(), "ProofReplayed"));
    world.later(1).await;
    let old = world.push(&fintech).await.proof(proof).send().await;
    assert_eq!(old.refused(), (400, "invalid_dpop_proof".to_owned()));
    assert_ne!(world.audit.last_refusal(), "ProofReplayed");
}

/// fapi: DP-7
#[tokio::test]
async fn sr_40_a_restart_does_not_forget_and_production_refuses_a_store_that_would() {
    let world = World::new().await;
    let mut parts = world.parts.clone();
    parts.production = true;
    assert!(matches!(Operator::start(parts), Err(StartError::TestPart("the store in memory"))));

    let path = std::env::temp_dir().join(format!("ingam-sr-40-{}.redb", std::process::id()));
    let over =
        |path: &std::path::Path| Setup { memory: Some(Arc::new(RedbStore::open(path).unwrap())), ..Setup::default() };
    let first = World::with(over(&path)).await;
    let fintech = first.fintech("client-1").await;
    let request = first.push(&fintech).await.request().await;
    assert_eq!(first.send(request.clone()).await.status, 201);
    let tokens = first.tokens(&fintech).await;
    drop(first);
    let second = World::with(over(&path)).await;
    assert_eq!(second.send(request).await.refused(), (401, "invalid_client".to_owned()));
    assert_eq!(second.audit.last_refusal(), "AssertionReplayed");
    assert_eq!(second.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 200);
    drop(second);
    std::fs::remove_file(path).unwrap();
}

/// fapi: DP-3, DP-4
#[tokio::test]
async fn sr_41_what_the_request_says_of_its_host_does_not_count() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let url: HttpUrl = "https://attacker.example/par".parse().unwrap();
    let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
    let proof = make_proof(&fintech.dpop, &PROVIDER, target, None, world.now()).await.unwrap();
    for name in ["host", "x-forwarded-host", "forwarded", "x-original-url"] {
        let value = if name == "forwarded" { "host=attacker.example" } else { "attacker.example" };
        let refused = world.push(&fintech).await.proof(proof.clone()).header(name, value).send().await;
        assert_eq!(refused.refused(), (400, "invalid_dpop_proof".to_owned()), "{name}");
        assert_eq!(world.audit.last_refusal(), "HtuMismatch");
    }
}

/// fapi: RAR-8, BCP-9
#[tokio::test]
async fn sr_51_after_the_push_no_parameter_shows_in_cookies_addresses_or_records() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (state, nonce) = (ingam_testkit::CANARY_TEXT, "canary-nonce-71b2");
    let details = r#"[{"type":"account_information","actions":["read_balances"]}]"#;
    let post = world.push(&fintech).await.set("scope", "openid accounts").set("state", state).set("nonce", nonce);
    let pushed = post.set("authorization_details", details).send().await;
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed.member("request_uri")).await;
    let cookie = browser.cookie.clone().unwrap();
    let sealed_state = ingam_wire::base64url::decode(sealed(&page)).unwrap();
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let seen = [
        pushed.text().to_owned(),
        format!("{:?}", pushed.headers),
        format!("{:?}", page.headers),
        cookie,
        String::from_utf8_lossy(&sealed_state).into_owned(),
        page.text().to_owned(),
        format!("{:?}", picker.headers),
        world.audit.printed(),
    ];
    for (at, text) in seen.iter().enumerate() {
        for value in [state, nonce, CALLBACK, "canary", PASSWORD, crate::support::CHALLENGE] {
            assert!(!text.contains(value), "{value} at {at}: {text}");
        }
    }
}

/// fapi: SP-AS-9, BCP-8
#[tokio::test]
async fn sr_52_refreshes_at_the_same_time_leave_one_family() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let refresh = world.tokens(&fintech).await.member("refresh_token");
    let nodes = [entrance(&world.operator), entrance(&world.another_node())];
    let mut requests = Vec::new();
    for _ in 0..16 {
        requests.push(world.refresh(&fintech, &refresh).await.request().await);
    }
    thread::scope(|scope| {
        for (at, request) in requests.into_iter().enumerate() {
            let node = &nodes[at % 2];
            scope.spawn(move || {
                let answer = ready(node.answer(request));
                assert!([200, 400].contains(&answer.status().as_u16()), "{answer:?}");
            });
        }
    });
    assert_eq!(world.rows_of(Table::Grants).await.len(), 1);
    assert_eq!(world.rows_of(Table::RefreshTokens).await.len(), 1);
    let after = world.refresh(&fintech, &refresh).await.send().await;
    assert_eq!(after.status, 200, "the token is still the one family's");
}

/// fapi: SP-K-4
#[tokio::test]
async fn sr_53_a_secret_of_one_kind_is_none_of_another() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let tokens = world.tokens(&fintech).await;
    let (access_key, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
    let request_uri = world.push(&fintech).await.send().await.member("request_uri");
    let reference = request_uri.rsplit(':').next().unwrap().to_owned();
    for other in [&refresh, &access_key, &reference] {
        assert_eq!(world.redeem(&fintech, other).await.send().await.refused(), (400, "invalid_grant".to_owned()));
    }
    for other in [&code, &access_key, &reference] {
        assert_eq!(world.refresh(&fintech, other).await.send().await.refused(), (400, "invalid_grant".to_owned()));
    }
    for other in [&code, &refresh, &reference] {
        assert_eq!(world.call(&fintech, other, "/accounts").await.status, 401);
        let uri = format!("urn:ietf:params:oauth:request_uri:{other}");
        let opened = Browser::default().open_pushed(&world, fintech.id(), &uri).await;
        assert_eq!(opened.status.as_u16(), if *other == reference { 200 } else { 400 });
    }
}

/// fapi: SP-AZ-9, OA-5, RV-3
#[tokio::test]
async fn sr_55_of_redemptions_at_the_same_time_one_wins_and_everything_ends() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let nodes = [entrance(&world.operator), entrance(&world.another_node())];
    for round in 0..20 {
        let code = world.code(&fintech).await;
        let mut requests = Vec::new();
        for _ in 0..8 {
            requests.push(world.redeem(&fintech, &code).await.request().await);
        }
        let won = std::sync::Mutex::new(Vec::new());
        thread::scope(|scope| {
            for (at, request) in requests.into_iter().enumerate() {
                let (node, won) = (&nodes[at % 2], &won);
                scope.spawn(move || {
                    let answer = ready(node.answer(request));
                    if answer.status() == StatusCode::OK {
                        won.lock().unwrap().push(crate::support::Answer::from(answer));
                    }
                });
            }
        });
        let won = won.into_inner().unwrap();
        let [tokens] = &won[..] else { panic!("round {round}: {won:?}") };
        let refreshed = world.refresh(&fintech, &tokens.member("refresh_token")).await.send().await;
        assert_eq!(refreshed.refused(), (400, "invalid_grant".to_owned()), "round {round}");
        assert_eq!(world.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 401);
    }
}

/// fapi: RV-3
#[tokio::test]
async fn sr_55_a_refresh_at_the_same_time_does_not_undo_a_revocation() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let nodes = [entrance(&world.operator), entrance(&world.another_node())];
    for _ in 0..20 {
        let refresh = world.tokens(&fintech).await.member("refresh_token");
        let revoke = world.revoke(&fintech, &refresh).await.request().await;
        let mut requests = Vec::new();
        for _ in 0..6 {
            requests.push(world.refresh(&fintech, &refresh).await.request().await);
        }
        requests.insert(3, revoke);
        let issued = std::sync::Mutex::new(Vec::new());
        thread::scope(|scope| {
            for (at, request) in requests.into_iter().enumerate() {
                let (node, issued) = (&nodes[at % 2], &issued);
                scope.spawn(move || {
                    let answer = crate::support::Answer::from(ready(node.answer(request)));
                    if answer.status == 200 && !answer.body.is_empty() {
                        issued.lock().unwrap().push(answer);
                    }
                });
            }
        });
        assert_eq!(world.refresh(&fintech, &refresh).await.send().await.refused().1, "invalid_grant");
        for answer in issued.into_inner().unwrap() {
            assert_eq!(world.call(&fintech, &answer.member("access_token"), "/accounts").await.status, 401);
        }
    }
}

/// fapi: SP-RS-3
#[tokio::test]
async fn sr_60_after_a_restored_backup_access_keys_from_before_it_do_not_count() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let before = world.tokens(&fintech).await.member("access_token");
    world.later(2).await;
    let mut parts = world.parts.clone();
    parts.identity.not_before = Some(world.now());
    world.network.attach("bank.example", Arc::new(entrance(&Operator::start(parts).unwrap())));
    assert_eq!(world.call(&fintech, &before, "/accounts").await.status, 401);
    let after = world.tokens(&fintech).await.member("access_token");
    assert_eq!(world.call(&fintech, &after, "/accounts").await.status, 200);
}

fn guessed_five_times() -> Setup {
    Setup {
        parts: Box::new(|parts| {
            parts.limiter = Arc::new(MemoryRateLimiter::new(RateLimit::new(5, Seconds::new(300))));
        }),
        ..Setup::default()
    }
}

#[tokio::test]
async fn sr_64_and_x1149_3_1_16_8_guessing_a_client_is_slowed_down_alike_for_known_and_unknown() {
    for known in [true, false] {
        let world = World::with(guessed_five_times()).await;
        let fintech = Fintech::new("client-1", SignatureAlgorithm::Es256);
        if known {
            world.register(&fintech).await;
        }
        let stranger = key(SignatureAlgorithm::Es256);
        let mut seen = Vec::new();
        for _ in 0..8 {
            let forged = assertion_with(&fintech, &stranger, &json!({}), world.now()).await;
            let answer = world.push(&fintech).await.assertion(forged).send().await;
            seen.push((answer.refused(), answer.text().to_owned(), answer.header("retry-after").map(str::to_owned)));
        }
        let body = r#"{"error":"invalid_client","error_description":"client authentication failed"}"#;
        let plain = ((401, "invalid_client".to_owned()), body.to_owned(), None);
        assert!(seen[..5].iter().all(|seen| *seen == plain), "{seen:?}");
        assert!(seen[5..].iter().all(|(refused, _, after)| refused.0 == 429 && after.is_some()), "{seen:?}");
        assert_eq!(world.audit.last_refusal(), "SlowDown");
        // The victim, elsewhere, is not locked out.
        if known {
            let elsewhere = world.network.from_address("198.51.100.7:1234".parse().unwrap());
            let request = world.push(&fintech).await.request().await;
            let answer = ingam_ports::Transport::exchange(&elsewhere, request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::CREATED);
        }
    }
}

#[tokio::test]
async fn sr_64_guessing_passwords_is_slowed_down_alike_for_known_and_unknown_and_on_record() {
    let mut shown = Vec::new();
    for user in ["alice", "mallory"] {
        let world = World::with(guessed_five_times()).await;
        let fintech = world.fintech("client-1").await;
        let pushed = world.push(&fintech).await.send().await.member("request_uri");
        let mut browser = Browser::default();
        let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
        for _ in 0..8 {
            let again = browser.press(&world, &page, &[("username", user), ("password", "guess")], "approve").await;
            shown.push(again.text().replace(sealed(&again), ""));
        }
        assert!(world.audit.printed().contains("Locked"));
        // Even the right password is not looked at now.
        let again = browser.press(&world, &page, &[("username", user), ("password", PASSWORD)], "approve").await;
        assert!(again.text().contains("Too many attempts"));
        assert!(world.rows_of(Table::Codes).await.is_empty());
    }
    let (alice, mallory) = shown.split_at(8);
    assert_eq!(alice, mallory);
    assert_ne!(alice[0], alice[7]);
}

#[tokio::test]
async fn sr_64_guessing_codes_and_refresh_tokens_is_slowed_down() {
    // Only these guesses are limited, so that nothing else can be what slows them down.
    let limit = |burst| RateLimit::new(burst, Seconds::new(300));
    let limiter = Arc::new(MemoryRateLimiter::new(limit(10_000)).with("secret", limit(5)));
    let setup = Setup { parts: Box::new(|parts| parts.limiter = limiter), ..Setup::default() };
    let world = World::with(setup).await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let changed = format!("{}AAAA", &code[..code.len() - 4]);
    let mut statuses = Vec::new();
    for at in 0..8 {
        let guess =
            if at % 2 == 0 { world.redeem(&fintech, &changed).await } else { world.refresh(&fintech, &changed).await };
        statuses.push(guess.send().await.refused().0);
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429, 429, 429]);
}

#[tokio::test]
async fn x1149_3_1_16_10_an_access_key_that_would_be_two_users_ends_both_with_an_alarm() {
    let stuck = Arc::new(Stuck::default());
    let world = World::with(Setup { provider: stuck.clone(), ..Setup::default() }).await;
    let fintech = world.fintech("client-1").await;
    let (first, second) = (world.code(&fintech).await, world.code(&fintech).await);
    stuck.repeats.store(true, Ordering::SeqCst);
    let tokens = world.redeem(&fintech, &first).await.send().await;
    assert_eq!(tokens.status, 200);
    assert_eq!(world.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 200);
    let refused = world.redeem(&fintech, &second).await.send().await;
    assert_eq!(refused.refused(), (503, "temporarily_unavailable".to_owned()));
    assert!(world.audit.printed().contains("Alarm") && world.audit.printed().contains("DuplicateAccessKey"));
    stuck.repeats.store(false, Ordering::SeqCst);
    assert_eq!(world.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 401);
    for answer in [
        world.refresh(&fintech, &tokens.member("refresh_token")).await.send().await,
        world.redeem(&fintech, &second).await.send().await,
    ] {
        assert_eq!(answer.refused(), (400, "invalid_grant".to_owned()));
    }
}

/// fapi: CA-9
#[tokio::test]
async fn x1149_3_1_16_8_an_unknown_client_costs_as_many_signature_checks_as_a_known_one() {
    let provider = Arc::new(Stuck::default());
    let world = World::with(Setup { provider: provider.clone(), ..Setup::default() }).await;
    let now = world.now();
    let known = world.fintech("client-1").await;
    let edwards = world.fintech_of("client-2", SignatureAlgorithm::EdDsa, |_| {}).await;
    let self_signed = ingam_access_key::Authentication::SelfSignedTlsClientAuth(vec![[1; 32]]);
    let certified = world.fintech_with("client-3", |fintech| fintech.entry.authentication = self_signed).await;
    let only = vec![SignatureAlgorithm::Es256];
    let narrow = world.fintech_with("client-5", |fintech| fintech.entry.algorithms = only).await;
    let unknown = Fintech::new("client-4", SignatureAlgorithm::Es256);
    let stranger = key(SignatureAlgorithm::Es256);
    let forged = |mut token: String| {
        let last = if token.ends_with('A') { "Q" } else { "A" };
        token.replace_range(token.len() - 1.., last);
        token
    };
    // Signed by none, so that only the algorithm counts.
    let unsigned = |fintech: &Fintech, header: &str, length: usize| {
        let claims = json!({ "iss": fintech.id(), "sub": fintech.id(), "aud": crate::support::BASE, "jti": "1" });
        let encode = |text: String| ingam_wire::base64url::encode(text);
        format!(
            "{}.{}.{}",
            encode(header.to_owned()),
            encode(claims.to_string()),
            ingam_wire::base64url::encode(vec![1; length])
        )
    };
    let known_kid = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, known.signing.key_id().as_str());
    let (eddsa, ps256) = (r#"{"alg":"EdDSA"}"#, r#"{"alg":"PS256"}"#);
    let mut costs = Vec::new();
    for (what, fintech, assertion) in [
        ("a bad signature", &known, forged(known.assertion(now).await)),
        ("a bad signature, EdDSA", &edwards, forged(edwards.assertion(now).await)),
        ("an unknown key", &known, assertion_with(&known, &stranger, &json!({}), now).await),
        ("a known key of another algorithm", &known, unsigned(&known, &known_kid, 64)),
        ("another algorithm", &known, unsigned(&known, ps256, 256)),
        ("an algorithm that is not registered", &narrow, unsigned(&narrow, eddsa, 64)),
        ("another algorithm, EdDSA", &edwards, assertion_with(&edwards, &stranger, &json!({}), now).await),
        (
            "an assertion instead of a certificate",
            &certified,
            assertion_with(&certified, &stranger, &json!({}), now).await,
        ),
        ("an unknown client", &unknown, unknown.assertion(now).await),
        ("an unknown client, EdDSA", &unknown, unsigned(&unknown, eddsa, 64)),
        ("an unknown client, PS256", &unknown, unsigned(&unknown, ps256, 256)),
    ] {
        let post = world.introspect(fintech, "token").await.assertion(assertion);
        let before = provider.checked.load(Ordering::SeqCst);
        assert_eq!(post.send().await.refused(), (401, "invalid_client".to_owned()), "{what}");
        costs.push((what, provider.checked.load(Ordering::SeqCst) - before));
    }
    assert!(costs.iter().all(|(_, checks)| *checks == 1), "{costs:?}");
}
