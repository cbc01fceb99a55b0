//! The usage phase: what resources say and take. Unknown members are refused, amounts are typed.

mod account;
mod body;
mod payment;
mod query;
mod transaction;

pub use self::{
    account::{Account, AccountKind, AccountList, AccountName, Balance, Direction, InvalidText, MaskedNumber, Text},
    body::ResourceBody,
    payment::{InvalidStatus, Payment, PaymentOrder, PaymentStatus, RejectionCode},
    query::{Cursor, TransactionQuery, TransactionQueryError},
    transaction::{Transaction, TransactionPage},
};
