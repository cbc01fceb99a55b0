//! A ring whose keys are kept elsewhere, by a custody that an embedder writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use ingam_jose::{KeyError, RingProvider, SignatureAlgorithm, Signer, SigningKey};
use ingam_keys::{
    Act, Approved, Command, Custody, CustodyError, DualControl, Environment, Kept, KeyVault, Origin, Person, Purpose,
    TransitionError, VaultError,
};
use ingam_ports::{Revoked, Step, StoreError};
use ingam_wire::{BoxFuture, UnixTime};
use support::{ACTIVE, NOW, PROPAGATION, RETENTION, at, records, specs};

/// Keys by handle, and how many more there is room for.
#[derive(Debug)]
struct Drawer {
    keys: Mutex<BTreeMap<Box<str>, Arc<SigningKey>>>,
    room: AtomicUsize,
}

impl Drawer {
    fn new(room: usize) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::default(), room: room.into() })
    }

    fn handles(&self) -> Vec<Box<str>> {
        self.keys.lock().unwrap().keys().cloned().collect()
    }

    fn has_room_for(&self, keys: usize) {
        self.room.store(keys, Ordering::SeqCst);
    }
}

impl Custody for Drawer {
    fn make(&self, algorithm: SignatureAlgorithm) -> BoxFuture<'_, Result<Kept, CustodyError>> {
        Box::pin(async move {
            tokio::task::yield_now().await; // lets the other node make one too
            let room = self.room.load(Ordering::SeqCst).checked_sub(1).ok_or(CustodyError::Unreachable)?;
            self.has_room_for(room);
            let key = Arc::new(SigningKey::generate(algorithm, &RingProvider).unwrap());
            let handle: Box<str> = key.key_id().as_str().into();
            self.keys.lock().unwrap().insert(handle.clone(), Arc::clone(&key));
            Ok(Kept { handle, signer: key })
        })
    }

    fn signer<'a>(
        &'a self,
        handle: &'a str,
        _: SignatureAlgorithm,
    ) -> BoxFuture<'a, Result<Arc<dyn Signer>, CustodyError>> {
        Box::pin(async move {
            let key: Arc<dyn Signer> = self.keys.lock().unwrap().get(handle).cloned().ok_or(CustodyError::NoKey)?;
            Ok(key)
        })
    }

    fn destroy<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), CustodyError>> {
        Box::pin(async move {
            self.keys.lock().unwrap().remove(handle);
            Ok(())
        })
    }
}

fn vault(drawer: &Arc<Drawer>) -> KeyVault {
    KeyVault::new(records(1), Environment::Live, specs()).unwrap().kept_in(drawer.clone())
}

/// What two people agreed on.
async fn agreed(act: Act, key: &str, now: UnixTime) -> Approved {
    let command = Command { act, key: key.into(), environment: Environment::Live, reason: "drill".into() };
    let [kim, lee] = ["kim", "lee"].map(|name| {
        let person: Person = name.parse().unwrap();
        (person, SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap())
    });
    let request = DualControl::request(command.clone(), kim.0.clone(), &kim.1, now).await.unwrap();
    let approval = DualControl::approve(command, lee.0.clone(), &lee.1, now).await.unwrap();
    let control = DualControl::new([kim, lee].map(|(name, key)| (name, key.public().clone())).into()).unwrap();
    control.check(&request, &approval, now).unwrap()
}

fn quiet<'a>(_: Revoked) -> BoxFuture<'a, Result<Vec<Step>, StoreError>> {
    Box::pin(std::future::ready(Ok(Vec::new())))
}

#[tokio::test]
async fn x1149_3_1_17_4_keys_kept_elsewhere_live_and_are_destroyed_there() {
    let drawer = Drawer::new(usize::MAX);
    let vault = vault(&drawer);
    let ring = vault.advance(NOW).await.unwrap();
    assert!(ring.state().keys().iter().all(|key| key.about().origin == Origin::Token));
    let signer = ring.signer(Purpose::SignResponses, NOW).unwrap();
    let signature = signer.sign(b"message").await.unwrap();
    assert_eq!(signer.verifying_key().verify(b"message", &signature), Ok(()));
    let first = drawer.handles();
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    vault.advance(at(ACTIVE + RETENTION)).await.unwrap();
    let left = drawer.handles();
    assert!(left.len() == 2 && first.iter().all(|handle| !left.contains(handle)), "{first:?} {left:?}");
}

#[tokio::test]
async fn a_key_kept_elsewhere_is_not_exported_and_no_other_passes_for_it() {
    let drawer = Drawer::new(usize::MAX);
    let records = records(1);
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap().kept_in(drawer.clone());
    let vault = node();
    let ring = vault.advance(NOW).await.unwrap();
    let id = ring.signer(Purpose::SignResponses, NOW).unwrap().key_id().as_str().to_owned();
    let approved = agreed(Act::Export, &id, NOW).await;
    let error = vault.carry_out(&approved, &quiet, NOW).await.unwrap_err();
    assert_eq!(error, VaultError::Transition(TransitionError::NotExportable));
    // Whoever holds the drawer puts another key in its place.
    let another = Arc::new(SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap());
    drawer.keys.lock().unwrap().insert(id.into(), another);
    assert_eq!(node().advance(NOW).await.unwrap_err(), VaultError::Key(KeyError::HalvesDiffer));
}

#[tokio::test]
async fn of_two_nodes_that_make_keys_at_once_the_slower_one_s_are_destroyed() {
    let drawer = Drawer::new(usize::MAX);
    let records = records(1);
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap().kept_in(drawer.clone());
    let (left, right) = (node(), node());
    let (left, right) = tokio::join!(left.advance(NOW), right.advance(NOW));
    let (left, right) = (left.unwrap(), right.unwrap());
    assert_eq!(left.state(), right.state());
    let kept = drawer.handles();
    assert!(kept.len() == 2 && kept.iter().all(|handle| left.state().key(handle).is_some()), "{kept:?}");
}

#[tokio::test]
async fn a_change_that_fails_half_way_leaves_no_key_behind() {
    let drawer = Drawer::new(1);
    let vault = vault(&drawer);
    let error = vault.advance(NOW).await.unwrap_err();
    assert_eq!(error, VaultError::Custody(CustodyError::Unreachable), "the second of two keys");
    assert!(drawer.handles().is_empty(), "the first is gone");
    drawer.has_room_for(4);
    vault.advance(NOW).await.unwrap();
    let kept = drawer.handles();
    // Two successors are due when two people name a key that is not there.
    let due = at(ACTIVE - PROPAGATION);
    let approved = agreed(Act::Revoke, "nobody", due).await;
    let error = vault.carry_out(&approved, &quiet, due).await.unwrap_err();
    assert_eq!(error, VaultError::Transition(TransitionError::UnknownKey));
    assert_eq!(drawer.handles(), kept);
    drawer.has_room_for(2);
    vault.advance(due).await.unwrap();
    assert_eq!(drawer.handles().len(), 4);
}
