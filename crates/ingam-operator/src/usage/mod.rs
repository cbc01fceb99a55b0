//! The usage phase (B① to B④): a fintech calls with an access key, its holder's proof and a signed request; the
//! operator checks, decides, asks the bank, and answers, signed and bound to the request.
//!
//! The order of the checks stands in one place, `resource`: limits, access key, proof and binding, digest and signature, the
//! one-time ids of both in one round trip, [`authorise`], the bank, the record, the signed answer.

mod access;
mod approved;
mod asked;
mod authorise;
mod call;
mod circumstances;
mod entitlement;
mod payment;
#[cfg(feature = "tower")]
mod protect;
mod read;
mod refused;
mod resource;
mod service;

#[cfg(feature = "tower")]
pub use self::protect::{
    Introspection, IntrospectionAnswers, IntrospectionAuthentication, ProtectLayer, Protected, Protection,
    ProtectionError, ProtectionParts,
};
pub(crate) use self::resource::resource;
pub use self::{
    approved::Approved,
    asked::{Asked, Malformed},
    authorise::{Authorised, Circumstances, Decision, Denied, PaymentParties, authorise},
    service::{ListAccounts, Operation, ReadBalance, ReadPayment, ReadTransactions, Service, Transfer},
};
