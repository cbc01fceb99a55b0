use std::process::ExitCode;

use crate::{Goal, comparison::measure, instructions};

/// What a program prints: a row for each operation, with its goal and whether that was reached.
#[derive(Debug)]
pub struct Table {
    rows: usize,
    missed: usize,
}

impl Table {
    /// Prints the head.
    #[must_use]
    pub fn new(title: &str) -> Self {
        if instructions::runs_to_count().is_none() {
            println!("\n{title}");
            println!(
                "{:<58} {:>9} {:>9} {:>9} {:>7} {:>6} {:>6} {:>6}  verdict",
                "operation", "bare µs", "min µs", "median µs", "ratio", "± %", "allocs", "goal"
            );
        }
        Self { rows: 0, missed: 0 }
    }

    /// Measures `ours` against `bare`; both get the number of an input.
    pub fn compare<B, T>(
        &mut self,
        name: &str,
        goal: Goal,
        bare: impl Fn(usize) -> B + Copy,
        mut ours: impl FnMut(usize) -> T,
    ) {
        self.compare_owned(name, goal, bare, |number| number, |number| drop(ours(number)));
    }

    /// Measures `ours`, which consumes its input, against `bare`; inputs and results are made and dropped outside the clock.
    pub fn compare_owned<B, I, T>(
        &mut self,
        name: &str,
        goal: Goal,
        bare: impl Fn(usize) -> B + Copy,
        prepare: impl FnMut(usize) -> I,
        ours: impl FnMut(I) -> T,
    ) {
        if let Some(runs) = instructions::runs_to_count() {
            instructions::count(runs, bare, prepare, ours);
            return println!("{name}");
        }
        let found = measure(bare, prepare, ours);
        let verdict = goal.of_comparison(found.ratio, found.median, found.error, found.allocations);
        let error = found.error * 100.0;
        println!(
            "{name:<58} {:>9.2} {:>9.2} {:>9.2} {:>7.3} {error:>6.1} {:>6} {goal:>6}  {verdict}",
            found.bare, found.minimum, found.median, found.ratio, found.allocations,
        );
        self.count(verdict.missed());
    }

    /// Prints a figure that was measured in another way.
    pub fn figure(&mut self, name: &str, value: f64, goal: Goal) {
        if instructions::runs_to_count().is_some() {
            return;
        }
        let verdict = goal.of_figure(value);
        println!("{name:<58} {value:>29.3} {:>21} {goal:>6}  {verdict}", "");
        self.count(verdict.missed());
    }

    const fn count(&mut self, missed: bool) {
        self.rows += 1;
        if missed {
            self.missed += 1;
        }
    }

    /// Prints how many goals were missed; failure where any was and `INGAM_BENCH_GATE` is set (on a quiet machine).
    #[must_use]
    pub fn finish(self) -> ExitCode {
        if instructions::runs_to_count().is_some() {
            return ExitCode::SUCCESS;
        }
        println!("{} of {} rows missed their goal", self.missed, self.rows);
        if self.missed == 0 || std::env::var_os("INGAM_BENCH_GATE").is_none() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
