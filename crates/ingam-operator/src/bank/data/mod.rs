//! A bank for development: accounts and transactions from a file, kept in memory, where transfers really move money.

mod file;
mod ledger;

use std::sync::{Arc, Mutex, MutexGuard};

use ingam_ports::PortError;
use ingam_protocol::{
    AccountId, BankId, PaymentId, UserId,
    details::AccountReference,
    usage::{Account, Balance, PaymentStatus, TransactionPage},
};
use ingam_wire::{BoxFuture, UnixTime};

pub use self::file::DataError;
use self::ledger::Ledger;
use super::{Bank, BankError, Banks};
use crate::usage::{Authorised, ReadBalance, ReadTransactions, Transfer};

/// One bank of a data file (`examples/data/bank.json` shows the shape).
///
/// Banks of one file share a clearing house, so a transfer to another of them arrives there at once. Production mode
/// is no place for it: it forgets every transfer when the process ends.
#[derive(Clone, Debug)]
pub struct DataBank {
    id: BankId,
    ledger: Arc<Mutex<Ledger>>,
}

impl DataBank {
    /// The banks of the file with this content.
    ///
    /// # Errors
    /// [`DataError`]; a file whose balances do not add up is refused.
    pub fn load(json: &[u8]) -> Result<Banks, DataError> {
        let (ids, ledger) = file::read(json)?;
        let ledger = Arc::new(Mutex::new(ledger));
        Ok(Banks::new(ids.into_iter().map(|id| {
            let bank: Arc<dyn Bank> = Arc::new(Self { id: id.clone(), ledger: Arc::clone(&ledger) });
            (id, bank)
        })))
    }

    fn ledger(&self) -> Result<MutexGuard<'_, Ledger>, PortError> {
        self.ledger.lock().map_err(|_poisoned| PortError)
    }
}

impl Bank for DataBank {
    fn accounts<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<Account>, PortError>> {
        Box::pin(async move { Ok(self.ledger()?.accounts_of(&self.id, user)) })
    }

    fn find<'a>(
        &'a self,
        user: &'a UserId,
        named: &'a AccountReference,
    ) -> BoxFuture<'a, Result<Option<AccountId>, PortError>> {
        Box::pin(async move { Ok(self.ledger()?.find(&self.id, user, named)) })
    }

    fn balance<'a>(
        &'a self,
        call: &'a Authorised<ReadBalance>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Balance, BankError>> {
        Box::pin(async move { Ok(self.ledger()?.balance(&call.service().account, now)?) })
    }

    fn transactions<'a>(
        &'a self,
        call: &'a Authorised<ReadTransactions>,
    ) -> BoxFuture<'a, Result<TransactionPage, BankError>> {
        Box::pin(async move {
            let service = call.service();
            self.ledger()?.transactions(&service.account, &service.query)
        })
    }

    fn pay<'a>(
        &'a self,
        call: &'a Authorised<Transfer>,
        id: &'a PaymentId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<PaymentStatus, PortError>> {
        Box::pin(async move { self.ledger()?.pay(&call.service().order, id, now) })
    }

    fn payment<'a>(
        &'a self,
        _bank: &'a BankId,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<PaymentStatus>, PortError>> {
        Box::pin(async move { Ok(self.ledger()?.payment(id)) })
    }
}
