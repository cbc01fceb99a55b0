use std::{collections::BTreeMap, sync::Arc};

use ingam_ports::PortError;
use ingam_protocol::{
    AccountId, BankId, PaymentId, UserId,
    details::AccountReference,
    usage::{Account, Balance, PaymentStatus, TransactionPage},
};
use ingam_wire::{BoxFuture, UnixTime};

use super::{Bank, BankError};
use crate::usage::{Authorised, ReadBalance, ReadTransactions, Transfer};

/// Several banks behind one operator: each call goes to the bank that keeps the account.
#[derive(Clone, Debug, Default)]
pub struct Banks(BTreeMap<BankId, Arc<dyn Bank>>);

impl Banks {
    /// These banks.
    #[must_use]
    pub fn new(banks: impl IntoIterator<Item = (BankId, Arc<dyn Bank>)>) -> Self {
        Self(banks.into_iter().collect())
    }

    fn of(&self, account: Option<&Account>) -> Result<&Arc<dyn Bank>, PortError> {
        self.0.get(&account.ok_or(PortError)?.bank).ok_or(PortError)
    }
}

impl Bank for Banks {
    fn accounts<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<Account>, PortError>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for (id, bank) in &self.0 {
                // A bank speaks for its own accounts only: none can show itself as another's.
                all.extend(bank.accounts(user).await?.into_iter().filter(|account| account.bank == *id));
            }
            Ok(all)
        })
    }

    fn find<'a>(
        &'a self,
        user: &'a UserId,
        named: &'a AccountReference,
    ) -> BoxFuture<'a, Result<Option<AccountId>, PortError>> {
        Box::pin(async move {
            for bank in self.0.values() {
                if let Some(found) = bank.find(user, named).await? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })
    }

    fn balance<'a>(
        &'a self,
        call: &'a Authorised<ReadBalance>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Balance, BankError>> {
        Box::pin(async move { self.of(call.account())?.balance(call, now).await })
    }

    fn transactions<'a>(
        &'a self,
        call: &'a Authorised<ReadTransactions>,
    ) -> BoxFuture<'a, Result<TransactionPage, BankError>> {
        Box::pin(async move { self.of(call.account())?.transactions(call).await })
    }

    fn pay<'a>(
        &'a self,
        call: &'a Authorised<Transfer>,
        id: &'a PaymentId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<PaymentStatus, PortError>> {
        Box::pin(async move { self.of(call.account())?.pay(call, id, now).await })
    }

    fn payment<'a>(
        &'a self,
        bank: &'a BankId,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<PaymentStatus>, PortError>> {
        Box::pin(async move { self.0.get(bank).ok_or(PortError)?.payment(bank, id).await })
    }
}
