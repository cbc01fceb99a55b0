//! Signed answers, both halves: [`answer`] at the operator, [`verify`] at the fintech.

mod answer;
mod verify;

pub use self::{
    answer::answer,
    verify::{ResponseRefused, VerifiedResponse, verify},
};
