//! Both stores hold the contract of the port; the file behaves as a file must.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use ingam_contract::store::{restart_suite, suite};
use ingam_ports::Store;
use ingam_store::{MemoryStore, OpenError, RedbStore};

/// A path in a folder of its own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ingam-store-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder.join("store.redb"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

#[tokio::test]
async fn the_memory_store_holds_the_contract() {
    suite(|| Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn the_redb_store_holds_the_contract() {
    let places = std::cell::RefCell::new(Vec::new());
    suite(|| {
        let place = Place::new();
        let store = RedbStore::open(&place.0).unwrap();
        places.borrow_mut().push(place);
        Arc::new(store)
    })
    .await;
}

#[tokio::test]
async fn what_the_redb_store_answered_survives_a_restart() {
    let place = Place::new();
    let store: Arc<dyn Store> = Arc::new(RedbStore::open(&place.0).unwrap());
    restart_suite(store, |store| {
        drop(store);
        Arc::new(RedbStore::open(&place.0).unwrap())
    })
    .await;
}

#[test]
fn one_file_belongs_to_one_store() {
    let place = Place::new();
    let first = RedbStore::open(&place.0).unwrap();
    assert_eq!(RedbStore::open(&place.0).unwrap_err(), OpenError::InUse);
    drop(first);
    assert!(RedbStore::open(&place.0).is_ok(), "dropping gives the file free");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let mode = || fs::metadata(&place.0).unwrap().permissions().mode() & 0o777;
    drop(RedbStore::open(&place.0).unwrap());
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o644)).unwrap();
    drop(RedbStore::open(&place.0).unwrap());
    assert_eq!(mode(), 0o600, "a file that others could read is narrowed");
}

#[test]
fn a_file_of_another_format_is_refused_and_left_alone() {
    let place = Place::new();
    drop(RedbStore::open(&place.0).unwrap());
    let format = redb::TableDefinition::<&str, i64>::new("meta");
    let database = redb::Database::open(&place.0).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(format).unwrap().insert("format", 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert_eq!(RedbStore::open(&place.0).unwrap_err(), OpenError::UnknownFormat { found: Some(2), known: 1 });
}

#[test]
fn another_programs_database_is_refused() {
    let place = Place::new();
    let database = redb::Database::create(&place.0).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(redb::TableDefinition::<&str, i64>::new("theirs")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert_eq!(RedbStore::open(&place.0).unwrap_err(), OpenError::UnknownFormat { found: None, known: 1 });
}

#[test]
fn a_file_that_is_no_database_is_damaged() {
    let place = Place::new();
    fs::write(&place.0, b"certainly not a database, but long enough to be looked at as one".repeat(200)).unwrap();
    assert_eq!(RedbStore::open(&place.0).unwrap_err(), OpenError::Damaged);
}

#[test]
fn a_path_that_cannot_be_written_is_an_io_error() {
    let place = Place::new();
    let inside_a_file = place.0.join("store.redb");
    fs::write(&place.0, b"x").unwrap();
    assert_eq!(RedbStore::open(&inside_a_file).unwrap_err(), OpenError::Io(std::io::ErrorKind::NotADirectory));
}

#[tokio::test]
async fn a_damaged_row_is_an_error_and_never_a_panic() {
    use ingam_ports::{Commit, RowKey, Step, StoreError, Table};
    use ingam_wire::UnixTime;
    let place = Place::new();
    let (now, key) = (UnixTime::from_secs(1_000), RowKey::new(b"k").unwrap());
    let claim = || vec![Step::Claim { table: Table::Claims, key: key.clone(), expires: UnixTime::from_secs(2_000) }];
    let store = RedbStore::open(&place.0).unwrap();
    assert_eq!(store.commit(claim(), now).await, Ok(Commit::Committed));
    drop(store);
    let rows = redb::TableDefinition::<&[u8], &[u8]>::new("rows");
    let database = redb::Database::open(&place.0).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(rows).unwrap().insert(&b"\x07k"[..], &b"\x09broken"[..]).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let store = RedbStore::open(&place.0).unwrap();
    assert_eq!(store.read(Table::Claims, &key, now).await, Err(StoreError));
    assert_eq!(store.commit(claim(), now).await, Err(StoreError));
    let other =
        Step::Claim { table: Table::Claims, key: RowKey::new(b"o").unwrap(), expires: UnixTime::from_secs(9_999) };
    assert_eq!(store.commit(vec![other], now).await, Ok(Commit::Committed), "others go on");
}
