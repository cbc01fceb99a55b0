//! One-time secrets of the operator: `request_uri` references, codes, refresh tokens, opaque access keys.
//!
//! A secret is `prefix ‖ base64url(time ‖ 192 random bits ‖ CRC-32)`. The prefix and the checksum let a scanner find a
//! leaked one without asking anybody (3.1.16.7); the time lets stores commit in time order; only a keyed hash is kept.

mod check;
mod make;

pub use self::{
    check::SecretError,
    make::{OneTimeSecret, SecretKind},
};
