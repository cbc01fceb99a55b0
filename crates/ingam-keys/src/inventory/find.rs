use ingam_jose::{AlgorithmProfile, Purpose as Half};
use ingam_wire::UnixTime;

use crate::ring::{Environment, KeyRecord, KeyRing, Origin, Purpose, Stage};

/// All keys of a ring at one time: an asset register with owners, grades and findings (X.1149 items 3.1.3.1,
/// 3.1.3.2).
#[derive(Clone, Debug)]
pub struct Inventory {
    pub(super) at: UnixTime,
    pub(super) environment: Environment,
    pub(super) keys: Vec<KeyRecord>,
    pub(super) findings: Vec<Finding>,
}

/// Something that a person must look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The key.
    pub key: Box<str>,
    /// What is wrong.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FindingKind {
    /// Nobody said how much harm comes from losing it (3.1.3.1).
    Ungraded,
    /// It signs although its period is over.
    Overdue {
        /// When it should have stopped.
        since: UnixTime,
    },
    /// Its retention is over and its private half still there.
    NotDestroyed {
        /// When it should have been.
        since: UnixTime,
    },
    /// Its algorithm or strength is not permitted any more, or will not be before its period ends.
    TooWeak {
        /// From when.
        after: UnixTime,
    },
    /// It lies in one place only.
    SingleCopy,
}

impl FindingKind {
    /// The variant's name, as records and inventories print it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ungraded => "Ungraded",
            Self::Overdue { .. } => "Overdue",
            Self::NotDestroyed { .. } => "NotDestroyed",
            Self::TooWeak { .. } => "TooWeak",
            Self::SingleCopy => "SingleCopy",
        }
    }

    /// Since or after when, where there is a time.
    #[must_use]
    pub const fn time(&self) -> Option<UnixTime> {
        match self {
            Self::Overdue { since } | Self::NotDestroyed { since } => Some(*since),
            Self::TooWeak { after } => Some(*after),
            Self::Ungraded | Self::SingleCopy => None,
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// To be known.
    Note,
    /// To be put right.
    Warning,
    /// To be put right at once.
    Serious,
}

impl Severity {
    /// The name in inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Serious => "serious",
        }
    }
}

impl KeyRing {
    /// What keys there are at `now`, and what is wrong with them.
    ///
    /// x1149: 3.1.3.1, 3.1.3.2, 3.1.17.4
    #[must_use]
    pub fn inventory(&self, now: UnixTime) -> Inventory {
        let keys = self.state().keys().to_vec();
        let findings = keys.iter().flat_map(|key| findings(key, self.profile(), now)).collect();
        Inventory { at: now, environment: self.environment(), keys, findings }
    }
}

impl Inventory {
    /// What a person must look at, in the order of the keys.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[KeyRecord] {
        &self.keys
    }
}

fn findings(key: &KeyRecord, profile: &AlgorithmProfile, now: UnixTime) -> Vec<Finding> {
    let stage = key.stage(now);
    let mut found = Vec::new();
    let mut note = |kind, severity| found.push(Finding { key: key.id().into(), kind, severity });
    if stage == Stage::Destroyed {
        return found;
    }
    if key.about().grade.is_none() {
        note(FindingKind::Ungraded, Severity::Warning);
    }
    if let Some(since) = key.not_after().filter(|end| stage == Stage::Active && *end <= now) {
        note(FindingKind::Overdue { since }, Severity::Serious);
    }
    if let Some(since) = key.verifies_until().filter(|end| stage == Stage::Retired && *end <= now) {
        note(FindingKind::NotDestroyed { since }, Severity::Warning);
    }
    if let Some(after) = too_weak(key, stage, profile, now) {
        note(FindingKind::TooWeak { after }, if after <= now { Severity::Serious } else { Severity::Warning });
    }
    // A signing key that is lost is replaced; a key that others sealed to is not.
    let once = key.exported() == 0 && key.about().origin != Origin::Imported;
    if once && stage <= Stage::Active {
        let irreplaceable = matches!(key.about().purpose, Purpose::Seal | Purpose::Decrypt);
        note(FindingKind::SingleCopy, if irreplaceable { Severity::Serious } else { Severity::Note });
    }
    found
}

/// From when the key is not permitted, if that is before it has done its work.
fn too_weak(key: &KeyRecord, stage: Stage, profile: &AlgorithmProfile, now: UnixTime) -> Option<UnixTime> {
    let (half, end) = match stage {
        Stage::Created | Stage::Published | Stage::Active => (Half::Protect, key.not_after().unwrap_or(now).max(now)),
        Stage::Retired => (Half::Process, key.verifies_until().unwrap_or(now).max(now)),
        Stage::Revoked | Stage::Destroyed => return None,
    };
    let (algorithm, strength) = (key.about().algorithm.listed(), key.strength());
    if profile.permits(algorithm, half, strength, now).is_err() {
        return Some(ends(profile, key, half).filter(|end| *end <= now).unwrap_or(now));
    }
    ends(profile, key, half).filter(|last| *last < end)
}

/// When the last permission for the key ends; `None` while one has no end.
fn ends(profile: &AlgorithmProfile, key: &KeyRecord, half: Half) -> Option<UnixTime> {
    let (algorithm, strength) = (key.about().algorithm.listed(), key.strength());
    let rows = profile.rows().iter();
    let rows = rows.filter(|row| row.algorithm == algorithm && row.purpose == half && row.strength <= strength);
    rows.map(|row| row.until.unwrap_or(UnixTime::from_secs(i64::MAX)))
        .max()
        .filter(|end| *end < UnixTime::from_secs(i64::MAX))
}
