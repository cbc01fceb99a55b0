//! What one person must not do alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::{collections::BTreeMap, future::ready};

use ingam_contract::FailingStore;
use ingam_jose::{RingProvider, SignatureAlgorithm, SigningKey, jwt};
use ingam_keys::{
    Act, ApprovalError, Approved, Command, DualControl, Environment, KeyVault, Person, Purpose, Record, Stage,
    TransitionError, VaultError, signing_key_digest,
};
use ingam_ports::{Commit, Revoked, RowKey, Step, Table};
use ingam_wire::{Seconds, SecretBytes, UnixTime};
use serde::{Deserialize, Serialize};
use support::{ACTIVE, NOW, PROPAGATION, RETENTION, at, records, specs, vault};

struct Office {
    control: DualControl,
    keys: BTreeMap<&'static str, SigningKey>,
}

fn person(name: &str) -> Person {
    name.parse().unwrap()
}

impl Office {
    fn new() -> Self {
        let key = || SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap();
        let keys: BTreeMap<_, _> = [("kim", key()), ("lee", key()), ("mallory", key())].into();
        let listed = ["kim", "lee"].map(|name| (person(name), keys[name].public().clone()));
        Self { control: DualControl::new(listed.into()).unwrap(), keys }
    }

    async fn request(&self, command: &Command, name: &str) -> String {
        DualControl::request(command.clone(), person(name), &self.keys[name], NOW).await.unwrap()
    }

    async fn approve(&self, command: &Command, name: &str) -> String {
        DualControl::approve(command.clone(), person(name), &self.keys[name], NOW).await.unwrap()
    }

    async fn agreed(&self, act: Act, key: &str) -> Approved {
        let command = command(act, key);
        let (request, approval) = (self.request(&command, "kim").await, self.approve(&command, "lee").await);
        self.control.check(&request, &approval, NOW).unwrap()
    }
}

fn command(act: Act, key: &str) -> Command {
    Command { act, key: key.into(), environment: Environment::Live, reason: "drill".into() }
}

#[tokio::test]
async fn x1149_3_1_5_2_nobody_approves_their_own_request() {
    let office = Office::new();
    let command = command(Act::Revoke, "k1");
    let request = office.request(&command, "kim").await;
    let own = office.approve(&command, "kim").await;
    assert_eq!(office.control.check(&request, &own, NOW).unwrap_err(), ApprovalError::SelfApproval);
    let other = office.approve(&command, "lee").await;
    let approved = office.control.check(&request, &other, NOW).unwrap();
    assert_eq!((approved.requester(), approved.approver()), (&person("kim"), &person("lee")));
    assert_eq!(approved.command(), &command);
}

#[tokio::test]
async fn x1149_3_1_5_2_one_key_under_two_names_is_one_person() {
    let key = SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).unwrap();
    let twice = ["kim", "kim2"].map(|name| (person(name), key.public().clone()));
    assert_eq!(DualControl::new(twice.into()).unwrap_err(), ApprovalError::SharedKey);
}

#[tokio::test]
async fn x1149_3_1_5_2_one_name_in_two_spellings_is_one_person() {
    let key = || SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap().public().clone();
    for (one, other) in [("kim", "Kim"), ("Kim Minji", "kim  minji"), ("kim.minji", "Kim Minji"), ("École", "école")]
    {
        let listed = [one, other].map(|name| (person(name), key()));
        assert_eq!(DualControl::new(listed.into()).unwrap_err(), ApprovalError::SameName, "{one} {other}");
    }
    assert!(DualControl::new(["김민지", "김민자", "kim"].map(|name| (person(name), key())).into()).is_ok());
}

