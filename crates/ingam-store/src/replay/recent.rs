//! The change log in memory: what was revoked lately.

use std::collections::VecDeque;

use ingam_ports::{Changes, Position, Revoked};
use ingam_wire::UnixTime;

/// Most revocations kept; suspending the largest fintech touches one entry, so this is years of them.
const KEPT: usize = 100_000;

/// Revocations in the order they happened; the first one kept stands at `trimmed + 1`.
#[derive(Debug, Default)]
pub(super) struct RecentChanges {
    entries: VecDeque<(UnixTime, Revoked)>,
    trimmed: u64,
}

impl RecentChanges {
    pub(super) fn head(&self) -> u64 {
        self.trimmed.saturating_add(u64::try_from(self.entries.len()).unwrap_or(u64::MAX))
    }

    /// Appends, and forgets entries whose time to be forgotten has come.
    pub(super) fn append(&mut self, revoked: &[Revoked], forget_at: UnixTime, now: UnixTime) {
        self.entries.extend(revoked.iter().map(|revoked| (forget_at, *revoked)));
        while self.entries.len() > KEPT || self.entries.front().is_some_and(|(forget_at, _)| *forget_at <= now) {
            self.entries.pop_front();
            self.trimmed = self.trimmed.saturating_add(1);
        }
    }

    pub(super) fn since(&self, seen: Position) -> Changes {
        let to = Position(self.head());
        // Whoever remembers nothing is told all that is kept.
        let seen = if seen == Position::default() { Position(self.trimmed) } else { seen };
        match seen.0.checked_sub(self.trimmed).map(usize::try_from) {
            Some(Ok(skip)) if skip <= self.entries.len() => {
                Changes::Since { to, revoked: self.entries.iter().skip(skip).map(|(_, revoked)| *revoked).collect() }
            }
            _ => Changes::TooOld { to },
        }
    }
}
