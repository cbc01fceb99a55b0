//! How our timings are taken: interleaved batches, minimum and median, as ratios to the bare primitives of the same run.
//!
//! A table compares one *bare* operation (the primitives that the work cannot do without, keys parsed, on the same
//! inputs) with others. In each round every operation runs one batch, in an order that changes from round to round, so
//! that drift of the machine hits all alike; a ratio is the median over the rounds. The bare operation runs twice under
//! two names: how far its own ratio lies from 1 is the error of the run, and a goal is passed at goal plus that error.
//! Only ratios of one run count; nanoseconds are printed and nothing more.

pub mod access_key;
mod allocations;
mod table;

pub use self::{
    allocations::allocations,
    table::{Line, Table, finish},
};

/// Inputs that each bench makes, at least: one repeated signature flatters a P-256 verification by 12 %.
pub const INPUTS: usize = 1024;
