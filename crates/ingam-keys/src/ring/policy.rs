use ingam_wire::Seconds;

/// How long a key of one purpose stays in each stage.
///
/// x1149: 3.1.17.4
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RotationPolicy {
    propagation: Seconds,
    active: Seconds,
    retention: Seconds,
}

/// The times of a [`RotationPolicy`], each named where it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RotationTimes {
    /// How long verifiers may hold an old key set, and nodes an old ring: a key is seen so long before its first use.
    pub propagation: Seconds,
    /// How long a key signs.
    pub active: Seconds,
    /// How long a key still verifies after it stopped signing.
    pub retention: Seconds,
    /// The longest life of anything the key signs.
    pub longest_life: Seconds,
    /// How far verifiers' clocks may be behind.
    pub skew: Seconds,
}

impl Default for RotationTimes {
    /// Signs for a quarter of a year, is shown ten minutes before and verifies for a day after; fits whatever lives at
    /// most an hour, with clocks a minute apart.
    fn default() -> Self {
        Self {
            propagation: Seconds::new(600),
            active: Seconds::new(90 * 86_400),
            retention: Seconds::new(86_400),
            longest_life: Seconds::new(3_600),
            skew: Seconds::new(60),
        }
    }
}

/// Why times make no policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// A key would be used before anybody could see it.
    #[error("the propagation time is zero")]
    NoPropagation,
    /// A key would have to be replaced before its successor could be seen.
    #[error("the active period of {active:?} is not longer than the propagation time of {propagation:?}")]
    ActiveTooShort {
        /// The period asked for.
        active: Seconds,
        /// The propagation time.
        propagation: Seconds,
    },
    /// Something signed would outlive the key that verifies it.
    #[error("the retention of {retention:?} is shorter than the longest life and skew, {needed:?}")]
    RetentionTooShort {
        /// The retention asked for.
        retention: Seconds,
        /// The least there must be.
        needed: Seconds,
    },
}

impl PolicyError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoPropagation => "NoPropagation",
            Self::ActiveTooShort { .. } => "ActiveTooShort",
            Self::RetentionTooShort { .. } => "RetentionTooShort",
        }
    }
}

impl RotationPolicy {
    /// A policy in which nothing that was signed outlives the key that verifies it.
    ///
    /// # Errors
    /// The first [`PolicyError`] that applies.
    pub const fn new(times: RotationTimes) -> Result<Self, PolicyError> {
        let RotationTimes { propagation, active, retention, longest_life, skew } = times;
        if propagation.get() == 0 {
            return Err(PolicyError::NoPropagation);
        }
        if active.get() <= propagation.get() {
            return Err(PolicyError::ActiveTooShort { active, propagation });
        }
        let needed = Seconds::new(longest_life.get().saturating_add(skew.get()));
        if retention.get() < needed.get() {
            return Err(PolicyError::RetentionTooShort { retention, needed });
        }
        Ok(Self { propagation, active, retention })
    }

    /// How long a key is seen before its first use.
    #[must_use]
    pub const fn propagation(&self) -> Seconds {
        self.propagation
    }

    /// How long a key signs.
    #[must_use]
    pub const fn active(&self) -> Seconds {
        self.active
    }

    /// How long a key still verifies after it stopped signing.
    #[must_use]
    pub const fn retention(&self) -> Seconds {
        self.retention
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: RotationTimes = RotationTimes {
        propagation: Seconds::new(60),
        active: Seconds::new(600),
        retention: Seconds::new(330),
        longest_life: Seconds::new(300),
        skew: Seconds::new(30),
    };

    #[test]
    fn a_policy_under_which_a_token_outlives_its_key_is_refused() {
        assert!(RotationPolicy::new(GOOD).is_ok());
        let short = RotationTimes { retention: Seconds::new(329), ..GOOD };
        let needed = Seconds::new(330);
        assert_eq!(
            RotationPolicy::new(short),
            Err(PolicyError::RetentionTooShort { retention: Seconds::new(329), needed })
        );
        let endless = RotationTimes { longest_life: Seconds::new(u64::MAX), ..GOOD };
        assert!(matches!(RotationPolicy::new(endless), Err(PolicyError::RetentionTooShort { .. })));
    }

    #[test]
    fn a_key_must_be_seen_before_it_is_used_and_its_successor_too() {
        let unseen = RotationTimes { propagation: Seconds::new(0), ..GOOD };
        assert_eq!(RotationPolicy::new(unseen), Err(PolicyError::NoPropagation));
        let short = RotationTimes { active: Seconds::new(60), ..GOOD };
        assert_eq!(
            RotationPolicy::new(short),
            Err(PolicyError::ActiveTooShort { active: Seconds::new(60), propagation: Seconds::new(60) })
        );
    }
}
