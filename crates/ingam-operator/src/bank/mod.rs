//! The banks behind the operator: they answer what was authorised, nothing else.

use ingam_ports::PortError;
use ingam_protocol::{AccountId, UserId, details::AccountReference, usage::Account};
use ingam_wire::BoxFuture;

/// What the operator asks of the bank whose accounts it opens.
pub trait Bank: core::fmt::Debug + Send + Sync {
    /// All accounts of `user`, for the account picker; what a fintech may see of them is decided elsewhere.
    fn accounts<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<Vec<Account>, PortError>>;

    /// Which of the user's accounts `named` is, if it is one of them.
    fn find<'a>(
        &'a self,
        user: &'a UserId,
        named: &'a AccountReference,
    ) -> BoxFuture<'a, Result<Option<AccountId>, PortError>>;
}
