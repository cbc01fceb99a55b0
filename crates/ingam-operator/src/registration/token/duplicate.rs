use ingam_access_key::{AccessKeyFormat, IssuedId, OpaqueAccessKey, RevocationReason};
use ingam_ports::{ControlItem, EventKind, Outcome, RowKey, SecurityEvent, Step, Table};
use ingam_protocol::GrantId;

use crate::{Operator, entrance::Incoming, refusal::Refusal};

/// Where a commit keeps the access key that it issues, to be told when something stands there.
pub(super) struct Kept {
    /// Index among the steps.
    step: usize,
    key: RowKey,
    /// The grant it is issued from.
    grant: GrantId,
}

impl Kept {
    /// Finds the place in `steps`.
    pub(super) fn of(steps: &[Step], grant: &GrantId) -> Option<Self> {
        steps.iter().enumerate().find_map(|(step, one)| match one {
            Step::Insert { table: Table::AccessKeys, row } => {
                Some(Self { step, key: row.key.clone(), grant: grant.clone() })
            }
            _ => None,
        })
    }

    /// Whether the commit was refused at this place.
    pub(super) const fn is_at(&self, step: usize) -> bool {
        self.step == step
    }
}

impl Operator {
    /// The access key that was to be issued is somebody's already: nothing that identifies it may be trusted, so both grants
    /// end, and the alarm is on record.
    ///
    /// x1149: 3.1.16.10
    pub(super) async fn duplicate(&self, kept: &Kept, incoming: &Incoming) -> Result<(), Refusal> {
        let now = incoming.now;
        let first = match self.parts.profile.access_key.settings().format {
            AccessKeyFormat::Jwt => {
                self.records.read::<IssuedId>(&kept.key, now).await?.map(|read| read.record.grant().clone())
            }
            AccessKeyFormat::Opaque => {
                let read = self.records.read::<OpaqueAccessKey>(&kept.key, now).await?;
                read.and_then(|read| read.record.claims().grant_id.clone())
            }
        };
        for grant in first.iter().chain([&kept.grant]) {
            self.end_grant(grant, RevocationReason::Duplicate, now).await?;
        }
        let alarm = SecurityEvent {
            reference: Some(kept.grant.to_string()),
            address: incoming.address,
            outcome: Outcome::Refused("DuplicateAccessKey"),
            ..self.done(EventKind::Alarm, ControlItem::KEYS, now)
        };
        self.parts.audit.record(alarm).await.map_err(|_| Refusal::unavailable("Record"))
    }
}
