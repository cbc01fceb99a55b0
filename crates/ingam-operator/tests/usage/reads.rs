use http::{Method, StatusCode};

use crate::world::{World, field, json};

const ALL: &str = "accounts balances transactions payments";

#[tokio::test]
async fn a_signed_read_is_answered_by_the_bank_that_keeps_the_account_and_signed_back() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;

    let answer = world.exchange(&fintech, world.call(&fintech, &token, Method::GET, "/accounts").await).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let accounts = json(answer.body());
    let ids = accounts["accounts"].as_array().unwrap().iter().map(|account| account["id"].as_str().unwrap());
    assert_eq!(ids.collect::<Vec<_>>(), ["hg-1001", "hg-1002", "ns-1003"], "two banks, one user");

    for (account, amount) in [("hg-1001", "25398100"), ("ns-1003", "24664.10")] {
        let path = format!("/accounts/{account}/balance");
        let answer = world.exchange(&fintech, world.call(&fintech, &token, Method::GET, &path).await).await;
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.body());
        assert_eq!(json(answer.body())["amount"]["amount"], amount);
    }

    let path = "/accounts/hg-1001/transactions?from=2025-03-01&to=2025-03-31&limit=5";
    let answer = world.exchange(&fintech, world.call(&fintech, &token, Method::GET, path).await).await;
    let page = json(answer.body());
    assert_eq!(page["transactions"].as_array().unwrap().len(), 5);
    let next = page["next"].as_str().unwrap();
    let path = format!("{path}&cursor={next}");
    let answer = world.exchange(&fintech, world.call(&fintech, &token, Method::GET, &path).await).await;
    let second = json(answer.body());
    assert!(second["transactions"][0]["id"].as_str() < page["transactions"][4]["id"].as_str(), "older ones follow");
}

#[tokio::test]
async fn an_unsigned_read_is_answered_where_signatures_are_optional() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.consent(&fintech, ALL, None).await;
    let answer = world.send(world.call(&fintech, &token, Method::GET, "/accounts").await).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(field(answer.headers(), "cache-control"), Some("no-cache, no-store"));
    assert!(field(answer.headers(), "date").is_some());
}
