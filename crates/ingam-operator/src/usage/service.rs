use ingam_protocol::{
    AccountId, IdempotencyKey, PaymentId,
    usage::{PaymentOrder, TransactionQuery},
};

/// What a call of the usage phase asks for (B②).
///
/// The services are closed: each has its own row in [`super::authorise`].
pub trait Service: sealed::Sealed + core::fmt::Debug {
    /// Which operation of the table it is.
    const OPERATION: Operation;

    /// The account it is about, where it names one.
    fn account(&self) -> Option<&AccountId>;

    /// The order that a user must have agreed to, where money is to move.
    fn order(&self) -> Option<&PaymentOrder> {
        None
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "what nobody can name nobody can implement")]
    pub trait Sealed {}
    impl Sealed for super::ListAccounts {}
    impl Sealed for super::ReadBalance {}
    impl Sealed for super::ReadTransactions {}
    impl Sealed for super::Transfer {}
    impl Sealed for super::ReadPayment {}
}

/// The operations of the usage phase.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Operation {
    /// `GET /accounts`
    Accounts,
    /// `GET /accounts/{id}/balance`
    Balance,
    /// `GET /accounts/{id}/transactions`
    Transactions,
    /// `POST /payments`
    Payment,
    /// `GET /payments/{id}`
    PaymentStatus,
}

impl Operation {
    /// Its name in records and for risk decisions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Balance => "balances",
            Self::Transactions => "transactions",
            Self::Payment => "payments",
            Self::PaymentStatus => "payment-status",
        }
    }
}

/// `GET /accounts`: the accounts that the user opened to the fintech.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListAccounts;

/// `GET /accounts/{id}/balance`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadBalance {
    /// The account.
    pub account: AccountId,
}

/// `GET /accounts/{id}/transactions`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadTransactions {
    /// The account.
    pub account: AccountId,
    /// Which of them.
    pub query: TransactionQuery,
}

/// `POST /payments`: a transfer (이체).
#[doc(alias = "이체")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transfer {
    /// What is to be paid.
    pub order: PaymentOrder,
    /// What makes a repetition the same payment.
    pub key: IdempotencyKey,
}

/// `GET /payments/{id}`: how a payment stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadPayment {
    /// The payment.
    pub payment: PaymentId,
}

impl Service for ListAccounts {
    const OPERATION: Operation = Operation::Accounts;

    fn account(&self) -> Option<&AccountId> {
        None
    }
}

impl Service for ReadBalance {
    const OPERATION: Operation = Operation::Balance;

    fn account(&self) -> Option<&AccountId> {
        Some(&self.account)
    }
}

impl Service for ReadTransactions {
    const OPERATION: Operation = Operation::Transactions;

    fn account(&self) -> Option<&AccountId> {
        Some(&self.account)
    }
}

impl Service for Transfer {
    const OPERATION: Operation = Operation::Payment;

    fn account(&self) -> Option<&AccountId> {
        Some(&self.order.debtor_account)
    }

    fn order(&self) -> Option<&PaymentOrder> {
        Some(&self.order)
    }
}

impl Service for ReadPayment {
    const OPERATION: Operation = Operation::PaymentStatus;

    fn account(&self) -> Option<&AccountId> {
        None
    }
}
