//! Whatever happens when, and to whom: one signer at a time, and nothing signed outlives its verifying key.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering},
};

use ingam_jose::{CryptoProvider, RingProvider, SignatureAlgorithm, SigningKey};
use ingam_keys::{
    Act, Algorithm, Approved, Command, DualControl, Environment, KeyRing, KeyVault, Person, Purpose, RecordSealer,
    Records, Stage, VaultError, signing_key_digest,
};
use ingam_ports::{Changes, Commit, IndexValue, Position, Revoked, Row, RowKey, Step, Store, StoreError, Table};
use ingam_store::MemoryStore;
use ingam_wire::{BoxFuture, SecretBytes, UnixTime};
use proptest::prelude::*;
use support::{ACTIVE, LIFE, NOW, PROPAGATION, SKEW, at, spec};

const PURPOSE: Purpose = Purpose::SignAccessKeys;

/// A store in which another node may come first, once or always, or the answer be lost: before the commit or after it.
#[derive(Debug)]
struct Rough {
    inner: MemoryStore,
    fate: AtomicUsize,
}

impl Store for Rough {
    fn read<'a>(
        &'a self,
        table: Table,
        key: &'a RowKey,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            tokio::task::yield_now().await; // lets the other node read the same version
            self.inner.read(table, key, now).await
        })
    }

    fn scan<'a>(
        &'a self,
        table: Table,
        index: IndexValue,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        self.inner.scan(table, index, limit, now)
    }

    fn list<'a>(
        &'a self,
        table: Table,
        after: &'a RowKey,
        limit: usize,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        self.inner.list(table, after, limit, now)
    }

    fn commit<'a>(&'a self, steps: Vec<Step>, now: UnixTime) -> BoxFuture<'a, Result<Commit, StoreError>> {
        Box::pin(async move {
            if self.fate.load(Ordering::SeqCst) == OTHERS_FIRST {
                return Ok(Commit::Refused { step: 0 });
            }
            match self.fate.swap(0, Ordering::SeqCst) {
                1 => Err(StoreError),
                2 => self.inner.commit(steps, now).await.and(Err(StoreError)),
                _ => self.inner.commit(steps, now).await,
            }
        })
    }

    fn purge<'a>(&'a self, now: UnixTime, limit: usize) -> BoxFuture<'a, Result<usize, StoreError>> {
        self.inner.purge(now, limit)
    }
}

const OTHERS_FIRST: usize = 3;

#[derive(Clone, Debug)]
enum Event {
    Pass(u64),
    Advance(usize),
    AdvanceBoth(usize, usize),
    Crash { node: usize, fate: usize },
    Restart(usize),
    RevokeActive(usize),
    RevokeNext(usize),
    Import(usize),
    ActivateImported(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let node = 0..NODES;
    prop_oneof![
        6 => prop_oneof![1..PROPAGATION * 2, Just(PROPAGATION / 2), 1..ACTIVE + 200].prop_map(Event::Pass),
        5 => node.clone().prop_map(Event::Advance),
        3 => (node.clone(), node.clone()).prop_map(|(a, b)| Event::AdvanceBoth(a, b)),
        2 => (node.clone(), 1..3_usize).prop_map(|(node, fate)| Event::Crash { node, fate }),
        1 => node.clone().prop_map(Event::Restart),
        1 => node.clone().prop_map(Event::RevokeActive),
        1 => node.clone().prop_map(Event::RevokeNext),
        1 => node.clone().prop_map(Event::Import),
        1 => node.prop_map(Event::ActivateImported),
    ]
}

const NODES: usize = 3;

fn vault(store: Arc<Rough>) -> KeyVault {
    let sealer = RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![1; 32]));
    let records = Records::new(store, Arc::new(sealer));
    KeyVault::new(records, Environment::Live, vec![spec(PURPOSE, Algorithm::EdDsa)]).unwrap()
}

struct Bank {
    store: Arc<Rough>,
    vaults: Vec<KeyVault>,
    observer: KeyVault,
    rings: Vec<Option<KeyRing>>,
    now: UnixTime,
    revoked: BTreeSet<String>,
    imported: Option<String>,
    tokens: Vec<(String, UnixTime)>,
    control: DualControl,
    people: [(Person, SigningKey); 2],
}

impl Bank {
    fn new() -> Self {
        let store = Arc::new(Rough { inner: MemoryStore::new(), fate: AtomicUsize::new(0) });
        let people = ["kim", "lee"].map(|name| {
            let person: Person = name.parse().unwrap();
            (person, SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap())
        });
        let control =
            DualControl::new(people.iter().map(|(name, key)| (name.clone(), key.public().clone())).collect()).unwrap();
        let vault = |store: &Arc<Rough>| vault(store.clone());
        Self {
            vaults: (0..NODES).map(|_| vault(&store)).collect(),
            observer: vault(&store),
            store,
            rings: vec![None; NODES],
            now: NOW,
            revoked: BTreeSet::new(),
            imported: None,
            tokens: Vec::new(),
            control,
            people,
        }
    }

    fn took(&mut self, node: usize, result: Result<KeyRing, VaultError>) {
        if let Ok(ring) = result {
            self.rings[node] = Some(ring);
        }
    }

    async fn approved(&self, act: Act, key: &str) -> Approved {
        let command = Command { act, key: key.into(), environment: Environment::Live, reason: "test".into() };
        let [(kim, kims), (lee, lees)] = &self.people;
        let request = DualControl::request(command.clone(), kim.clone(), kims, self.now).await.unwrap();
        let approval = DualControl::approve(command, lee.clone(), lees, self.now).await.unwrap();
        self.control.check(&request, &approval, self.now).unwrap()
    }

