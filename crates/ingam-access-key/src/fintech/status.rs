use serde::{Deserialize, Serialize};

/// Where a fintech stands with the operator; only an active one can do anything.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FintechStatus {
    /// Has applied, is being looked at.
    Applied,
    /// May register consents and use them.
    Active,
    /// Stopped for now; its consents stay, nothing can be done with them.
    Suspended,
    /// Gone for good.
    Terminated,
}

/// A step that the state does not permit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a fintech that is {from:?} cannot become {to:?}")]
pub struct StatusError {
    /// The state it is in.
    pub from: FintechStatus,
    /// The state asked for.
    pub to: FintechStatus,
}

impl StatusError {
    /// The error's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        "StatusError"
    }
}

impl FintechStatus {
    /// Whether it may authenticate and its access keys count.
    ///
    /// x1149: 3.1.18.8
    #[must_use]
    pub const fn may_act(self) -> bool {
        matches!(self, Self::Active)
    }

    /// The state after moving to `to`: applied → active ⇄ suspended, and from everywhere to terminated, from where nothing leads.
    ///
    /// # Errors
    /// [`StatusError`] for every other step.
    pub const fn advance(self, to: Self) -> Result<Self, StatusError> {
        match (self, to) {
            (Self::Applied | Self::Suspended, Self::Active)
            | (Self::Active, Self::Suspended)
            | (Self::Applied | Self::Active | Self::Suspended, Self::Terminated) => Ok(to),
            _ => Err(StatusError { from: self, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FintechStatus::{Active, Applied, Suspended, Terminated};

    #[test]
    fn only_the_permitted_steps_lead_on() {
        let permitted = [
            (Applied, Active),
            (Applied, Terminated),
            (Active, Suspended),
            (Active, Terminated),
            (Suspended, Active),
            (Suspended, Terminated),
        ];
        for from in [Applied, Active, Suspended, Terminated] {
            for to in [Applied, Active, Suspended, Terminated] {
                assert_eq!(from.advance(to).is_ok(), permitted.contains(&(from, to)), "{from:?} to {to:?}");
            }
        }
        assert!(Active.may_act() && ![Applied, Suspended, Terminated].iter().any(|status| status.may_act()));
    }
}
