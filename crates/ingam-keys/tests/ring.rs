//! One ring for all nodes: who signs, who verifies, and who decides.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use ingam_jose::{AlgorithmProfile, NotPermitted, RingProvider};
use ingam_keys::{
    Algorithm, Environment, KeyEvent, KeyVault, Purpose, RingError, RingState, RotationPolicy, RotationTimes, Stage,
    TransitionError, VaultError, signing_key_digest,
};
use ingam_ports::{Changes, Commit, Position, Revoked, RowKey, Step, Table};
use ingam_wire::{Seconds, UnixTime};
use support::{ACTIVE, LIFE, NOW, PROPAGATION, RETENTION, SKEW, at, records, specs, vault};

#[tokio::test]
async fn a_new_ring_signs_at_once_and_shows_what_verifies() {
    let vault = vault();
    let ring = vault.advance(NOW).await.unwrap();
    let signer = ring.signer(Purpose::SignAccessKeys, NOW).unwrap();
    let signature = signer.sign(b"message").await.unwrap();
    let keys = ring.verifying_keys_of(Purpose::SignAccessKeys, NOW);
    assert_eq!(keys.keys().len(), 1);
    assert_eq!(keys.keys()[0].verify(b"message", &signature), Ok(()));
    assert_eq!(keys.keys()[0].key_id(), Some(signer.key_id()));
    let jwks = ring.jwks(NOW);
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert!(jwks["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    let other = ring.signer(Purpose::SignResponses, NOW).unwrap();
    assert_ne!(other.key_id(), signer.key_id(), "a key has one purpose");
    assert_eq!(ring.signer(Purpose::SignReceipts, NOW).unwrap_err(), RingError::NoActiveKey(Purpose::SignReceipts));
}

#[tokio::test]
async fn x1149_3_1_16_10_a_key_goes_through_its_life_and_tokens_verify_until_retention_ends() {
    let vault = vault();
    let first = vault.advance(NOW).await.unwrap().signer(Purpose::SignAccessKeys, NOW).unwrap();
    let published = at(ACTIVE - PROPAGATION);
    let ring = vault.advance(published.minus(Seconds::new(1))).await.unwrap();
    assert_eq!(ring.verifying_keys_of(Purpose::SignAccessKeys, published).keys().len(), 1);
    assert!(ring.rotation_due(published));
    let ring = vault.advance(published).await.unwrap();
    assert_eq!(ring.verifying_keys_of(Purpose::SignAccessKeys, published).keys().len(), 2, "the successor is seen");
    assert_eq!(ring.signer(Purpose::SignAccessKeys, published).unwrap().key_id(), first.key_id(), "and not used yet");
    let last = at(ACTIVE).minus(Seconds::new(1));
    assert_eq!(ring.signer(Purpose::SignAccessKeys, last).unwrap().key_id(), first.key_id());
    let ring = vault.advance(last).await.unwrap();
    let second = ring.signer(Purpose::SignAccessKeys, at(ACTIVE)).unwrap();
    assert_ne!(second.key_id(), first.key_id());
    let record = ring.state().key(first.key_id().as_str()).unwrap();
    assert_eq!(record.stage(at(ACTIVE)), Stage::Retired);
    let end = at(ACTIVE + RETENTION);
    let visible = |ring: &ingam_keys::KeyRing, now| {
        ring.verifying_keys(now).keys().iter().any(|key| key.key_id() == Some(first.key_id()))
    };
    assert!(visible(&ring, end.minus(Seconds::new(1))) && !visible(&ring, end));
    let ring = vault.advance(end).await.unwrap();
    assert!(!visible(&ring, end));
    let record = ring.state().key(first.key_id().as_str()).unwrap();
    assert_eq!(record.stage(end), Stage::Destroyed);
    let stages: Vec<_> = record.history().iter().map(|change| change.stage).collect();
    let life = [Stage::Created, Stage::Published, Stage::Active, Stage::Retired, Stage::Destroyed];
    assert_eq!(stages, life);
    assert!(ring.events().contains(&KeyEvent::DestructionDue { key: first.key_id().as_str().into() }));
}

#[tokio::test]
async fn a_node_that_has_not_read_the_ring_for_the_propagation_time_refuses_to_sign() {
    let ring = vault().advance(NOW).await.unwrap();
    assert!(ring.signer(Purpose::SignAccessKeys, at(PROPAGATION - 1)).is_ok());
    assert_eq!(ring.signer(Purpose::SignAccessKeys, at(PROPAGATION)).unwrap_err(), RingError::Stale { read_at: NOW });
    assert!(ring.refresh_due(at(PROPAGATION / 2)) && !ring.refresh_due(NOW));
}

#[tokio::test]
async fn a_node_whose_clock_went_back_reads_the_ring_again_and_until_then_does_not_sign() {
    let ring = vault().advance(at(PROPAGATION)).await.unwrap();
    let signs = |now| ring.signer(Purpose::SignAccessKeys, now).map(drop);
    assert_eq!(signs(NOW), Err(RingError::Stale { read_at: at(PROPAGATION) }));
    assert_eq!(signs(at(1)), Ok(()), "callers read the clock one after the other");
    assert!(ring.refresh_due(at(PROPAGATION - 1)) && !ring.refresh_due(at(PROPAGATION)));
}

#[tokio::test]
async fn a_clock_that_was_far_ahead_once_does_not_keep_keys_from_rotating() {
    let (far, fresh) = (1_000 * ACTIVE, vault);
    let start =
        |ring: &ingam_keys::KeyRing, now| ring.state().active(Purpose::SignAccessKeys, now).unwrap().not_before();
    // Far ahead when the successor was planned: it is planned anew.
    let vault = fresh();
    vault.advance(NOW).await.unwrap();
    vault.advance(at(far)).await.unwrap();
    let ring = vault.advance(at(10)).await.unwrap();
    let now = at(ACTIVE + PROPAGATION);
    assert_eq!(start(&ring, at(10)), Some(NOW));
    assert_eq!(start(&vault.advance(now).await.unwrap(), now), Some(at(ACTIVE)));
    // Far ahead when it began to sign: its period counts from when the clock is right again.
    let vault = fresh();
    let first = vault.advance(NOW).await.unwrap().signer(Purpose::SignAccessKeys, NOW).unwrap();
    vault.advance(at(far)).await.unwrap();
    vault.advance(at(far + PROPAGATION)).await.unwrap();
    let ring = vault.advance(at(10)).await.unwrap();
    assert_eq!(start(&ring, at(10)), Some(at(10)));
    let seen = ring.verifying_keys(at(10));
    assert!(seen.keys().iter().any(|key| key.key_id() == Some(first.key_id())), "what the first signed verifies");
    assert_eq!(ring.state().key(first.key_id().as_str()).unwrap().verifies_until(), Some(at(10 + RETENTION)));
    vault.advance(at(10 + ACTIVE - PROPAGATION)).await.unwrap();
    let now = at(10 + ACTIVE);
    assert_eq!(start(&vault.advance(now).await.unwrap(), now), Some(now));
}

#[tokio::test]
async fn x1149_3_1_17_4_nothing_is_left_of_a_destroyed_key_and_a_lost_one_stops_the_start() {
    let records = records(1);
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let kept = async |now| {
        let all = records.store().list(Table::Keys, &RowKey::new(&[0]).unwrap(), 100, now).await.unwrap();
        all.into_iter().map(|row| row.key).collect::<Vec<_>>()
    };
    let vault = node();
    vault.advance(NOW).await.unwrap();
    let first = kept(NOW).await;
    assert_eq!(first.len(), 2);
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let end = at(ACTIVE + RETENTION);
    vault.advance(end.minus(Seconds::new(1))).await.unwrap();
    assert_eq!(kept(end).await.len(), 4);
    vault.advance(end).await.unwrap();
    let left = kept(end).await;
    assert!(left.len() == 2 && first.iter().all(|row| !left.contains(row)), "{left:?}");
    let lost = Step::Take { table: Table::Keys, key: left[0].clone(), version: 1 };
    assert_eq!(records.store().commit(vec![lost], end).await, Ok(Commit::Committed));
    assert_eq!(node().advance(end).await.unwrap_err(), VaultError::MaterialMissing);
}

#[tokio::test]
async fn a_policy_that_changes_never_takes_a_key_from_those_who_still_need_it() {
    let records = records(1);
    let node = |retention| {
        let mut specs = specs();
        specs[0].policy = RotationPolicy::new(RotationTimes {
            propagation: Seconds::new(PROPAGATION),
            active: Seconds::new(ACTIVE),
            retention: Seconds::new(retention),
            longest_life: Seconds::new(1),
            skew: Seconds::new(1),
        })
        .unwrap();
        KeyVault::new(records.clone(), Environment::Live, specs).unwrap()
    };
    let long = node(RETENTION);
    let first = long.advance(NOW).await.unwrap().signer(Purpose::SignAccessKeys, NOW).unwrap();
    long.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let until = |ring: &ingam_keys::KeyRing| ring.state().key(first.key_id().as_str()).unwrap().verifies_until();
    assert_eq!(until(&node(10).advance(at(ACTIVE)).await.unwrap()), Some(at(ACTIVE + RETENTION)));
    let longer = node(2 * RETENTION).advance(at(ACTIVE)).await.unwrap();
    assert_eq!(until(&longer), Some(at(ACTIVE + 2 * RETENTION)));
}

#[tokio::test]
async fn a_ring_in_which_two_keys_would_sign_or_one_stands_twice_is_not_read() {
    let ring = vault().advance(NOW).await.unwrap();
    let first = serde_json::to_value(&ring.state().keys()[0]).unwrap();
    let with_another = |member: &str, value: serde_json::Value| {
        let mut state = serde_json::to_value(ring.state()).unwrap();
        let mut another = first.clone();
        (another["id"], another["activates_at"]) = ("another".into(), serde_json::Value::Null);
        *another.pointer_mut(member).unwrap() = value;
        state["keys"].as_array_mut().unwrap().push(another);
        serde_json::from_value::<RingState>(state).map(drop).map_err(|error| error.to_string())
    };
    let refused = |error: TransitionError| Err(error.to_string());
    assert_eq!(with_another("/exported", 1.into()), Ok(()), "one that waits");
    assert_eq!(with_another("/id", first["id"].clone()), refused(TransitionError::Duplicate));
    assert_eq!(with_another("/activates_at", first["activates_at"].clone()), refused(TransitionError::TwoActive));
    assert_eq!(with_another("/about/algorithm", "A256GCM".into()), refused(TransitionError::WrongPurpose));
    let wrong = TransitionError::WrongEnvironment { key: Environment::Test, ring: Environment::Live };
    assert_eq!(with_another("/about/environment", "test".into()), refused(wrong));
    assert!(with_another("/about/owner", " ".into()).is_err(), "nobody's key");
}

#[test]
fn specifications_that_contradict_each_other_make_no_vault() {
    let made = |specs| KeyVault::new(records(1), Environment::Live, specs).map(drop);
    assert_eq!(made([specs(), specs()].concat()).unwrap_err(), VaultError::Specification);
    let seals = vec![support::spec(Purpose::Seal, Algorithm::Es256)];
    assert_eq!(made(seals).unwrap_err(), VaultError::Specification);
    assert!(made(specs()).is_ok());
}

#[tokio::test]
async fn two_nodes_share_one_ring() {
    let records = records(1);
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let (left, right) = (node(), node());
    let (left, right) = tokio::join!(left.advance(NOW), right.advance(NOW));
    let id = |ring: &ingam_keys::KeyRing| ring.signer(Purpose::SignAccessKeys, NOW).unwrap().key_id().clone();
    assert_eq!(id(&left.unwrap()), id(&right.unwrap()));
}

#[tokio::test]
async fn x1149_3_1_11_3_a_test_ring_is_refused_in_live_and_the_other_way_round() {
    for (made, used) in [(Environment::Test, Environment::Live), (Environment::Live, Environment::Test)] {
        let records = records(1);
        KeyVault::new(records.clone(), made, specs()).unwrap().advance(NOW).await.unwrap();
        let other = KeyVault::new(records, used, specs()).unwrap();
        assert_eq!(
            other.advance(NOW).await.unwrap_err(),
            VaultError::Transition(TransitionError::WrongEnvironment { key: made, ring: used })
        );
    }
}

#[tokio::test]
async fn a_revoked_key_stops_counting_at_the_next_look_at_the_change_log() {
    let mut ring = vault().advance(NOW).await.unwrap();
    let signer = ring.signer(Purpose::SignAccessKeys, NOW).unwrap();
    let digest = signing_key_digest(&RingProvider, signer.key_id().as_str());
    let to = Position(1);
    assert!(!ring.heed(&Changes::Since { to, revoked: vec![Revoked::SigningKey([0; 32]), Revoked::Grant(digest)] }));
    assert!(ring.signer(Purpose::SignAccessKeys, NOW).is_ok());
    assert!(ring.heed(&Changes::Since { to, revoked: vec![Revoked::SigningKey(digest)] }));
    assert_eq!(ring.signer(Purpose::SignAccessKeys, NOW).unwrap_err(), RingError::Revoked);
    assert!(ring.verifying_keys_of(Purpose::SignAccessKeys, NOW).keys().is_empty());
    assert!(ring.signer(Purpose::SignResponses, NOW).is_ok(), "the others go on");
    assert!(ring.heed(&Changes::TooOld { to }));
    assert_eq!(ring.signer(Purpose::SignResponses, NOW).unwrap_err(), RingError::Revoked, "unknown means refuse");
}

#[tokio::test]
async fn x1149_3_1_17_3_an_algorithm_that_is_not_listed_is_neither_made_nor_used() {
    let kcmvp = || AlgorithmProfile::kcmvp();
    let eddsa = NotPermitted::Unlisted { algorithm: Algorithm::EdDsa.listed() };
    let refused = vault().under(kcmvp()).advance(NOW).await.unwrap_err();
    assert_eq!(refused, VaultError::NotPermitted(eddsa));
    let records = records(1);
    KeyVault::new(records.clone(), Environment::Live, specs()).unwrap().advance(NOW).await.unwrap();
    let ring = KeyVault::new(records, Environment::Live, specs()).unwrap().under(kcmvp()).advance(NOW).await.unwrap();
    assert!(ring.signer(Purpose::SignAccessKeys, NOW).is_ok(), "ES256 is listed");
    assert_eq!(ring.signer(Purpose::SignResponses, NOW).unwrap_err(), RingError::NotPermitted(eddsa));
}

#[tokio::test]
async fn x1149_3_1_17_3_an_algorithm_whose_time_is_over_signs_no_more() {
    let late = UnixTime::from_secs(2_082_758_400); // 2036-01-01
    let records = records(1);
    let before = late.minus(Seconds::new(10));
    let vault = KeyVault::new(records, Environment::Live, specs()).unwrap();
    let ring = vault.advance(before).await.unwrap();
    assert!(ring.signer(Purpose::SignAccessKeys, before).is_ok());
    let ended = NotPermitted::Ended { algorithm: Algorithm::Es256.listed(), until: late };
    assert_eq!(ring.signer(Purpose::SignAccessKeys, late).unwrap_err(), RingError::NotPermitted(ended));
}

#[test]
fn the_policy_of_these_tests_is_as_tight_as_can_be() {
    assert_eq!(RETENTION, LIFE + SKEW);
}
