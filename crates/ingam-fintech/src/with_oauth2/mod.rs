//! For services already built on the crate `oauth2`: its types to and from ours, and our way to an operator as its HTTP
//! client.
//!
//! `oauth2` keeps the state, the verifier and the flow; what it lacks for FAPI 2.0 is added beneath it: the push, a fresh
//! assertion and proof for each try, nonces, `iss`, bound access keys.

mod client;
mod convert;

pub use self::{
    client::OAuth2Client,
    convert::{Convert, NotConvertible},
};
