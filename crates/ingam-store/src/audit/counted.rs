//! Refusals of peers nobody knows, counted: nobody buys a disk flush, or memory, with a bad request.

use std::collections::HashMap;
use std::net::IpAddr;

use ingam_ports::{EventKind, Outcome, SecurityEvent};

/// Most sources counted apart at a time; the others are counted together, without an address.
const SOURCES: usize = 1_024;

/// Counts by kind, reason and source.
#[derive(Debug, Default)]
pub(super) struct Counted {
    counts: HashMap<(EventKind, &'static str, Option<IpAddr>), (SecurityEvent, u64)>,
}

impl Counted {
    /// Counts the event if it is a refusal of an unknown peer; gives it back otherwise.
    pub(super) fn add(&mut self, event: SecurityEvent) -> Option<SecurityEvent> {
        let Outcome::Refused(reason) = event.outcome else { return Some(event) };
        if event.fintech.is_some() || event.user.is_some() {
            return Some(event);
        }
        let key = (event.kind, reason, event.address);
        let crowded = self.counts.len() >= SOURCES && !self.counts.contains_key(&key);
        let (key, event) = if crowded {
            // Kinds and reasons are names in the program, so this adds few entries.
            ((event.kind, reason, None), SecurityEvent { address: None, reference: None, ..event })
        } else {
            (key, event)
        };
        let (_, count) = self.counts.entry(key).or_insert((event, 0));
        *count = count.saturating_add(1);
        None
    }

    /// What was counted, in order of time; counting starts anew.
    pub(super) fn drain(&mut self) -> Vec<(SecurityEvent, u64)> {
        let mut counted = self.counts.drain().map(|(_, counted)| counted).collect::<Vec<_>>();
        counted.sort_by_key(|(event, _)| (event.at, event.address));
        counted
    }
}
