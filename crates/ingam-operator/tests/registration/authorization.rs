//! A③ at the protocol: opening a request, completing it once, and where answers go.

use bytes::Bytes;
use http::{Method, Request};
use ingam_access_key::RequestForm;
use ingam_ports::Table;
use ingam_protocol::{AuthorizationResponse, ResponseMode};
use ingam_wire::Seconds;

use crate::support::{BASE, Browser, CALLBACK, CALLBACK_WITH_QUERY, CHALLENGE, PASSWORD, World};

/// fapi: SP-AZ-7, SP-AZ-10, SP-AZ-11, IS-1, OA-7, OA-21, BCP-12, X-AS-22
#[tokio::test]
async fn the_user_goes_back_with_303_and_code_state_and_issuer_only() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let landing = world.agreed(&fintech, world.push(&fintech).await).await;
    assert_eq!(landing.status, 303);
    let location = landing.location().to_owned();
    assert!(location.starts_with(&format!("{CALLBACK}?")), "{location}");
    let names: Vec<&str> = location.split(['?', '&']).skip(1).map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(landing.parameter("state").as_deref(), Some("state-1"));
    assert_eq!(landing.parameter("iss").as_deref(), Some(BASE));
    let without = world.agreed(&fintech, world.push(&fintech).await.without("state")).await;
    assert_eq!(without.parameter("state"), None);
}

/// fapi: X-AS-1, OA-8
#[tokio::test]
async fn a_registered_query_stays_in_success_and_error_redirects_and_with_jarm() {
    let world = World::new().await;
    let plain = world.fintech("client-1").await;
    let jarm = world.fintech_with("client-2", |fintech| fintech.entry.response = ResponseMode::Jwt).await;
    for fintech in [&plain, &jarm] {
        for button in ["approve", "deny"] {
            let pushed = world.push(fintech).await.set("redirect_uri", CALLBACK_WITH_QUERY).send().await;
            let mut browser = Browser::default();
            let page = browser.open_pushed(&world, fintech.id(), &pushed.member("request_uri")).await;
            let landing = match button {
                "approve" => browser.approve(&world, &page, "alice").await,
                _ => browser.press(&world, &page, &[], "deny").await,
            };
            assert!(landing.location().starts_with(&format!("{CALLBACK_WITH_QUERY}&")), "{}", landing.location());
            assert_eq!(landing.parameter("dummy2").as_deref(), Some("ipsum"));
        }
    }
}

/// fapi: X-AS-2, PA-1, SP-AZ-3
#[tokio::test]
async fn parameters_beside_the_request_uri_are_ignored_in_any_order() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut parameters = vec![
        ("nonce", "beside"),
        ("state", "beside"),
        ("redirect_uri", "https://attacker.example/"),
        ("scope", "payments"),
        ("response_type", "token"),
        ("request_uri", pushed.as_str()),
        ("client_id", fintech.id()),
    ];
    for _ in 0..2 {
        let mut browser = Browser::default();
        let page = browser.open(&world, &parameters).await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("payments"), "{}", page.text());
        parameters.reverse();
    }
    let mut browser = Browser::default();
    let page = browser.open(&world, &parameters).await;
    let landing = browser.approve(&world, &page, "alice").await;
    assert!(landing.location().starts_with(CALLBACK), "{}", landing.location());
    assert_eq!(landing.parameter("state").as_deref(), Some("state-1"));
}

