use ingam_keys::{Record, RecordSealer};
use ingam_ports::{RowKey, Table};
use ingam_protocol::{
    BankId, ClientId, IdempotencyKey, PaymentId, UserId,
    usage::{Payment, PaymentOrder, PaymentStatus},
};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use crate::usage::PaymentParties;

/// A payment as the operator keeps it, from before the bank is called.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::usage) struct PaymentRecord {
    pub(super) id: PaymentId,
    pub(super) fintech: ClientId,
    pub(super) user: UserId,
    pub(super) bank: BankId,
    pub(super) order: PaymentOrder,
    /// `None`: the bank is being called, or was when this operator stopped.
    pub(super) status: Option<PaymentStatus>,
    /// When it was begun.
    pub(super) begun: UnixTime,
    /// When the status was last written.
    pub(super) at: UnixTime,
}

/// Which payment an idempotency key began, and for which request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::usage) struct IdempotencyRecord {
    pub(super) payment: PaymentId,
    /// SHA-256 over fintech, method, target and body.
    pub(super) digest: [u8; 32],
}

/// How long a key keeps its payment from being made again: 30 days.
const KEPT: Seconds = Seconds::new(30 * 86_400);

impl Record for PaymentRecord {
    const TABLE: Table = Table::Payments;
}

impl Record for IdempotencyRecord {
    const TABLE: Table = Table::Idempotency;
}

impl PaymentRecord {
    /// A fresh identifier: time and 128 random bits in hexadecimal, so that identifiers sort by time.
    pub(super) fn make_id(now: UnixTime, randomness: &dyn Randomness) -> Result<PaymentId, RandomnessUnavailable> {
        let mut random = [0_u8; 16];
        randomness.fill(&mut random)?;
        let text = format!("{:016x}{:032x}", now.secs(), u128::from_be_bytes(random));
        text.parse().map_err(|_| RandomnessUnavailable)
    }

    /// Where the payment is kept.
    pub(super) fn row_key(id: &PaymentId) -> Option<RowKey> {
        RowKey::new(id.as_str().as_bytes())
    }

    /// Whose it is.
    pub(super) fn parties(&self) -> PaymentParties {
        PaymentParties { fintech: self.fintech.clone(), user: self.user.clone() }
    }

    /// As it is told.
    pub(super) fn told(&self) -> Payment {
        Payment {
            id: self.id.clone(),
            status: self.status.clone().unwrap_or(PaymentStatus::Unknown),
            order: self.order.clone(),
            at: self.at,
        }
    }

    /// Whether the bank may know more by now.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.status, None | Some(PaymentStatus::Unknown | PaymentStatus::Held { .. }))
    }
}

impl IdempotencyRecord {
    /// Where the key of a fintech is kept; keys of two fintechs never meet.
    pub(in crate::usage) fn row_key(fintech: &ClientId, key: &IdempotencyKey, sealer: &RecordSealer) -> Option<RowKey> {
        let name = [fintech.as_str().as_bytes(), b"\0", key.as_str().as_bytes()].concat();
        RowKey::new(&sealer.hash("idempotency key", &name))
    }

    /// The payment that the key began.
    pub(in crate::usage) const fn payment(&self) -> &PaymentId {
        &self.payment
    }

    pub(super) const fn expires(now: UnixTime) -> UnixTime {
        now.plus(KEPT)
    }
}

/// What makes two requests the same: fintech, method, target and body.
pub(super) fn digest(request: &VerifiedRequest, provider: &dyn ingam_jose::CryptoProvider) -> [u8; 32] {
    let (fintech, method) = (request.fintech().as_str(), request.method().as_str());
    let parts =
        [fintech.as_bytes(), b"\0", method.as_bytes(), b"\0", request.target().as_bytes(), b"\0", request.body()];
    provider.sha256(&parts)
}