#[tokio::test]
async fn an_approval_counts_for_one_command_one_role_one_signer_and_a_short_time() {
    let office = Office::new();
    let wanted = command(Act::Revoke, "k1");
    let request = office.request(&wanted, "kim").await;
    let approval = office.approve(&wanted, "lee").await;
    let check = |request: &str, approval: &str, now: UnixTime| office.control.check(request, approval, now).map(|_| ());
    assert_eq!(check(&request, &approval, NOW), Ok(()));
    for other in [
        command(Act::Destroy, "k1"),
        command(Act::Revoke, "k2"),
        Command { environment: Environment::Test, ..wanted.clone() },
        Command { reason: "other".into(), ..wanted.clone() },
    ] {
        let other = office.approve(&other, "lee").await;
        assert_eq!(check(&request, &other, NOW), Err(ApprovalError::OtherCommand));
    }
    assert_eq!(check(&approval, &request, NOW), Err(ApprovalError::WrongRole));
    assert_eq!(check(&request, &request, NOW), Err(ApprovalError::WrongRole), "a request approves nothing");
    let stranger = office.approve(&wanted, "mallory").await;
    assert_eq!(check(&request, &stranger, NOW), Err(ApprovalError::UnknownPerson));
    let forged = DualControl::approve(wanted.clone(), person("lee"), &office.keys["mallory"], NOW).await.unwrap();
    assert_eq!(check(&request, &forged, NOW), Err(ApprovalError::Token(jwt::JwtError::BadSignature)));
    let last = NOW.plus(DualControl::LONGEST).minus(Seconds::new(1));
    assert_eq!(check(&request, &approval, last), Ok(()));
    assert_eq!(check(&request, &approval, NOW.plus(DualControl::LONGEST)), Err(ApprovalError::OutOfTime));
    assert_eq!(check(&request, &approval, NOW.minus(Seconds::new(1))), Err(ApprovalError::OutOfTime));
    assert!(matches!(check(&request, "", NOW), Err(ApprovalError::Token(_))));
}

#[derive(Debug, Deserialize, Serialize)]
struct Grant(u32);

impl Record for Grant {
    const TABLE: Table = Table::Grants;
}

#[tokio::test]
async fn x1149_3_1_16_10_revoking_names_what_the_key_signed_and_puts_another_into_use_at_once() {
    let (office, records) = (Office::new(), records(1));
    let vault = KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let ring = vault.advance(NOW).await.unwrap();
    let signer = ring.signer(Purpose::SignAccessKeys, NOW).unwrap();
    let id = signer.key_id().as_str();
    let insert = |n: u8, key: &str, expires| {
        let index = vec![records.signed_by(key)];
        records.insert(RowKey::new(&[n]).unwrap(), Some(expires), index, &Grant(u32::from(n))).unwrap()
    };
    let steps = vec![insert(1, id, at(100)), insert(2, "other", at(100)), insert(3, id, at(1)), insert(4, id, at(100))];
    assert_eq!(records.commit(steps, NOW).await, Ok(Commit::Committed));

    let approved = office.agreed(Act::Revoke, id).await;
    let marker = RowKey::new(b"announced").unwrap();
    let announce = |revoked: Revoked| {
        assert_eq!(revoked, Revoked::SigningKey(signing_key_digest(&RingProvider, id)));
        let step = Step::Claim { table: Table::Changes, key: marker.clone(), expires: at(1_000) };
        let steps: ingam_wire::BoxFuture<'static, _> = Box::pin(ready(Ok(vec![step])));
        steps
    };
    let after = vault.carry_out(&approved, &announce, at(5)).await.unwrap();
    assert_eq!(after.state().key(id).unwrap().stage(at(5)), Stage::Revoked);
    assert!(!after.jwks(at(5)).to_string().contains(id), "no verifier is told of it any more");
    let archive = after.archive(&RingProvider).unwrap();
    assert!(archive.key_at(id, SignatureAlgorithm::Es256, at(1)).is_none(), "nothing it signed counts");
    let next = after.signer(Purpose::SignAccessKeys, at(5)).unwrap();
    assert_ne!(next.key_id().as_str(), id);
    assert!(records.store().read(Table::Changes, &marker, at(5)).await.unwrap().is_some(), "in the same commit");
    let affected = records.find_signed_by::<Grant>(id, 100, at(5)).await.unwrap();
    let affected: Vec<u32> = affected.into_iter().map(|stored| stored.record.0).collect();
    assert_eq!(affected, [1, 4], "the live ones, and no other key's");
    let again = vault.carry_out(&approved, &announce, at(6)).await.unwrap_err();
    assert_eq!(again, VaultError::Transition(TransitionError::NotFrom { from: Stage::Revoked, act: Act::Revoke }));
}

