//! The line to the banks: it can be cut before or after the bank has done its work.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use ingam_operator::{
    Bank, BankError, Banks,
    usage::{Authorised, ReadBalance, ReadTransactions, Transfer},
};
use ingam_ports::PortError;
use ingam_protocol::{
    AccountId, BankId, PaymentId, UserId,
    details::AccountReference,
    usage::{Account, Balance, PaymentStatus, TransactionPage},
};
use ingam_wire::{BoxFuture, UnixTime};

/// Where the line is cut.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Cut {
    /// Nowhere.
    #[default]
    Nowhere,
    /// Nothing arrives at the bank.
    Before,
    /// The bank does its work and its answer is lost.
    After,
}

/// The banks of the example data behind a line.
#[derive(Debug)]
pub(crate) struct Wire {
    banks: Banks,
    cut: Mutex<Cut>,
    paid: AtomicUsize,
}

impl Default for Wire {
    fn default() -> Self {
        Self { banks: crate::world::data_banks(), cut: Mutex::default(), paid: AtomicUsize::new(0) }
    }
}

impl Wire {
    pub(crate) fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = cut;
    }

    /// How often a transfer reached the bank.
    pub(crate) fn paid(&self) -> usize {
        self.paid.load(Ordering::SeqCst)
    }

    fn before(&self) -> Result<Cut, PortError> {
        let cut = *self.cut.lock().unwrap();
        if cut == Cut::Before { Err(PortError) } else { Ok(cut) }
    }
}

impl Bank for Wire {
    fn accounts<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<Account>, PortError>> {
        self.banks.accounts(user)
    }

    fn find<'a>(
        &'a self,
        user: &'a UserId,
        named: &'a AccountReference,
    ) -> BoxFuture<'a, Result<Option<AccountId>, PortError>> {
        self.banks.find(user, named)
    }

    fn balance<'a>(
        &'a self,
        call: &'a Authorised<ReadBalance>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Balance, BankError>> {
        Box::pin(async move {
            self.before()?;
            self.banks.balance(call, now).await
        })
    }

    fn transactions<'a>(
        &'a self,
        call: &'a Authorised<ReadTransactions>,
    ) -> BoxFuture<'a, Result<TransactionPage, BankError>> {
        self.banks.transactions(call)
    }

    fn pay<'a>(
        &'a self,
        call: &'a Authorised<Transfer>,
        id: &'a PaymentId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<PaymentStatus, PortError>> {
        Box::pin(async move {
            let cut = self.before()?;
            self.paid.fetch_add(1, Ordering::SeqCst);
            let status = self.banks.pay(call, id, now).await?;
            if cut == Cut::After { Err(PortError) } else { Ok(status) }
        })
    }

    fn payment<'a>(
        &'a self,
        bank: &'a BankId,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<PaymentStatus>, PortError>> {
        Box::pin(async move {
            if *self.cut.lock().unwrap() != Cut::Nowhere {
                return Err(PortError);
            }
            self.banks.payment(bank, id).await
        })
    }
}
