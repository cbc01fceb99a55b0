//! The usage phase over an operator in memory: what is answered, what is refused, and what a payment comes to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap fails the test")]

mod bank_wire;
mod reads;
mod world;
