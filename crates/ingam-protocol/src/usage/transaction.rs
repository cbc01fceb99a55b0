use ingam_wire::json::Limits;

use super::{Cursor, Direction, ResourceBody, Text};
use crate::{AccountId, Amount, Date, TransactionId, limits};

/// One booked transaction.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// Its identifier in the account.
    pub id: TransactionId,
    /// The day it was booked.
    pub booked: Date,
    /// How much; the sign is `direction`.
    pub amount: Amount,
    /// In or out.
    pub direction: Direction,
    /// What it was, as the bank prints it.
    pub description: Text,
    /// Who was on the other side.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counterparty: Option<Text>,
}

/// `GET /accounts/{id}/transactions`: one page, newest first.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionPage {
    /// The account.
    pub account: AccountId,
    /// The transactions, at most 500.
    pub transactions: Vec<Transaction>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<Cursor>,
}

impl ResourceBody for TransactionPage {
    const LIMITS: Limits = limits::RESOURCE;
}
