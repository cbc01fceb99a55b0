use core::net::IpAddr;

use ingam_access_key::Access;
use ingam_ports::{ControlItem, EventKind, SecurityEvent};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::UnixTime;

use super::refused::Refused;
use crate::Operator;

/// One accepted call: access key and request are verified, their one-time ids taken; nothing is decided yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) operator: &'a Operator,
    pub(super) access: &'a Access,
    pub(super) address: Option<IpAddr>,
    pub(super) now: UnixTime,
}

impl Call<'_> {
    /// A line of the record about something that was done for this caller.
    pub(super) fn done(&self, kind: EventKind, reference: String, key_id: Option<String>) -> SecurityEvent {
        let verified = self.access.verified();
        SecurityEvent {
            fintech: Some(verified.client_id().as_str().to_owned()),
            user: Some(verified.user().as_str().to_owned()),
            reference: Some(reference),
            address: self.address,
            key_id,
            ..self.operator.done(kind, ControlItem::AUTHORITY, self.now)
        }
    }

    /// Records a verified read before it is answered (3.1.16.9); what cannot be recorded is not answered.
    ///
    /// x1149: 3.1.16.9
    pub(super) async fn record(&self, event: SecurityEvent) -> Result<(), Refused> {
        Ok(self.operator.parts.audit.record(event).await?)
    }
}

/// The key that signed the request, by `kid`.
pub(super) fn signer_of(request: &VerifiedRequest) -> Option<String> {
    request.signer().and_then(|key| key.key_id()).map(|id| id.as_str().to_owned())
}
