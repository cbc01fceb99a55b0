//! The replay guard in memory at ten million live ids (performance goal P9): bytes an entry, claims a second on one
//! thread, the longest claim, and whether a replay ever passes or a fresh id is ever refused.

use std::{process::ExitCode, time::Instant};

use ingam_benches::{Line, finish};
use ingam_ports::{Claim, ClaimPurpose, Freshness, Position, ReplayGuard};
use ingam_store::MemoryReplayGuard;
use ingam_wire::{Seconds, UnixTime};

/// Ids alive at once.
const LIVE: u64 = 10_000_000;

/// Seconds over which they are spread, and for which each lives.
const WINDOW: u64 = 131;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be built");
    let lines = runtime.block_on(measure());
    finish(&lines)
}

async fn measure() -> Vec<Line> {
    let guard = MemoryReplayGuard::new(usize::MAX, Seconds::new(300));
    let start = now();
    for id in 0..LIVE {
        claim(&guard, id, true).await;
    }
    let rate = per_second(LIVE, start);
    let entries = guard.len();
    let bytes = guard.bytes().expect("no thread panicked");
    println!("{entries} live ids in {bytes} bytes");

    // Every id again, and as many fresh ones, with the clock read around each: the longest says what a claim can cost.
    let mut longest = 0_u128;
    for id in 0..LIVE / 5 {
        let start = now();
        claim(&guard, id * 5, false).await;
        longest = longest.max(start.elapsed().as_nanos());
    }
    for id in LIVE..LIVE + LIVE / 5 {
        let start = now();
        claim(&guard, id, true).await;
        longest = longest.max(start.elapsed().as_nanos());
    }
    let start = now();
    let later = UnixTime::from_secs(0).plus(Seconds::new(10 * WINDOW));
    guard.purge(later).expect("no thread panicked");
    println!("forgetting all of them takes {:?}, a shard at a time", start.elapsed());
    assert!(guard.is_empty());

    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "figures for people")]
    let lines = vec![
        line("bytes an entry", bytes as f64 / entries as f64, 24.0),
        line("nanoseconds a claim, one thread (4 M/s = 250)", 1e9 / rate, 250.0),
        line("microseconds of the longest claim", longest as f64 / 1e3, 300.0),
    ];
    for line in &lines {
        println!("  {:<50} {:>10.1}  goal {:.0}  {}", line.name, line.median, line.goal.unwrap_or(0.0), verdict(line));
    }
    lines
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

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

fn line(name: &str, value: f64, goal: f64) -> Line {
    Line { name: name.to_owned(), minimum: value, median: value, ratio: value, goal: Some(goal), passed: value <= goal }
}

fn verdict(line: &Line) -> &'static str {
    if line.passed { "reached" } else { "MISSED" }
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "timings belong to benches")]
    Instant::now()
}
