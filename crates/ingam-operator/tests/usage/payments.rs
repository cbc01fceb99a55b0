use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use ingam_ports::{Outcome, Risk, RowKey, Store as _, Table};
use ingam_wire::Seconds;

use crate::{
    bank_wire::Cut,
    world::{Fintech, World, field, json, member},
};

const ALL: &str = "accounts balances transactions payments";

/// An order in won, to an account of another user at the other bank.
pub(crate) fn order(debtor: &str, amount: &str) -> String {
    format!(
        r#"{{"debtorAccount":"{debtor}","instructedAmount":{{"currency":"KRW","amount":"{amount}"}},
        "creditorName":"박지호","creditorAccount":{{"id":"ns-1012"}},"remittanceInformationUnstructured":"점심값"}}"#
    )
}

async fn request(world: &World, fintech: &Fintech, token: &str, key: &str, body: &str) -> Request<Bytes> {
    let fields = [("idempotency-key", key)];
    world.call_with(fintech, token, Method::POST, "/payments", &fields, body).await
}

async fn pay(world: &World, fintech: &Fintech, token: &str, key: &str, body: &str) -> Response<Bytes> {
    world.send(request(world, fintech, token, key, body).await).await
}

async fn get(world: &World, fintech: &Fintech, token: &str, path: &str) -> Response<Bytes> {
    world.send(world.call(fintech, token, Method::GET, path).await).await
}

async fn balance(world: &World, fintech: &Fintech, token: &str) -> i64 {
    let answer = get(world, fintech, token, "/accounts/hg-1001/balance").await;
    json(answer.body())["amount"]["amount"].as_str().unwrap().parse().unwrap()
}

fn state(answer: &Response<Bytes>) -> String {
    json(answer.body())["status"]["state"].as_str().unwrap().to_owned()
}

async fn stored(world: &World, table: Table) -> usize {
    world.store.list(table, &RowKey::new(b"").unwrap(), 99, world.now()).await.unwrap().len()
}

/// A world, a fintech, and an access key with standing access.
async fn start() -> (World, Fintech, String) {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    (world, fintech, token)
}

#[tokio::test]
async fn a_transfer_moves_money_once_and_is_told_as_often_as_asked() {
    let (world, fintech, token) = start().await;
    let before = balance(&world, &fintech, &token).await;
    let body = order("hg-1001", "5000");

    let call = request(&world, &fintech, &token, "key-1", &body).await;
    let first = world.exchange(&fintech, call).await;
    assert_eq!(first.status(), StatusCode::CREATED, "{:?}", first.body());
    assert_eq!(json(first.body())["status"]["state"], "completed");
    let id = member(first.body(), "id");
    assert_eq!(balance(&world, &fintech, &token).await, before - 5_000);

    let call = request(&world, &fintech, &token, "key-1", &body).await;
    let again = world.exchange(&fintech, call).await;
    assert_eq!((again.status(), again.body()), (StatusCode::CREATED, first.body()), "the outcome, signed anew");
    assert_eq!((world.bank.paid(), balance(&world, &fintech, &token).await), (1, before - 5_000));

    for path in [format!("/payments/{id}"), "/payments/by-key/key-1".to_owned()] {
        let told = get(&world, &fintech, &token, &path).await;
        assert_eq!((told.status(), told.body()), (StatusCode::OK, first.body()), "{path}");
    }
    let page = get(&world, &fintech, &token, "/accounts/hg-1001/transactions?limit=1").await;
    let newest = &json(page.body())["transactions"][0];
    assert_eq!((&newest["direction"], &newest["description"]), (&"debit".into(), &"점심값".into()));
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_request_of_one_fintech() {
    let (world, fintech, token) = start().await;
    assert_eq!(pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await.status(), StatusCode::CREATED);
    let other = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "6000")).await;
    assert_eq!(
        (other.status(), world.last_refusal()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("IdempotencyKeyReused"))
    );
    assert_eq!(world.bank.paid(), 1);

    let second = world.fintech("client-2").await;
    let theirs = world.consent(&second, ALL, None).await;
    let same_key = pay(&world, &second, &theirs, "key-1", &order("hg-1001", "6000")).await;
    assert_eq!(same_key.status(), StatusCode::CREATED, "keys of two fintechs never meet");
    assert_eq!(world.bank.paid(), 2);
}

