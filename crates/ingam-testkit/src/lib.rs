//! Vectors, key bytes, a clock and randomness that tests hold.
//!
//! Depends on no other Ingam crate, so that every one of them may use it in its own unit tests. It panics with a
//! clear message where a file is missing: a test that cannot read its data has to fail.

mod canary;
mod clock;
pub mod keys;
mod not_run;
mod seeded;
mod vectors;

pub use self::{
    canary::{CANARIES, CANARY_BYTES, CANARY_TEXT, assert_hidden},
    clock::ManualClock,
    not_run::not_run,
    seeded::{SeededBytes, seeded},
    vectors::{vector_files, vectors},
};
