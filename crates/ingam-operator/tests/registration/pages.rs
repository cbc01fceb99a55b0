//! A③ at the user's side: what the pages show, and what protects them.

use ingam_access_key::{AuthenticationLevel, AuthenticationRequirement, Possession};
use ingam_ports::Table;
use ingam_wire::Seconds;

use crate::support::{Answer, Browser, Fintech, PASSWORD, World, accounts};

async fn opened(world: &World, fintech: &Fintech, post: crate::support::Post<'_>) -> (Browser, Answer) {
    let pushed = post.send().await.member("request_uri");
    let mut browser = Browser::default();
    let page = browser.open_pushed(world, fintech.id(), &pushed).await;
    (browser, page)
}

/// fapi: SP-AZ-13, RAR-2
#[tokio::test]
async fn x1149_3_1_9_2_the_page_shows_who_asks_for_what_scope_and_details_together() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let details = r#"[{"type":"account_information","actions":["read_transactions"],"accounts":[{"id":"hg-1001"}]}]"#;
    let (_, page) = opened(&world, &fintech, world.push(&fintech).await.set("authorization_details", details)).await;
    for shown in ["모두의 가계부", "계좌 목록", "list of your accounts", "balances", "read_transactions", "hg-1001"]
    {
        assert!(page.text().contains(shown), "{shown} is missing: {}", page.text());
    }
}

/// fapi: SP-N-8, BCP-9, BCP-10, BCP-15
#[tokio::test]
async fn pages_are_framed_by_nobody_load_nothing_and_tell_no_other_site_where_they_were() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (_, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let policy = page.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(page.header("strict-transport-security").unwrap().contains("preload"));
    assert!(page.header("cache-control").unwrap().contains("no-store"));
    assert!(!page.text().contains("<script") && !page.text().contains("src="));
    let cookie = page.header("set-cookie").unwrap();
    for part in ["__Host-ingam=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn x1149_3_1_16_1_a_wrong_password_an_unknown_user_and_no_password_look_the_same() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let mut seen = Vec::new();
    for fields in [
        vec![("username", "alice"), ("password", "wrong")],
        vec![("username", "mallory"), ("password", "wrong")],
        vec![("username", "alice")],
        vec![],
    ] {
        let again = browser.press(&world, &page, &fields, "approve").await;
        let sealed = crate::support::sealed(&again).to_owned();
        seen.push((again.status, again.text().replace(&sealed, "")));
        assert_eq!(world.audit.last_refusal(), "WrongPassword");
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    assert!(!world.audit.printed().contains("wrong"));
    assert!(world.rows_of(Table::Codes).await.is_empty());
}

/// fapi: SP-AS-14, RAR-5
#[tokio::test]
async fn only_the_accounts_that_the_user_ticks_are_opened() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let offered = accounts(&picker);
    assert!(offered.len() > 1, "{offered:?}");
    // An account of somebody else, slipped into the form, is not opened.
    let fields = [("account", offered[0].as_str()), ("account", "hg-1004")];
    let landing = browser.press(&world, &picker, &fields, "approve").await;
    let tokens = world.redeem(&fintech, &landing.parameter("code").unwrap()).await.send().await;
    let listed = world.call(&fintech, &tokens.member("access_token"), "/accounts").await;
    let ids: Vec<_> = listed.json()["accounts"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
    assert_eq!(ids, [offered[0].as_str()], "{}", listed.text());
    let balance =
        world.call(&fintech, &tokens.member("access_token"), &format!("/accounts/{}/balance", offered[1])).await;
    assert_eq!(balance.status, 403);
}

/// A block list that a user can add to while a page is open.
#[derive(Debug, Default)]
struct Blocked(std::sync::Mutex<Vec<String>>);

impl ingam_ports::BlockList for Blocked {
    fn blocked<'a>(
        &'a self,
        subject: ingam_ports::Subject<'a>,
        _now: ingam_wire::UnixTime,
    ) -> ingam_wire::BoxFuture<'a, Result<bool, ingam_ports::PortError>> {
        let blocked = self.0.lock().unwrap();
        let named = subject.account.is_some_and(|id| blocked.iter().any(|one| one == id.as_str()));
        Box::pin(core::future::ready(Ok(named)))
    }
}

