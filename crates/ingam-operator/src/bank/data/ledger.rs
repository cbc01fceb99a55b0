use std::collections::{BTreeMap, HashMap};

use ingam_ports::PortError;
use ingam_protocol::{
    AccountId, Amount, BankId, Date, PaymentId, TransactionId, UserId,
    details::AccountReference,
    usage::{
        Account, AccountKind, Balance, Direction, PaymentOrder, PaymentStatus, RejectionCode, Text, Transaction,
        TransactionPage, TransactionQuery,
    },
};
use ingam_wire::UnixTime;

use crate::bank::BankError;

/// Accounts with what happened on them, and the transfers made here.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<AccountId, Kept>,
    payments: HashMap<PaymentId, PaymentStatus>,
}

/// An account as it is kept; amounts in minor units, negative: out or overdrawn.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) account: Account,
    pub(super) owner: UserId,
    /// The account number's digits.
    pub(super) number: Box<str>,
    pub(super) balance: i64,
    /// Oldest first.
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: TransactionId,
    pub(super) booked: Date,
    pub(super) amount: i64,
    pub(super) description: Text,
    pub(super) counterparty: Option<Text>,
}

/// Seconds that Korea is east of Greenwich: the day on which a transfer is booked.
const KOREA: i64 = 9 * 3_600;

impl Ledger {
    /// Adds an account; false when its identifier is taken.
    pub(super) fn open(&mut self, kept: Kept) -> bool {
        let id = kept.account.id.clone();
        !self.accounts.contains_key(&id) && self.accounts.insert(id, kept).is_none()
    }

    pub(super) fn accounts_of(&self, bank: &BankId, user: &UserId) -> Vec<Account> {
        let theirs = |kept: &&Kept| kept.owner == *user && kept.account.bank == *bank;
        self.accounts.values().filter(theirs).map(|kept| kept.account.clone()).collect()
    }

    /// The account of `user` at `bank` that `named` means: by the operator's name, or by its number.
    pub(super) fn find(&self, bank: &BankId, user: &UserId, named: &AccountReference) -> Option<AccountId> {
        let means = |kept: &&Kept| match named {
            AccountReference::Id(id) => kept.account.id == *id,
            AccountReference::Korean { number, .. } => *number == kept.number,
            AccountReference::Iban { .. } => false,
        };
        let theirs = |kept: &&Kept| kept.owner == *user && kept.account.bank == *bank;
        self.accounts.values().filter(theirs).find(means).map(|kept| kept.account.id.clone())
    }

    pub(super) fn balance(&self, account: &AccountId, now: UnixTime) -> Result<Balance, PortError> {
        let kept = self.accounts.get(account).ok_or(PortError)?;
        let available = kept.balance.max(0);
        Ok(Balance {
            account: account.clone(),
            amount: kept.amount(kept.balance)?,
            direction: direction(kept.balance),
            available: kept.amount(available)?,
            at: now,
        })
    }

    pub(super) fn transactions(
        &self,
        account: &AccountId,
        query: &TransactionQuery,
    ) -> Result<TransactionPage, BankError> {
        let kept = self.accounts.get(account).ok_or(PortError)?;
        let newest_first = kept.entries.iter().rev();
        let skip = match &query.cursor {
            None => 0,
            // The cursor is the last transaction that was shown, so that new ones do not shift the pages.
            Some(cursor) => newest_first
                .clone()
                .position(|entry| entry.id.as_str() == cursor.as_str())
                .and_then(|at| at.checked_add(1))
                .ok_or(BankError::UnknownCursor)?,
        };
        let wanted = |entry: &&Entry| {
            query.from.is_none_or(|from| from <= entry.booked) && query.to.is_none_or(|to| entry.booked <= to)
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let mut wanted = newest_first.skip(skip).filter(wanted).peekable();
        let page = wanted.by_ref().take(limit).map(|entry| kept.shown(entry)).collect::<Result<Vec<_>, _>>()?;
        let more = wanted.peek().is_some();
        let next = page.last().filter(|_| more).map(|last| last.id.as_str().parse());
        let next = next.transpose().map_err(|_| PortError)?;
        Ok(TransactionPage { account: account.clone(), transactions: page, next })
    }

    /// Moves the money, once.
    pub(super) fn pay(
        &mut self,
        order: &PaymentOrder,
        id: &PaymentId,
        now: UnixTime,
    ) -> Result<PaymentStatus, PortError> {
        if let Some(status) = self.payments.get(id) {
            return Ok(status.clone());
        }
        let status = match self.refuses(order)? {
            Some(code) => PaymentStatus::Rejected { code: rejection(code)? },
            None => {
                self.move_money(order, id, Date::at(now, KOREA).map_err(|_| PortError)?)?;
                PaymentStatus::Completed
            }
        };
        self.payments.insert(id.clone(), status.clone());
        Ok(status)
    }

    pub(super) fn payment(&self, id: &PaymentId) -> Option<PaymentStatus> {
        self.payments.get(id).cloned()
    }

    /// Why the bank says no, if it does.
    fn refuses(&self, order: &PaymentOrder) -> Result<Option<&'static str>, PortError> {
        let debtor = self.accounts.get(&order.debtor_account).ok_or(PortError)?;
        let (amount, currency) = (order.amount.minor(), order.amount.currency());
        Ok(match self.creditor(order) {
            _ if debtor.account.kind != AccountKind::Current => Some("not_a_current_account"),
            _ if debtor.account.currency != currency => Some("currency_mismatch"),
            Err(code) => Some(code),
            Ok(Some(creditor)) if creditor.account.id == debtor.account.id => Some("same_account"),
            Ok(Some(creditor)) if creditor.account.currency != currency => Some("currency_mismatch"),
            _ if debtor.balance < amount => Some("insufficient_funds"),
            Ok(_) => None,
        })
    }

