use std::{hint::black_box, time::Duration};

use crate::{allocations, float, median, now};

/// Batches of each operation.
const ROUNDS: usize = 80;

/// What one batch should take, so that the clock's own error does not count.
const BATCH: Duration = Duration::from_millis(2);

/// What was measured of one operation and the bare one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Microseconds of the bare operation, minimum over the batches.
    pub(crate) bare: f64,
    /// Microseconds of ours, minimum over the batches.
    pub(crate) minimum: f64,
    /// Microseconds of ours, median over the batches.
    pub(crate) median: f64,
    /// Median over the rounds of our time by the bare one's.
    pub(crate) ratio: f64,
    /// How far the ratio of the bare operation to itself lies from 1.
    pub(crate) error: f64,
    /// Allocations of one run of ours.
    pub(crate) allocations: usize,
}

/// Measures `run` on what `prepare` makes of the number of an input, beside `bare`.
///
/// What is prepared and what comes out belongs to the caller: it is made and dropped while the clock stands.
pub(crate) fn measure<B, I, O>(
    bare: impl Fn(usize) -> B + Copy,
    mut prepare: impl FnMut(usize) -> I,
    mut run: impl FnMut(I) -> O,
) -> Measured {
    let drops = |number| drop(black_box(bare(black_box(number))));
    let mut operations: [&mut dyn FnMut(usize, usize) -> f64; 3] = [
        &mut |first, count| batch(first, count, |number| number, drops),
        &mut |first, count| batch(first, count, &mut prepare, &mut run),
        &mut |first, count| batch(first, count, |number| number, drops),
    ];
    let count = operations.iter_mut().map(|operation| batch_size(operation)).max().unwrap_or(1);
    let mut micros = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for position in 0..operations.len() {
            // Each round begins with another operation.
            let turn = (position + round) % operations.len();
            if let (Some(operation), Some(micros)) = (operations.get_mut(turn), micros.get_mut(turn)) {
                micros.push(operation(round * count, count));
            }
        }
    }
    let [bare, ours, again] = micros;
    let ratio = |others: &[f64]| median(others.iter().zip(&bare).map(|(other, bare)| other / bare).collect());
    // The first run may set something up; the second is what every further one allocates.
    drop(run(prepare(0)));
    let prepared = prepare(1);
    let allocations = allocations(|| run(prepared));
    Measured {
        bare: minimum(&bare),
        minimum: minimum(&ours),
        ratio: ratio(&ours),
        error: (ratio(&again) - 1.0).abs(),
        median: median(ours),
        allocations,
    }
}

/// Microseconds of one run of a batch.
fn batch<I, O>(first: usize, count: usize, mut prepare: impl FnMut(usize) -> I, mut run: impl FnMut(I) -> O) -> f64 {
    let mut inputs: Vec<I> = (first..first.wrapping_add(count)).map(&mut prepare).collect();
    let mut outputs = Vec::with_capacity(count);
    inputs.reverse();
    let start = now();
    while let Some(input) = inputs.pop() {
        outputs.push(black_box(run(black_box(input))));
    }
    start.elapsed().as_secs_f64() * 1e6 / float(count)
}

/// How many runs take [`BATCH`]; warms up.
fn batch_size(operation: &mut dyn FnMut(usize, usize) -> f64) -> usize {
    let (mut runs, start) = (0_usize, now());
    while start.elapsed() < BATCH * 5 {
        operation(runs, 1);
        runs += 1;
    }
    (runs / 5).max(1)
}

fn minimum(micros: &[f64]) -> f64 {
    micros.iter().copied().fold(f64::INFINITY, f64::min)
}
