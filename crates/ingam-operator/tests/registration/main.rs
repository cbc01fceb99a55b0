//! The registration phase over an operator in memory, as the OpenID Foundation's suite would ask it, and as attackers would.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap fails the test")]

mod attacks;
mod authentication;
mod authorization;
mod bad_input;
mod failing;
mod grants;
mod metadata;
mod one_time_codes;
mod pages;
mod push;
mod signed;
mod stuck;
#[path = "../support/mod.rs"]
mod support;
mod token;
