//! Bounded bytes to values and back, the lowest layer of Ingam.
//!
//! Everything that arrives from outside passes through here first: [`json`] and [`form`] refuse duplicates,
//! depth and size before anything is built; [`base64url`] and [`segment`] are strict; [`HttpUrl`] is compared as the standards
//! say; [`UnixTime`] is an argument everywhere; [`SecretText`] is never printed.

pub mod base64url;
pub mod form;
mod future;
pub mod json;
mod limits;
mod random;
mod secret;
pub mod segment;
mod time;
mod url;

pub use self::{
    future::BoxFuture,
    random::{Randomness, RandomnessUnavailable},
    secret::{SecretBytes, SecretText, same_bytes},
    time::{Civil, Seconds, UnixTime},
    url::{HttpUrl, InvalidUrl},
};
