//! Whatever is asked, in whatever order: the file answers what the memory answers.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use ingam_ports::{IndexValue, Row, RowKey, Step, Store, Table};
use ingam_store::{MemoryStore, RedbStore};
use ingam_wire::UnixTime;
use proptest::prelude::*;
use tokio::runtime::Builder;

/// One call of the port.
#[derive(Clone, Debug)]
enum Call {
    Read(Table, RowKey),
    Scan(Table, IndexValue, usize),
    List(Table, RowKey, usize),
    Commit(Vec<Step>),
    Purge(usize),
}

fn table() -> impl Strategy<Value = Table> {
    prop_oneof![Just(Table::Grants), Just(Table::Claims), Just(Table::Events)]
}

/// Few keys, one a prefix of another, so that steps meet each other.
fn key() -> impl Strategy<Value = RowKey> {
    prop::sample::select(vec![&b"a"[..], b"ab", b"b", b"\xff\xff"]).prop_map(|key| RowKey::new(key).unwrap())
}

fn time() -> impl Strategy<Value = UnixTime> {
    (-3..20_i64).prop_map(UnixTime::from_secs)
}

fn row() -> impl Strategy<Value = Row> {
    let index = prop::collection::vec((0..3_u8).prop_map(|value| IndexValue([value; 32])), 0..3);
    let sealed = prop::collection::vec(any::<u8>(), 0..4);
    let row = (key(), 0..4_u64, prop::option::of(time()), index, sealed);
    row.prop_map(|(key, version, expires, index, sealed)| Row { key, version, expires, index, sealed })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (table(), key(), time()).prop_map(|(table, key, expires)| Step::Claim { table, key, expires }),
        (table(), row()).prop_map(|(table, row)| Step::Insert { table, row: Row { version: 1, ..row } }),
        (table(), key(), 1..4_u64).prop_map(|(table, key, version)| Step::Take { table, key, version }),
        (table(), row()).prop_map(|(table, row)| Step::Replace { table, row }),
        (table(), key(), 0..5_u64).prop_map(|(table, key, to)| Step::Raise { table, key, to }),
        row().prop_map(|row| Step::Event { row }),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        1 => (table(), key()).prop_map(|(table, key)| Call::Read(table, key)),
        1 => (table(), 0..3_u8, 0..5_usize).prop_map(|(table, value, limit)| Call::Scan(table, IndexValue([value; 32]), limit)),
        1 => (table(), prop::option::of(key()), 0..5_usize)
            .prop_map(|(table, after, limit)| Call::List(table, after.unwrap_or(RowKey::new(b"").unwrap()), limit)),
        4 => prop::collection::vec(step(), 1..5).prop_map(Call::Commit),
        1 => (0..4_usize).prop_map(Call::Purge),
    ]
}

/// What a store answers, as text that can be compared.
async fn answer(store: &dyn Store, call: Call, now: UnixTime) -> String {
    match call {
        Call::Read(table, key) => format!("{:?}", store.read(table, &key, now).await),
        Call::Scan(table, index, limit) => format!("{:?}", store.scan(table, index, limit, now).await),
        Call::List(table, after, limit) => format!("{:?}", store.list(table, &after, limit, now).await),
        Call::Commit(steps) => format!("{:?}", store.commit(steps, now).await),
        Call::Purge(limit) => format!("{:?}", store.purge(now, limit).await),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_file_answers_what_the_memory_answers(calls in prop::collection::vec((call(), time()), 1..40)) {
        let folder = std::env::temp_dir().join(format!("ingam-model-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("store.redb");
        let _ = std::fs::remove_file(&path);
        let (memory, file) = (MemoryStore::new(), RedbStore::open(&path).unwrap());
        let outcome = Builder::new_current_thread().build().unwrap().block_on(async {
            for (call, now) in calls {
                let (left, right) = (answer(&memory, call.clone(), now).await, answer(&file, call.clone(), now).await);
                prop_assert_eq!(left, right, "{:?} at {:?}", call, now);
            }
            for table in [Table::Grants, Table::Claims, Table::Events] {
                let all = Call::List(table, RowKey::new(b"").unwrap(), usize::MAX);
                let start = UnixTime::from_secs(i64::MIN);
                prop_assert_eq!(answer(&memory, all.clone(), start).await, answer(&file, all, start).await);
            }
            Ok(())
        });
        drop(file);
        std::fs::remove_dir_all(&folder).unwrap();
        outcome?;
    }
}
