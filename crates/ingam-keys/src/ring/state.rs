use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Cause, Environment, KeyRecord, KeySpec, Purpose, Stage};
use crate::control::{Act, Approved};

/// The part of a ring that is stored: which keys there are and when each does what.
///
/// Steps are pure. No two keys of one purpose are ever scheduled to sign at the same time; a state in which they
/// are is refused when it is read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Unchecked")]
pub struct RingState {
    environment: Environment,
    keys: Vec<KeyRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    environment: Environment,
    keys: Vec<KeyRecord>,
}

/// What is due in a ring, or has come to pass by its schedule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyEvent {
    /// A key must be made for this purpose and be published at once, to sign from `activates`.
    Needed {
        /// The purpose that has no successor.
        purpose: Purpose,
        /// From when the new key is to sign.
        activates: UnixTime,
    },
    /// A key that was waiting is scheduled to sign from `activates`.
    Scheduled {
        /// The key.
        key: Box<str>,
        /// From when it is to sign.
        activates: UnixTime,
        /// Starts before this time stand, since other nodes may go by them already.
        settled: UnixTime,
    },
    /// A key reached a stage by schedule.
    Reached {
        /// The key.
        key: Box<str>,
        /// The stage.
        stage: Stage,
        /// When it was due, which may be earlier than now.
        at: UnixTime,
    },
    /// Nothing that the key signed can be valid any more: its private half is to be destroyed.
    DestructionDue {
        /// The key.
        key: Box<str>,
    },
}

/// Why a ring was not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransitionError {
    /// There is no such key.
    #[error("no such key")]
    UnknownKey,
    /// A key with this identifier is there already.
    #[error("the key is in the ring already")]
    Duplicate,
    /// The key belongs to the other environment.
    #[error("a {key:?} key in a {ring:?} ring")]
    WrongEnvironment {
        /// Where the key belongs.
        key: Environment,
        /// Where it was brought.
        ring: Environment,
    },
    /// The ring makes no keys for this purpose, or the algorithm does not serve it.
    #[error("the purpose has no such keys")]
    WrongPurpose,
    /// No such step leads from this stage.
    #[error("{act:?} is not possible from {from:?}")]
    NotFrom {
        /// The stage the key is in.
        from: Stage,
        /// What was asked for.
        act: Act,
    },
    /// Something that the key signed may still be valid.
    #[error("the key is needed to verify until {until:?}")]
    StillNeeded {
        /// From when it is not.
        until: UnixTime,
    },
    /// Two keys of one purpose would sign at the same time.
    #[error("two keys of one purpose would sign at the same time")]
    TwoActive,
    /// What two people agreed on was done before, by this approval or a later one.
    #[error("the approval was used before")]
    Replayed,
    /// A token's key never leaves it.
    #[error("the key cannot leave its token")]
    NotExportable,
}

impl TransitionError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownKey => "UnknownKey",
            Self::Duplicate => "Duplicate",
            Self::WrongEnvironment { .. } => "WrongEnvironment",
            Self::WrongPurpose => "WrongPurpose",
            Self::NotFrom { .. } => "NotFrom",
            Self::StillNeeded { .. } => "StillNeeded",
            Self::TwoActive => "TwoActive",
            Self::Replayed => "Replayed",
            Self::NotExportable => "NotExportable",
        }
    }
}

impl TryFrom<Unchecked> for RingState {
    type Error = TransitionError;

    fn try_from(Unchecked { environment, keys }: Unchecked) -> Result<Self, TransitionError> {
        let state = Self { environment, keys };
        state.check()?;
        Ok(state)
    }
}

impl RingState {
    /// A ring without keys.
    #[must_use]
    pub const fn new(environment: Environment) -> Self {
        Self { environment, keys: Vec::new() }
    }

    /// Where its keys may be used.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Every key there ever was, in the order they came.
    #[must_use]
    pub fn keys(&self) -> &[KeyRecord] {
        &self.keys
    }

