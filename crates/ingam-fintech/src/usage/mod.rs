//! Usage in pure steps: a call is made (B②), its answer is verified before it is read (B③).

mod call;
mod read;

pub use self::{
    call::{Call, CallError, Sent},
    read::{Answer, StepUp},
};
