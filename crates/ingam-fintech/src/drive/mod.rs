//! The pure steps, driven over a transport and a store.

mod clock;
mod connection;
mod fintech;
mod flow;
mod services;

#[cfg(feature = "oauth2")]
pub(crate) use self::connection::Connection;
pub use self::{
    clock::system_clock,
    fintech::{Fintech, FintechError},
};