#[tokio::test]
async fn a_payment_without_a_covered_idempotency_key_is_refused() {
    let (world, fintech, token) = start().await;
    let body = order("hg-1001", "5000");
    let post = async |fields: &[(&'static str, &str)]| {
        world.call_with(&fintech, &token, Method::POST, "/payments", fields, &body).await
    };
    let refused = |answer: Response<Bytes>, reason| {
        assert_eq!((answer.status(), world.last_refusal()), (StatusCode::BAD_REQUEST, Some(reason)));
    };
    refused(world.send(post(&[]).await).await, "IdempotencyKeyMissing");
    refused(world.send(post(&[("idempotency-key", "a b")]).await).await, "IdempotencyKeyMalformed");
    let two = [("idempotency-key", "a"), ("x-idempotency-key", "b")];
    refused(world.send(post(&two).await).await, "IdempotencyKeyMalformed");
    let twice = [("idempotency-key", "a"), ("idempotency-key", "a")];
    refused(world.send(post(&twice).await).await, "IdempotencyKeyMalformed");
    // Added after signing: nobody vouches for it.
    let (mut signed, _) = world.sign(&fintech, post(&[]).await).await;
    signed.headers_mut().insert("idempotency-key", "a".parse().unwrap());
    refused(world.send(signed).await, "IdempotencyKeyMissing");
    assert_eq!((world.bank.paid(), stored(&world, Table::Payments).await), (0, 0));
    let quoted = world.send(post(&[("idempotency-key", "\"key-1\"")]).await).await;
    assert_eq!(quoted.status(), StatusCode::CREATED, "the quotes of a structured field");
    assert_eq!(pay(&world, &fintech, &token, "key-1", &body).await.status(), StatusCode::CREATED);
    assert_eq!(world.bank.paid(), 1, "are not part of the key");
}

#[tokio::test]
async fn a_rejection_is_an_outcome_and_is_kept_like_one() {
    let (world, fintech, token) = start().await;
    for (key, body, code) in [
        ("funds", order("hg-1001", "999999999"), "insufficient_funds"),
        ("kind", order("hg-1002", "5000"), "not_a_current_account"),
        ("currency", order("ns-1003", "5000"), "currency_mismatch"),
        ("creditor", order("hg-1001", "5000").replace("ns-1012", "ns-9999"), "unknown_creditor"),
        ("same", order("hg-1001", "5000").replace("ns-1012", "hg-1001"), "same_account"),
    ] {
        let answer = pay(&world, &fintech, &token, key, &body).await;
        assert_eq!(answer.status(), StatusCode::CREATED, "{key}");
        assert_eq!(json(answer.body())["status"]["code"], code);
        assert_eq!(pay(&world, &fintech, &token, key, &body).await.body(), answer.body());
    }
    assert_eq!(world.last_refusal(), Some("PaymentRejected"));
}

#[tokio::test]
async fn a_lost_answer_of_the_bank_is_unknown_until_the_bank_is_asked() {
    let (world, fintech, token) = start().await;
    let (before, body) = (balance(&world, &fintech, &token).await, order("hg-1001", "5000"));
    world.bank.cut(Cut::After);
    let answer = pay(&world, &fintech, &token, "key-1", &body).await;
    assert_eq!((answer.status(), state(&answer)), (StatusCode::ACCEPTED, "unknown".to_owned()));
    let path = format!("/payments/{}", member(answer.body(), "id"));
    assert_eq!(state(&get(&world, &fintech, &token, &path).await), "unknown");
    world.bank.cut(Cut::Nowhere);
    assert_eq!(state(&get(&world, &fintech, &token, &path).await), "completed");
    assert_eq!(pay(&world, &fintech, &token, "key-1", &body).await.status(), StatusCode::CREATED);
    assert_eq!((world.bank.paid(), balance(&world, &fintech, &token).await), (1, before - 5_000), "and not paid again");
}

#[tokio::test]
async fn a_payment_that_never_reached_the_bank_stays_unknown_and_is_not_tried_again() {
    let (world, fintech, token) = start().await;
    world.bank.cut(Cut::Before);
    let answer = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    assert_eq!(state(&answer), "unknown");
    world.bank.cut(Cut::Nowhere);
    let again = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    assert_eq!((again.status(), state(&again), world.bank.paid()), (StatusCode::ACCEPTED, "unknown".to_owned(), 0));
}

#[tokio::test]
async fn x1149_3_1_21_2_a_held_payment_is_kept_and_no_money_moves() {
    let (world, fintech, token) = start().await;
    let until = world.now().plus(Seconds::new(600));
    for (risk, key) in [(Risk::Delay(until), "delayed"), (Risk::Hold, "held")] {
        world.risk.say(Ok(risk));
        let answer = pay(&world, &fintech, &token, key, &order("hg-1001", "5000")).await;
        assert_eq!((answer.status(), state(&answer)), (StatusCode::ACCEPTED, "held".to_owned()));
        let path = format!("/payments/{}", member(answer.body(), "id"));
        assert_eq!(state(&get(&world, &fintech, &token, &path).await), "held");
    }
    world.risk.say(Ok(Risk::StepUp));
    let answer = pay(&world, &fintech, &token, "step-up", &order("hg-1001", "5000")).await;
    assert_eq!((answer.status(), world.last_refusal()), (StatusCode::UNAUTHORIZED, Some("StepUp")));
    assert_eq!((world.bank.paid(), stored(&world, Table::Payments).await), (0, 2), "a step-up leaves nothing");
}

#[tokio::test]
async fn x1149_3_1_16_3_an_approval_is_good_for_its_own_payment_once() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let details = r#"[{"type":"payment_initiation","instructedAmount":{"currency":"KRW","amount":"5000"},
        "creditorName":"박지호","creditorAccount":{"id":"ns-1012"},"debtorAccount":{"id":"hg-1001"},
        "remittanceInformationUnstructured":"점심값"}]"#;
    let token = world.consent(&fintech, "", Some(details)).await;
    // The bank wants a step-up for everything: the approval is one.
    world.risk.say(Ok(Risk::StepUp));
    for (changed, key) in [
        (order("hg-1001", "5001"), "amount"),
        (order("hg-1001", "5000").replace("ns-1012", "ns-1010"), "payee"),
        (order("hg-1001", "5000").replace("박지호", "이서연"), "name"),
        (order("hg-1001", "5000").replace("점심값", "저녁값"), "text"),
        (order("ns-1003", "5000"), "account"),
    ] {
        let answer = pay(&world, &fintech, &token, key, &changed).await;
        assert_eq!(
            (answer.status(), world.last_refusal()),
            (StatusCode::FORBIDDEN, Some("NotWhatWasApproved")),
            "{key}"
        );
    }
    let answer = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    assert_eq!((answer.status(), state(&answer)), (StatusCode::CREATED, "completed".to_owned()));
    let again = pay(&world, &fintech, &token, "key-2", &order("hg-1001", "5000")).await;
    assert_eq!((again.status(), world.last_refusal()), (StatusCode::FORBIDDEN, Some("ApprovalSpent")));
    assert_eq!(world.bank.paid(), 1);
    let path = format!("/payments/{}", member(answer.body(), "id"));
    assert_eq!(state(&get(&world, &fintech, &token, &path).await), "completed", "its status may be asked");
    let read = get(&world, &fintech, &token, "/accounts/hg-1001/balance").await;
    assert_eq!(read.status(), StatusCode::FORBIDDEN, "and nothing else");
}