    /// The record of one key.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&KeyRecord> {
        self.keys.iter().find(|key| &*key.id == id)
    }

    /// The key that signs for `purpose` at `now`.
    #[must_use]
    pub fn active(&self, purpose: Purpose, now: UnixTime) -> Option<&KeyRecord> {
        self.of(purpose).find(|key| key.stage(now) == Stage::Active)
    }

    /// What is due at `now`, in an order in which it can be done.
    ///
    /// Doing all of it and asking again gives nothing, until time passes.
    ///
    /// x1149: 3.1.16.10
    #[must_use]
    pub fn step(&self, specs: &[KeySpec], now: UnixTime) -> Vec<KeyEvent> {
        let mut events = Vec::new();
        for key in &self.keys {
            events.extend(reached(key, now));
            let over = key.verifies_until().is_some_and(|end| end <= now);
            if key.stage(now) == Stage::Retired && over {
                events.push(KeyEvent::DestructionDue { key: key.id.clone() });
            }
        }
        for spec in specs {
            events.extend(self.successor(spec, now));
        }
        events
    }

    /// Whether something is due at `now`.
    #[must_use]
    pub fn rotation_due(&self, specs: &[KeySpec], now: UnixTime) -> bool {
        !self.step(specs, now).is_empty()
    }

    /// Adds a key: published now and signing from `activates`, or, without it, created only.
    ///
    /// # Errors
    /// [`TransitionError`].
    pub fn add(
        &mut self,
        mut key: KeyRecord,
        activates: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), TransitionError> {
        if !self.environment.admits(&key.id) {
            let key = if self.environment == Environment::Live { Environment::Test } else { Environment::Live };
            return Err(TransitionError::WrongEnvironment { key, ring: self.environment });
        }
        key.record(Stage::Created, now, Cause::Schedule);
        let id = key.id.clone();
        let mut changed = self.clone();
        changed.keys.push(key);
        if let Some(activates) = activates {
            changed.schedule(&id, activates, activates, now, Cause::Schedule)?;
        }
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Writes what came to pass by schedule; `Needed` is answered by [`RingState::add`] instead.
    ///
    /// # Errors
    /// [`TransitionError`] when the event is not due at `now`.
    pub fn apply(&mut self, event: &KeyEvent, now: UnixTime) -> Result<(), TransitionError> {
        match event {
            KeyEvent::Needed { .. } => Err(TransitionError::UnknownKey),
            KeyEvent::Scheduled { key, activates, settled } => {
                let mut changed = self.clone();
                changed.schedule(key, *activates, *settled, now, Cause::Schedule)?;
                *self = changed;
                Ok(())
            }
            KeyEvent::Reached { key, .. } => {
                let key = self.key_mut(key)?;
                for due in reached(key, now) {
                    if let KeyEvent::Reached { stage, at, .. } = due {
                        key.record(stage, at, Cause::Schedule);
                    }
                }
                Ok(())
            }
            KeyEvent::DestructionDue { key } => self.destroy(key, now, Cause::Schedule),
        }
    }

    /// Does what two people agreed on.
    ///
    /// Activating still waits for the propagation time; revoking counts at once, and the step after it puts a
    /// successor into use without waiting, since a ring that signs nothing is worse than a verifier that has to
    /// fetch a key set.
    ///
    /// x1149: 3.1.5.2
    ///
    /// # Errors
    /// [`TransitionError`].
    pub fn carry_out(&mut self, approved: &Approved, specs: &[KeySpec], now: UnixTime) -> Result<(), TransitionError> {
        let command = approved.command();
        if command.environment != self.environment {
            return Err(TransitionError::WrongEnvironment { key: command.environment, ring: self.environment });
        }
        let cause = Cause::People { requester: approved.requester().clone(), approver: approved.approver().clone() };
        let key = self.key_mut(&command.key)?;
        for due in reached(key, now) {
            if let KeyEvent::Reached { stage, at, .. } = due {
                key.record(stage, at, Cause::Schedule);
            }
        }
        let (from, purpose) = (key.stage(now), key.about.purpose);
        let refused = TransitionError::NotFrom { from, act: command.act };
        let used = key.asked.get(&command.act).is_some_and(|last| approved.asked() <= *last);
        match (command.act, from) {
            // Revoking and destroying lead to where neither is possible again; these two do not.
            (Act::Activate, Stage::Created | Stage::Published) | (Act::Export, _) if used => {
                Err(TransitionError::Replayed)
            }
            (Act::Activate, Stage::Created | Stage::Published) => {
                let spec = specs.iter().find(|spec| spec.purpose == purpose).ok_or(TransitionError::WrongPurpose)?;
                let activates = now.plus(spec.policy.propagation());
                let mut changed = self.clone();
                changed.schedule(&command.key, activates, activates, now, cause)?;
                *self = changed;
                Ok(())
            }
            (Act::Revoke, Stage::Created | Stage::Published | Stage::Active | Stage::Retired) => {
                self.revoke(&command.key, now, cause)
            }
            (Act::Export, Stage::Created | Stage::Published | Stage::Active | Stage::Retired) => {
                let key = self.key_mut(&command.key)?;
                if key.about.origin == super::Origin::Token {
                    return Err(TransitionError::NotExportable);
                }
                key.exported = key.exported.saturating_add(1);
                key.record(from, now, cause);
                Ok(())
            }
            (Act::Destroy, Stage::Created | Stage::Retired | Stage::Revoked) => self.destroy(&command.key, now, cause),
            (Act::Activate | Act::Revoke | Act::Export | Act::Destroy, _) => Err(refused),
        }?;
        self.key_mut(&command.key)?.asked.insert(command.act, approved.asked());
        Ok(())
    }

    /// Lets keys follow a policy that has changed: retention only ever grows, the active period of a key that has
    /// not retired becomes the policy's. A stage that a clock far ahead reached too early counts from now, so that
    /// its end is not as far away as that clock was. Says whether anything changed.
    pub fn adopt(&mut self, specs: &[KeySpec], now: UnixTime) -> bool {
        let mut changed = false;
        for key in &mut self.keys {
            let Some(spec) = specs.iter().find(|spec| spec.purpose == key.about.purpose) else { continue };
            let active = if key.stage(now) < Stage::Retired { spec.policy.active() } else { key.active_period };
            let retention = key.retention.max(spec.policy.retention());
            changed |= active != key.active_period || retention != key.retention;
            changed |= key.heed_clock(spec.policy.propagation(), now);
            (key.active_period, key.retention) = (active, retention);
        }
        changed
    }

    fn of(&self, purpose: Purpose) -> impl Iterator<Item = &KeyRecord> {
        self.keys.iter().filter(move |key| key.about.purpose == purpose)
    }

    fn key_mut(&mut self, id: &str) -> Result<&mut KeyRecord, TransitionError> {
        self.keys.iter_mut().find(|key| &*key.id == id).ok_or(TransitionError::UnknownKey)
    }

    /// What must happen so that `spec.purpose` has a key now and a successor in time.
    fn successor(&self, spec: &KeySpec, now: UnixTime) -> Option<KeyEvent> {
        let propagation = spec.policy.propagation();
        let settled = now.plus(propagation);
        let next = self
            .of(spec.purpose)
            .filter(|key| matches!(key.stage(now), Stage::Created | Stage::Published))
            .filter_map(|key| key.activates_at.map(|at| (at, key)))
            .min_by_key(|(at, _)| *at);
        // A key that is only created was brought in: it is for two people to use it.
        let waiting = self.of(spec.purpose).find(|key| {
            key.stage(now) == Stage::Published && key.activates_at.is_none() && key.about.algorithm == spec.algorithm
        });
        let activates = match (self.active(spec.purpose, now), next) {
            // Unless a clock far ahead planned the successor for later than it is needed, or the period was shortened.
            (Some(active), Some((at, key))) => {
                let activates = active.not_after()?.max(settled);
                let late = at > activates.plus(propagation);
                return late.then(|| KeyEvent::Scheduled { key: key.id.clone(), activates, settled });
            }
            // The successor is shown a propagation time before the active period ends, or at once when that has passed.
            (Some(active), None) => {
                let end = active.not_after()?;
                if now < end.minus(propagation) {
                    return None;
                }
                end.max(settled)
            }
            // Nothing signs: the key before was revoked. The successor is used early.
            (None, Some((_, key))) => {
                return Some(KeyEvent::Scheduled { key: key.id.clone(), activates: now, settled });
            }
            // The first key of its purpose, or none is left: no verifier can hold an older set that is of use.
            (None, None) => now,
        };
        Some(match waiting {
            Some(key) => KeyEvent::Scheduled { key: key.id.clone(), activates, settled },
            None => KeyEvent::Needed { purpose: spec.purpose, activates },
        })
    }

    /// Lets `id` sign from `activates`.
    ///
    /// Keys that were to follow later wait again, unless they start within the propagation time: another node may
    /// go by that start already, so it stands.
    fn schedule(
        &mut self,
        id: &str,
        activates: UnixTime,
        settled: UnixTime,
        now: UnixTime,
        cause: Cause,
    ) -> Result<(), TransitionError> {
        let key = self.key_mut(id)?;
        let (from, purpose) = (key.stage(now), key.about.purpose);
        let earlier = key.activates_at.is_some_and(|at| at <= activates);
        if !matches!(from, Stage::Created | Stage::Published) || earlier {
            return Err(TransitionError::NotFrom { from, act: Act::Activate });
        }
        if key.published_at.is_none() {
            key.published_at = Some(now);
            key.record(Stage::Published, now, cause);
        } else if cause != Cause::Schedule {
            key.record(Stage::Published, now, cause);
        }
        key.activates_at = Some(activates);
        for other in self.keys.iter_mut().filter(|key| key.about.purpose == purpose && &*key.id != id) {
            let waits = matches!(other.stage(now), Stage::Created | Stage::Published);
            if waits && other.activates_at.is_some_and(|at| at >= activates && at >= settled) {
                other.activates_at = None;
            }
        }
        self.relink(purpose, now);
        self.check()
    }

    /// Lets each key of `purpose` that has not retired sign until the next one starts.
    fn relink(&mut self, purpose: Purpose, now: UnixTime) {
        let mut line: Vec<&mut KeyRecord> = self
            .keys
            .iter_mut()
            .filter(|key| key.about.purpose == purpose && key.stage(now) < Stage::Retired)
            .collect();
        line.sort_by_key(|key| core::cmp::Reverse(key.activates_at)); // the last to start first; who waits at the end
        let mut next = None;
        for key in line {
            key.retires_at = key.activates_at.and(next);
            next = key.activates_at.or(next);
        }
    }

    fn revoke(&mut self, id: &str, now: UnixTime, cause: Cause) -> Result<(), TransitionError> {
        let key = self.key_mut(id)?;
        key.revoked_at = Some(now);
        key.record(Stage::Revoked, now, cause);
        let purpose = key.about.purpose;
        self.relink(purpose, now); // if it was to follow, whoever signs goes on
        Ok(())
    }

    fn destroy(&mut self, id: &str, now: UnixTime, cause: Cause) -> Result<(), TransitionError> {
        let key = self.key_mut(id)?;
        match (key.stage(now), key.verifies_until()) {
            (Stage::Retired, Some(until)) if now < until => Err(TransitionError::StillNeeded { until }),
            (Stage::Created | Stage::Retired | Stage::Revoked, _) => {
                key.destroyed_at = Some(now);
                key.record(Stage::Destroyed, now, cause);
                Ok(())
            }
            (from, _) => Err(TransitionError::NotFrom { from, act: Act::Destroy }),
        }
    }

    /// No key twice, none of the other environment, and never two that sign at once.
    fn check(&self) -> Result<(), TransitionError> {
        for (at, key) in self.keys.iter().enumerate() {
            if key.about.environment != self.environment {
                let (key, ring) = (key.about.environment, self.environment);
                return Err(TransitionError::WrongEnvironment { key, ring });
            }
            if !key.about.purpose.admits(key.about.algorithm) {
                return Err(TransitionError::WrongPurpose);
            }
            for other in self.keys.iter().skip(at.saturating_add(1)) {
                if other.id == key.id {
                    return Err(TransitionError::Duplicate);
                }
                if other.about.purpose == key.about.purpose && overlap(signs(key), signs(other)) {
                    return Err(TransitionError::TwoActive);
                }
            }
        }
        Ok(())
    }
}

