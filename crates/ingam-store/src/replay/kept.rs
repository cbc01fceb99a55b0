use std::sync::Arc;

use ingam_ports::{
    Changes, Claim, Commit, Freshness, Position, ReplayError, ReplayGuard, Step, Store, StoreError, Table,
};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

use super::ChangeLog;

/// A [`ReplayGuard`] over a [`Store`]: what was claimed stays claimed, on every node and after a restart.
///
/// A claim lies under `stated time ‖ digest`, both from the signed message, so that rows come in time order and one
/// commit of many claims touches few pages.
#[derive(Clone, Debug)]
pub struct StoreReplayGuard {
    store: Arc<dyn Store>,
    changes: ChangeLog,
}

impl StoreReplayGuard {
    /// The guard over `store`; revocations are kept for `keep`, at least the lifetime of the longest access key.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keep: Seconds) -> Self {
        Self { changes: ChangeLog::new(Arc::clone(&store), keep), store }
    }

    /// The change log, to append what is revoked.
    #[must_use]
    pub const fn log(&self) -> &ChangeLog {
        &self.changes
    }
}

/// The steps that claim `claims`, for a commit that does more.
fn claim_steps(claims: &[Claim]) -> Vec<Step> {
    let step = |claim: &Claim| Step::Claim { table: Table::Claims, key: claim.row_key(), expires: claim.expires };
    claims.iter().map(step).collect()
}

impl ReplayGuard for StoreReplayGuard {
    fn claim_all<'a>(
        &'a self,
        claims: &'a [Claim],
        seen: Position,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>> {
        Box::pin(async move {
            // A certificate-bound call claims nothing, and then costs no flush.
            if !claims.is_empty()
                && let Commit::Refused { step } =
                    self.store.commit(claim_steps(claims), now).await.map_err(unavailable)?
            {
                return Ok(Freshness::Replayed { which: step });
            }
            // After the claims, so that whatever was revoked before they were taken is seen.
            Ok(Freshness::Fresh(self.changes.since(seen, now).await.map_err(unavailable)?))
        })
    }

    fn changes<'a>(&'a self, seen: Position, now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>> {
        Box::pin(async move { self.changes.since(seen, now).await.map_err(unavailable) })
    }
}

const fn unavailable(_: StoreError) -> ReplayError {
    ReplayError::Unavailable
}