/// fapi: SP-AS-14
#[tokio::test]
async fn an_account_that_is_blocked_while_the_page_is_open_is_not_opened() {
    let blocks = std::sync::Arc::new(Blocked::default());
    let given = blocks.clone();
    let setup = crate::support::Setup { parts: Box::new(move |parts| parts.blocks = given), ..Default::default() };
    let world = World::with(setup).await;
    let fintech = world.fintech("client-1").await;
    let details = r#"[{"type":"account_information","actions":["list_accounts"]}]"#;
    let post = world.push(&fintech).await.set("authorization_details", details);
    let (mut browser, page) = opened(&world, &fintech, post).await;
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let offered = accounts(&picker);
    blocks.0.lock().unwrap().push(offered[0].clone());
    let fields = [("account", offered[0].as_str()), ("account", offered[1].as_str())];
    let landing = browser.press(&world, &picker, &fields, "approve").await;
    let tokens = world.redeem(&fintech, &landing.parameter("code").unwrap()).await.send().await;
    assert_eq!(tokens.json()["authorization_details"][0]["accounts"], serde_json::json!([{ "id": offered[1] }]));
    // With the last account gone nothing is granted.
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let left = accounts(&picker);
    blocks.0.lock().unwrap().push(left[0].clone());
    let refused = browser.press(&world, &picker, &[("account", &left[0])], "approve").await;
    assert_eq!(refused.parameter("error").as_deref(), Some("access_denied"));
    blocks.0.lock().unwrap().clear();
    let listed = world.call(&fintech, &tokens.member("access_token"), "/accounts").await;
    let ids: Vec<_> = listed.json()["accounts"].as_array().unwrap().iter().map(|a| a["id"].clone()).collect();
    assert_eq!(ids, [offered[1].as_str()]);
}

/// A bank that lets some accounts be opened, not all.
#[derive(Debug)]
struct Only(&'static [&'static str]);

impl ingam_operator::ConsentPolicy for Only {
    fn offer<'a>(
        &'a self,
        _question: ingam_operator::ConsentQuestion<'a>,
        now: ingam_wire::UnixTime,
    ) -> ingam_wire::BoxFuture<'a, Result<ingam_operator::ConsentAnswer, ingam_ports::PortError>> {
        let accounts = self.0.iter().map(|id| id.parse().unwrap()).collect();
        let until = now.plus(Seconds::new(86_400));
        Box::pin(core::future::ready(Ok(ingam_operator::ConsentAnswer::Offer { accounts, until })))
    }
}

async fn offering(accounts: &'static [&'static str]) -> World {
    let parts = move |parts: &mut ingam_operator::OperatorParts| parts.consent = std::sync::Arc::new(Only(accounts));
    World::with(crate::support::Setup { parts: Box::new(parts), ..Default::default() }).await
}

fn reading(accounts: &[&str]) -> String {
    let accounts: Vec<_> = accounts.iter().map(|id| serde_json::json!({ "id": id })).collect();
    serde_json::json!([{ "type": "account_information", "actions": ["list_accounts"], "accounts": accounts }])
        .to_string()
}

/// fapi: SP-AS-14, RAR-5
#[tokio::test]
async fn of_the_accounts_that_the_fintech_names_only_the_users_own_that_the_bank_offers_are_opened() {
    let world = offering(&["hg-1001", "hg-1002"]).await;
    let fintech = world.fintech("client-1").await;
    let post = world.push(&fintech).await.set("authorization_details", &reading(&["hg-1001"]));
    let landing = world.agreed(&fintech, post).await;
    let tokens = world.redeem(&fintech, &landing.parameter("code").unwrap()).await.send().await;
    let token = tokens.member("access_token");
    let known = world.introspect(&fintech, &token).await.send().await;
    assert_eq!(known.json()["accounts"], serde_json::json!(["hg-1001"]), "what was not named is not opened");
    // Her own but not offered, and another's: alone, and beside one that is.
    for accounts in [&["ns-1003"][..], &["hg-1004"], &["hg-1001", "ns-1003"], &["hg-1001", "hg-1004"]] {
        let post = world.push(&fintech).await.set("authorization_details", &reading(accounts));
        let (mut browser, page) = opened(&world, &fintech, post).await;
        let landing = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
        assert_eq!(landing.parameter("error").as_deref(), Some("access_denied"), "{accounts:?}");
    }
}

const PAYMENT: &str = r#"[{"type":"payment_initiation","instructedAmount":{"currency":"KRW","amount":"5000"},
    "creditorName":"박지호","creditorAccount":{"id":"ns-1012"}}]"#;

/// fapi: RAR-5
#[tokio::test]
async fn a_bank_that_offers_no_account_shows_no_payment() {
    let world = offering(&[]).await;
    let fintech = world.fintech("client-1").await;
    let post = world.push(&fintech).await.without("scope").set("authorization_details", PAYMENT);
    let (mut browser, page) = opened(&world, &fintech, post).await;
    let landing = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    assert_eq!(landing.parameter("error").as_deref(), Some("access_denied"));
}

