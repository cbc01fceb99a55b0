//! Money: minor units and an ISO 4217 currency, never a float.

mod amount;
mod currency;

pub use self::{
    amount::{Amount, InvalidAmount},
    currency::{Currency, UnknownCurrency},
};
