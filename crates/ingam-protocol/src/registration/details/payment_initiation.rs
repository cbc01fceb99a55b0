use serde_json::{Map, Value};

use super::{AccountReference, DetailFault, Members};
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

    pub(crate) fn read(mut members: Members<'_>) -> Result<Self, DetailFault> {
        let actions = members.list("actions", |value| {
            let text = value.as_str().ok_or(DetailFault::WrongType("actions"))?;
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
            creditor_account: AccountReference::from_value(
                "creditorAccount",
                Members::required("creditorAccount", creditor_account)?,
            )?,
            debtor_account: debtor_account.map(|v| AccountReference::from_value("debtorAccount", v)).transpose()?,
            remittance: members.readable("remittanceInformationUnstructured", limits::TEXT)?,
        };
        members.finish()?;
        Ok(detail)
    }

    pub(crate) fn write(&self, members: &mut Map<String, Value>) {
        members.insert("actions".to_owned(), self.actions.iter().map(|a| Value::from(a.as_str())).collect());
        super::list::write_locations(&self.locations, members);
        let mut amount = Map::new();
        amount.insert("currency".to_owned(), self.amount.currency().code().into());
        amount.insert("amount".to_owned(), self.amount.to_decimal().into());
        members.insert("instructedAmount".to_owned(), Value::Object(amount));
        members.insert("creditorName".to_owned(), (*self.creditor_name).into());
        members.insert("creditorAccount".to_owned(), self.creditor_account.to_value());
        if let Some(debtor) = &self.debtor_account {
            members.insert("debtorAccount".to_owned(), debtor.to_value());
        }
        if let Some(remittance) = &self.remittance {
            members.insert("remittanceInformationUnstructured".to_owned(), (**remittance).into());
        }
    }
}

fn read_amount(value: &Value) -> Result<Amount, DetailFault> {
    let mut members = Members::of(value.as_object().ok_or(DetailFault::WrongType("instructedAmount"))?);
    let currency = Members::required("currency", members.parsed("currency")?)?;
    let text = Members::required("amount", members.text("amount")?)?;
    members.finish()?;
    Amount::parse(text, currency).and_then(Amount::positive).map_err(|_| DetailFault::InvalidValue("instructedAmount"))
}
