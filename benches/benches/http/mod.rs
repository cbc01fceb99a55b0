//! What both benches of signed messages share: 1,024 distinct requests, and timings as ratios to the bare primitives.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench that cannot go on has to stop"
)]
#![expect(clippy::disallowed_methods, reason = "timings belong to benches")]

use core::{
    future::Future,
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::time::Instant;

use bytes::Bytes;
use http::Request;
use ingam_jose::{CryptoProvider as _, RingProvider, SignatureAlgorithm, SigningKey};
use ingam_transaction::{Origin, policy::FAPI_2_REQUEST, request};
use ingam_wire::UnixTime;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

pub const PROVIDER: RingProvider = RingProvider;
pub const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);
pub const ALGORITHMS: [SignatureAlgorithm; 2] = [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];
pub const BODIES: [usize; 2] = [1024, 64 * 1024];
const DISTINCT: usize = 1024;
const ROUNDS: usize = 9;
const BATCH: usize = 32;

/// How many distinct inputs one batch of `size` bodies takes: fewer of large ones, so that a run stays short.
pub const fn distinct(size: usize) -> usize {
    if size > 4096 { DISTINCT / 4 } else { DISTINCT }
}

pub fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm, &PROVIDER).unwrap()
}

pub fn origin() -> Origin {
    Origin::of(&"https://bank.example".parse().unwrap()).unwrap()
}

/// A payment with an access key of 900 bytes and a proof of 500, as FAPI fintechs send it.
pub fn call(number: usize, size: usize) -> Request<Bytes> {
    let body = format!("{number:08}").repeat(size / 8);
    Request::post("https://bank.example/payments?dry=1")
        .header("authorization", format!("DPoP {}", format!("{number:010}").repeat(90)))
        .header("dpop", format!("{number:010}").repeat(50))
        .header("content-type", "application/json")
        .header("idempotency-key", format!("key-{number}"))
        .header("user-agent", "bench")
        .header("host", "bank.example")
        .body(Bytes::from(body))
        .unwrap()
}

pub fn signed(number: usize, size: usize, key: &SigningKey) -> Request<Bytes> {
    let signing = request::sign(call(number, size), key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW);
    ready(signing).unwrap().0
}

pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a software key does not wait"),
    }
}

/// Runs `raw` and `ours` over fresh inputs in turns; prints minimum, median, their ratio, the same run's error, allocations.
pub fn compare<I, R, O>(
    name: &str,
    goal: f64,
    inputs: impl Fn() -> Vec<I>,
    raw: impl Fn(&I) -> R,
    ours: impl Fn(I) -> O,
) {
    let [mut raws, mut again, mut owns] = [const { Vec::new() }; 3];
    let (mut allocations, mut count) = (0, 0);
    for round in 0..=ROUNDS {
        let mut inputs = inputs();
        count = inputs.len();
        allocations = 0;
        while !inputs.is_empty() {
            // Short batches in turns, so that whatever else the machine does falls on all of them alike.
            let batch = inputs.split_off(inputs.len().saturating_sub(BATCH));
            let first = timed(batch.len(), || batch.iter().for_each(|input| drop(black_box(raw(input)))));
            let second = timed(batch.len(), || batch.iter().for_each(|input| drop(black_box(raw(input)))));
            // What is made is dropped after the clock has stopped: to drop a request is its owner's work.
            let mut made = Vec::with_capacity(BATCH);
            let region = Region::new(ALLOCATOR);
            let own = timed(batch.len(), || batch.into_iter().for_each(|input| made.push(black_box(ours(input)))));
            allocations += region.change().allocations;
            if round > 0 {
                raws.push(first);
                again.push(second);
                owns.push(own);
            }
        }
    }
    let (raw, own) = (median(&mut raws), median(&mut owns));
    let error = (median(&mut again) / raw - 1.0).abs();
    let ratio = own / raw;
    let verdict = if ratio <= goal + error { "reached" } else { "missed" };
    println!(
        "{name}: {own:.2} us, raw {raw:.2} us, {ratio:.3} x (minimum {:.3} x; goal {goal:.2}, run error {error:.3}: {verdict}), {} allocations",
        owns[0] / raws[0],
        allocations / count,
    );
}

fn timed(count: usize, work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64() * 1e6 / number(count)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}
