use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use ingam_ports::{Changes, Position, ReplayError, ReplayGuard, Revoked};
use ingam_wire::UnixTime;

/// What this node knows of the change log: how far it has read, which access keys were revoked one by one, and which
/// grants.
///
/// An operator reads grants and fintechs anew for each call; who stands in front of another API remembers the grants.
#[derive(Debug, Default)]
pub(crate) struct KnownRevocations(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    seen: Position,
    access_keys: HashSet<[u8; 32]>,
    grants: HashSet<[u8; 32]>,
}

impl Known {
    fn learn(&mut self, revoked: &[Revoked]) {
        for revoked in revoked {
            match revoked {
                Revoked::AccessKey(digest) => self.access_keys.insert(*digest),
                Revoked::Grant(digest) => self.grants.insert(*digest),
                _ => false,
            };
        }
    }
}

/// Most revocations remembered before the log is read anew from its start, which drops those it has forgotten.
const REMEMBERED: usize = 65_536;

impl KnownRevocations {
    /// How far the log was read.
    pub(crate) fn seen(&self) -> Position {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen
    }

    /// Takes in what a claim brought; a log that no longer reaches back is read anew, all of it.
    ///
    /// Gives back what others must heed too.
    pub(crate) async fn heed(
        &self,
        changes: Changes,
        guard: &dyn ReplayGuard,
        now: UnixTime,
    ) -> Result<Changes, ReplayError> {
        let changes = match changes {
            Changes::TooOld { .. } => {
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Known::default();
                guard.changes(Position::default(), now).await?
            }
            since @ Changes::Since { .. } => since,
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Changes::Since { to, revoked } = &changes {
            known.learn(revoked);
            known.seen = known.seen.max(*to);
            if known.access_keys.len().saturating_add(known.grants.len()) > REMEMBERED {
                *known = Known::default();
                known.learn(revoked);
            }
        }
        Ok(changes)
    }

    /// Whether the grant of this digest was revoked; a grant never comes back.
    #[cfg(feature = "tower")]
    pub(crate) fn names_grant(&self, grant: &[u8; 32]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).grants.contains(grant)
    }

    /// Whether this access key (by SHA-256) was revoked.
    pub(crate) fn names(&self, access_key: &[u8; 32]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).access_keys.contains(access_key)
    }
}