/// fapi: RAR-5
#[tokio::test]
async fn a_payment_is_made_from_an_account_that_was_picked_and_is_still_offered() {
    let blocks = std::sync::Arc::new(Blocked::default());
    let given = blocks.clone();
    let setup = crate::support::Setup { parts: Box::new(move |parts| parts.blocks = given), ..Default::default() };
    let world = World::with(setup).await;
    let fintech = world.fintech("client-1").await;
    let post = world.push(&fintech).await.set("authorization_details", PAYMENT);
    let (mut browser, page) = opened(&world, &fintech, post).await;
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let picked = [("account", "hg-1001"), ("account", "hg-1002")];
    let payment = browser.press(&world, &picker, &picked, "approve").await;
    assert_eq!(accounts(&payment), ["hg-1001", "hg-1002"]);
    // Her own that she did not pick, another's, none.
    for other in ["ns-1003", "hg-1004", ""] {
        let stopped = browser.press(&world, &payment, &[("account", other)], "approve").await;
        assert_eq!((stopped.status.as_u16(), stopped.header("location")), (400, None), "{other}");
    }
    blocks.0.lock().unwrap().push("hg-1001".to_owned());
    let refused = browser.press(&world, &payment, &[("account", "hg-1001")], "approve").await;
    assert_eq!(refused.parameter("error").as_deref(), Some("access_denied"));
    assert!(world.rows_of(Table::Grants).await.is_empty());
}

#[tokio::test]
async fn a_user_who_ticks_nothing_grants_nothing() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let landing = browser.press(&world, &picker, &[], "approve").await;
    assert_eq!(landing.parameter("error").as_deref(), Some("access_denied"));
    assert!(world.rows_of(Table::Grants).await.is_empty());
}

/// fapi: RAR-8, RAR-9
#[tokio::test]
async fn x1149_3_1_16_3_a_payment_is_shown_with_amount_and_payee_and_each_one_is_asked_anew() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let details = r#"[{"type":"payment_initiation","instructedAmount":{"currency":"KRW","amount":"5000"},
        "creditorName":"박지호","creditorAccount":{"id":"ns-1012"}}]"#;
    for _ in 0..2 {
        let post = world.push(&fintech).await.without("scope").set("authorization_details", details);
        let (mut browser, page) = opened(&world, &fintech, post).await;
        let payment = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
        for shown in ["5,000", "박지호", "ns-1012"] {
            assert!(payment.text().contains(shown), "{shown}: {}", payment.text());
        }
        let from = accounts(&payment);
        let landing = browser.press(&world, &payment, &[("account", &from[0])], "approve").await;
        let tokens = world.redeem(&fintech, &landing.parameter("code").unwrap()).await.send().await;
        let granted = &tokens.json()["authorization_details"][0];
        assert_eq!(
            (&granted["creditorName"], &granted["debtorAccount"]["id"]),
            (&"박지호".into(), &from[0].as_str().into())
        );
    }
}

/// fapi: SU-4, SU-2
#[tokio::test]
async fn x1149_3_1_16_1_too_weak_an_authentication_gives_no_code() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let two = AuthenticationLevel::TwoFactors.acr();
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await.set("acr_values", two)).await;
    let landing = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    assert_eq!(landing.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
    assert!(world.rows_of(Table::Codes).await.is_empty());
    // With the second factor the same request leads on.
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await.set("acr_values", two)).await;
    let fields = [("username", "alice"), ("password", PASSWORD), ("otp", "123456")];
    let picker = browser.press(&world, &page, &fields, "approve").await;
    assert_eq!(picker.status, 200);
    // What the bank itself demands counts too.
    *world.users.least.lock().unwrap() = AuthenticationRequirement {
        level: AuthenticationLevel::TwoFactors,
        max_age: Some(Seconds::new(300)),
        possession: Possession::Required,
    };
    let (mut browser, page) = opened(&world, &fintech, world.push(&fintech).await).await;
    let landing = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    assert!(landing.parameter("error").is_some() && landing.parameter("code").is_none());
}

#[tokio::test]
async fn prompt_none_is_answered_login_required_and_the_request_stays() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let (_, landing) = opened(&world, &fintech, world.push(&fintech).await.set("prompt", "none")).await;
    assert_eq!(landing.parameter("error").as_deref(), Some("login_required"));
    assert!(world.rows_of(Table::Codes).await.is_empty());
}

/// fapi: OI-8
#[tokio::test]
async fn offline_access_is_asked_of_the_user_each_time_whatever_prompt_says() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    for prompt in ["", "consent"] {
        let post = world.push(&fintech).await.set("scope", "openid offline_access accounts").set("prompt", prompt);
        let (_, page) = opened(&world, &fintech, post).await;
        assert!(page.text().contains("access while you are away") && page.text().contains("name=\"deny\""));
    }
}
