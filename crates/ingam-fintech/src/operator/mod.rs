//! The operator as its own metadata describe it.

mod discover;
mod known;

pub use self::{
    discover::{DiscoveryError, discovery_requests, keys_request, read_keys, read_metadata},
    known::{Endpoint, Operator},
};
