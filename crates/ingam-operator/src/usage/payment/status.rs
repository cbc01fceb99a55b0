use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ingam_access_key::RegisteredFintech;
use ingam_keys::Stored;
use ingam_ports::EventKind;
use ingam_protocol::usage::{PaymentStatus, ResourceBody as _};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::Seconds;

use super::record::{IdempotencyRecord, PaymentRecord};
use crate::{
    answer,
    usage::{
        asked::{Asked, key_in_path},
        authorise::{Decision, authorise},
        call::{Call, signer_of},
        refused::{Refused, scope_of},
        service::{Operation, ReadPayment},
    },
};

/// How long a bank is given before a payment that it does not know counts as unknown instead of on its way.
const ON_ITS_WAY: Seconds = Seconds::new(60);

impl Call<'_> {
    /// `GET /payments/{id}`: how it stands, asking the bank where that is not known.
    pub(in crate::usage) async fn payment(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let asked = Asked::<ReadPayment>::read_payment(request)?;
        let payment = self.resolve(fintech, asked).await?.record;
        Ok(self.ok(&payment.told()))
    }

    /// `GET /payments/by-key/{key}`: the same by idempotency key, for whoever never saw the identifier.
    pub(in crate::usage) async fn payment_by_key(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let key = key_in_path(&request)?;
        let records = &self.operator.records;
        let row = IdempotencyRecord::row_key(request.fintech(), &key, records.sealer());
        let row = row.ok_or(Refused::unavailable("RowKey"))?;
        let kept = records.read::<IdempotencyRecord>(&row, self.now).await?;
        let kept = kept.ok_or_else(|| Refused::no_such_payment("NoSuchPayment"))?.record;
        let payment = self.resolve(fintech, Asked::found(request, kept.payment().clone())).await?.record;
        Ok(self.ok(&payment.told()))
    }

    /// The answer to a repeated `POST /payments`: the outcome, signed anew.
    pub(super) async fn tell_again(
        &self,
        fintech: &Arc<RegisteredFintech>,
        asked: Asked<ReadPayment>,
    ) -> Result<Response<Bytes>, Refused> {
        let payment = self.resolve(fintech, asked).await?.record;
        if payment.status.is_none() && self.now < payment.begun.plus(ON_ITS_WAY) {
            return Err(Refused::in_progress());
        }
        Ok(self.created(&payment))
    }

    /// 201 where the payment has ended, 202 where it has not; both with its address.
    pub(super) fn created(&self, payment: &PaymentRecord) -> Response<Bytes> {
        let told = payment.told();
        let status = match told.status {
            PaymentStatus::Completed | PaymentStatus::Rejected { .. } => StatusCode::CREATED,
            PaymentStatus::Held { .. } | PaymentStatus::Unknown => StatusCode::ACCEPTED,
        };
        let mut answer = answer::json(status, told.to_json(), self.now);
        // Relative to the request's own target (RFC 9110 section 10.2.2), wherever the operator is mounted.
        if let Ok(location) = HeaderValue::try_from(format!("payments/{}", told.id)) {
            answer.headers_mut().insert(header::LOCATION, location);
        }
        answer
    }

    /// Decides whether the payment may be told, and asks the bank where it is open.
    async fn resolve(
        &self,
        fintech: &Arc<RegisteredFintech>,
        asked: Asked<ReadPayment>,
    ) -> Result<Stored<PaymentRecord>, Refused> {
        let stored = self.read_payment(&asked.service().payment).await?;
        let parties = stored.as_ref().map(|stored| stored.record.parties());
        let looked_up = self.look_up(fintech, asked.service(), parties).await?;
        let key_id = signer_of(asked.request());
        match authorise(self.access, asked, None, &looked_up.circumstances(self)) {
            Decision::Allow(_) => {}
            Decision::Deny(denied) => return Err(Refused::denied(denied, scope_of(Operation::PaymentStatus))),
            // The bank's fraud detection is not asked about questions.
            Decision::StepUp | Decision::Delay(_) | Decision::Hold => return Err(Refused::held()),
        }
        let stored = stored.ok_or_else(|| Refused::no_such_payment("NoSuchPayment"))?;
        let reference = format!("{} {}", Operation::PaymentStatus.name(), stored.record.id);
        self.record(self.done(EventKind::Transaction, reference, key_id.clone())).await?;
        if !stored.record.is_open() {
            return Ok(stored);
        }
        let record = &stored.record;
        let told = self.operator.parts.bank.payment(&record.bank, &record.id).await.ok().flatten();
        let known = told.filter(|status| *status != PaymentStatus::Unknown && Some(status) != record.status.as_ref());
        let Some(status) = known else { return Ok(stored) };
        let (key, version) = (stored.key.clone(), stored.version);
        let record = self.write_status(stored, status, key_id).await;
        Ok(Stored { record, version, key, expires: None, index: Vec::new() })
    }
}
