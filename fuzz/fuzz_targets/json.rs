//! What passes the strict scan is what serde_json reads, and no panic on any bytes.
#![cfg_attr(fuzzing, no_main)]
#[cfg(not(fuzzing))]
fn main() {}
