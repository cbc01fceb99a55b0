//! Tokens and keys: both halves of each mechanism against each other, and every refusal by its name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod hpke;
mod jwe;
mod jws;
mod jwt;
mod keys;
mod requirements;
mod sample;
