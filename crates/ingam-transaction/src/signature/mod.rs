//! HTTP message signatures (RFC 9421): component identifiers, the signature base, the two fields.

pub(crate) mod algorithm;
pub(crate) mod base;
pub(crate) mod component;
pub(crate) mod field;
pub(crate) mod input;
pub(crate) mod make;
pub(crate) mod query;
pub(crate) mod select;
pub(crate) mod value;