/// From when until before when a key signs, as far as is known; `None`: never.
fn signs(key: &KeyRecord) -> Option<(UnixTime, UnixTime)> {
    let start = key.activates_at?;
    let ends = [key.retires_at, key.revoked_at, key.destroyed_at];
    let end = ends.into_iter().flatten().min().unwrap_or(UnixTime::from_secs(i64::MAX));
    (start < end).then_some((start, end))
}

fn overlap(left: Option<(UnixTime, UnixTime)>, right: Option<(UnixTime, UnixTime)>) -> bool {
    matches!((left, right), (Some((a, b)), Some((c, d))) if a < d && c < b)
}

/// The stages that `key` reached by schedule and that its history lacks.
fn reached(key: &KeyRecord, now: UnixTime) -> Vec<KeyEvent> {
    let recorded = key.recorded();
    if matches!(recorded, Stage::Revoked | Stage::Destroyed) {
        return Vec::new();
    }
    let times =
        [(Stage::Published, key.published_at), (Stage::Active, key.activates_at), (Stage::Retired, key.retires_at)];
    times
        .into_iter()
        .filter(|(stage, _)| *stage > recorded)
        .filter_map(|(stage, at)| at.filter(|at| *at <= now).map(|at| (stage, at)))
        .map(|(stage, at)| KeyEvent::Reached { key: key.id.clone(), stage, at })
        .collect()
}