    /// The creditor's account, when it is kept here; accounts elsewhere are reached through the world outside.
    fn creditor(&self, order: &PaymentOrder) -> Result<Option<&Kept>, &'static str> {
        match &order.creditor_account {
            AccountReference::Id(id) => self.accounts.get(id).map(Some).ok_or("unknown_creditor"),
            AccountReference::Iban { .. } | AccountReference::Korean { .. } => Ok(None),
        }
    }

    fn move_money(&mut self, order: &PaymentOrder, id: &PaymentId, day: Date) -> Result<(), PortError> {
        let amount = order.amount.minor();
        let payer = self.accounts.get(&order.debtor_account).map(|kept| kept.account.name.en.clone());
        let text = order.remittance.clone().unwrap_or_else(|| order.creditor_name.clone());
        // Nothing fails between the two bookings: both are looked at before the first is made.
        let creditor = match &order.creditor_account {
            AccountReference::Id(creditor) => {
                let kept = self.accounts.get(creditor).ok_or(PortError)?;
                Some((creditor.clone(), kept.entry(id, day, amount, text.clone(), payer)?))
            }
            _ => None,
        };
        let debtor = self.accounts.get(&order.debtor_account).ok_or(PortError)?;
        let paid = debtor.entry(
            id,
            day,
            0_i64.checked_sub(amount).ok_or(PortError)?,
            text,
            Some(order.creditor_name.clone()),
        )?;
        if let Some(debtor) = self.accounts.get_mut(&order.debtor_account) {
            debtor.book(paid);
        }
        if let Some((creditor, entry)) = creditor
            && let Some(creditor) = self.accounts.get_mut(&creditor)
        {
            creditor.book(entry);
        }
        Ok(())
    }
}

impl Kept {
    fn amount(&self, minor: i64) -> Result<Amount, PortError> {
        let minor = minor.checked_abs().ok_or(PortError)?;
        Amount::from_minor(minor, self.account.currency).map_err(|_| PortError)
    }

    fn shown(&self, entry: &Entry) -> Result<Transaction, PortError> {
        Ok(Transaction {
            id: entry.id.clone(),
            booked: entry.booked,
            amount: self.amount(entry.amount)?,
            direction: direction(entry.amount),
            description: entry.description.clone(),
            counterparty: entry.counterparty.clone(),
        })
    }

    fn entry(
        &self,
        payment: &PaymentId,
        booked: Date,
        amount: i64,
        description: Text,
        counterparty: Option<Text>,
    ) -> Result<Entry, PortError> {
        let after = self.balance.checked_add(amount).ok_or(PortError)?;
        self.amount(after)?;
        let id = payment.as_str().parse().map_err(|_| PortError)?;
        Ok(Entry { id, booked, amount, description, counterparty })
    }

    fn book(&mut self, entry: Entry) {
        self.balance = self.balance.saturating_add(entry.amount);
        self.entries.push(entry);
    }
}

const fn direction(amount: i64) -> Direction {
    if amount < 0 { Direction::Debit } else { Direction::Credit }
}

fn rejection(code: &'static str) -> Result<RejectionCode, PortError> {
    code.parse().map_err(|_| PortError)
}
