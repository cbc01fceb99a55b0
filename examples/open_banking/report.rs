//! What is printed, and what it adds up to.

/// The program's tally.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: usize,
    checks: usize,
    attacks: usize,
    failed: usize,
}

impl Report {
    /// One of the eight steps of X.1149 begins.
    pub(crate) fn step(&mut self, name: &str, text: &str) {
        self.steps += 1;
        println!("\n{name} {text}");
    }

    /// Something that was sent or that came back, in one line.
    pub(crate) fn shows(&self, text: &str) {
        println!("    {text}");
    }

    /// What a check of the library proved; when it did not, the program fails.
    pub(crate) fn proves(&mut self, text: &str, holds: bool) {
        self.checks += 1;
        if holds {
            println!("  ✓ {text}");
        } else {
            self.failed += 1;
            println!("  ✗ NOT SO: {text}");
        }
    }

    /// An attack, which must be refused with exactly this error.
    pub(crate) fn attack(&mut self, what: &str, expected: &str, refused: &[&str]) {
        match refused {
            [reason] if *reason == expected => {
                self.attacks += 1;
                println!("  ⛔ {what}: refused, {expected}");
            }
            [] => {
                self.failed += 1;
                println!("  ✗ {what}: SUCCEEDED, should have been refused with {expected}");
            }
            other => {
                self.failed += 1;
                println!("  ✗ {what}: refused with {other:?}, should have been {expected}");
            }
        }
    }

    /// The closing line; false when anything is not as it must be.
    pub(crate) fn close(&self) -> bool {
        println!(
            "\n{} steps, {} checks, {} attacks refused, {} failed",
            self.steps, self.checks, self.attacks, self.failed
        );
        self.failed == 0
    }
}
