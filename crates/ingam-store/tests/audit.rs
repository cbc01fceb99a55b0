//! The record in the store holds the contract, and what a store that fails must do to it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::Arc;

use ingam_contract::{
    FailingStore,
    audit::{Audited, Line, failure_suite, suite},
};
use ingam_jose::RingProvider;
use ingam_keys::RecordSealer;
use ingam_ports::{
    AuditSink, Commit, ControlItem, EventKind, Outcome, RecordError, RowKey, SecurityEvent, Step, Store, Table,
};
use ingam_store::{AuditMode, MemoryStore, RecordedEvent, StoreAudit, TracingAudit, Trail};
use ingam_wire::{BoxFuture, Seconds, SecretBytes, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

fn sealer() -> Arc<RecordSealer> {
    Arc::new(RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![7; 32])))
}

async fn audit(store: &Arc<dyn Store>, mode: AuditMode) -> StoreAudit {
    StoreAudit::open(Arc::clone(store), sealer(), mode, NOW).await.unwrap()
}

async fn trail(store: &Arc<dyn Store>) -> Vec<RecordedEvent> {
    Trail::new(Arc::clone(store), sealer()).since(NOW, usize::MAX, NOW).await.unwrap()
}

fn event(reference: &str) -> SecurityEvent {
    SecurityEvent {
        at: NOW,
        kind: EventKind::Payment,
        outcome: Outcome::Done,
        control: ControlItem::RECORDS,
        threat: None,
        policy: "test/1",
        key_id: None,
        fintech: Some("client-1".into()),
        user: Some("alice".into()),
        reference: Some(reference.into()),
        address: None,
    }
}

fn references(events: &[RecordedEvent]) -> Vec<&str> {
    events.iter().filter_map(|event| event.reference.as_deref()).collect()
}

struct InStore(StoreAudit, Arc<dyn Store>);

impl Audited for InStore {
    fn sink(&self) -> &dyn AuditSink {
        &self.0
    }

    fn trail(&self) -> BoxFuture<'_, Vec<Line>> {
        Box::pin(async move {
            assert_eq!(self.0.flush_counted().await, Ok(()));
            trail(&self.1).await.into_iter().map(line).collect()
        })
    }
}

fn line(event: RecordedEvent) -> Line {
    let RecordedEvent { at, kind, refused, control, threat, policy, .. } = event;
    let RecordedEvent { key_id, fintech, user, reference, address, count, .. } = event;
    Line { at, kind, refused, control, threat, policy, key_id, fintech, user, reference, address, count }
}

