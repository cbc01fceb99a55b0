use ingam_ports::PortError;
use ingam_protocol::{
    AccountId, BankId, PaymentId, UserId,
    details::AccountReference,
    usage::{Account, Balance, PaymentStatus, TransactionPage},
};
use ingam_wire::{BoxFuture, UnixTime};

use crate::usage::{Authorised, ReadBalance, ReadTransactions, Transfer};

/// What the operator asks of the bank whose accounts it opens.
///
/// Everything that shows or moves a user's money takes an [`Authorised`] call, which only `authorise` makes.
pub trait Bank: core::fmt::Debug + Send + Sync {
    /// All accounts of `user`; what a fintech may see of them is decided elsewhere.
    fn accounts<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<Account>, PortError>>;

    /// Which of the user's accounts `named` is, if it is one of them.
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        named: &'a AccountReference,
    ) -> BoxFuture<'a, Result<Option<AccountId>, PortError>>;

    /// The balance of the account.
    fn balance<'a>(
        &'a self,
        call: &'a Authorised<ReadBalance>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Balance, BankError>>;

    /// A page of the account's transactions, newest first.
    fn transactions<'a>(
        &'a self,
        call: &'a Authorised<ReadTransactions>,
    ) -> BoxFuture<'a, Result<TransactionPage, BankError>>;

    /// Makes the transfer under the name `id`, once however often it is asked: the second time it tells how the first
    /// ended. An error means that it is not known whether money moved.
    fn pay<'a>(
        &'a self,
        call: &'a Authorised<Transfer>,
        id: &'a PaymentId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<PaymentStatus, PortError>>;

    /// How the transfer `id` stands at `bank`; `None`: the bank has not heard of it.
    fn payment<'a>(
        &'a self,
        bank: &'a BankId,
        id: &'a PaymentId,
    ) -> BoxFuture<'a, Result<Option<PaymentStatus>, PortError>>;
}

/// Why a bank does not show an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BankError {
    /// The cursor is not one of this account.
    #[error("the cursor is unknown")]
    UnknownCursor,
    /// The bank did not answer: 503.
    #[error(transparent)]
    Unavailable(#[from] PortError),
}

impl BankError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownCursor => "UnknownCursor",
            Self::Unavailable(_) => "BankUnavailable",
        }
    }
}
