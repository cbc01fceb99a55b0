use ingam_protocol::{
    IdempotencyKey, InvalidId,
    usage::{ResourceBody as _, TransactionQuery, TransactionQueryError},
};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::{json::JsonError, segment};

use super::service::{ListAccounts, ReadBalance, ReadPayment, ReadTransactions, Service, Transfer};

/// A service read out of a verified request: nothing in it comes from anywhere else.
///
/// ```compile_fail,E0451
/// # use ingam_operator::usage::*;
/// # fn forge(request: ingam_transaction::request::VerifiedRequest) -> Asked<ListAccounts> {
/// Asked { request, service: ListAccounts }
/// # }
/// ```
/// ```
/// # use ingam_operator::usage::*;
/// # fn read(asked: &Asked<ListAccounts>) -> ListAccounts {
/// *asked.service()
/// # }
/// ```
#[derive(Debug)]
pub struct Asked<S> {
    pub(super) request: VerifiedRequest,
    pub(super) service: S,
}

/// Why a verified request asks for nothing that is offered: 400 or 404.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Malformed {
    /// The path names no resource.
    #[error("there is no such resource")]
    NoSuchResource,
    /// The query is not one.
    #[error(transparent)]
    Query(#[from] TransactionQueryError),
    /// The body is not a payment order.
    #[error("the body is not a payment order: {0}")]
    Order(JsonError),
    /// There is no idempotency key, or it is not covered by the signature.
    #[error("a payment needs an Idempotency-Key, covered by the signature if there is one")]
    IdempotencyKeyMissing,
    /// The idempotency key is malformed, or two fields name different ones.
    #[error("the Idempotency-Key is malformed")]
    IdempotencyKey,
    /// A body where none belongs.
    #[error("a body does not belong here")]
    UnexpectedBody,
}

impl Malformed {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoSuchResource => "NoSuchResource",
            Self::Query(error) => error.name(),
            Self::Order(error) => error.name(),
            Self::IdempotencyKeyMissing => "IdempotencyKeyMissing",
            Self::IdempotencyKey => "IdempotencyKeyMalformed",
            Self::UnexpectedBody => "UnexpectedBody",
        }
    }
}

impl<S: Service> Asked<S> {
    /// What is asked for.
    #[must_use]
    pub const fn service(&self) -> &S {
        &self.service
    }

    /// The verified request it was read from.
    #[must_use]
    pub const fn request(&self) -> &VerifiedRequest {
        &self.request
    }
}

impl Asked<ListAccounts> {
    /// Reads `GET /accounts`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn list_accounts(request: VerifiedRequest) -> Result<Self, Malformed> {
        without_body(&request)?;
        last_segments::<0>(&request, "accounts")?;
        Ok(Self { request, service: ListAccounts })
    }
}

impl Asked<ReadBalance> {
    /// Reads `GET /accounts/{id}/balance`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read_balance(request: VerifiedRequest) -> Result<Self, Malformed> {
        without_body(&request)?;
        let account = account_of(&request, "balance")?;
        Ok(Self { request, service: ReadBalance { account } })
    }
}

impl Asked<ReadTransactions> {
    /// Reads `GET /accounts/{id}/transactions`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read_transactions(request: VerifiedRequest) -> Result<Self, Malformed> {
        without_body(&request)?;
        let account = account_of(&request, "transactions")?;
        let query = TransactionQuery::parse(request.query().unwrap_or_default())?;
        Ok(Self { request, service: ReadTransactions { account, query } })
    }
}

impl Asked<Transfer> {
    /// Reads `POST /payments`: the order from the verified body, the idempotency key from a verified field.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn transfer(request: VerifiedRequest) -> Result<Self, Malformed> {
        last_segments::<0>(&request, "payments")?;
        let key = idempotency_key(&request)?;
        let order = ingam_protocol::usage::PaymentOrder::from_json(request.body()).map_err(Malformed::Order)?;
        Ok(Self { request, service: Transfer { order, key } })
    }

    /// The same request as a question how its payment stands, for a repetition.
    #[must_use]
    pub fn as_status(self, payment: ingam_protocol::PaymentId) -> Asked<ReadPayment> {
        Asked { request: self.request, service: ReadPayment { payment } }
    }
}

impl Asked<ReadPayment> {
    /// Reads `GET /payments/{id}`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read_payment(request: VerifiedRequest) -> Result<Self, Malformed> {
        without_body(&request)?;
        let [payment] = last_segments::<1>(&request, "payments")?;
        let payment = payment.parse().map_err(|_| Malformed::NoSuchResource)?;
        Ok(Self { request, service: ReadPayment { payment } })
    }
}

/// The idempotency key in the path of `GET /payments/by-key/{key}`.
pub(super) fn key_in_path(request: &VerifiedRequest) -> Result<IdempotencyKey, Malformed> {
    without_body(request)?;
    let [_, key] = last_segments::<2>(request, "payments")?;
    let key = segment::decode(key).map_err(|_| Malformed::IdempotencyKey)?;
    key.parse().map_err(|InvalidId(_)| Malformed::IdempotencyKey)
}

impl Asked<ReadPayment> {
    /// A question by idempotency key, once the payment is found.
    pub(super) const fn found(request: VerifiedRequest, payment: ingam_protocol::PaymentId) -> Self {
        Self { request, service: ReadPayment { payment } }
    }
}

fn without_body(request: &VerifiedRequest) -> Result<(), Malformed> {
    if request.body().is_empty() { Ok(()) } else { Err(Malformed::UnexpectedBody) }
}

/// The `N` path segments after the last one that is `resource`; the operator may be mounted under any path.
fn last_segments<'a, const N: usize>(request: &'a VerifiedRequest, resource: &str) -> Result<[&'a str; N], Malformed> {
    let segments = request.path().split('/').collect::<Vec<_>>();
    let (before, after) =
        segments.len().checked_sub(N).and_then(|at| segments.split_at_checked(at)).ok_or(Malformed::NoSuchResource)?;
    if before.last() != Some(&resource) {
        return Err(Malformed::NoSuchResource);
    }
    after.try_into().map_err(|_| Malformed::NoSuchResource)
}

fn account_of(request: &VerifiedRequest, what: &str) -> Result<ingam_protocol::AccountId, Malformed> {
    let [account, last] = last_segments::<2>(request, "accounts")?;
    if last != what {
        return Err(Malformed::NoSuchResource);
    }
    account.parse().map_err(|InvalidId(_)| Malformed::NoSuchResource)
}

/// The key of `Idempotency-Key` or `x-idempotency-key`, with or without the quotes of a structured field.
fn idempotency_key(request: &VerifiedRequest) -> Result<IdempotencyKey, Malformed> {
    let read = |name| {
        let mut lines = request.headers(name);
        match (lines.next(), lines.next()) {
            (None, _) => Ok(None),
            (Some(line), None) => {
                let text = line.to_str().map_err(|_| Malformed::IdempotencyKey)?.trim();
                let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
                bare.parse::<IdempotencyKey>().map(Some).map_err(|_| Malformed::IdempotencyKey)
            }
            (Some(_), Some(_)) => Err(Malformed::IdempotencyKey),
        }
    };
    match (read(IdempotencyKey::HEADER)?, read("x-idempotency-key")?) {
        (Some(key), None) | (None, Some(key)) => Ok(key),
        (Some(key), Some(same)) if key == same => Ok(key),
        (Some(_), Some(_)) => Err(Malformed::IdempotencyKey),
        (None, None) => Err(Malformed::IdempotencyKeyMissing),
    }
}
