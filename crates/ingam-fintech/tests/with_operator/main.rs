//! The whole walk against the real operator, in memory, through its pages: A① to B④, in every form that is agreed on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../../../../examples/open_banking/user_agent.rs"]
#[allow(unreachable_pub, dead_code, reason = "the example's, used as it is")]
mod user_agent;
#[cfg(feature = "oauth2")]
mod with_oauth2;
mod world;

use ingam_access_key::{DpopNonce, HttpSignatures};
use ingam_fintech::{FintechError, Messages, RequestForm, Wanted};
use ingam_operator::Profile;
use ingam_protocol::{
    AccountId, Amount, Currency, OAuthError, Period, RegistrationRequest, ResponseMode, Service,
    details::{AccountReference, AuthorizationDetails, Cycle},
    usage::{PaymentOrder, PaymentStatus, TransactionQuery},
};
use ingam_wire::Seconds;
use serde_json::json;
use world::{Setup, World};

const SCOPES: &str = "accounts balances transactions payments";

fn by_scope(scope: &str) -> Wanted {
    Wanted::scopes(scope.parse().unwrap())
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn order(amount: i64) -> PaymentOrder {
    PaymentOrder {
        debtor_account: account("hg-1001"),
        amount: Amount::from_minor(amount, Currency::KRW).unwrap(),
        creditor_name: "김철수".parse().unwrap(),
        creditor_account: AccountReference::Korean { bank_code: "097".into(), number: "123456789012".into() },
        remittance: Some("월세".parse().unwrap()),
    }
}

/// fapi: SP-C-1, SP-C-2, SP-C-15, SP-C-18, SP-C-19, FH-1, FH-4
#[tokio::test]
async fn the_walk_by_scope_reads_balances_and_transactions_and_pays_once() {
    let world = World::new(Setup::default()).await;
    let id = world.walk(by_scope(SCOPES)).await.unwrap();
    let node = &world.fintech;
    let accounts = node.accounts(&id).await.unwrap().accounts;
    assert!(accounts.iter().any(|account| account.id.as_str() == "hg-1001"), "{accounts:?}");
    let balance = node.balance(&id, &account("hg-1001")).await.unwrap();
    assert_eq!(balance.amount.currency(), Currency::KRW);
    let query = TransactionQuery { limit: 10, ..TransactionQuery::default() };
    let page = node.transactions(&id, &account("hg-1001"), &query).await.unwrap();
    assert_eq!(page.transactions.len(), 10);
    let next = TransactionQuery { cursor: page.next.clone(), ..query };
    let second = node.transactions(&id, &account("hg-1001"), &next).await.unwrap();
    assert_ne!(page.transactions[0].id, second.transactions[0].id);

    let key = "order/1".parse().unwrap();
    assert!(node.payment_by_key(&id, &key).await.is_err(), "nothing was paid under it yet");
    let paid = node.pay(&id, &order(12_000), &key).await.unwrap();
    assert_eq!(paid.status, PaymentStatus::Completed);
    let again = node.pay(&id, &order(12_000), &key).await.unwrap();
    assert_eq!(again.id, paid.id, "the same key is the same payment");
    assert_eq!(node.payment(&id, &paid.id).await.unwrap().status, PaymentStatus::Completed);
    assert_eq!(node.payment_by_key(&id, &key).await.unwrap().id, paid.id);
    let after = node.balance(&id, &account("hg-1001")).await.unwrap();
    assert_eq!(balance.amount.minor() - after.amount.minor(), 12_000);
    assert!(node.pay(&id, &order(12_001), &key).await.is_err(), "the same key for another order");
}

/// fapi: SP-C-8, MS-6, MS-14, DP-15
#[tokio::test]
async fn every_agreed_form_walks_the_same_way() {
    for (signed, jarm, nonces, signatures, openid) in [
        (true, true, false, true, false),
        (false, true, true, true, true),
        (true, false, true, false, true),
        (false, false, true, true, false),
    ] {
        let profile = if signed && jarm { Profile::fapi2_message_signing() } else { Profile::fapi2_security() };
        let profile = profile
            .with(|settings| settings.dpop_nonce = if nonces { DpopNonce::Required } else { DpopNonce::Off })
            .unwrap();
        let world = World::new(Setup {
            profile,
            request: if signed { ingam_access_key::RequestForm::Signed } else { ingam_access_key::RequestForm::Pushed },
            response: if jarm { ResponseMode::Jwt } else { ResponseMode::Query },
            http_signatures: if signatures { HttpSignatures::Required } else { HttpSignatures::Optional },
            messages: signatures,
        })
        .await;
        let scope = if openid { "openid accounts balances" } else { "accounts balances" };
        let id = world.walk(by_scope(scope)).await.unwrap_or_else(|error| panic!("{signed} {jarm} {nonces}: {error}"));
        let access = world.fintech.access(&id).await.unwrap();
        assert_eq!(access.subject().is_some(), openid);
        world.fintech.balance(&id, &account("hg-1001")).await.unwrap();
        world.wait(Seconds::new(301)).await;
        world.fintech.balance(&id, &account("hg-1001")).await.unwrap();
        assert_ne!(world.fintech.access(&id).await.unwrap().ends(), access.ends(), "refreshed");
    }
}

/// What a user asked for in A① is what the access key is good for, and no more.
#[tokio::test]
async fn a_registered_service_opens_its_accounts_and_items_only() {
    let world = World::new(Setup::default()).await;
    let period = Period { cycle: Cycle::OnRequest, end_date: "2027-01-01".parse().unwrap(), retention_days: 30 };
    let only = AccountReference::Id(account("hg-1001"));
    let asked = RegistrationRequest::new(&[Service::Balance], "가계부", period, vec![only]).unwrap();
    let id = world.walk(Wanted::service(&asked).unwrap()).await.unwrap();
    let node = &world.fintech;
    let accounts = node.accounts(&id).await.unwrap().accounts;
    assert_eq!(accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), ["hg-1001"]);
    node.balance(&id, &account("hg-1001")).await.unwrap();
    assert!(node.transactions(&id, &account("hg-1001"), &TransactionQuery::default()).await.is_err());
    assert!(node.pay(&id, &order(1), &"k".parse().unwrap()).await.is_err());
    assert!(node.balance(&id, &account("ns-2001")).await.is_err());
}

