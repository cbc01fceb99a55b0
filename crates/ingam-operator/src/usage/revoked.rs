use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use ingam_ports::{Changes, Position, ReplayError, ReplayGuard, Revoked};
use ingam_wire::UnixTime;

/// What this node knows of the change log: how far it has read, and which access keys were revoked one by one.
///
/// Grants and fintechs are read anew for each call, so a revocation of either needs no memory here.
#[derive(Debug, Default)]
pub(super) struct KnownRevocations(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    seen: Position,
    access_keys: HashSet<[u8; 32]>,
}

/// Most access keys remembered before the log is read anew from its start, which drops those it has forgotten.
const REMEMBERED: usize = 65_536;

impl KnownRevocations {
    /// How far the log was read.
    pub(super) fn seen(&self) -> Position {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen
    }

    /// Takes in what a claim brought; a log that no longer reaches back is read anew, all of it.
    ///
    /// Gives back what others must heed too.
    pub(super) async fn heed(
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
            known.access_keys.extend(revoked.iter().filter_map(|revoked| match revoked {
                Revoked::AccessKey(digest) => Some(*digest),
                _ => None,
            }));
            known.seen = known.seen.max(*to);
            if known.access_keys.len() > REMEMBERED {
                known.seen = Position::default();
                known.access_keys.clear();
                known.access_keys.extend(revoked.iter().filter_map(|revoked| match revoked {
                    Revoked::AccessKey(digest) => Some(*digest),
                    _ => None,
                }));
            }
        }
        Ok(changes)
    }

    /// Whether this access key (by SHA-256) was revoked.
    pub(super) fn names(&self, access_key: &[u8; 32]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).access_keys.contains(access_key)
    }
}
