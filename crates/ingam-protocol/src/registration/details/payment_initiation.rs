use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{AccountReference, DetailFault, Given, Members, list::write_list};
use crate::{Amount, Resource, limits};

/// What may be done with a payment.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PaymentAction {
    /// `initiate`
    Initiate,
    /// `status`
    Status,
    /// `cancel`
    Cancel,
}

impl PaymentAction {
    /// All, in the order of printing.
    pub const ALL: [Self; 3] = [Self::Initiate, Self::Status, Self::Cancel];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initiate => "initiate",
            Self::Status => "status",
            Self::Cancel => "cancel",
        }
    }
}

/// `payment_initiation` (RFC 9396 section 2): one payment of this amount to this payee.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaymentInitiation {
    /// What is asked; absent on the wire: initiate and status.
    pub actions: Vec<PaymentAction>,
    /// Where it is to be used.
    pub locations: Vec<Resource>,
    /// How much; more than zero.
    pub amount: Amount,
    /// The payee's name, 1 to 256 bytes.
    pub creditor_name: Box<str>,
    /// The payee's account.
    pub creditor_account: AccountReference,
    /// The account to pay from; absent: the user chooses.
    pub debtor_account: Option<AccountReference>,
    /// What the payee reads, at most 420 bytes.
    pub remittance: Option<Box<str>>,
}

impl PaymentInitiation {
    /// The value of `type`.
    pub const TYPE: &'static str = "payment_initiation";

    pub(super) fn read(mut members: Members<'_>) -> Result<Self, DetailFault> {
        let actions = members.list("actions", |value| {
            let text = value.into_text().ok_or(DetailFault::WrongType("actions"))?;
            PaymentAction::ALL.into_iter().find(|a| a.as_str() == text).ok_or(DetailFault::UnknownAction)
        })?;
        let amount = Members::required("instructedAmount", members.take("instructedAmount"))?;
        let creditor_name = members.readable("creditorName", limits::NAME)?;
        let creditor_account = members.take("creditorAccount");
        let debtor_account = members.take("debtorAccount");
        let detail = Self {
            actions: actions.unwrap_or_else(|| vec![PaymentAction::Initiate, PaymentAction::Status]),
            locations: members.locations()?,
            amount: read_amount(amount)?,
            creditor_name: Members::required("creditorName", creditor_name)?,
            creditor_account: AccountReference::read(
                "creditorAccount",
                Members::required("creditorAccount", creditor_account)?,
            )?,
            debtor_account: debtor_account.map(|v| AccountReference::read("debtorAccount", v)).transpose()?,
            remittance: members.readable("remittanceInformationUnstructured", limits::TEXT)?,
        };
        members.finish()?;
        Ok(detail)
    }

    pub(super) fn write<M: SerializeMap>(&self, members: &mut M) -> Result<(), M::Error> {
        members.serialize_entry("actions", &self.actions.iter().map(|a| a.as_str()).collect::<Vec<_>>())?;
        members.serialize_entry("creditorAccount", &self.creditor_account)?;
        members.serialize_entry("creditorName", &self.creditor_name)?;
        if let Some(debtor) = &self.debtor_account {
            members.serialize_entry("debtorAccount", debtor)?;
        }
        members.serialize_entry("instructedAmount", &InstructedAmount(&self.amount))?;
        write_list(members, "locations", &self.locations)?;
        if let Some(remittance) = &self.remittance {
            members.serialize_entry("remittanceInformationUnstructured", remittance)?;
        }
        Ok(())
    }
}

struct InstructedAmount<'a>(&'a Amount);

impl Serialize for InstructedAmount<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(2))?;
        members.serialize_entry("amount", &self.0.to_decimal())?;
        members.serialize_entry("currency", self.0.currency().code())?;
        members.end()
    }
}

fn read_amount(given: Given<'_>) -> Result<Amount, DetailFault> {
    let mut members = Members::of(given).ok_or(DetailFault::WrongType("instructedAmount"))?;
    let currency = Members::required("currency", members.parsed("currency")?)?;
    let text = Members::required("amount", members.text("amount")?)?;
    members.finish()?;
    Amount::parse(&text, currency).and_then(Amount::positive).map_err(|_| DetailFault::InvalidValue("instructedAmount"))
}
