//! Dual control: what one person alone must not do to a key (X.1149 item 3.1.5.2).

mod approve;
mod command;

pub use self::{
    approve::{ApprovalError, Approved, DualControl},
    command::{Act, Command, Person},
};
