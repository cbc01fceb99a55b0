use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use ingam_access_key::{Grant, RegisteredFintech};
use ingam_keys::Stored;
use ingam_ports::{Commit, EventKind, Outcome, PortError, RowKey, SecurityEvent, Step, Table};
use ingam_protocol::{PaymentId, details::AuthorizationDetails, usage::PaymentStatus};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::{Seconds, UnixTime};

use super::record::{IdempotencyRecord, PaymentRecord, digest};
use crate::usage::{
    approved::Approved,
    asked::Asked,
    authorise::{Authorised, Decision, authorise},
    call::{Call, signer_of},
    circumstances::LookedUp,
    refused::{Refused, scope_of},
    service::{Operation, Transfer},
};

/// How long a payment may wait for a person: the third working day, with a week-end between.
const HELD: Seconds = Seconds::new(5 * 86_400);

/// What is written before the bank is called.
struct Beginning<'a> {
    transfer: &'a Transfer,
    digest: [u8; 32],
    key_id: Option<String>,
    grant: Option<&'a Grant>,
    approved: Option<&'a Approved<Transfer>>,
}

impl Call<'_> {
    /// `POST /payments`: the first time it is made, afterwards only told.
    ///
    /// x1149: 3.1.16.3, 3.1.21.2
    pub(in crate::usage) async fn pay(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let digest = digest(&request, &*self.operator.parts.provider);
        let asked = Asked::<Transfer>::transfer(request)?;
        if let Some(kept) = self.known(asked.request(), asked.service()).await? {
            if kept.digest != digest {
                return Err(Refused::key_reused());
            }
            return self.tell_again(fintech, asked.as_status(kept.payment)).await;
        }
        let transfer = asked.service().clone();
        let approved = Approved::of(self.access, &transfer);
        let looked_up = self.look_up(fintech, &transfer, None).await?;
        let beginning = Beginning {
            transfer: &transfer,
            digest,
            key_id: signer_of(asked.request()),
            grant: looked_up.grant.as_ref(),
            approved: approved.as_ref(),
        };
        match authorise(self.access, asked, approved.as_ref(), &looked_up.circumstances(self)) {
            Decision::Allow(call) => self.make(beginning, &call).await,
            Decision::Delay(until) => self.hold(beginning, &looked_up, until).await,
            Decision::Hold => self.hold(beginning, &looked_up, self.now.plus(HELD)).await,
            Decision::StepUp => Err(Refused::step_up()),
            Decision::Deny(denied) => Err(Refused::denied(denied, scope_of(Operation::Payment))),
        }
    }

    async fn known(
        &self,
        request: &VerifiedRequest,
        transfer: &Transfer,
    ) -> Result<Option<IdempotencyRecord>, Refused> {
        let records = &self.operator.records;
        let key = IdempotencyRecord::row_key(request.fintech(), &transfer.key, records.sealer());
        let key = key.ok_or(Refused::unavailable("RowKey"))?;
        Ok(records.read::<IdempotencyRecord>(&key, self.now).await?.map(|stored| stored.record))
    }

    /// Begins, asks the bank, ends.
    async fn make(&self, beginning: Beginning<'_>, call: &Authorised<Transfer>) -> Result<Response<Bytes>, Refused> {
        let bank = call.account().ok_or(Refused::unavailable("Bank"))?.bank.clone();
        let key_id = beginning.key_id.clone();
        let begun = self.begin(beginning, bank, None).await?;
        let status = match self.operator.parts.bank.pay(call, &begun.record.id, self.now).await {
            Ok(status) => status,
            // Nobody knows whether money moved: said as it is, and resolved when asked again.
            Err(PortError) => PaymentStatus::Unknown,
        };
        let ended = self.write_status(begun, status, key_id).await;
        Ok(self.created(&ended))
    }

    /// Keeps the payment without calling the bank.
    ///
    /// x1149: 3.1.21.2
    async fn hold(
        &self,
        beginning: Beginning<'_>,
        looked_up: &LookedUp,
        until: UnixTime,
    ) -> Result<Response<Bytes>, Refused> {
        let bank = looked_up.bank_of(&beginning.transfer.order.debtor_account).ok_or(Refused::unavailable("Bank"))?;
        let held = self.begin(beginning, bank, Some(PaymentStatus::Held { until })).await?;
        Ok(self.created(&held.record))
    }

    /// Writes the payment, its idempotency key, the spent approval and the record in one commit, before the bank is called.
    async fn begin(
        &self,
        beginning: Beginning<'_>,
        bank: ingam_protocol::BankId,
        status: Option<PaymentStatus>,
    ) -> Result<Stored<PaymentRecord>, Refused> {
        let (records, verified) = (&self.operator.records, self.access.verified());
        let randomness = self.operator.parts.provider.randomness();
        let id = PaymentRecord::make_id(self.now, randomness).map_err(|_| Refused::unavailable("Randomness"))?;
        let record = PaymentRecord {
            id: id.clone(),
            fintech: verified.client_id().clone(),
            user: verified.user().clone(),
            bank,
            order: beginning.transfer.order.clone(),
            status,
            begun: self.now,
            at: self.now,
        };
        let key = PaymentRecord::row_key(&id).ok_or(Refused::unavailable("RowKey"))?;
        let named = IdempotencyRecord::row_key(verified.client_id(), &beginning.transfer.key, records.sealer());
        let idempotency = IdempotencyRecord { payment: id.clone(), digest: beginning.digest };
        let expires = Some(IdempotencyRecord::expires(self.now));
        let events = vec![self.event(&record, beginning.key_id.clone())];
        let sealed = |error| Refused::from(ingam_keys::RecordsError::from(error));
        let approval = beginning.approved.map(|approved| self.spend(approved, beginning.grant)).transpose()?;
        let spends = approval.is_some();
        let mut steps = approval.into_iter().collect::<Vec<_>>();
        let named = named.ok_or(Refused::unavailable("RowKey"))?;
        steps.push(records.insert(named, expires, Vec::new(), &idempotency).map_err(sealed)?);
        steps.push(records.insert(key.clone(), None, Vec::new(), &record).map_err(sealed)?);
        let (lines, elsewhere) = self.operator.event_steps(events).map_err(|_| Refused::unavailable("Record"))?;
        steps.extend(lines);
        match records.commit(steps, self.now).await? {
            Commit::Committed => {
                self.operator.record_committed(elsewhere).await;
                Ok(Stored { record, version: 1, key, expires: None, index: Vec::new() })
            }
            Commit::Refused { step: 0 } if spends => Err(Refused::approval_spent()),
            // The same key came twice at once: the other call makes the payment.
            Commit::Refused { .. } => Err(Refused::in_progress()),
        }
    }

    /// Takes the approval, which is good for one payment, whatever idempotency key it comes under.
    fn spend(&self, approved: &Approved<Transfer>, grant: Option<&Grant>) -> Result<Step, Refused> {
        let grant = grant.ok_or(Refused::unavailable("Grant"))?;
        let detail = ingam_protocol::details::AuthorizationDetail::PaymentInitiation(approved.approval().clone());
        let detail = AuthorizationDetails::new(vec![detail]).map_err(|_| Refused::unavailable("Approval"))?.to_json();
        let parts = [b"approval\0", grant.id().as_str().as_bytes(), b"\0", detail.as_bytes()];
        let digest = self.operator.parts.provider.sha256(&parts);
        Ok(Step::Claim {
            table: Table::Approvals,
            key: RowKey::timed(grant.created(), &digest),
            // The grant ends before this, and with it every access key that could bring the approval again.
            expires: grant.expires().plus(Seconds::new(86_400)),
        })
    }

    /// Writes how a payment stands; when that fails, what is kept stays as it is and the bank is asked again later.
    pub(super) async fn write_status(
        &self,
        stored: Stored<PaymentRecord>,
        status: PaymentStatus,
        key_id: Option<String>,
    ) -> PaymentRecord {
        let ended = PaymentRecord { status: Some(status), at: self.now, ..stored.record.clone() };
        let events = vec![self.event(&ended, key_id)];
        let unknown = PaymentRecord { status: Some(PaymentStatus::Unknown), ..stored.record.clone() };
        let Ok(step) = self.operator.records.replace(&stored, &ended) else { return unknown };
        let Ok((lines, elsewhere)) = self.operator.event_steps(events) else { return unknown };
        let steps = [step].into_iter().chain(lines).collect();
        match self.operator.records.commit(steps, self.now).await {
            Ok(Commit::Committed) => {
                self.operator.record_committed(elsewhere).await;
                ended
            }
            // Somebody else, asking at the same time, wrote it first: the banks' word is the same.
            Ok(Commit::Refused { .. }) => {
                self.read_payment(&ended.id).await.ok().flatten().map_or(unknown, |s| s.record)
            }
            Err(_) => unknown,
        }
    }

    pub(super) async fn read_payment(&self, id: &PaymentId) -> Result<Option<Stored<PaymentRecord>>, Refused> {
        let Some(key) = PaymentRecord::row_key(id) else { return Ok(None) };
        Ok(self.operator.records.read::<PaymentRecord>(&key, self.now).await?)
    }

    /// The line of the record about how a payment stands.
    fn event(&self, record: &PaymentRecord, key_id: Option<String>) -> SecurityEvent {
        let event = self.done(EventKind::Payment, format!("payment {}", record.id), key_id);
        let outcome = match &record.status {
            Some(PaymentStatus::Rejected { .. }) => Outcome::Refused("PaymentRejected"),
            Some(PaymentStatus::Held { .. }) => Outcome::Refused("PaymentHeld"),
            Some(PaymentStatus::Unknown) => Outcome::Refused("PaymentUnknown"),
            None | Some(PaymentStatus::Completed) => Outcome::Done,
        };
        SecurityEvent { outcome, ..event }
    }
}
