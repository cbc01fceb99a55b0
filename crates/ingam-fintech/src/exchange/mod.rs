//! HTTP requests as they are made, answers as they are read, nonces as they are kept.

mod build;
mod nonce;
mod sender;

pub use self::{
    build::{InvalidTarget, Refusal},
    sender::SendError,
};
pub(crate) use self::{
    build::{get, is_json, parsed_error, post_form},
    nonce::{Nonces, Server, challenge_in, nonce_challenge},
    sender::Sender,
};
