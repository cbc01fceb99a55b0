//! What a store keeps of a record opens only as exactly the row that was sealed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

use std::sync::Arc;

use ingam_contract::FailingStore;
use ingam_jose::RingProvider;
use ingam_keys::{Record, RecordSealer, Records, RecordsError, SealError};
use ingam_ports::{Commit, IndexValue, Row, RowKey, StoreError, Table};
use ingam_store::MemoryStore;
use ingam_wire::{SecretBytes, UnixTime};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Grant {
    user: String,
    amount: u64,
}

impl Record for Grant {
    const TABLE: Table = Table::Grants;
}

/// The same content in another table.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Payment {
    user: String,
    amount: u64,
}

impl Record for Payment {
    const TABLE: Table = Table::Payments;
}

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn sealer(master: u8) -> RecordSealer {
    RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![master; 32]))
}

fn grant() -> Grant {
    Grant { user: "alice-canary".into(), amount: 12_345 }
}

fn key(bytes: &[u8]) -> RowKey {
    RowKey::new(bytes).unwrap()
}

fn sealed(sealer: &RecordSealer) -> Row {
    let index = vec![sealer.index("user", b"alice"), sealer.index("signing-key", b"k1")];
    sealer.seal(key(b"g1"), 1, Some(NOW), index, &grant()).unwrap()
}

#[test]
fn a_row_opens_to_the_record_and_shows_nothing_of_it() {
    let sealer = sealer(1);
    let row = sealed(&sealer);
    assert_eq!(sealer.open::<Grant>(&row), Ok(grant()));
    assert!(!row.sealed.windows(6).any(|window| window == b"canary"));
    assert_ne!(sealed(&sealer).sealed, row.sealed, "two rows of one record share nothing");
}

#[test]
fn x1149_3_1_12_1_a_row_moved_changed_or_aged_does_not_open() {
    let sealer = sealer(1);
    let row = sealed(&sealer);
    let changed = |change: &dyn Fn(&mut Row)| {
        let mut row = row.clone();
        change(&mut row);
        sealer.open::<Grant>(&row)
    };
    assert_eq!(changed(&|_| {}), Ok(grant()));
    assert_eq!(changed(&|row| row.index.reverse()), Ok(grant()), "a store may order index values as it likes");
    let failed = Err(SealError::UnsealFailed);
    assert_eq!(changed(&|row| row.key = key(b"g2")), failed);
    assert_eq!(changed(&|row| row.version = 2), failed);
    assert_eq!(changed(&|row| row.expires = None), failed);
    assert_eq!(changed(&|row| row.expires = Some(NOW.plus(ingam_wire::Seconds::new(1)))), failed);
    assert_eq!(changed(&|row| row.index = vec![]), failed);
    assert_eq!(changed(&|row| row.index.push(IndexValue([7; 32]))), failed);
    assert_eq!(changed(&|row| row.index[0] = IndexValue([7; 32])), failed);
    assert_eq!(sealer.open::<Payment>(&row), Err(SealError::UnsealFailed), "another table");
}

#[test]
fn sr_08_a_master_secret_that_is_too_short_seals_and_opens_nothing() {
    let sealer = |bytes: usize| RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![1; bytes]));
    let row = sealed(&sealer(32));
    let seal = |sealer: &RecordSealer| sealer.seal(key(b"k"), 1, None, Vec::new(), &grant()).map(drop);
    for short in [sealer(0), sealer(16), sealer(31), sealer(32).rotated(&SecretBytes::new(vec![2; 31]))] {
        assert_eq!(seal(&short), Err(SealError::WeakMaster));
        assert_eq!(short.open::<Grant>(&row).map(drop), Err(SealError::WeakMaster));
    }
    assert_eq!(seal(&sealer(32)), Ok(()));
    assert_eq!(seal(&sealer(64)), Ok(()));
}

#[test]
fn every_bit_of_a_sealed_record_counts_and_every_cut_is_refused() {
    let sealer = sealer(1);
    let row = sealed(&sealer);
    for at in 0..row.sealed.len() {
        for bit in 0..8 {
            let mut row = row.clone();
            row.sealed[at] ^= 1 << bit;
            assert_eq!(sealer.open::<Grant>(&row), Err(SealError::UnsealFailed), "byte {at} bit {bit}");
        }
        let mut row = row.clone();
        row.sealed.truncate(at);
        assert_eq!(sealer.open::<Grant>(&row), Err(SealError::UnsealFailed), "cut at {at}");
    }
}

