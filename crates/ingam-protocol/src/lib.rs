//! The messages of registration and usage: parsed once, then trusted, printed the same way.

mod id;

pub use self::id::{AccountId, ClientId, InvalidId, UserId};