fn quiet<'a>(_: Revoked) -> ingam_wire::BoxFuture<'a, Result<Vec<Step>, ingam_ports::StoreError>> {
    Box::pin(ready(Ok(Vec::new())))
}

#[tokio::test]
async fn a_test_ring_may_start_with_a_key_made_elsewhere_and_a_live_one_may_not() {
    let pkcs8 = || {
        let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
        SecretBytes::new(pkcs8.to_vec())
    };
    let live = vault().starting_with(Purpose::SignResponses, pkcs8());
    assert!(matches!(live, Err(VaultError::Transition(TransitionError::WrongEnvironment { .. }))));

    let store = records(1);
    let (purpose, test) =
        (Purpose::SignResponses, || KeyVault::new(store.clone(), Environment::Test, specs()).unwrap());
    let ring = test().starting_with(purpose, pkcs8()).unwrap().advance(NOW).await.unwrap();
    let of_purpose = |ring: &ingam_keys::KeyRing| {
        let keys = ring.state().keys().iter().filter(|key| key.about().purpose == purpose);
        keys.map(|key| (key.id().to_owned(), key.about().origin)).collect::<Vec<_>>()
    };
    let first = of_purpose(&ring);
    assert_eq!(first.iter().map(|(_, origin)| *origin).collect::<Vec<_>>(), [ingam_keys::Origin::Imported]);
    assert_eq!(ring.signer(purpose, NOW).unwrap().key_id().as_str(), first[0].0);
    let others = ring.state().keys().iter().filter(|key| key.about().purpose != purpose);
    assert!(others.into_iter().all(|key| key.about().origin == ingam_keys::Origin::Generated));
    // Once there was one, another is not taken for the first: neither at a restart nor as its successor.
    let again = test().starting_with(purpose, pkcs8()).unwrap();
    assert_eq!(of_purpose(&again.advance(at(1)).await.unwrap()), first);
    let origins = of_purpose(&again.advance(at(ACTIVE - 1)).await.unwrap()).into_iter().map(|(_, origin)| origin);
    assert_eq!(origins.collect::<Vec<_>>(), [ingam_keys::Origin::Imported, ingam_keys::Origin::Generated]);
}

#[tokio::test]
async fn an_imported_key_waits_for_two_people_and_then_for_the_propagation_time() {
    let (office, vault) = (Office::new(), vault());
    let first = vault.advance(NOW).await.unwrap().signer(Purpose::SignResponses, NOW).unwrap();
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let pkcs8 = SecretBytes::new(pkcs8.to_vec());
    let id = vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, NOW).await.unwrap();
    let ring = vault.advance(at(1)).await.unwrap();
    assert_eq!(ring.state().key(id.as_str()).unwrap().stage(at(1)), Stage::Created);
    assert!(!ring.jwks(at(1)).to_string().contains(id.as_str()), "nobody sees a key that is only created");
    let approved = office.agreed(Act::Activate, id.as_str()).await;
    let ring = vault.carry_out(&approved, &quiet, at(10)).await.unwrap();
    assert!(ring.jwks(at(10)).to_string().contains(id.as_str()));
    let before = at(10 + PROPAGATION - 1);
    let ring = vault.advance(before).await.map(|_| ring).unwrap();
    assert_eq!(ring.signer(Purpose::SignResponses, before).unwrap().key_id(), first.key_id());
    let ring = vault.advance(at(10 + PROPAGATION)).await.unwrap();
    assert_eq!(ring.signer(Purpose::SignResponses, at(10 + PROPAGATION)).unwrap().key_id(), &id);
    assert_eq!(
        vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, at(200)).await.unwrap_err(),
        VaultError::Transition(TransitionError::Duplicate)
    );
    let people = ring.state().key(id.as_str()).unwrap().history().iter().any(|change| {
        matches!(&change.by, ingam_keys::Cause::People { requester, approver }
            if *requester == person("kim") && *approver == person("lee"))
    });
    assert!(people, "the history says who");
}

