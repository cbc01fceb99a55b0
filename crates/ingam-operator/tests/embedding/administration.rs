//! What administrators decide at run time counts at the next check, on every node, and is on record.

use std::sync::Arc;

use ingam_access_key::FintechStatus;
use ingam_operator::{AdministrationError, Operator, OperatorParts, StoredDirectory};
use ingam_ports::EventKind;

use crate::support::{PROVIDER, World, entrance};

#[tokio::test]
async fn x1149_3_1_18_8_a_suspended_fintech_is_refused_at_the_next_check_of_every_node() {
    let world = World::new().await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let tokens = world.tokens(&fintech).await;
    let token = tokens.member("access_token");
    let others = world.tokens(&other).await.member("access_token");
    let node = world.another_node();
    assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200);

    let affected = node.suspend(&fintech.entry.client_id).await.unwrap();
    assert_eq!(affected.len(), 1, "the other fintech's grant is not among them");
    assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 401);
    assert_eq!(world.push(&fintech).await.send().await.refused(), (401, "invalid_client".to_owned()));
    assert_eq!(world.call(&other, &others, "/accounts").await.status, 200);
    let event = world.audit.all().iter().find(|e| e.kind == EventKind::FintechChanged).cloned();
    assert_eq!(event.unwrap().fintech.as_deref(), Some("client-1"));
    let again = node.suspend(&fintech.entry.client_id).await;
    assert!(matches!(again, Err(AdministrationError::Status(error)) if error.from == FintechStatus::Suspended));

    assert_eq!(node.resume(&fintech.entry.client_id).await.unwrap(), affected);
    let answer = world.call(&fintech, &token, "/accounts").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let unknown = node.suspend(&"nobody".parse().unwrap()).await;
    assert_eq!(unknown, Err(AdministrationError::UnknownFintech));
}

#[tokio::test]
async fn x1149_3_1_16_7_a_users_grants_end_together_and_only_theirs() {
    let world = World::new().await;
    let (first, second) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let (one, two) = (world.tokens(&first).await, world.tokens(&second).await);
    let tokens = [(&first, one.member("access_token")), (&second, two.member("access_token"))];
    for (fintech, token) in &tokens {
        assert_eq!(world.call(fintech, token, "/accounts").await.status, 200);
    }
    assert_eq!(world.another_node().revoke_user(&"bob".parse().unwrap()).await.unwrap(), []);
    assert_eq!(world.call(&first, &tokens[0].1, "/accounts").await.status, 200, "bob is not alice");

    let ended = world.another_node().revoke_user(&"alice".parse().unwrap()).await.unwrap();
    assert_eq!(ended.len(), 2);
    for (fintech, token) in &tokens {
        assert_eq!(world.call(fintech, token, "/accounts").await.status, 401);
        let described = world.introspect(fintech, token).await.send().await;
        assert_eq!(described.json()["active"], false);
    }
    let recorded = world.audit.all().iter().filter(|event| event.kind == EventKind::Revoked).count();
    assert_eq!(recorded, 3, "bob's none, and alice's two");
    assert!(!world.operator.revoke_grant(&ended[0]).await.unwrap(), "it is over");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_decided() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    world.audit.fail(true);
    let suspended = world.operator.suspend(&fintech.entry.client_id).await;
    assert_eq!(suspended, Err(AdministrationError::Unavailable));
    let revoked = world.operator.revoke_user(&"alice".parse().unwrap()).await;
    assert_eq!(revoked, Err(AdministrationError::Unavailable));
    world.audit.fail(false);
    assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200);
    assert_eq!(entrance(&world.operator).operator().ready().await, Ok(()));
}

#[tokio::test]
async fn x1149_3_1_16_2_a_fintech_that_is_named_no_more_is_unknown_with_the_access_keys_it_has() {
    let world = World::new().await;
    let (named, removed) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let kept = world.tokens(&named).await.member("access_token");
    let lost = world.tokens(&removed).await.member("access_token");
    let directory = StoredDirectory::new(world.records.clone(), Arc::new(PROVIDER));
    let directory = Arc::new(directory.only([named.entry.client_id.clone()]));
    let restarted = Operator::start(OperatorParts { directory, ..world.parts.clone() }).unwrap();
    world.network.attach("bank.example", Arc::new(entrance(&restarted)));
    assert_eq!(world.call(&named, &kept, "/accounts").await.status, 200);
    assert_eq!(world.call(&removed, &lost, "/accounts").await.status, 401);
    assert_eq!(world.push(&removed).await.send().await.refused(), (401, "invalid_client".to_owned()));
    assert_eq!(world.audit.last_refusal(), "UnknownClient");
}
