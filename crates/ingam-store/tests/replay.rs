//! Both replay guards hold the contract of the port.

use std::sync::Arc;

use ingam_contract::{
    FailingStore,
    replay::{Guarded, KEEP, failure_suite, suite},
};
use ingam_ports::{
    Changes, Claim, ClaimPurpose, Commit, Freshness, Position, ReplayError, ReplayGuard, Revoked, Step, Store, Table,
};
use ingam_store::{ChangeLog, MemoryReplayGuard, MemoryStore, StoreReplayGuard};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

struct InMemory(MemoryReplayGuard);

impl Guarded for InMemory {
    fn guard(&self) -> &dyn ReplayGuard {
        &self.0
    }

    fn revoke<'a>(&'a self, revoked: &'a [Revoked], now: UnixTime) -> BoxFuture<'a, ()> {
        Box::pin(async move { assert!(self.0.revoke(revoked, now).is_ok()) })
    }

    fn purge(&self, now: UnixTime) -> BoxFuture<'_, ()> {
        Box::pin(async move { assert_eq!(self.0.purge(now), Ok(())) })
    }
}

struct InStore(StoreReplayGuard, Arc<dyn Store>);

impl Guarded for InStore {
    fn guard(&self) -> &dyn ReplayGuard {
        &self.0
    }

    fn revoke<'a>(&'a self, revoked: &'a [Revoked], now: UnixTime) -> BoxFuture<'a, ()> {
        Box::pin(async move { assert_eq!(self.0.log().commit(vec![], revoked, now).await, Ok(Commit::Committed)) })
    }

    fn purge(&self, now: UnixTime) -> BoxFuture<'_, ()> {
        Box::pin(async move { assert!(self.1.purge(now, usize::MAX).await.is_ok()) })
    }
}

#[tokio::test]
async fn the_memory_guard_holds_the_contract() {
    suite(|| Arc::new(InMemory(MemoryReplayGuard::new(100_000, KEEP)))).await;
}

#[tokio::test]
async fn the_store_guard_holds_the_contract() {
    suite(|| {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Arc::new(InStore(StoreReplayGuard::new(Arc::clone(&store), KEEP), store))
    })
    .await;
}

#[tokio::test]
async fn a_guard_whose_store_fails_refuses() {
    let store = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
    store.fail(true);
    failure_suite(&StoreReplayGuard::new(store, KEEP)).await;
}

fn claim(id: u8) -> Claim {
    let (stated, expires) = (NOW, NOW.plus(Seconds::new(60)));
    Claim { purpose: ClaimPurpose::Proof, digest: [id; 32], stated, expires }
}

#[tokio::test]
async fn a_full_memory_guard_refuses_and_forgets_nothing() {
    let guard = MemoryReplayGuard::new(2, KEEP);
    let fresh = |outcome| matches!(outcome, Ok(Freshness::Fresh(_)));
    assert!(fresh(guard.claim_all(&[claim(1), claim(2)], Position(0), NOW).await));
    assert_eq!(guard.claim_all(&[claim(3)], Position(0), NOW).await, Err(ReplayError::Unavailable));
    let later = NOW.plus(Seconds::new(60));
    let next = Claim { stated: later, expires: later.plus(Seconds::new(60)), ..claim(3) };
    assert!(fresh(guard.claim_all(&[next], Position(0), later).await), "what expired makes room");
    assert_eq!(guard.len(), 1);
}

#[tokio::test]
async fn a_restarted_memory_guard_refuses_what_its_earlier_life_may_have_taken() {
    let guard = MemoryReplayGuard::new(9, KEEP).refusing_until(NOW);
    assert_eq!(guard.claim_all(&[claim(1)], Position(0), NOW).await, Ok(Freshness::Replayed { which: 0 }));
    let next = Claim { stated: NOW.plus(Seconds::new(1)), ..claim(1) };
    assert!(matches!(guard.claim_all(&[next], Position(0), NOW).await, Ok(Freshness::Fresh(_))));
}

#[tokio::test]
async fn an_entry_of_the_memory_guard_takes_at_most_24_bytes() {
    let guard = MemoryReplayGuard::new(1_000_000, KEEP);
    for id in 0..200_000_u64 {
        let mut digest = [0; 32];
        // Spread as a hash would.
        digest[..8].copy_from_slice(&id.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        digest[8..16].copy_from_slice(&id.wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes());
        let outcome = guard.claim_all(&[Claim { digest, ..claim(0) }], Position(0), NOW).await;
        assert!(matches!(outcome, Ok(Freshness::Fresh(_))));
    }
    assert_eq!(guard.len(), 200_000);
    assert!(guard.bytes().unwrap() <= 24 * 200_000, "{} bytes an entry", guard.bytes().unwrap() / 200_000);
}

#[tokio::test]
async fn an_append_goes_into_the_commit_of_what_makes_it_true() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let log = ChangeLog::new(Arc::clone(&store), KEEP);
    let key = ingam_ports::RowKey::new(b"grant").unwrap();
    let take = Step::Take { table: Table::Grants, key, version: 1 };
    let refused = log.commit(vec![take], &[Revoked::Grant([1; 32])], NOW).await;
    assert_eq!(refused, Ok(Commit::Refused { step: 0 }));
    assert_eq!(log.since(Position(0), NOW).await, Ok(Changes::Since { to: Position(0), revoked: vec![] }));
}

#[tokio::test]
async fn an_append_that_lost_a_race_is_refused_as_built_and_tried_again_by_commit() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let log = ChangeLog::new(Arc::clone(&store), KEEP);
    let head = log.head(NOW).await.unwrap();
    let steps = |n| log.revoke_steps(&[Revoked::Grant([n; 32])], head, NOW).unwrap();
    assert_eq!(store.commit(steps(1), NOW).await, Ok(Commit::Committed));
    assert_eq!(store.commit(steps(2), NOW).await, Ok(Commit::Refused { step: 0 }));
    assert_eq!(log.commit(vec![], &[Revoked::Grant([2; 32])], NOW).await, Ok(Commit::Committed));
    let revoked = vec![Revoked::Grant([1; 32]), Revoked::Grant([2; 32])];
    assert_eq!(log.since(Position(0), NOW).await, Ok(Changes::Since { to: Position(2), revoked }));
}

#[tokio::test]
async fn a_generation_lasts_as_long_as_its_last_id() {
    let guard = MemoryReplayGuard::new(100_000, KEEP);
    // Enough ids that every shard holds early and late ones of one generation.
    let ids = |stated: UnixTime, from: u16| {
        (from..from + 20_000).map(move |id| {
            let mut digest = [7; 32];
            digest[..2].copy_from_slice(&id.to_be_bytes());
            Claim { digest, stated, expires: stated.plus(Seconds::new(60)), ..claim(0) }
        })
    };
    let (early, late) = (NOW, NOW.plus(Seconds::new(1)));
    for id in ids(early, 0).chain(ids(late, 20_000)) {
        assert!(matches!(guard.claim_all(&[id], Position(0), late).await, Ok(Freshness::Fresh(_))));
    }
    let now = NOW.plus(Seconds::new(60));
    assert_eq!(guard.purge(now), Ok(()));
    for id in ids(late, 20_000).step_by(17) {
        assert_eq!(guard.claim_all(&[id], Position(0), now).await, Ok(Freshness::Replayed { which: 0 }));
    }
}