#[tokio::test]
async fn a_payment_of_another_is_not_there() {
    let (world, fintech, token) = start().await;
    let answer = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    let id = member(answer.body(), "id");
    let second = world.fintech("client-2").await;
    let theirs = world.consent(&second, ALL, None).await;
    let anothers = get(&world, &second, &theirs, &format!("/payments/{id}")).await;
    assert_eq!((anothers.status(), world.last_refusal()), (StatusCode::NOT_FOUND, Some("PaymentNotTheirs")));
    let nobodys = get(&world, &second, &theirs, "/payments/0000").await;
    assert_eq!((nobodys.status(), nobodys.body()), (StatusCode::NOT_FOUND, anothers.body()), "no oracle for payments");
    let by_key = get(&world, &second, &theirs, "/payments/by-key/key-1").await;
    assert_eq!(by_key.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_store_that_fails_leaves_nothing_half_done_at_any_step() {
    // Commits of a payment: the one-time ids, the beginning, the end.
    for (commits, paid) in [(0, 0), (1, 0), (2, 1)] {
        let (world, fintech, token) = start().await;
        let (before, body) = (balance(&world, &fintech, &token).await, order("hg-1001", "5000"));
        world.store.fail_after_commits(commits);
        let answer = pay(&world, &fintech, &token, "key-1", &body).await;
        assert_eq!(world.bank.paid(), paid);
        world.store.fail(false);
        if paid == 0 {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            let kept = (stored(&world, Table::Payments).await, stored(&world, Table::Idempotency).await);
            assert_eq!(kept, (0, 0), "nothing is stored");
        } else {
            assert_eq!((answer.status(), state(&answer)), (StatusCode::ACCEPTED, "unknown".to_owned()));
        }
        let again = pay(&world, &fintech, &token, "key-1", &body).await;
        assert_eq!((again.status(), state(&again)), (StatusCode::CREATED, "completed".to_owned()));
        assert_eq!((world.bank.paid(), balance(&world, &fintech, &token).await), (1, before - 5_000), "paid once");
    }
}

#[tokio::test]
async fn x1149_3_1_16_9_a_payment_that_cannot_be_recorded_is_not_made() {
    let (world, fintech, token) = start().await;
    world.audit.fail(true);
    let answer = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    assert_eq!((answer.status(), world.bank.paid()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    assert_eq!(stored(&world, Table::Payments).await, 0);
    world.audit.fail(false);
    assert_eq!(pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await.status(), StatusCode::CREATED);
    let events = world.audit.all();
    let lines = events.iter().filter(|event| event.kind == ingam_ports::EventKind::Payment);
    assert_eq!(lines.map(|event| event.outcome.clone()).collect::<Vec<_>>(), [Outcome::Done, Outcome::Done]);
}

#[tokio::test]
async fn an_answer_names_where_the_payment_can_be_asked_for() {
    let (world, fintech, token) = start().await;
    let answer = pay(&world, &fintech, &token, "key-1", &order("hg-1001", "5000")).await;
    let location = field(answer.headers(), "location").unwrap().to_owned();
    assert_eq!(location, format!("payments/{}", member(answer.body(), "id")));
    assert_eq!(get(&world, &fintech, &token, &format!("/{location}")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn two_at_once_under_one_key_pay_once() {
    let (world, fintech, token) = start().await;
    let body = order("hg-1001", "5000");
    let one = request(&world, &fintech, &token, "key-1", &body).await;
    let other = request(&world, &fintech, &token, "key-1", &body).await;
    let (one, other) = tokio::join!(world.send(one), world.send(other));
    let mut statuses = [one.status(), other.status()];
    statuses.sort();
    assert_eq!(statuses[0], StatusCode::CREATED);
    assert!([StatusCode::CREATED, StatusCode::CONFLICT].contains(&statuses[1]));
    assert_eq!(world.bank.paid(), 1);
}