#[tokio::test]
async fn x1149_3_1_16_9_the_record_holds_the_contract_in_both_modes() {
    for mode in [AuditMode::Queued, AuditMode::Durable] {
        suite(async || {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let audited: Arc<dyn Audited> = Arc::new(InStore(audit(&store, mode).await, store));
            audited
        })
        .await;
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_kept_is_refused_when_the_queue_is_full() {
    for mode in [AuditMode::Queued, AuditMode::Durable] {
        let failing = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
        let store: Arc<dyn Store> = failing.clone();
        let audit = audit(&store, mode).await;
        failing.fail(true);
        failure_suite(&audit).await;
    }
}

#[tokio::test]
async fn what_waited_for_the_store_is_written_in_order_when_it_answers_again() {
    let failing = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
    let store: Arc<dyn Store> = failing.clone();
    let audit = audit(&store, AuditMode::Queued).await;
    failing.fail(true);
    for reference in ["1", "2", "3"] {
        assert_eq!(audit.record(event(reference)).await, Ok(()));
    }
    assert_eq!(audit.flush().await, Err(RecordError));
    assert_eq!(audit.record(event("4")).await, Ok(()));
    failing.fail(false);
    assert_eq!(audit.flush().await, Ok(()));
    assert_eq!(references(&trail(&store).await), ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn durable_records_are_there_when_record_returns_and_queued_ones_are_not() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    assert_eq!(audit(&store, AuditMode::Durable).await.record(event("durable")).await, Ok(()));
    assert_eq!(audit(&store, AuditMode::Queued).await.record(event("queued")).await, Ok(()));
    assert_eq!(references(&trail(&store).await), ["durable"]);
}

#[tokio::test]
async fn an_event_can_be_part_of_the_commit_it_is_about() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let audit = audit(&store, AuditMode::Queued).await;
    let claim =
        || Step::Claim { table: Table::Claims, key: RowKey::new(b"id").unwrap(), expires: NOW.plus(Seconds::new(9)) };
    let both = |reference| vec![claim(), audit.step(&event(reference)).unwrap().unwrap()];
    assert_eq!(store.commit(both("first"), NOW).await, Ok(Commit::Committed));
    assert_eq!(store.commit(both("second"), NOW).await, Ok(Commit::Refused { step: 0 }));
    assert_eq!(references(&trail(&store).await), ["first"]);
}

#[tokio::test]
async fn records_of_a_restarted_process_come_after_those_before_it_in_the_same_second() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for reference in ["1", "2", "3"] {
        assert_eq!(audit(&store, AuditMode::Durable).await.record(event(reference)).await, Ok(()));
    }
    assert_eq!(references(&trail(&store).await), ["1", "2", "3"]);
}

#[tokio::test]
async fn stored_events_show_no_clear_text_and_a_changed_one_does_not_open() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    assert_eq!(audit(&store, AuditMode::Durable).await.record(event("payment-77")).await, Ok(()));
    let start = RowKey::new(b"").unwrap();
    let mut row = store.list(Table::Events, &start, 9, NOW).await.unwrap().remove(0);
    for word in [&b"payment-77"[..], b"alice", b"client-1", b"Payment"] {
        assert!(!row.sealed.windows(word.len()).any(|window| window == word));
    }
    *row.sealed.last_mut().unwrap() ^= 1;
    row.version = 2;
    assert_eq!(store.commit(vec![Step::Replace { table: Table::Events, row }], NOW).await, Ok(Commit::Committed));
    assert!(Trail::new(store, sealer()).after(&start, 9, NOW).await.is_err());
}

#[tokio::test]
async fn records_are_kept_as_long_as_asked_and_then_forgotten() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let audit = audit(&store, AuditMode::Durable).await.keeping(Seconds::new(100));
    assert_eq!(audit.record(event("1")).await, Ok(()));
    assert_eq!(store.purge(NOW.plus(Seconds::new(99)), 9).await, Ok(0));
    assert_eq!(store.purge(NOW.plus(Seconds::new(100)), 9).await, Ok(1));
    assert_eq!(trail(&store).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_running_record_is_written_within_100_ms_and_counts_within_a_second() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let audit = Arc::new(audit(&store, AuditMode::Queued).await);
    let running = tokio::spawn({
        let audit = Arc::clone(&audit);
        async move { audit.run().await }
    });
    assert_eq!(audit.record(event("1")).await, Ok(()));
    let unknown = SecurityEvent { fintech: None, user: None, outcome: Outcome::Refused("NoKey"), ..event("x") };
    assert_eq!(audit.record(unknown).await, Ok(()));
    // Paused time: the runtime moves its clock, nobody waits.
    tokio::time::sleep(std::time::Duration::from_millis(101)).await;
    assert_eq!(trail(&store).await.len(), 1);
    tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
    assert_eq!(trail(&store).await.len(), 2);
    running.abort();
}

#[test]
fn a_line_shows_everything_and_no_value_can_forge_another_line() {
    let line = RecordedEvent::new(SecurityEvent { outcome: Outcome::Refused("Late"), ..event("a\nb") }, 3).to_string();
    assert_eq!(
        line,
        "2026-01-02T03:04:05Z Payment REFUSED Late [3.1.16.9] fintech=client-1 user=alice reference=a\\nb policy=test/1 (3 times)"
    );
}

#[tokio::test]
async fn tracing_shows_only_what_the_next_sink_took() {
    let failing = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
    let store: Arc<dyn Store> = failing.clone();
    let both = TracingAudit::beside(Arc::new(audit(&store, AuditMode::Durable).await));
    assert_eq!(both.record(event("1")).await, Ok(()));
    assert_eq!(references(&trail(&store).await), ["1"]);
    failing.fail(true);
    assert_eq!(both.record(event("2")).await, Err(RecordError));
    assert_eq!(TracingAudit::new().record(event("3")).await, Ok(()));
}
