//! The channel over tokio sockets.

mod address;
mod answer;
mod body;
mod bounds;
mod connection;
mod exchange;
mod linger;
mod listen;
mod place;
mod pool;
mod resolve;

pub use self::{
    address::{AddressPolicy, InvalidNetwork, Network},
    bounds::ServeLimits,
    exchange::{HttpsTransport, TransportLimits},
    listen::{Listener, serve},
    resolve::{Resolve, SystemResolver},
};
