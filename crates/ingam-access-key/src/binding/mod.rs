//! To whom an access key is bound: the witness without which no bound key can be built, and the `cnf` claim.

mod confirmation;
mod constraint;

pub use self::{
    confirmation::Confirmation,
    constraint::{BindingError, SenderConstraint},
};
