//! `authorization_details` (RFC 9396): what exactly is asked, typed, bounded, unknown members refused.

mod account;
mod account_information;
mod given;
mod ingam_service;
mod list;
mod payment_initiation;
mod reader;

pub(crate) use self::reader::readable;
pub use self::{
    account::AccountReference,
    account_information::{AccountAction, AccountInformation},
    ingam_service::{Cycle, IngamService},
    list::{AuthorizationDetail, AuthorizationDetails},
    payment_initiation::{PaymentAction, PaymentInitiation},
    reader::{DetailFault, InvalidAuthorizationDetails},
};
use self::{given::Given, reader::Members};
