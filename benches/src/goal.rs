use std::fmt;

/// What a row should reach (the goals and how they are judged: `docs/performance.md`).
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    most: f64,
    kind: Kind,
    allocations: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Of the bare operation; a miss fails a gated run.
    Ratio,
    /// Of the bare operation, below what a prototype by hand reached: its distance is printed, a miss fails nothing.
    Aim,
    /// A figure in its own unit; a miss fails a gated run.
    Figure,
}

/// Whether a row reached its goal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    goal: Goal,
    /// How far beyond the goal, as a share of it.
    beyond: f64,
    /// Allocations beyond the goal.
    more: usize,
}

impl Goal {
    /// At most `most` times the bare operation.
    #[must_use]
    pub const fn ratio(most: f64) -> Self {
        Self { most, kind: Kind::Ratio, allocations: None }
    }

    /// The same where a prototype by hand did not get there either.
    #[must_use]
    pub const fn aim(most: f64) -> Self {
        Self { most, kind: Kind::Aim, allocations: None }
    }

    /// At most `most`, in the figure's own unit; of a comparison, microseconds of one run.
    #[must_use]
    pub const fn figure(most: f64) -> Self {
        Self { most, kind: Kind::Figure, allocations: None }
    }

    /// And at most so many allocations.
    #[must_use]
    pub const fn allocations(mut self, most: usize) -> Self {
        self.allocations = Some(most);
        self
    }

    pub(crate) fn of_comparison(self, ratio: f64, micros: f64, error: f64, allocations: usize) -> Verdict {
        let value = if matches!(self.kind, Kind::Figure) { micros } else { ratio - error };
        let more = self.allocations.map_or(0, |most| allocations.saturating_sub(most));
        Verdict { goal: self, beyond: value / self.most - 1.0, more }
    }

    pub(crate) fn of_figure(self, value: f64) -> Verdict {
        Verdict { goal: self, beyond: value / self.most - 1.0, more: 0 }
    }
}

impl Verdict {
    /// Whether a gated run fails by it.
    pub(crate) const fn missed(&self) -> bool {
        !matches!(self.goal.kind, Kind::Aim) && (self.beyond > 0.0 || self.more > 0)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.most)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.beyond > 0.0, self.goal.kind) {
            (false, _) => f.write_str("reached")?,
            (true, Kind::Aim) => write!(f, "aim, {:.1} % away", self.beyond * 100.0)?,
            (true, _) => write!(f, "MISSED by {:.1} %", self.beyond * 100.0)?,
        }
        match (self.goal.allocations, self.more) {
            (None, _) => Ok(()),
            (Some(most), 0) => write!(f, ", at most {most} allocations: reached"),
            (Some(most), more) => write!(f, ", at most {most} allocations: {more} too many"),
        }
    }
}
