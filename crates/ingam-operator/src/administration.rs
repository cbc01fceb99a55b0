//! What an operator's administrators decide at run time: it counts at the next check of every node, and is on record.

use ingam_access_key::{FintechRecord, FintechStatus, Grant, GrantStatus, RevocationReason, StatusError};
use ingam_keys::{RecordsError, SealError, Stored};
use ingam_ports::{Commit, ControlItem, EventKind, Revoked, SecurityEvent};
use ingam_protocol::{ClientId, GrantId, UserId};
use ingam_wire::UnixTime;

use crate::{Operator, directory, refusal::Refusal};

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AdministrationError {
    /// No fintech of this `client_id` is kept in the operator's store.
    #[error("the fintech is unknown")]
    UnknownFintech,
    /// The fintech's status does not lead there.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// More grants than one commit takes: revoke by fintech first.
    #[error("more than {MOST} grants")]
    TooMany,
    /// Others kept changing the same rows.
    #[error("it was changed at the same time")]
    Contended,
    /// The store or the record did not answer.
    #[error("the store or the record does not answer")]
    Unavailable,
}

impl AdministrationError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownFintech => "UnknownFintech",
            Self::Status(error) => error.name(),
            Self::TooMany => "TooMany",
            Self::Contended => "Contended",
            Self::Unavailable => "Unavailable",
        }
    }
}

impl From<RecordsError> for AdministrationError {
    fn from(_: RecordsError) -> Self {
        Self::Unavailable
    }
}

impl From<SealError> for AdministrationError {
    fn from(_: SealError) -> Self {
        Self::Unavailable
    }
}

impl From<Refusal> for AdministrationError {
    fn from(refusal: Refusal) -> Self {
        if refusal.reason == Refusal::CONTENDED { Self::Contended } else { Self::Unavailable }
    }
}

/// Most grants that one decision names: a user has a handful, a fintech as many as it has users.
const MOST: usize = 100_000;

/// Tries of a decision while others change the same rows.
const TRIES: usize = 16;

impl Operator {
    /// Suspends a fintech: from the next check on, nothing of it is accepted, on any node.
    ///
    /// Gives back the grants that rest until it is resumed.
    ///
    /// x1149: 3.1.18.8
    ///
    /// # Errors
    /// [`AdministrationError`]; nothing was changed then.
    pub async fn suspend(&self, client: &ClientId) -> Result<Vec<GrantId>, AdministrationError> {
        self.turn(client, FintechStatus::Suspended).await
    }

    /// Resumes a suspended fintech, with the grants it has; gives those back.
    ///
    /// x1149: 3.1.18.8
    ///
    /// # Errors
    /// [`AdministrationError`]; nothing was changed then.
    pub async fn resume(&self, client: &ClientId) -> Result<Vec<GrantId>, AdministrationError> {
        self.turn(client, FintechStatus::Active).await
    }

    /// Ends one grant with everything issued from it; true when it was not over before.
    ///
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// [`AdministrationError`]; nothing was changed then.
    pub async fn revoke_grant(&self, grant: &GrantId) -> Result<bool, AdministrationError> {
        Ok(self.end_grant(grant, RevocationReason::Operator, self.now()).await?)
    }

    /// Ends every grant of a user in one commit, and gives them back.
    ///
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// [`AdministrationError`]; nothing was changed then.
    pub async fn revoke_user(&self, user: &UserId) -> Result<Vec<GrantId>, AdministrationError> {
        for _ in 0..TRIES {
            let now = self.now();
            let grants = self.live(Grant::index_of_user(user, &self.parts.sealer), now).await?;
            let (mut steps, mut events) = (Vec::new(), Vec::new());
            let mut revoked = vec![Revoked::User(self.parts.provider.sha256(&[user.as_str().as_bytes()]))];
            for read in &grants {
                let Ok(ended) = read.record.clone().revoke(RevocationReason::Operator, now) else { continue };
                steps.push(self.records.replace(read, &ended)?);
                revoked.push(ended.revoked(&*self.parts.provider));
                events.push(SecurityEvent {
                    fintech: Some(ended.client_id().to_string()),
                    user: Some(user.to_string()),
                    reference: Some(ended.id().to_string()),
                    ..self.done(EventKind::Revoked, ControlItem::LEAK, now)
                });
            }
            if events.is_empty() {
                let event = self.done(EventKind::Revoked, ControlItem::LEAK, now);
                events.push(SecurityEvent { user: Some(user.to_string()), ..event });
            }
            let (lines, elsewhere) = self.event_steps(events)?;
            steps.extend(lines);
            match self.changes.commit(steps, &revoked, now).await {
                Ok(Commit::Committed) => {
                    self.record_committed(elsewhere).await;
                    return Ok(grants.iter().map(|read| read.record.id().clone()).collect());
                }
                Ok(Commit::Refused { .. }) => {}
                Err(_) => return Err(AdministrationError::Unavailable),
            }
        }
        Err(AdministrationError::Contended)
    }

    async fn turn(&self, client: &ClientId, to: FintechStatus) -> Result<Vec<GrantId>, AdministrationError> {
        let key = directory::row_key(&self.records, client);
        for _ in 0..TRIES {
            let now = self.now();
            let read = self.records.read::<FintechRecord>(&key, now).await?;
            let read = read.ok_or(AdministrationError::UnknownFintech)?;
            let turned = read.record.clone().with_status(to)?;
            let affected = self.live(Grant::index_of_fintech(client, &self.parts.sealer), now).await?;
            let event = SecurityEvent {
                fintech: Some(client.to_string()),
                reference: Some(format!("{to:?}, {} grants", affected.len())),
                ..self.done(EventKind::FintechChanged, ControlItem::HARDENING, now)
            };
            let (lines, elsewhere) = self.event_steps(vec![event])?;
            let mut steps = vec![self.records.replace(&read, &turned)?];
            steps.extend(lines);
            let committed = if to.may_act() {
                self.records.commit(steps, now).await
            } else {
                let revoked = Revoked::Fintech(self.parts.provider.sha256(&[client.as_str().as_bytes()]));
                self.changes.commit(steps, &[revoked], now).await
            };
            match committed {
                Ok(Commit::Committed) => {
                    self.record_committed(elsewhere).await;
                    return Ok(affected.iter().map(|read| read.record.id().clone()).collect());
                }
                Ok(Commit::Refused { .. }) => {}
                Err(_) => return Err(AdministrationError::Unavailable),
            }
        }
        Err(AdministrationError::Contended)
    }

    /// The grants under `index` that are not over.
    async fn live(
        &self,
        index: ingam_ports::IndexValue,
        now: UnixTime,
    ) -> Result<Vec<Stored<Grant>>, AdministrationError> {
        let found = self.records.find::<Grant>(index, MOST.saturating_add(1), now).await?;
        if found.len() > MOST {
            return Err(AdministrationError::TooMany);
        }
        Ok(found.into_iter().filter(|read| !matches!(read.record.status(), GrantStatus::Revoked { .. })).collect())
    }
}