    async fn carry_out(&mut self, node: usize, act: Act, key: &str) -> bool {
        let approved = self.approved(act, key).await;
        let log = Mutex::new(Vec::new());
        let announce = |revoked: Revoked| {
            log.lock().unwrap().push(revoked);
            let none: BoxFuture<'static, _> = Box::pin(std::future::ready(Ok(Vec::new())));
            none
        };
        let result = self.vaults[node].carry_out(&approved, &announce, self.now).await;
        let done = result.is_ok();
        self.took(node, result);
        done
    }

    async fn play(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Pass(seconds) => self.now = now.plus(ingam_wire::Seconds::new(seconds)),
            Event::Advance(node) => {
                let result = self.vaults[node].advance(now).await;
                assert!(result.is_ok(), "{result:?}");
                self.took(node, result);
            }
            Event::AdvanceBoth(left, right) => {
                let (a, b) = tokio::join!(self.vaults[left].advance(now), self.vaults[right].advance(now));
                assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
                self.took(left, a);
                self.took(right, b);
            }
            Event::Crash { node, fate } => {
                self.store.fate.store(fate, Ordering::SeqCst);
                let result = self.vaults[node].advance(now).await;
                self.store.fate.store(0, Ordering::SeqCst);
                self.took(node, result);
            }
            Event::Restart(node) => {
                self.rings[node] = None;
                self.vaults[node] = vault(self.store.clone());
            }
            Event::RevokeActive(node) | Event::RevokeNext(node) => {
                let stage = if matches!(event, Event::RevokeActive(_)) { Stage::Active } else { Stage::Published };
                let Some(ring) = &self.rings[node] else { return };
                let key = ring.state().keys().iter().find(|key| key.stage(now) == stage).map(|key| key.id().to_owned());
                if let Some(key) = key
                    && self.carry_out(node, Act::Revoke, &key).await
                {
                    self.revoked.insert(key);
                }
            }
            Event::Import(node) => {
                let pkcs8 = SecretBytes::new(RingProvider.generate(SignatureAlgorithm::EdDsa).unwrap().to_vec());
                let id = self.vaults[node].import(PURPOSE, &pkcs8, Environment::Live, now).await.unwrap();
                self.imported = Some(id.as_str().to_owned());
            }
            Event::ActivateImported(node) => {
                if let Some(key) = self.imported.clone() {
                    self.carry_out(node, Act::Activate, &key).await;
                }
            }
        }
    }

    /// Every node signs if it may; all that do must use one key, which a verifier that asks any of them can see.
    async fn check(&mut self) {
        let digests: Vec<_> =
            self.revoked.iter().map(|id| Revoked::SigningKey(signing_key_digest(&RingProvider, id))).collect();
        let log = Changes::Since { to: Position(1), revoked: digests };
        let mut signers = BTreeSet::new();
        for ring in self.rings.iter_mut().flatten() {
            ring.heed(&log);
            if let Ok(signer) = ring.signer(PURPOSE, self.now) {
                let id = signer.key_id().as_str().to_owned();
                assert!(!self.revoked.contains(&id), "a revoked key signs");
                assert!(ring.verifying_keys(self.now).keys().iter().any(|key| key.key_id() == Some(signer.key_id())));
                signers.insert(id);
            }
        }
        assert!(signers.len() <= 1, "two keys sign at {:?}: {signers:?}", self.now);
        let life = ingam_wire::Seconds::new(LIFE);
        self.tokens.extend(signers.into_iter().map(|id| (id, self.now.plus(life))));
        let skew = ingam_wire::Seconds::new(SKEW);
        let (now, revoked) = (self.now, &self.revoked);
        self.tokens.retain(|(id, expires)| !revoked.contains(id) && now <= expires.plus(skew));
        let ring = self.observer.advance(now).await.unwrap();
        let seen = ring.verifying_keys(now);
        for (id, expires) in &self.tokens {
            let found = seen.keys().iter().any(|key| key.key_id().is_some_and(|seen| seen.as_str() == id));
            assert!(found, "a token of {id} that lives until {expires:?} outlives its key at {now:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn x1149_3_1_17_4_there_is_one_signer_and_no_token_outlives_its_key(
        events in proptest::collection::vec(event(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut bank = Bank::new();
            for event in events {
                bank.play(event).await;
                bank.check().await;
            }
        });
    }
}

#[tokio::test]
async fn a_ring_that_other_nodes_change_each_time_is_given_up_and_stays_as_it_is() {
    let store = Arc::new(Rough { inner: MemoryStore::new(), fate: AtomicUsize::new(0) });
    let vault = vault(store.clone());
    let before = vault.advance(NOW).await.unwrap();
    store.fate.store(OTHERS_FIRST, Ordering::SeqCst);
    let due = at(ACTIVE - PROPAGATION);
    assert_eq!(vault.advance(due).await.unwrap_err(), VaultError::Contended);
    assert!(before.signer(PURPOSE, at(1)).is_ok(), "what was read goes on");
    store.fate.store(0, Ordering::SeqCst);
    assert_eq!(vault.advance(at(1)).await.unwrap().state(), before.state());
    assert_eq!(vault.advance(due).await.unwrap().state().keys().len(), 2);
}

#[test]
fn the_time_of_these_tests_reaches_past_several_rotations() {
    assert!(at(60 * (ACTIVE + 200)) > at(10 * ACTIVE));
}
