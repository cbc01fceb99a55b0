//! What must be covered, how fresh, by which algorithms: data, so that a regime is a row and not a branch.

mod coverage;
mod fapi;

pub use self::{
    coverage::{CoveragePolicy, Errors, Of, Required, Unsigned, When},
    fapi::{FAPI_2_REQUEST, FAPI_2_RESPONSE},
};
