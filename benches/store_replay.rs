//! The replay guard in memory at ten million live ids (performance goal P9): bytes an entry, claims a second on one
//! thread, the longest claim, and whether a replay ever passes or a fresh id is ever refused.

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use ingam_benches::{Goal, Table, float, now, processor_time};
use ingam_ports::{Claim, ClaimPurpose, Freshness, Position, ReplayGuard};
use ingam_store::MemoryReplayGuard;
use ingam_wire::{Seconds, UnixTime};

/// Ids alive at once.
const LIVE: u64 = 10_000_000;

/// Seconds over which they are spread, and for which each lives.
const WINDOW: u64 = 131;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    runtime.block_on(measure()).finish()
}

async fn measure() -> Table {
    let mut table = Table::new("P9: the replay guard in memory, ten million live ids");
    let guard = MemoryReplayGuard::new(usize::MAX, Seconds::new(300));
    let start = Stopwatch::start();
    for id in 0..LIVE {
        claim(&guard, id, true).await;
    }
    let nanos = start.nanos_each(LIVE);
    let entries = guard.len();
    let bytes = guard.bytes().expect("no thread panicked");
    println!("{entries} live ids in {bytes} bytes; to wait for one of so many bytes takes {:.0} ns", load(bytes));

    // Every id again, and as many fresh ones, with the clock read around each: the longest says what a claim can cost.
    let mut longest = Duration::ZERO;
    for id in 0..LIVE / 5 {
        let start = now();
        claim(&guard, id * 5, false).await;
        longest = longest.max(start.elapsed());
    }
    for id in LIVE..LIVE + LIVE / 5 {
        let start = now();
        claim(&guard, id, true).await;
        longest = longest.max(start.elapsed());
    }
    let start = now();
    let later = UnixTime::from_secs(0).plus(Seconds::new(10 * WINDOW));
    guard.purge(later).expect("no thread panicked");
    println!("forgetting all of them takes {:?}, a shard at a time", start.elapsed());
    assert!(guard.is_empty());

    table.figure("bytes an entry", float(bytes) / float(entries), Goal::figure(24.0));
    table.figure("nanoseconds a claim, one thread (4 M/s = 250)", nanos, Goal::figure(250.0));
    table.figure("microseconds of the longest claim", longest.as_secs_f64() * 1e6, Goal::figure(300.0));
    table
}

/// Measures what a thread had of a processor, else what the clock on the wall says.
struct Stopwatch(Instant, Option<Duration>);

impl Stopwatch {
    fn start() -> Self {
        Self(now(), processor_time())
    }

    fn nanos_each(&self, count: u64) -> f64 {
        let processor = self.1.and_then(|start| processor_time()?.checked_sub(start));
        processor.unwrap_or_else(|| self.0.elapsed()).as_secs_f64() * 1e9 / float(count)
    }
}

/// Nanoseconds to wait for a line anywhere in so many bytes of memory that only the line before names: no claim takes
/// less, since where to look is known behind a lock.
fn load(bytes: usize) -> f64 {
    let count = (bytes / 64).next_power_of_two() / 2;
    // One cycle through all lines (Hull and Dobell 1962), in steps too wild to be foreseen.
    let following = |line: usize| line.wrapping_mul(0x5851_f42d).wrapping_add(0x1405_7b7f) % count;
    let lines: Vec<[usize; 8]> = (0..count).map(|line| [following(line); 8]).collect();
    let (start, mut place) = (Stopwatch::start(), 0);
    for _ in 0..LIVE {
        [place, ..] = lines.get(place).copied().unwrap_or_default();
    }
    black_box(place);
    start.nanos_each(LIVE)
}

/// Claims `id` and stops the run when the guard says something else than what is true.
async fn claim(guard: &MemoryReplayGuard, id: u64, fresh: bool) {
    let stated = UnixTime::from_secs(0).plus(Seconds::new(id % WINDOW));
    let mut digest = [0; 32];
    for (to, word) in digest.chunks_exact_mut(8).zip(1_u64..) {
        to.copy_from_slice(&mixed(id.wrapping_mul(4).wrapping_add(word)).to_le_bytes());
    }
    let expires = stated.plus(Seconds::new(2 * WINDOW));
    let claim = Claim { purpose: ClaimPurpose::Proof, digest, stated, expires };
    let outcome = guard.claim_all(&[claim], Position(0), stated).await;
    let was_fresh = matches!(outcome, Ok(Freshness::Fresh(_)));
    assert_eq!(was_fresh, fresh, "id {id} was {outcome:?}");
}

/// splitmix64: digests that are spread like those of SHA-256, without its cost in the measurement.
fn mixed(word: u64) -> u64 {
    let word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
