//! The checks of the usage phase in front of a bank's own API, which stays as it is.

mod check;
mod follow;
mod introspect;
mod layer;
mod parts;
mod verify;

pub use self::{
    check::Protection,
    introspect::{Introspection, IntrospectionAnswers, IntrospectionAuthentication},
    layer::{ProtectLayer, Protected},
    parts::{ProtectionError, ProtectionParts},
};
