//! Proof Key for Code Exchange (RFC 7636): S256 and nothing else, both halves.

mod check;
mod make;

pub use self::{
    check::{PkceError, check_verifier},
    make::{challenge_of, make_verifier},
};
