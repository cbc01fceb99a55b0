use ingam_wire::{UnixTime, json::Limits};

use super::{InvalidText, ResourceBody, Text};
use crate::{
    AccountId, Amount, InvalidAmount, PaymentId,
    details::{AccountReference, PaymentInitiation},
    limits,
    text::{nqchar, text_type},
};

/// `POST /payments`: one transfer, with the member names of RFC 9396's `payment_initiation`.
#[doc(alias = "이체지시")]
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "OrderOnTheWire", into = "OrderOnTheWire")]
pub struct PaymentOrder {
    /// The account that pays.
    pub debtor_account: AccountId,
    /// How much; more than zero.
    pub amount: Amount,
    /// The payee's name.
    pub creditor_name: Text,
    /// The payee's account.
    pub creditor_account: AccountReference,
    /// What the payee reads.
    pub remittance: Option<Text>,
}

impl PaymentOrder {
    /// Whether this is the payment that a user approved: same amount, payee, text, and account if one was named.
    #[must_use]
    pub fn is_what_was_approved(&self, approved: &PaymentInitiation) -> bool {
        let debtor = match &approved.debtor_account {
            None => true,
            Some(AccountReference::Id(id)) => *id == self.debtor_account,
            Some(_) => false,
        };
        debtor
            && self.amount == approved.amount
            && self.creditor_name.as_str() == &*approved.creditor_name
            && self.creditor_account == approved.creditor_account
            && self.remittance.as_ref().map(Text::as_str) == approved.remittance.as_deref()
    }
}

#[derive(Clone, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OrderOnTheWire {
    debtor_account: AccountId,
    instructed_amount: Amount,
    creditor_name: Text,
    creditor_account: AccountReference,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    remittance_information_unstructured: Option<Text>,
}

impl TryFrom<OrderOnTheWire> for PaymentOrder {
    type Error = InvalidAmount;

    fn try_from(wire: OrderOnTheWire) -> Result<Self, InvalidAmount> {
        Ok(Self {
            debtor_account: wire.debtor_account,
            amount: wire.instructed_amount.positive()?,
            creditor_name: wire.creditor_name,
            creditor_account: wire.creditor_account,
            remittance: wire.remittance_information_unstructured,
        })
    }
}

impl From<PaymentOrder> for OrderOnTheWire {
    fn from(order: PaymentOrder) -> Self {
        Self {
            debtor_account: order.debtor_account,
            instructed_amount: order.amount,
            creditor_name: order.creditor_name,
            creditor_account: order.creditor_account,
            remittance_information_unstructured: order.remittance,
        }
    }
}

text_type! {
    /// Why a bank rejected a payment, as a code for machines: 1 to 64 visible characters, e.g. `insufficient_funds`.
    RejectionCode, InvalidText, "rejection code", 1..=64, nqchar
}

/// How a payment ended, or stands.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "StatusOnTheWire", into = "StatusOnTheWire")]
pub enum PaymentStatus {
    /// The money went.
    Completed,
    /// The bank said no; no money went.
    Rejected {
        /// Why.
        code: RejectionCode,
    },
    /// The bank waits, e.g. for the user or a person.
    Held {
        /// Until when at the latest.
        until: UnixTime,
    },
    /// Not known yet; ask again.
    Unknown,
}

#[derive(Clone, Copy, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Completed,
    Rejected,
    Held,
    Unknown,
}

#[derive(Clone, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct StatusOnTheWire {
    state: State,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    code: Option<RejectionCode>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    until: Option<UnixTime>,
}

/// A status has members that are not its own, or lacks one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the members do not fit the state")]
pub struct InvalidStatus;

impl TryFrom<StatusOnTheWire> for PaymentStatus {
    type Error = InvalidStatus;

    fn try_from(wire: StatusOnTheWire) -> Result<Self, InvalidStatus> {
        match (wire.state, wire.code, wire.until) {
            (State::Completed, None, None) => Ok(Self::Completed),
            (State::Rejected, Some(code), None) => Ok(Self::Rejected { code }),
            (State::Held, None, Some(until)) => Ok(Self::Held { until }),
            (State::Unknown, None, None) => Ok(Self::Unknown),
            _ => Err(InvalidStatus),
        }
    }
}

impl From<PaymentStatus> for StatusOnTheWire {
    fn from(status: PaymentStatus) -> Self {
        let (state, code, until) = match status {
            PaymentStatus::Completed => (State::Completed, None, None),
            PaymentStatus::Rejected { code } => (State::Rejected, Some(code), None),
            PaymentStatus::Held { until } => (State::Held, None, Some(until)),
            PaymentStatus::Unknown => (State::Unknown, None, None),
        };
        Self { state, code, until }
    }
}

/// A payment with its order: the receipt body of `POST /payments` and `GET /payments/{id}`.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The operator's name for it.
    pub id: PaymentId,
    /// How it stands.
    pub status: PaymentStatus,
    /// What was ordered.
    pub order: PaymentOrder,
    /// When the status was last written.
    pub at: UnixTime,
}

impl ResourceBody for PaymentOrder {
    const LIMITS: Limits = limits::ORDER;
}

impl ResourceBody for Payment {
    const LIMITS: Limits = limits::ORDER;
}
