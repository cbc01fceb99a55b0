//! A store, a bank or a record that does not answer: 503, nothing half done, and the same request may be tried again.

use ingam_ports::Table;

use crate::support::{Answer, Browser, Fintech, PASSWORD, World};

/// What fails for one request.
#[derive(Clone, Copy, Debug)]
enum Failing {
    Everything,
    Commits,
    Record,
}

impl Failing {
    const ALL: [Self; 3] = [Self::Everything, Self::Commits, Self::Record];

    fn begin(self, world: &World) {
        match self {
            Self::Everything => world.store.fail(true),
            Self::Commits => world.store.fail_after_commits(0),
            Self::Record => world.audit.fail(true),
        }
    }

    fn end(world: &World) {
        world.store.fail(false);
        world.audit.fail(false);
    }
}

fn unavailable(answer: &Answer, step: &str, failing: Failing) {
    assert_eq!(answer.status.as_u16(), 503, "{step} {failing:?}: {}", answer.text());
    assert!(answer.header("retry-after").is_some() && answer.header("location").is_none(), "{step}");
    assert!(answer.header("cache-control").unwrap().contains("no-store"));
    for secret in ["code=", "access_token", "refresh_token", "request_uri\""] {
        assert!(!answer.text().contains(secret), "{step}: {}", answer.text());
    }
}

/// fapi: PA-5, OA-3
#[tokio::test]
async fn whatever_fails_at_whichever_step_nothing_is_half_done_and_the_same_request_leads_on() {
    for failing in Failing::ALL {
        let world = World::new().await;
        let fintech = world.fintech("client-1").await;

        let request = world.push(&fintech).await.request().await;
        let pushed = retried(&world, failing, "push", async || world.send(request.clone()).await).await;
        let request_uri = pushed.member("request_uri");

        // Opening writes nothing, so only reads can fail.
        world.store.fail(true);
        let opened = Browser::default().open_pushed(&world, fintech.id(), &request_uri).await;
        unavailable(&opened, "open", Failing::Everything);
        world.store.fail(false);
        let mut browser = Browser::default();
        let page = browser.open_pushed(&world, fintech.id(), &request_uri).await;
        assert_eq!(page.status, 200);
        let picker = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;

        let agents = browser.clone();
        let landing = retried(&world, failing, "approve", async || {
            let fields: Vec<_> = crate::support::accounts(&picker).into_iter().take(2).collect();
            let fields: Vec<_> = fields.iter().map(|id| ("account", id.as_str())).collect();
            agents.clone().press(&world, &picker, &fields, "approve").await
        })
        .await;
        let code = landing.parameter("code").unwrap();
        assert_eq!(world.rows_of(Table::PushedRequests).await.len(), 0);

        let request = world.redeem(&fintech, &code).await.request().await;
        let tokens = retried(&world, failing, "redeem", async || world.send(request.clone()).await).await;
        assert_eq!(world.rows_of(Table::RefreshTokens).await.len(), 1);

        let request = world.refresh(&fintech, &tokens.member("refresh_token")).await.request().await;
        let refreshed = retried(&world, failing, "refresh", async || world.send(request.clone()).await).await;

        let request = world.introspect(&fintech, &refreshed.member("access_token")).await.request().await;
        let known = retried(&world, failing, "introspect", async || world.send(request.clone()).await).await;
        assert_eq!(known.json()["active"], true);

        let token = refreshed.member("access_token");
        assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200);
        revoked(&world, &fintech, &tokens, failing).await;
        assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 401);
    }
}

/// Sends while something fails, and again when it works.
async fn retried(world: &World, failing: Failing, step: &str, send: impl AsyncFn() -> Answer) -> Answer {
    let before = world.rows().await;
    failing.begin(world);
    unavailable(&send().await, step, failing);
    Failing::end(world);
    assert_eq!(world.rows().await, before, "{step} {failing:?}");
    let answer = send().await;
    assert!(answer.status.is_success() || answer.status.is_redirection(), "{step} {failing:?}: {}", answer.text());
    answer
}

/// A revocation takes two commits (the assertion's id, then the grant): whichever fails, the grant stands or is over.
async fn revoked(world: &World, fintech: &Fintech, tokens: &Answer, failing: Failing) {
    let refresh = tokens.member("refresh_token");
    let before = world.rows().await;
    let request = world.revoke(fintech, &refresh).await.request().await;
    match failing {
        Failing::Record => failing.begin(world),
        Failing::Everything | Failing::Commits => failing.begin(world),
    }
    let answer = world.send(request).await;
    unavailable(&answer, "revoke", failing);
    Failing::end(world);
    let claimed = |rows: &[(Table, usize)]| {
        rows.iter().map(|(table, n)| (*table, if *table == Table::Claims { 0 } else { *n })).collect::<Vec<_>>()
    };
    assert_eq!(claimed(&world.rows().await), claimed(&before), "{failing:?}");
    assert_eq!(world.refresh(fintech, &refresh).await.send().await.status, 200, "not yet revoked");
    world.store.fail_after_commits(1);
    let half = world.revoke(fintech, &refresh).await.send().await;
    Failing::end(world);
    if half.status != 200 {
        unavailable(&half, "revoke", Failing::Commits);
        assert_eq!(world.refresh(fintech, &refresh).await.send().await.status, 200);
    }
    assert_eq!(world.revoke(fintech, &refresh).await.send().await.status, 200);
    assert_eq!(world.refresh(fintech, &refresh).await.send().await.refused().0, 400);
}

#[tokio::test]
async fn a_login_that_cannot_be_asked_says_so_and_issues_nothing() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await.member("request_uri");
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed).await;
    *world.users.working.lock().unwrap() = false;
    let again = browser.press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    assert!(again.text().contains("Try again later"), "{}", again.text());
    *world.users.working.lock().unwrap() = true;
    assert!(browser.approve(&world, &page, "alice").await.parameter("code").is_some());
}