#[tokio::test]
async fn x1149_3_1_5_2_an_approval_counts_once() {
    let (office, vault) = (Office::new(), vault());
    let ring = vault.advance(NOW).await.unwrap();
    let signing = ring.signer(Purpose::SignAccessKeys, NOW).unwrap().key_id().as_str().to_owned();
    let secret = SecretBytes::new(vec![1; 32]);
    let source = ingam_keys::VaultKey::Secret(&secret);
    let export = async |approved: &Approved, now| {
        let copy = vault.export(approved, &source, std::sync::Arc::new(RingProvider), now).await;
        copy.map(drop).map_err(|error| error.name())
    };
    let approved = office.agreed(Act::Export, &signing).await;
    assert_eq!(export(&approved, at(1)).await, Ok(()));
    assert_eq!(export(&approved, at(2)).await, Err("Replayed"));
    assert_eq!(export(&office.agreed(Act::Export, &signing).await, at(3)).await, Err("Replayed"), "the same tokens");
    let exported = vault.advance(at(3)).await.unwrap().state().key(&signing).unwrap().exported();
    assert_eq!(exported, 1);
    // A key that was to follow and had to wait again needs a new approval.
    let imported = async || {
        let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
        let pkcs8 = SecretBytes::new(pkcs8.to_vec());
        vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, NOW).await.unwrap()
    };
    let (one, two) = (imported().await, imported().await);
    let activate = office.agreed(Act::Activate, one.as_str()).await;
    vault.carry_out(&activate, &quiet, at(10)).await.unwrap();
    vault.carry_out(&office.agreed(Act::Activate, two.as_str()).await, &quiet, at(10)).await.unwrap();
    let again = vault.carry_out(&activate, &quiet, at(11)).await.unwrap_err();
    assert_eq!(again, VaultError::Transition(TransitionError::Replayed));
}

#[tokio::test]
async fn x1149_3_1_11_3_a_test_key_is_not_imported_into_a_live_ring() {
    let vault = vault();
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let pkcs8 = SecretBytes::new(pkcs8.to_vec());
    let refused = vault.import(Purpose::SignResponses, &pkcs8, Environment::Test, NOW).await.unwrap_err();
    let wrong = TransitionError::WrongEnvironment { key: Environment::Test, ring: Environment::Live };
    assert_eq!(refused, VaultError::Transition(wrong));
    let office = Office::new();
    let id = vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, NOW).await.unwrap();
    let elsewhere = Command { environment: Environment::Test, ..command(Act::Activate, id.as_str()) };
    let (request, approval) = (office.request(&elsewhere, "kim").await, office.approve(&elsewhere, "lee").await);
    let approved = office.control.check(&request, &approval, NOW).unwrap();
    assert_eq!(vault.carry_out(&approved, &quiet, NOW).await.unwrap_err(), VaultError::Transition(wrong));
}

#[derive(Debug)]
struct Administration;
impl jwt::Kind for Administration {
    const TYP: jwt::Typ = jwt::Typ::Required("ingam-admin+jwt");
    type Claims = serde_json::Value;
}

