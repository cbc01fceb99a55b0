//! The banks behind the operator: they answer what was authorised, nothing else.

mod banks;
mod data;
mod port;

pub use self::{
    banks::Banks,
    data::{DataBank, DataError},
    port::{Bank, BankError},
};
