//! HTTP message signatures (RFC 9421): component identifiers, the signature base, the two fields.

pub(crate) mod algorithm;
pub(crate) mod base;
mod bases;
pub(crate) mod component;
pub(crate) mod field;
pub(crate) mod input;
pub(crate) mod make;
pub(crate) mod query;
pub(crate) mod select;
pub(crate) mod value;

pub use self::{
    bases::{SignatureBase, algorithm_named, of_request, of_response},
    component::ComponentError,
    input::SignatureFieldError,
    make::SigningError,
    select::SignatureError,
};
