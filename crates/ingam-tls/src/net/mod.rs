//! The channel over tokio sockets.

mod address;
mod answer;
mod connection;
mod exchange;
mod linger;
mod listen;
mod pool;
mod resolve;

pub use self::{
    address::{AddressPolicy, InvalidNetwork, Network},
    exchange::{HttpsTransport, TransportLimits},
    listen::{Listener, ServeLimits, serve},
    resolve::{Resolve, SystemResolver},
};