#[test]
fn sr_34_a_sealed_record_opens_under_one_key_and_one_context_only() {
    let (first, second) = (sealer(1), sealer(2));
    let row = sealed(&first);
    assert_eq!(second.open::<Grant>(&row), Err(SealError::UnsealFailed), "another key");
    let tenant = sealer(1).for_tenant("bank-2");
    assert_eq!(tenant.open::<Grant>(&row), Err(SealError::UnsealFailed), "another tenant");
    // The commitment alone refuses: the row of one key under the commitment of another opens under neither.
    let other = sealed(&second);
    let mut spliced = row.clone();
    spliced.sealed[33..65].copy_from_slice(&other.sealed[33..65]);
    assert_eq!(first.open::<Grant>(&spliced), Err(SealError::UnsealFailed));
    assert_eq!(second.open::<Grant>(&spliced), Err(SealError::UnsealFailed));
}

#[test]
fn rows_of_the_earlier_master_open_after_it_was_replaced_and_are_found_by_the_same_index() {
    let old = sealer(1);
    let new = sealer(1).rotated(&SecretBytes::new(vec![2; 32]));
    let row = sealed(&old);
    assert_eq!(new.open::<Grant>(&row), Ok(grant()));
    assert_eq!(old.open::<Grant>(&sealed(&new)), Err(SealError::UnsealFailed), "new rows need the new master");
    assert_eq!(new.index("user", b"alice"), old.index("user", b"alice"));
    assert_eq!(new.hash("code", b"secret"), old.hash("code", b"secret"));
}

#[test]
fn index_values_and_hashes_of_different_names_tenants_and_uses_never_meet() {
    let sealer_1 = sealer(1);
    let tenant = sealer(1).for_tenant("user");
    let all = [
        sealer_1.index("user", b"alice").0,
        sealer_1.index("use", b"ralice").0,
        sealer_1.index("", b"useralice").0,
        sealer_1.hash("user", b"alice"),
        tenant.index("user", b"alice").0,
        tenant.index("", b"useralice").0,
        sealer(2).index("user", b"alice").0,
    ];
    for (at, left) in all.iter().enumerate() {
        for right in &all[at + 1..] {
            assert_ne!(left, right);
        }
    }
}

#[tokio::test]
async fn records_are_read_found_replaced_and_taken() {
    let records = Records::new(Arc::new(MemoryStore::new()), Arc::new(sealer(1)));
    let index = records.sealer().index("user", b"alice");
    let step = records.insert(key(b"g1"), None, vec![index], &grant()).unwrap();
    assert_eq!(records.commit(vec![step], NOW).await, Ok(Commit::Committed));
    let read = records.read::<Grant>(&key(b"g1"), NOW).await.unwrap().unwrap();
    assert_eq!((&read.record, read.version), (&grant(), 1));
    let poorer = Grant { amount: 1, ..grant() };
    let step = records.replace(&read, &poorer).unwrap();
    assert_eq!(records.commit(vec![step.clone()], NOW).await, Ok(Commit::Committed));
    assert_eq!(records.commit(vec![step], NOW).await, Ok(Commit::Refused { step: 0 }), "from what is no longer there");
    let found = records.find::<Grant>(index, 10, NOW).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].record, found[0].version), (&poorer, 2));
    assert_eq!(records.commit(vec![records.take(&read)], NOW).await, Ok(Commit::Refused { step: 0 }));
    assert_eq!(records.commit(vec![records.take(&found[0])], NOW).await, Ok(Commit::Committed));
    assert!(records.read::<Grant>(&key(b"g1"), NOW).await.unwrap().is_none());
    assert!(records.list::<Grant>(&key(b""), 10, NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_record_past_its_time_is_absent() {
    let records = Records::new(Arc::new(MemoryStore::new()), Arc::new(sealer(1)));
    let step = records.insert(key(b"g1"), Some(NOW), vec![], &grant()).unwrap();
    let before = NOW.minus(ingam_wire::Seconds::new(1));
    assert_eq!(records.commit(vec![step], before).await, Ok(Commit::Committed));
    assert!(records.read::<Grant>(&key(b"g1"), before).await.unwrap().is_some());
    assert!(records.read::<Grant>(&key(b"g1"), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn a_store_that_fails_is_not_an_absent_record() {
    let failing = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
    let records = Records::new(failing.clone(), Arc::new(sealer(1)));
    failing.fail(true);
    assert_eq!(records.read::<Grant>(&key(b"g1"), NOW).await.unwrap_err(), RecordsError::Store(StoreError));
}