#[tokio::test]
async fn an_approval_made_to_last_is_refused() {
    let office = Office::new();
    let wanted = command(Act::Revoke, "k1");
    let request = office.request(&wanted, "kim").await;
    let approval = async |seconds: u64| {
        let exp = NOW.plus(Seconds::new(seconds));
        let claims = serde_json::json!({ "iss": "lee", "role": "approve", "command": wanted, "iat": NOW, "exp": exp });
        let token = jwt::sign::<Administration>(&claims, &office.keys["lee"]).await.unwrap();
        office.control.check(&request, &token, NOW).map(drop)
    };
    assert_eq!(approval(DualControl::LONGEST.get()).await, Ok(()));
    assert_eq!(approval(DualControl::LONGEST.get() + 1).await, Err(ApprovalError::OutOfTime));
}

#[tokio::test]
async fn a_key_that_never_signed_is_revoked_and_keeps_the_times_that_were_planned() {
    let (office, vault) = (Office::new(), vault());
    vault.advance(NOW).await.unwrap();
    let planned = at(ACTIVE - PROPAGATION);
    let ring = vault.advance(planned).await.unwrap();
    let next = ring.state().keys().iter().find(|key| key.stage(planned) == Stage::Published).unwrap();
    let (id, start) = (next.id().to_owned(), next.not_before());
    vault.carry_out(&office.agreed(Act::Revoke, &id).await, &quiet, planned).await.unwrap();
    let earlier = planned.minus(Seconds::new(PROPAGATION + 1)); // another node's clock
    let ring = vault.advance(earlier).await.unwrap();
    assert_eq!(ring.state().key(&id).unwrap().not_before(), start);
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let pkcs8 = SecretBytes::new(pkcs8.to_vec());
    let created = vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, planned).await.unwrap();
    let approved = office.agreed(Act::Revoke, created.as_str()).await;
    let ring = vault.carry_out(&approved, &quiet, planned).await.unwrap();
    assert_eq!(ring.state().key(created.as_str()).unwrap().stage(planned), Stage::Revoked);
}

#[tokio::test]
async fn no_step_leads_out_of_order() {
    let (office, vault) = (Office::new(), vault());
    let ring = vault.advance(NOW).await.unwrap();
    let id = ring.signer(Purpose::SignAccessKeys, NOW).unwrap().key_id().as_str().to_owned();
    let refused = |from, act| VaultError::Transition(TransitionError::NotFrom { from, act });
    for act in [Act::Activate, Act::Destroy] {
        let error = vault.carry_out(&office.agreed(act, &id).await, &quiet, NOW).await.unwrap_err();
        assert_eq!(error, refused(Stage::Active, act));
    }
    let unknown = vault.carry_out(&office.agreed(Act::Revoke, "nobody").await, &quiet, NOW).await.unwrap_err();
    assert_eq!(unknown, VaultError::Transition(TransitionError::UnknownKey));
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let destroy = office.agreed(Act::Destroy, &id).await;
    assert_eq!(
        vault.carry_out(&destroy, &quiet, at(ACTIVE)).await.unwrap_err(),
        VaultError::Transition(TransitionError::StillNeeded { until: at(ACTIVE + RETENTION) })
    );
    vault.carry_out(&office.agreed(Act::Revoke, &id).await, &quiet, at(ACTIVE)).await.unwrap();
    let ring = vault.carry_out(&destroy, &quiet, at(ACTIVE)).await.unwrap();
    assert_eq!(ring.state().key(&id).unwrap().stage(at(ACTIVE)), Stage::Destroyed);
    for act in [Act::Activate, Act::Revoke, Act::Export, Act::Destroy] {
        let error = vault.carry_out(&office.agreed(act, &id).await, &quiet, at(ACTIVE)).await.unwrap_err();
        assert_eq!(error, refused(Stage::Destroyed, act));
    }
}

