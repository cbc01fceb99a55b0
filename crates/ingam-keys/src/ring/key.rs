use std::collections::BTreeMap;

use ingam_jose::Jwk;
use ingam_wire::{Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use super::{Algorithm, Environment, Grade, Origin, Owner, Purpose, RotationPolicy};
use crate::control::{Act, Person};

/// Everything there is to say of one key, except the key: what for, whose, how strong, since when, until when.
///
/// A record without an owner cannot be built: [`Owner`] is never empty, and no field is optional that names one.
/// The schedule is written down before it happens, so that every node that read it computes the same stage.
///
/// x1149: 3.1.3.1, 3.1.3.2, 3.1.16.10, 3.1.17.4
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    pub(super) id: Box<str>,
    pub(super) about: KeyDescription,
    pub(super) size: u32,
    /// Public half as JWK; none for symmetric keys.
    pub(super) public: Option<serde_json::Value>,
    pub(super) active_period: Seconds,
    pub(super) retention: Seconds,
    pub(super) created_at: UnixTime,
    pub(super) published_at: Option<UnixTime>,
    pub(super) activates_at: Option<UnixTime>,
    pub(super) retires_at: Option<UnixTime>,
    pub(super) revoked_at: Option<UnixTime>,
    pub(super) destroyed_at: Option<UnixTime>,
    pub(super) exported: u32,
    /// When what two people agreed on last was asked for, by act: an approval counts once.
    #[serde(default)]
    pub(super) asked: BTreeMap<Act, UnixTime>,
    pub(super) history: Vec<StageChange>,
}

/// What is decided of a key before it exists.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDescription {
    /// What it is for.
    pub purpose: Purpose,
    /// Who answers for it.
    pub owner: Owner,
    /// How much harm comes from losing it; `None` is a finding of the inventory.
    pub grade: Option<Grade>,
    /// Its one algorithm.
    pub algorithm: Algorithm,
    /// Where it may be used.
    pub environment: Environment,
    /// How it came to be.
    pub origin: Origin,
}

/// Where a key stands in its life (SP 800-57 part 1, section 7).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It exists; nobody else knows of it.
    Created,
    /// Verifiers see it; it signs nothing yet.
    Published,
    /// It signs.
    Active,
    /// It verifies what it signed, or opens what was sealed to it, and does nothing else.
    Retired,
    /// It does nothing any more: it was taken out of use before its time.
    Revoked,
    /// The private half is gone.
    Destroyed,
}

/// One line of a key's history.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StageChange {
    /// The stage that was reached.
    pub stage: Stage,
    /// When.
    pub at: UnixTime,
    /// Who brought it there.
    pub by: Cause,
}

/// Who moved a key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The rotation policy.
    Schedule,
    /// Two people (3.1.5.2).
    People {
        /// Who asked for it.
        requester: Person,
        /// Who approved it.
        approver: Person,
    },
}

impl KeyRecord {
    /// The record of a key that was just made or brought in; not yet part of a ring.
    pub(crate) fn new(
        id: Box<str>,
        about: KeyDescription,
        size: u32,
        public: Option<serde_json::Value>,
        policy: &RotationPolicy,
        now: UnixTime,
    ) -> Self {
        Self {
            id,
            about,
            size,
            public,
            active_period: policy.active(),
            retention: policy.retention(),
            created_at: now,
            published_at: None,
            activates_at: None,
            retires_at: None,
            revoked_at: None,
            destroyed_at: None,
            exported: 0,
            asked: BTreeMap::new(),
            history: Vec::new(),
        }
    }

    /// The key's identifier: the `kid` of what it signs.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Purpose, owner, grade, algorithm, environment, origin.
    #[must_use]
    pub const fn about(&self) -> &KeyDescription {
        &self.about
    }

    /// Bits of the key.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// Security strength in bits (SP 800-57 part 1, table 2).
    #[must_use]
    pub const fn strength(&self) -> u16 {
        self.about.algorithm.strength(self.size)
    }

    /// The public half; `None` for symmetric keys.
    #[must_use]
    pub fn public(&self) -> Option<Jwk> {
        self.public.as_ref().and_then(|value| Jwk::parse(value.to_string().as_bytes()).ok())
    }

