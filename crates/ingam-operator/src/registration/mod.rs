//! The registration phase, A① to A④: one file an endpoint, in the order in which a flow meets them.

mod authorize;
mod client;
mod introspect;
mod metadata;
mod push;
mod revoke;
mod token;

pub(crate) use self::{
    authorize::authorize,
    introspect::introspect,
    metadata::{jwks, metadata},
    push::push,
    revoke::revoke,
    token::token,
};
