//! The checks of the usage phase in front of a bank's own API, which stays as it is.

mod check;
mod layer;

pub use self::{
    check::{Protection, ProtectionError, ProtectionParts},
    layer::{ProtectLayer, Protected},
};
