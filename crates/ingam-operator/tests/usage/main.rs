//! The usage phase over an operator in memory: what is answered, what is refused, and what a payment comes to.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap fails the test")]

mod authorise;
mod bad_input;
mod bank_wire;
mod payments;
mod reads;
mod refusals;
mod world;