/// Sends until nothing is left to fail, each time with the next verb of the store failing; nothing may be half done. The
/// number of verbs that failed goes with the answer.
async fn verb_by_verb(world: &World, step: &str, send: impl AsyncFn() -> Answer) -> (usize, Answer) {
    for verbs in 0..50 {
        let before = world.rows().await;
        world.store.fail_once_after(verbs);
        let answer = send().await;
        if world.store.will_fail_once() {
            Failing::end(world);
            return (verbs, answer);
        }
        assert_eq!(answer.status.as_u16(), 503, "{step}, verb {verbs}: {}", answer.text());
        assert!(answer.header("location").is_none(), "{step}, verb {verbs}");
        // An assertion may be used up: the fintech makes another one.
        let counted = |rows: &[(Table, usize)]| -> Vec<_> {
            rows.iter().filter(|(table, _)| *table != Table::Claims).copied().collect()
        };
        assert_eq!(counted(&world.rows().await), counted(&before), "{step}, verb {verbs}");
    }
    panic!("{step} never ends");
}

/// fapi: OA-5, RV-3
#[tokio::test]
async fn each_single_verb_of_the_store_may_fail_at_each_step_and_nothing_is_half_done() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let count = async |table| world.rows_of(table).await.len();

    let (failed, pushed) = verb_by_verb(&world, "push", async || world.push(&fintech).await.send().await).await;
    assert!(failed >= 2 && pushed.status == 201, "{failed}");
    let request_uri = pushed.member("request_uri");

    let mut browser = Browser::default();
    let open = async || Browser::default().open_pushed(&world, fintech.id(), &request_uri).await;
    assert!(verb_by_verb(&world, "open", open).await.0 >= 2);
    let page = browser.open_pushed(&world, fintech.id(), &request_uri).await;
    let agent = &browser;
    let log_in =
        async || agent.clone().press(&world, &page, &[("username", "alice"), ("password", PASSWORD)], "approve").await;
    let (failed, picker) = verb_by_verb(&world, "login", log_in).await;
    assert!(failed >= 1 && picker.status == 200, "{failed}");
    let chosen = crate::support::accounts(&picker);
    let approve = async || agent.clone().press(&world, &picker, &[("account", &chosen[0])], "approve").await;
    let (failed, landing) = verb_by_verb(&world, "approve", approve).await;
    assert!(failed >= 3, "{failed}");
    let code = landing.parameter("code").unwrap();
    assert_eq!((count(Table::Codes).await, count(Table::Grants).await, count(Table::PushedRequests).await), (1, 1, 0));

    let redeem = async || world.redeem(&fintech, &code).await.send().await;
    let (failed, tokens) = verb_by_verb(&world, "redeem", redeem).await;
    assert!(failed >= 4 && tokens.status == 200, "{failed} {}", tokens.text());
    assert_eq!((count(Table::RefreshTokens).await, count(Table::AccessKeys).await), (1, 1));

    let token = tokens.member("refresh_token");
    let refresh = async || world.refresh(&fintech, &token).await.send().await;
    let (failed, refreshed) = verb_by_verb(&world, "refresh", refresh).await;
    assert!(failed >= 4 && refreshed.status == 200, "{failed}");
    assert_eq!((count(Table::RefreshTokens).await, count(Table::AccessKeys).await), (1, 2));

    let access_key = refreshed.member("access_token");
    let introspect = async || world.introspect(&fintech, &access_key).await.send().await;
    let (failed, known) = verb_by_verb(&world, "introspect", introspect).await;
    assert!(failed >= 3 && known.json()["active"] == true, "{failed}");

    let revoke = async || world.revoke(&fintech, &token).await.send().await;
    let (failed, revoked) = verb_by_verb(&world, "revoke", revoke).await;
    assert!(failed >= 4 && revoked.status == 200, "{failed}");
    assert_eq!(world.refresh(&fintech, &token).await.send().await.refused(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.call(&fintech, &access_key, "/accounts").await.status, 401);
}

/// fapi: OA-5, SP-AZ-9
#[tokio::test]
async fn a_reused_code_is_not_answered_before_what_came_of_it_has_ended() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let tokens = world.redeem(&fintech, &code).await.send().await;
    let reuse = async || world.redeem(&fintech, &code).await.send().await;
    let (failed, refused) = verb_by_verb(&world, "reuse", reuse).await;
    assert!(failed >= 5, "{failed}");
    assert_eq!(refused.refused(), (400, "invalid_grant".to_owned()));
    let refresh = world.refresh(&fintech, &tokens.member("refresh_token")).await.send().await;
    assert_eq!(refresh.refused(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 401);
}

#[tokio::test]
async fn a_user_whom_the_bank_no_longer_knows_is_acted_for_no_more() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("refresh_token");
    let before = world.rows().await;
    *world.users.working.lock().unwrap() = false;
    let unknown = world.refresh(&fintech, &token).await.send().await;
    assert_eq!(unknown.refused(), (503, "temporarily_unavailable".to_owned()));
    *world.users.working.lock().unwrap() = true;
    world.users.gone.lock().unwrap().push("alice".to_owned());
    let gone = world.refresh(&fintech, &token).await.send().await;
    assert_eq!((gone.refused(), world.audit.last_refusal()), ((400, "invalid_grant".to_owned()), "UserUnknown"));
    assert_eq!(world.rows().await, before);
    world.users.gone.lock().unwrap().clear();
    assert_eq!(world.refresh(&fintech, &token).await.send().await.status, 200);
}
