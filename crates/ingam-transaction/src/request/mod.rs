//! Signed requests, both halves: [`sign`] at the fintech, [`check`] at the operator.

mod check;
mod presented;
mod sign;
mod verified;

pub(crate) use self::check::{check_digest, check_digest_if_there};
pub use self::{
    check::{RequestRefused, Sender, check},
    presented::{PresentedRequest, Received},
    sign::{SentRequest, sign},
    verified::{Components, Coverage, VerifiedRequest},
};
