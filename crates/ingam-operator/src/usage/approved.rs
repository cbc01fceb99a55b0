use ingam_access_key::Access;
use ingam_protocol::details::{AuthorizationDetail, PaymentAction, PaymentInitiation};

use super::{Transfer, service::Service};

/// A user's answer to one transfer: amount and payee were shown, and agreed to (dynamic linking).
///
/// Made only from the `payment_initiation` of a verified access key, and only for the order that stands in it.
///
/// ```compile_fail,E0451
/// # use ingam_operator::usage::*;
/// # fn forge(service: Transfer, approval: ingam_protocol::details::PaymentInitiation) -> Approved<Transfer> {
/// Approved { service, approval }
/// # }
/// ```
/// ```
/// # use ingam_operator::usage::*;
/// # fn made(access: &ingam_access_key::Access, transfer: &Transfer) -> Option<Approved<Transfer>> {
/// Approved::of(access, transfer)
/// # }
/// ```
///
/// x1149: 3.1.16.3
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approved<S> {
    pub(super) service: S,
    pub(super) approval: PaymentInitiation,
}

impl Approved<Transfer> {
    /// The approval of exactly this transfer, if the access key carries it.
    #[must_use]
    pub fn of(access: &Access, transfer: &Transfer) -> Option<Self> {
        let details = access.verified().details()?;
        details.iter().find_map(|detail| match detail {
            AuthorizationDetail::PaymentInitiation(approval)
                if approval.actions.contains(&PaymentAction::Initiate)
                    // The user was shown which account pays; an approval without one is of nothing.
                    && approval.debtor_account.is_some()
                    && transfer.order.is_what_was_approved(approval) =>
            {
                Some(Self { service: transfer.clone(), approval: approval.clone() })
            }
            _ => None,
        })
    }
}

impl<S: Service> Approved<S> {
    /// What the user agreed to.
    #[must_use]
    pub const fn service(&self) -> &S {
        &self.service
    }

    /// As it stood on the page.
    #[must_use]
    pub const fn approval(&self) -> &PaymentInitiation {
        &self.approval
    }
}
