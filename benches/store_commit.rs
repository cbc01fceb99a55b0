//! The embedded store under 64 callers (performance goal P10): claims a second against its own rate in batches of 64,
//! the most that callers who wait for their answers can have in one flush, and what a lone caller waits against a bare
//! redb commit of the same rows.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use ingam_benches::{Goal, Table as Printed, median, now, per_second};
use ingam_ports::{Commit, RowKey, Step, Store, Table};
use ingam_store::RedbStore;
use ingam_wire::{Seconds, UnixTime};
use redb::{Database, TableDefinition};

const CALLERS: u64 = 64;
const ROUNDS: usize = 5;
const LONE: u64 = 200;
const EACH: u64 = 150;
const BATCHES: u64 = 60;
const ROWS_A_ROUND: u64 = BATCHES * (100 + CALLERS) + CALLERS * EACH;

fn main() -> ExitCode {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("a runtime can be built");
    runtime.block_on(measure()).finish()
}

async fn measure() -> Printed {
    let folder = std::env::temp_dir().join(format!("ingam-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    let store = Arc::new(RedbStore::open(&folder.join("store.redb")).expect("a fresh file opens"));
    let bare = Database::create(folder.join("bare.redb")).expect("a fresh file opens");
    let mut table = Printed::new("P10: the embedded store from 64 callers");
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    let mut next = 0_u64;
    // Interleaved, so that drift of the disk hits all alike.
    for _ in 0..ROUNDS {
        let hundreds = in_batches(&store, 100, &mut next).await;
        let batches = in_batches(&store, CALLERS, &mut next).await;
        let callers = from_callers(&store, &mut next).await;
        together.push(callers / batches);
        // The bare file has as many rows: a deeper tree writes more pages.
        bare_commit(&bare, ROWS_A_ROUND, &mut next);
        let raw = bare_commits(&bare, &mut next);
        let lone = lone_commits(&store, &mut next).await;
        alone.push(lone / raw);
        println!(
            "  {hundreds:.0} claims/s in batches of 100, {batches:.0} of {CALLERS}, {callers:.0} from {CALLERS} callers; \
             alone {lone:.0} µs, bare {raw:.0} µs"
        );
    }
    drop(store);
    remove(&folder);
    table.figure("rate in batches of 64 / rate of 64 callers", 1.0 / median(together), Goal::figure(1.0 / 0.9));
    table.figure("lone caller / bare commit", median(alone), Goal::figure(1.15));
    table
}

/// Claims a second of one caller that commits `size` at a time.
async fn in_batches(store: &RedbStore, size: u64, next: &mut u64) -> f64 {
    let start = now();
    for _ in 0..BATCHES {
        let steps = (0..size).map(|_| claim(next)).collect();
        commit(store, steps).await;
    }
    per_second(BATCHES * size, start)
}

/// Claims a second of callers that commit one at a time, all at once.
async fn from_callers(store: &Arc<RedbStore>, next: &mut u64) -> f64 {
    // In the order of time as a whole: what callers bring at once was made at once.
    let mut shares: Vec<Vec<Step>> = (0..CALLERS).map(|_| Vec::new()).collect();
    for _ in 0..EACH {
        shares.iter_mut().for_each(|share| share.push(claim(next)));
    }
    let start = now();
    let callers = shares.into_iter().map(|steps| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for step in steps {
                commit(&store, vec![step]).await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no caller panics");
    }
    per_second(CALLERS * EACH, start)
}

/// Microseconds of a commit with nobody else waiting.
async fn lone_commits(store: &RedbStore, next: &mut u64) -> f64 {
    let mut micros = Vec::new();
    for _ in 0..LONE {
        let step = claim(next);
        let start = now();
        commit(store, vec![step]).await;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    median(micros)
}

/// Microseconds of a redb commit of the same two rows, by hand.
fn bare_commits(database: &Database, next: &mut u64) -> f64 {
    median((0..LONE).map(|_| bare_commit(database, 1, next)).collect())
}

/// Microseconds of one redb commit of so many claims.
fn bare_commit(database: &Database, claims: u64, next: &mut u64) -> f64 {
    const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
    const EXPIRY: TableDefinition<'_, &[u8], ()> = TableDefinition::new("expiry");
    let start = now();
    let transaction = database.begin_write().expect("the file can be written");
    {
        let mut rows = transaction.open_table(ROWS).expect("the table opens");
        let mut expiry = transaction.open_table(EXPIRY).expect("the table opens");
        for _ in 0..claims {
            let Step::Claim { key, expires, .. } = claim(next) else { continue };
            rows.insert(key.as_bytes(), &b"123456789"[..]).expect("the row is kept");
            let entry = [&expires.secs().to_be_bytes()[..], key.as_bytes()].concat();
            expiry.insert(entry.as_slice(), ()).expect("the entry is kept");
        }
    }
    transaction.commit().expect("the file can be flushed");
    start.elapsed().as_secs_f64() * 1e6
}

async fn commit(store: &RedbStore, steps: Vec<Step>) {
    let outcome = store.commit(steps, UnixTime::from_secs(0)).await;
    assert_eq!(outcome, Ok(Commit::Committed));
}

/// A claim nobody made, in time order as proofs come.
fn claim(next: &mut u64) -> Step {
    *next += 1;
    let time = UnixTime::from_secs(1_000).plus(Seconds::new(*next / 1_000));
    let mut hash = [0; 32];
    for (to, word) in hash.chunks_exact_mut(8).zip(1_u64..) {
        to.copy_from_slice(&(*next * 4 + word).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    }
    Step::Claim { table: Table::Claims, key: RowKey::timed(time, &hash), expires: time.plus(Seconds::new(131)) }
}

fn remove(folder: &Path) {
    let _: Result<(), std::io::Error> = std::fs::remove_dir_all(PathBuf::from(folder));
}