/// A one-off payment is approved on its own page and is good for exactly this payment, once.
#[tokio::test]
async fn an_approved_payment_is_paid_and_another_one_is_not() {
    let world = World::new(Setup::default()).await;
    let details = AuthorizationDetails::from_value(&json!([{
        "type": "payment_initiation", "actions": ["initiate", "status"],
        "instructedAmount": {"currency": "KRW", "amount": "12000"}, "creditorName": "김철수",
        "creditorAccount": {"bank_code": "097", "number": "123456789012"},
        "debtorAccount": {"id": "hg-1001"}, "remittanceInformationUnstructured": "월세"
    }]))
    .unwrap();
    let id = world.walk(Wanted::details(details)).await.unwrap();
    let node = &world.fintech;
    assert!(node.pay(&id, &order(13_000), &"k-1".parse().unwrap()).await.is_err(), "another amount");
    let paid = node.pay(&id, &order(12_000), &"k-2".parse().unwrap()).await.unwrap();
    assert_eq!(paid.status, PaymentStatus::Completed);
}

/// fapi: OA-10
#[tokio::test]
async fn a_user_who_denies_is_reported_as_access_denied() {
    let world = World::new(Setup::default()).await;
    let refused = world.walk_with(by_scope(SCOPES), "deny").await.unwrap_err();
    let FintechError::Complete(ingam_fintech::CompleteError::Refused { error, .. }) = refused else {
        panic!("{refused}")
    };
    assert!(error.is(OAuthError::AccessDenied));
}

/// fapi: RV-1, RV-3
#[tokio::test]
async fn a_grant_given_back_opens_nothing_any_more() {
    let world = World::new(Setup::default()).await;
    let id = world.walk(by_scope(SCOPES)).await.unwrap();
    let access = world.fintech.access(&id).await.unwrap();
    world.fintech.accounts(&id).await.unwrap();
    world.fintech.revoke(&id).await.unwrap();
    let call = ingam_fintech::Call::get("/accounts", None, &world::PROVIDER).unwrap();
    let (request, _) =
        call.request(&access, &world.membership, &world::PROVIDER, None, world.clock.now()).await.unwrap();
    assert_eq!(world.send(request).await.status(), 401);
}

/// What the membership says must be what the operator's entry says; an unsigned push where signing is agreed is refused.
#[tokio::test]
async fn a_push_of_another_form_than_agreed_is_refused() {
    let mut world = World::new(Setup { request: ingam_access_key::RequestForm::Signed, ..Setup::default() }).await;
    world.membership.request = RequestForm::Pushed;
    world.membership.messages = Messages::Unsigned;
    world.rejoin();
    let refused = world.walk(by_scope(SCOPES)).await.unwrap_err();
    assert_eq!(refused.name(), "Refused", "{refused}");
}
