//! How our timings are taken: interleaved batches, minimum and median, as ratios to the bare primitives of the same run.
//!
//! Each program prints one [`Table`]. A row compares one operation with a *bare* one: the primitives that the work
//! cannot do without, keys parsed, on the same inputs. In each round every operation runs one batch, in an order that
//! changes from round to round, so that drift of the machine hits all alike; a ratio is the median over the rounds. The
//! bare operation runs twice under two names: how far its own ratio lies from 1 is the error of the run, and a goal is
//! passed at goal plus that error. Only ratios of one run count; microseconds are printed and nothing more.

pub mod access_key;
mod allocations;
mod clock;
mod comparison;
mod goal;
pub mod http;
mod instructions;
mod table;

pub use self::{
    allocations::allocations,
    clock::{float, median, now, per_second, processor_time},
    goal::Goal,
    table::Table,
};

/// Inputs that each bench makes, at least: one repeated signature flatters a P-256 verification by 12 %.
pub const INPUTS: usize = 1024;

/// The input `number`, from the start again after the last.
///
/// # Panics
/// Where there is none.
pub fn input<T>(inputs: &[T], number: usize) -> &T {
    inputs.get(number % inputs.len()).expect("a bench makes its inputs before it measures")
}
