//! The operator inside somebody else's server: in front of a bank's own API, as an axum router, behind a TLS proxy.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap fails the test")]

mod administration;
mod follow;
mod introspection;
mod jwks_uri;
mod opaque;
mod protect;
mod proxy;
mod router;
#[path = "../support/mod.rs"]
mod support;