/// fapi: SP-AZ-15, PA-6, X-AS-19, X-AS-36
#[tokio::test]
async fn sr_50_a_request_may_be_opened_again_until_it_is_completed_and_never_after() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut first = Browser::default();
    let mut second = Browser::default();
    let one = first.open_pushed(&world, fintech.id(), &pushed).await;
    let two = second.open_pushed(&world, fintech.id(), &pushed).await;
    let reload = first.open_pushed(&world, fintech.id(), &pushed).await;
    assert_eq!(
        (one.status, two.status, reload.status),
        (http::StatusCode::OK, http::StatusCode::OK, http::StatusCode::OK)
    );
    let landing = first.approve(&world, &reload, "alice").await;
    assert!(landing.parameter("code").is_some());
    // The page in the other window is still there; it leads nowhere.
    let late = second.approve(&world, &two, "alice").await;
    assert_eq!(late.status, 400, "{:?}", late.headers);
    assert_eq!(world.audit.last_refusal(), "RequestUriReused");
    for parameters in [vec![], vec![("redirect_uri", CALLBACK)], vec![("prompt", "none")]] {
        let mut all = vec![("client_id", fintech.id()), ("request_uri", pushed.as_str())];
        all.extend(parameters.iter().copied());
        let again = Browser::default().open(&world, &all).await;
        if parameters.first() == Some(&("redirect_uri", CALLBACK)) {
            assert_eq!(again.parameter("error").as_deref(), Some("invalid_request_uri"));
            assert_eq!(again.parameter("iss").as_deref(), Some(BASE));
        } else {
            assert_eq!(again.status, 400);
        }
    }
    assert_eq!(world.rows_of(Table::Codes).await.len(), 1);
}

/// fapi: PA-7, SP-AZ-12, X-AS-19
#[tokio::test]
async fn an_expired_request_is_not_opened() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await;
    let lives = pushed.json()["expires_in"].as_u64().unwrap();
    world.later(lives - 1).await;
    let in_time = Browser::default().open_pushed(&world, fintech.id(), &pushed.member("request_uri")).await;
    assert_eq!(in_time.status, 200);
    world.later(1).await;
    let late = Browser::default()
        .open(
            &world,
            &[("client_id", fintech.id()), ("request_uri", &pushed.member("request_uri")), ("redirect_uri", CALLBACK)],
        )
        .await;
    assert_eq!(late.parameter("error").as_deref(), Some("invalid_request_uri"));
}

/// fapi: PA-4, PA-8, OA-9
#[tokio::test]
async fn sr_50_a_request_of_another_client_is_not_opened() {
    let world = World::new().await;
    let (one, two) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let pushed = world.push(&one).await.send().await.member("request_uri");
    let page = Browser::default().open_pushed(&world, two.id(), &pushed).await;
    assert_eq!(page.status, 400);
    assert!(page.header("location").is_none() && !page.text().contains("name=\"password\""));
    assert_eq!(Browser::default().open_pushed(&world, one.id(), &pushed).await.status, 200);
}

/// fapi: SP-AZ-3, PA-11, X-AS-20, X-AS-22, OA-7, OA-9, BCP-1, BCP-2, BCP-11, SP-AS-7
#[tokio::test]
async fn a_request_that_was_not_pushed_ends_at_a_registered_uri_or_at_a_page() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let with = |redirect_uri: &'static str| {
        [
            ("client_id", "client-1"),
            ("response_type", "code"),
            ("redirect_uri", redirect_uri),
            ("scope", "accounts"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "its own"),
        ]
    };
    let landing = Browser::default().open(&world, &with(CALLBACK)).await;
    assert_eq!(landing.parameter("error").as_deref(), Some("invalid_request"));
    assert_eq!(landing.parameter("state").as_deref(), Some("its own"));
    let beside = [&with(CALLBACK)[..], &[("request_uri", "urn:ietf:params:oauth:request_uri:none")]].concat();
    let landing = Browser::default().open(&world, &beside).await;
    assert_eq!(landing.parameter("error").as_deref(), Some("invalid_request_uri"));
    assert_eq!(landing.parameter("state"), None, "what stands beside request_uri counts for nothing");
    for elsewhere in
        ["https://attacker.example/", "https://fintech.example/callback/", "https://fintech.example/callback?x=1"]
    {
        let page = Browser::default().open(&world, &with(elsewhere)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (400, None), "{elsewhere}");
    }
    let unknown = Browser::default().open(&world, &[("client_id", "nobody"), ("redirect_uri", CALLBACK)]).await;
    assert_eq!((unknown.status.as_u16(), unknown.header("location")), (400, None));
    let _ = fintech;
}

