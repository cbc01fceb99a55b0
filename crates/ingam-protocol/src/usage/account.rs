use ingam_wire::{UnixTime, json::Limits};

use super::ResourceBody;
use crate::{AccountId, Amount, BankId, Currency, details::readable, limits, text::text_type};

/// The text is not one of this kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {0}")]
pub struct InvalidText(pub &'static str);

/// Text for people: 1 to 420 bytes, not blank, no control characters.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Box<str>);

impl Text {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for Text {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if readable(text, limits::TEXT) { Ok(Self(text.into())) } else { Err(InvalidText("readable text")) }
    }
}

impl TryFrom<String> for Text {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        text.parse()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.into()
    }
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type! {
    /// An account number with most of it hidden: 1 to 40 digits, letters, `*`, `-`.
    MaskedNumber, InvalidText, "masked number", 1..=40, |b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'-')
}

/// A name in both languages.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountName {
    /// In Korean.
    pub ko: Text,
    /// In English.
    pub en: Text,
}

/// What kind of account it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Money in and out at will (입출금).
    Current,
    /// Savings (예적금).
    Savings,
    /// A loan (대출).
    Loan,
    /// A card (카드).
    Card,
}

/// One account of the user.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// As the operator names it.
    pub id: AccountId,
    /// The bank that keeps it.
    pub bank: BankId,
    /// What kind it is.
    #[serde(rename = "type")]
    pub kind: AccountKind,
    /// Its currency.
    pub currency: Currency,
    /// Its name.
    pub name: AccountName,
    /// Its number, mostly hidden.
    pub masked_number: MaskedNumber,
}

/// `GET /accounts`: the accounts that the user consented to.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountList {
    /// The accounts.
    pub accounts: Vec<Account>,
}

/// Which way money goes, seen from the account.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// In, or a positive balance (입금).
    Credit,
    /// Out, or an overdraft (출금).
    Debit,
}

/// `GET /accounts/{id}/balance`.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// The account.
    pub account: AccountId,
    /// How much is booked.
    pub amount: Amount,
    /// On which side: `debit` is an overdraft.
    pub direction: Direction,
    /// How much can be spent.
    pub available: Amount,
    /// As of when.
    pub at: UnixTime,
}

impl ResourceBody for AccountList {
    const LIMITS: Limits = limits::RESOURCE;
}

impl ResourceBody for Balance {
    const LIMITS: Limits = limits::RESOURCE;
}
