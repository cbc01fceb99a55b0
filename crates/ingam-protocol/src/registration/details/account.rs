use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};

use super::{DetailFault, Given, Members};
use crate::AccountId;

/// How an account is named.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum AccountReference {
    /// As the operator names it to fintechs: `{"id":"…"}`.
    Id(AccountId),
    /// By IBAN (ISO 13616), with the bank's BIC (ISO 9362) if given: `{"iban":"…","bic":"…"}`.
    Iban {
        /// Two letters, two digits, 11 to 30 letters or digits; the check digits are the bank's business.
        iban: Box<str>,
        /// 8 or 11 letters or digits.
        bic: Option<Box<str>>,
    },
    /// As Korean banks name it: `{"bank_code":"097","number":"…"}`.
    Korean {
        /// `bank_code_std`: three digits.
        bank_code: Box<str>,
        /// Account number: 6 to 20 digits, without hyphens.
        number: Box<str>,
    },
}

fn matched(text: &str, lengths: core::ops::RangeInclusive<usize>, allowed: fn(u8) -> bool) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(allowed)
}

fn is_iban(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase();
    let digit = |b: u8| b.is_ascii_digit();
    text.len() >= 15
        && text.len() <= 34
        && text.bytes().enumerate().all(|(at, b)| match at {
            0 | 1 => upper(b),
            2 | 3 => digit(b),
            _ => upper(b) || digit(b),
        })
}

impl AccountReference {
    /// Whether `asked` names some of the `granted` accounts; no account at all leaves the choice open, which is more than any.
    pub(crate) fn are_within(asked: &[Self], granted: &[Self]) -> bool {
        asked == granted || (!asked.is_empty() && asked.iter().all(|account| granted.contains(account)))
    }

    pub(super) fn read(name: &'static str, given: Given<'_>) -> Result<Self, DetailFault> {
        let mut members = Members::of(given).ok_or(DetailFault::WrongType(name))?;
        let reference = if let Some(id) = members.parsed("id")? {
            Self::Id(id)
        } else if let Some(iban) = members.text("iban")? {
            let bic = members.text("bic")?;
            let good = |bic: &str| {
                matches!(bic.len(), 8 | 11) && bic.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            };
            if !is_iban(&iban) {
                return Err(DetailFault::InvalidValue("iban"));
            }
            if !bic.as_deref().is_none_or(good) {
                return Err(DetailFault::InvalidValue("bic"));
            }
            Self::Iban { iban: iban.into(), bic: bic.map(Into::into) }
        } else {
            let bank_code = Members::required("bank_code", members.text("bank_code")?)?;
            let number = Members::required("number", members.text("number")?)?;
            if !matched(&bank_code, 3..=3, |b| b.is_ascii_digit()) {
                return Err(DetailFault::InvalidValue("bank_code"));
            }
            if !matched(&number, 6..=20, |b| b.is_ascii_digit()) {
                return Err(DetailFault::InvalidValue("number"));
            }
            Self::Korean { bank_code: bank_code.into(), number: number.into() }
        };
        members.finish()?;
        Ok(reference)
    }
}

impl<'de> Deserialize<'de> for AccountReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read("account", Given::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for AccountReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        match self {
            Self::Id(id) => members.serialize_entry("id", id)?,
            Self::Iban { iban, bic } => {
                if let Some(bic) = bic {
                    members.serialize_entry("bic", bic)?;
                }
                members.serialize_entry("iban", iban)?;
            }
            Self::Korean { bank_code, number } => {
                members.serialize_entry("bank_code", bank_code)?;
                members.serialize_entry("number", number)?;
            }
        }
        members.end()
    }
}

impl core::fmt::Display for AccountReference {
    /// For people: `097 123456789`, the IBAN, or the operator's name for the account.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id.as_str()),
            Self::Iban { iban, .. } => f.write_str(iban),
            Self::Korean { bank_code, number } => write!(f, "{bank_code} {number}"),
        }
    }
}
