use ingam_protocol::{
    AccountId, BankId, Currency, Date, TransactionId, UserId,
    usage::{Account, AccountKind, AccountName, MaskedNumber, Text},
};
use ingam_wire::json::{self, JsonError, Limits};
use serde::Deserialize;

use super::ledger::{Entry, Kept, Ledger};

/// Why a data file is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DataError {
    /// Not JSON of the shape of `examples/data/bank.json`, or larger than 16 MiB.
    #[error("the data file cannot be read: {0}")]
    Json(#[from] JsonError),
    /// An account is of a bank that the file does not name, or two accounts have one identifier.
    #[error("account {0} is of an unknown bank or stands twice")]
    Account(AccountId),
    /// Balances do not follow from the transactions.
    #[error("the balances of account {0} do not add up")]
    Balance(AccountId),
}

/// Data for tests and demonstrations: a hundred times what `examples/data` holds would still fit.
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 8, members: 1 << 20 };

#[derive(Deserialize)]
struct File {
    banks: Vec<FileBank>,
    accounts: Vec<FileAccount>,
}

#[derive(Deserialize)]
struct FileBank {
    id: BankId,
}

#[derive(Deserialize)]
struct FileAccount {
    id: AccountId,
    bank: BankId,
    owner: UserId,
    #[serde(rename = "type")]
    kind: AccountKind,
    currency: Currency,
    number: String,
    name: AccountName,
    opening: i64,
    balance: i64,
    transactions: Vec<FileTransaction>,
}

#[derive(Deserialize)]
struct FileTransaction {
    id: TransactionId,
    booked: Date,
    amount: i64,
    balance: i64,
    description: Text,
    counterparty: Option<Text>,
}

/// Banks and ledger of a data file.
pub(super) fn read(text: &[u8]) -> Result<(Vec<BankId>, Ledger), DataError> {
    let File { banks, accounts } = json::parse(text, &LIMITS)?;
    let banks = banks.into_iter().map(|bank| bank.id).collect::<Vec<_>>();
    let mut ledger = Ledger::default();
    for account in accounts {
        let id = account.id.clone();
        if !banks.contains(&account.bank) {
            return Err(DataError::Account(id));
        }
        if !ledger.open(keep(account)?) {
            return Err(DataError::Account(id));
        }
    }
    Ok((banks, ledger))
}

fn keep(file: FileAccount) -> Result<Kept, DataError> {
    let mut balance = file.opening;
    let mut entries = Vec::with_capacity(file.transactions.len());
    for FileTransaction { id, booked, amount, balance: after, description, counterparty } in file.transactions {
        balance = balance.checked_add(amount).ok_or_else(|| DataError::Balance(file.id.clone()))?;
        if balance != after {
            return Err(DataError::Balance(file.id));
        }
        entries.push(Entry { id, booked, amount, description, counterparty });
    }
    if balance != file.balance {
        return Err(DataError::Balance(file.id));
    }
    let Ok(masked_number) = masked(&file.number) else { return Err(DataError::Account(file.id)) };
    let number = file.number.chars().filter(char::is_ascii_digit).collect::<String>().into();
    let account = Account {
        id: file.id,
        bank: file.bank,
        kind: file.kind,
        currency: file.currency,
        name: file.name,
        masked_number,
    };
    Ok(Kept { account, owner: file.owner, number, balance, entries })
}

/// The number with all but its last three digits hidden.
fn masked(number: &str) -> Result<MaskedNumber, ingam_protocol::usage::InvalidText> {
    let shown = number.chars().count().saturating_sub(3);
    let hide = |(at, c): (usize, char)| if at < shown && c.is_ascii_alphanumeric() { '*' } else { c };
    number.chars().enumerate().map(hide).collect::<String>().parse()
}