    /// When it was made or brought in.
    #[must_use]
    pub const fn created_at(&self) -> UnixTime {
        self.created_at
    }

    /// From when it signs; `None` while nothing is scheduled.
    #[must_use]
    pub const fn not_before(&self) -> Option<UnixTime> {
        self.activates_at
    }

    /// Until when it should sign at the latest, by the policy it was made under.
    #[must_use]
    pub const fn not_after(&self) -> Option<UnixTime> {
        match self.activates_at {
            Some(start) => Some(start.plus(self.active_period)),
            None => None,
        }
    }

    /// When it stopped or will stop signing; `None` while no successor is scheduled.
    #[must_use]
    pub const fn retires_at(&self) -> Option<UnixTime> {
        self.retires_at
    }

    /// Until when it verifies; `None` while it signs without end in sight.
    #[must_use]
    pub const fn verifies_until(&self) -> Option<UnixTime> {
        match self.retires_at {
            Some(end) => Some(end.plus(self.retention)),
            None => None,
        }
    }

    /// Its crypto-period: how long it signs and verifies in all.
    #[must_use]
    pub const fn crypto_period(&self) -> Seconds {
        Seconds::new(self.active_period.get().saturating_add(self.retention.get()))
    }

    /// How often a copy was handed out.
    #[must_use]
    pub const fn exported(&self) -> u32 {
        self.exported
    }

    /// Whether it was taken out of use before its time.
    #[must_use]
    pub const fn was_revoked(&self) -> bool {
        self.revoked_at.is_some()
    }

    /// Every stage it reached, in order.
    #[must_use]
    pub fn history(&self) -> &[StageChange] {
        &self.history
    }

    /// Where it stands at `now`.
    ///
    /// Destroying and revoking are acts and count at once; the other stages follow from the schedule. What one
    /// node has recorded stays so for a node whose clock is behind: no stage is ever left backwards.
    #[must_use]
    pub fn stage(&self, now: UnixTime) -> Stage {
        let reached = |time: Option<UnixTime>| time.is_some_and(|time| time <= now);
        let scheduled = if self.destroyed_at.is_some() {
            Stage::Destroyed
        } else if self.revoked_at.is_some() {
            Stage::Revoked
        } else if reached(self.retires_at) {
            Stage::Retired
        } else if reached(self.activates_at) {
            Stage::Active
        } else if reached(self.published_at) {
            Stage::Published
        } else {
            Stage::Created
        };
        scheduled.max(self.recorded())
    }

    /// Whether verifiers must see it at `now`: published, active, or retired and not past its retention.
    #[must_use]
    pub fn verifies(&self, now: UnixTime) -> bool {
        match self.stage(now) {
            Stage::Published | Stage::Active => true,
            Stage::Retired => self.verifies_until().is_none_or(|end| now < end),
            Stage::Created | Stage::Revoked | Stage::Destroyed => false,
        }
    }

    /// The stage its history has reached.
    pub(super) fn recorded(&self) -> Stage {
        self.history.last().map_or(Stage::Created, |change| change.stage)
    }

    /// Brings the times of stages that are reached back to `now`, where they are further ahead than nodes' clocks
    /// differ; says whether any was.
    pub(super) fn heed_clock(&mut self, differ: Seconds, now: UnixTime) -> bool {
        let (latest, reached) = (now.plus(differ), self.recorded());
        if reached > Stage::Retired {
            return false;
        }
        let times = [
            (Stage::Published, &mut self.published_at),
            (Stage::Active, &mut self.activates_at),
            (Stage::Retired, &mut self.retires_at),
        ];
        let mut moved = false;
        for (_, time) in times.into_iter().filter(|(stage, _)| *stage <= reached) {
            if time.is_some_and(|time| time > latest) {
                (*time, moved) = (Some(now), true);
            }
        }
        moved
    }

    pub(super) fn record(&mut self, stage: Stage, at: UnixTime, by: Cause) {
        self.history.push(StageChange { stage, at, by });
    }
}
