//! Hybrid public key encryption, base mode (RFC 9180): sealed to a key, by an unknown author.
//!
//! `info` and the associated data are required arguments: a ciphertext that is bound to nothing can be moved anywhere.

mod context;
mod key;
mod schedule;
mod suite;

pub use self::{
    context::{HpkeError, Receiver, Sender, open, seal},
    key::{RecipientKey, RecipientPublicKey},
    suite::{HpkeAead, Suite},
};
