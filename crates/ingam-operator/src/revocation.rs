use ingam_access_key::{Grant, RevocationReason};
use ingam_ports::{Commit, ControlItem, EventKind, SecurityEvent};
use ingam_protocol::GrantId;
use ingam_wire::UnixTime;

use crate::{Operator, refusal::Refusal};

/// Tries of a revocation while others change the grant.
const TRIES: usize = 16;

impl Operator {
    /// Ends a grant with everything issued from it, on every node, in one commit; true when it was not over before.
    ///
    /// The grant is replaced at exactly the version read, so no concurrent issue can bring it back; its refresh tokens
    /// point to it, and its access keys fall with the change log.
    ///
    /// fapi: RV-3, OA-5
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// A refusal when the store does not answer: nothing was done.
    pub(crate) async fn end_grant(
        &self,
        id: &GrantId,
        reason: RevocationReason,
        now: UnixTime,
    ) -> Result<bool, Refusal> {
        let Some(key) = Grant::row_key(id) else { return Ok(false) };
        for _ in 0..TRIES {
            let Some(read) = self.records.read::<Grant>(&key, now).await? else { return Ok(false) };
            let Ok(grant) = read.record.clone().revoke(reason, now) else { return Ok(false) };
            let event = SecurityEvent {
                fintech: Some(grant.client_id().to_string()),
                user: Some(grant.user().to_string()),
                reference: Some(id.to_string()),
                ..self.done(EventKind::Revoked, ControlItem::LEAK, now)
            };
            let mut steps = vec![self.records.replace(&read, &grant)?];
            let (lines, elsewhere) = self.event_steps(vec![event])?;
            steps.extend(lines);
            let revoked = grant.revoked(&*self.parts.provider);
            match self.changes.commit(steps, &[revoked], now).await {
                Ok(Commit::Committed) => {
                    self.record_committed(elsewhere).await;
                    return Ok(true);
                }
                Ok(Commit::Refused { .. }) => {}
                Err(_) => return Err(Refusal::unavailable("Store")),
            }
        }
        Err(Refusal::unavailable("Contended"))
    }
}