#[tokio::test]
async fn a_commit_that_fails_leaves_the_ring_as_it_was() {
    let office = Office::new();
    let inner = records(1);
    let failing = std::sync::Arc::new(FailingStore::new(inner.store().clone()));
    let sealer = ingam_keys::RecordSealer::new(std::sync::Arc::new(RingProvider), &SecretBytes::new(vec![1; 32]));
    let through = ingam_keys::Records::new(failing.clone(), std::sync::Arc::new(sealer));
    let vault = KeyVault::new(through, Environment::Live, specs()).unwrap();
    let ring = vault.advance(NOW).await.unwrap();
    let id = ring.signer(Purpose::SignAccessKeys, NOW).unwrap().key_id().as_str().to_owned();
    let approved = office.agreed(Act::Revoke, &id).await;
    failing.fail(true);
    let error = vault.carry_out(&approved, &quiet, NOW).await.unwrap_err();
    assert!(matches!(error, VaultError::Records(_)));
    failing.fail(false);
    assert_eq!(vault.advance(NOW).await.unwrap().state(), ring.state());
}

#[tokio::test]
async fn a_start_that_other_nodes_already_go_by_is_not_moved() {
    let (office, records) = (Office::new(), records(1));
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let (vault, other) = (node(), node());
    vault.advance(NOW).await.unwrap();
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let pkcs8 = SecretBytes::new(pkcs8.to_vec());
    let id = vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, NOW).await.unwrap();
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let cut_off = other.advance(at(ACTIVE - 20)).await.unwrap();
    let approved = office.agreed(Act::Activate, id.as_str()).await;
    let fresh = vault.carry_out(&approved, &quiet, at(ACTIVE - 10)).await.unwrap();
    for second in [ACTIVE - 1, ACTIVE, ACTIVE + 50] {
        let signer = |ring: &ingam_keys::KeyRing| ring.signer(Purpose::SignResponses, at(second)).unwrap();
        assert_eq!(signer(&cut_off).key_id(), signer(&fresh).key_id(), "at {second}");
    }
    let begins = at(ACTIVE - 10 + PROPAGATION);
    let fresh = vault.advance(begins).await.unwrap();
    assert_eq!(fresh.signer(Purpose::SignResponses, begins).unwrap().key_id(), &id);
    assert!(cut_off.signer(Purpose::SignResponses, begins).is_err(), "and whoever was cut off signs no more");
}

#[tokio::test]
async fn an_emergency_does_not_move_a_start_that_other_nodes_go_by() {
    let (office, records) = (Office::new(), records(1));
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let (vault, other) = (node(), node());
    let first = vault.advance(NOW).await.unwrap().signer(Purpose::SignResponses, NOW).unwrap();
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let pkcs8 = SecretBytes::new(pkcs8.to_vec());
    let id = vault.import(Purpose::SignResponses, &pkcs8, Environment::Live, NOW).await.unwrap();
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let approved = office.agreed(Act::Activate, id.as_str()).await;
    vault.carry_out(&approved, &quiet, at(ACTIVE - 10)).await.unwrap(); // starts at ACTIVE + 90
    let cut_off = other.advance(at(ACTIVE - 8)).await.unwrap();
    let revoke = office.agreed(Act::Revoke, first.key_id().as_str()).await;
    let fresh = vault.carry_out(&revoke, &quiet, at(ACTIVE - 5)).await.unwrap();
    assert!(fresh.signer(Purpose::SignResponses, at(ACTIVE - 5)).is_ok(), "the successor signs early");
    for second in [ACTIVE, ACTIVE + 89, ACTIVE + 91] {
        let signer = |ring: &ingam_keys::KeyRing| ring.signer(Purpose::SignResponses, at(second)).unwrap();
        assert_eq!(signer(&cut_off).key_id(), signer(&fresh).key_id(), "at {second}");
    }
    assert_eq!(cut_off.signer(Purpose::SignResponses, at(ACTIVE + 91)).unwrap().key_id(), &id);
}
