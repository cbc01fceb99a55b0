//! The pure steps, driven over a transport and a store.

mod clock;
mod connection;
mod fintech;
mod flow;
mod services;

pub use self::{
    clock::system_clock,
    fintech::{Fintech, FintechError},
};
