//! What must be covered, how fresh, by which algorithms: data, so that a regime is a row and not a branch.

mod coverage;
mod fapi;
mod jws;
mod korea;
mod message;

pub use self::{
    coverage::{CoveragePolicy, Errors, Of, Required, Unsigned, When},
    fapi::{FAPI_2_REQUEST, FAPI_2_RESPONSE},
    jws::{DETACHED_JWS, JWT_BODY},
    korea::{KOREA_REQUEST, KOREA_RESPONSE},
    message::{ClaimNames, Content, MessagePolicy, Payload, Shape},
};