/// fapi: OA-10, X-AS-21, X-AS-22
#[tokio::test]
async fn a_user_who_denies_sends_access_denied_with_state_and_issuer() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
    let landing = browser.press(&world, &page, &[], "deny").await;
    assert_eq!(landing.status, 303);
    assert_eq!(landing.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(landing.parameter("state").as_deref(), Some("state-1"));
    assert_eq!(landing.parameter("iss").as_deref(), Some(BASE));
    assert_eq!(landing.parameter("code"), None);
    assert!(world.rows_of(Table::Codes).await.is_empty() && world.rows_of(Table::Grants).await.is_empty());
    assert_eq!(browser.open_pushed(&world, fintech.id(), &pushed).await.status, 400, "the request is over");
}

/// fapi: X-AS-35, JM-1, JM-2, JM-3, MS-12, MS-13, IS-4
#[tokio::test]
async fn jarm_answers_carry_one_parameter_that_verifies_good_news_and_bad() {
    let world = World::new().await;
    let fintech = world
        .fintech_with("client-1", |fintech| {
            fintech.entry.response = ResponseMode::Jwt;
            fintech.entry.request = RequestForm::Signed;
        })
        .await;
    let keys = world.verifying(ingam_keys::Purpose::SignAuthorizationResponses);
    let check = |landing: &crate::support::Answer| {
        let location = landing.location().to_owned();
        let query = location.split_once('?').unwrap().1;
        assert!(query.starts_with("response=") && !query.contains('&'), "{location}");
        let token = landing.parameter("response").unwrap();
        let policy = &world.parts.profile.access_key;
        ingam_access_key::check_jarm(
            &token,
            &BASE.parse().unwrap(),
            &fintech.entry.client_id,
            &keys,
            policy,
            Seconds::new(10),
            world.now(),
        )
        .unwrap()
    };
    let landing = world.agreed(&fintech, world.push(&fintech).await.claim("response_mode", "jwt".into())).await;
    assert!(matches!(check(&landing), AuthorizationResponse::Granted { state: Some(_), .. }));
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
    let landing = browser.press(&world, &page, &[], "deny").await;
    assert!(matches!(check(&landing), AuthorizationResponse::Refused { .. }));
}

/// fapi: SP-N-10, BCP-16
#[tokio::test]
async fn no_other_origin_may_read_the_authorization_endpoint() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let uri = format!("{BASE}/authorize?client_id=client-1&request_uri={}", pushed.replace(':', "%3A"));
    let request = Request::get(&uri).header("origin", "https://attacker.example").body(Bytes::new()).unwrap();
    let page = world.send(request).await;
    assert_eq!(page.status, 200);
    assert!(page.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
    let preflight = Request::builder().method(Method::OPTIONS).uri(&uri).header("origin", "https://attacker.example");
    let refused = world.send(preflight.body(Bytes::new()).unwrap()).await;
    assert_eq!(refused.status, 405);
    assert!(refused.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
}

/// fapi: OA-21
#[tokio::test]
async fn a_form_that_was_shown_to_another_browser_or_is_old_or_forged_does_nothing() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut victim = Browser::default();
    let page = victim.open_pushed(&world, fintech.id(), &pushed).await;
    let fields = [("username", "alice"), ("password", PASSWORD)];
    let mut attacker = Browser::default();
    assert_eq!(attacker.press(&world, &page, &fields, "approve").await.status, 400, "no cookie");
    attacker.cookie = Some(format!("__Host-ingam={}", "A".repeat(43)));
    assert_eq!(attacker.press(&world, &page, &fields, "approve").await.status, 400, "another's cookie");
    let mut forged = page.clone();
    let sealed = crate::support::sealed(&page).to_owned();
    let last = if sealed.ends_with('A') { 'B' } else { 'A' };
    forged.body = page.text().replace(&sealed, &format!("{}{last}", &sealed[..sealed.len() - 1])).into();
    assert_eq!(victim.press(&world, &forged, &fields, "approve").await.status, 400, "changed state");
    world.later(601).await;
    assert_eq!(victim.press(&world, &page, &fields, "approve").await.status, 400, "old page");
    assert!(world.rows_of(Table::Codes).await.is_empty());
}
