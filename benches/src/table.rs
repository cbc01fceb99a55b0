use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Batches of each operation.
const ROUNDS: usize = 80;

/// What one batch should take, so that the clock's own error does not count.
const BATCH: Duration = Duration::from_millis(2);

/// Operations on the same inputs, compared with a bare one.
pub struct Table<'a> {
    title: &'a str,
    bare: Operation<'a>,
    again: Operation<'a>,
    others: Vec<Operation<'a>>,
}

struct Operation<'a> {
    name: &'a str,
    goal: Option<f64>,
    run: Box<dyn FnMut(usize) + 'a>,
    nanos: Vec<f64>,
}

/// What a table says of one operation.
#[derive(Clone, Debug)]
pub struct Line {
    /// The operation.
    pub name: String,
    /// Nanoseconds of one run, minimum over the batches.
    pub minimum: f64,
    /// Nanoseconds of one run, median over the batches.
    pub median: f64,
    /// Median over the rounds of this operation's time by the bare one's.
    pub ratio: f64,
    /// What the ratio should be at most.
    pub goal: Option<f64>,
    /// Whether it is, within the error of the run.
    pub passed: bool,
}

impl std::fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("title", &self.title).finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    /// A table whose bare operation is `bare`; it gets the number of an input.
    ///
    /// The bare operation must be a `Fn`, since it also runs under a second name.
    pub fn new<T>(title: &'a str, bare: impl Fn(usize) -> T + Clone + 'a) -> Self {
        let again = bare.clone();
        Self {
            title,
            bare: Operation::new("bare", None, bare),
            again: Operation::new("bare again", None, again),
            others: Vec::new(),
        }
    }

    /// Adds an operation without a goal.
    #[must_use]
    pub fn with<T>(mut self, name: &'a str, run: impl FnMut(usize) -> T + 'a) -> Self {
        self.others.push(Operation::new(name, None, run));
        self
    }

    /// Adds an operation that should take at most `goal` times the bare one.
    #[must_use]
    pub fn with_goal<T>(mut self, name: &'a str, goal: f64, run: impl FnMut(usize) -> T + 'a) -> Self {
        self.others.push(Operation::new(name, Some(goal), run));
        self
    }

    /// Measures and prints.
    #[must_use]
    pub fn run(mut self) -> Vec<Line> {
        let mut operations: Vec<&mut Operation<'a>> = Vec::new();
        operations.push(&mut self.bare);
        operations.extend(self.others.iter_mut());
        operations.push(&mut self.again);
        let batch = operations.iter_mut().map(|operation| operation.batch()).max().unwrap_or(1);
        let count = operations.len();
        let mut first = 0_usize;
        for round in 0..ROUNDS {
            for position in 0..count {
                // Each round begins with another operation.
                let turn = (position + round) % count;
                if let Some(operation) = operations.get_mut(turn) {
                    operation.time(first, batch);
                }
            }
            first = first.wrapping_add(batch);
        }
        let bare = self.bare.nanos.clone();
        let error = (self.again.ratio(&bare) - 1.0).abs();
        println!("\n{} ({batch} × {ROUNDS} runs each, error of the run ± {:.1} %)", self.title, error * 100.0);
        let mut lines = vec![self.bare.line(&bare, error)];
        lines.extend(self.others.iter().map(|operation| operation.line(&bare, error)));
        for line in &lines {
            let goal = line.goal.map_or(String::new(), |goal| {
                format!("goal {goal:.2}  {}", if line.passed { "reached" } else { "MISSED" })
            });
            let (minimum, median) = (line.minimum / 1000.0, line.median / 1000.0);
            println!("  {:<38} {minimum:>9.2} µs min {median:>9.2} µs median  × {:.3}  {goal}", line.name, line.ratio);
        }
        lines
    }
}

impl<'a> Operation<'a> {
    fn new<T>(name: &'a str, goal: Option<f64>, mut run: impl FnMut(usize) -> T + 'a) -> Self {
        let run = Box::new(move |number| {
            black_box(run(black_box(number)));
        });
        Self { name, goal, run, nanos: Vec::with_capacity(ROUNDS) }
    }

    /// How many runs take [`BATCH`]; warms up.
    fn batch(&mut self) -> usize {
        let mut runs = 0_usize;
        let start = now();
        while start.elapsed() < BATCH * 5 {
            (self.run)(runs);
            runs += 1;
        }
        (runs / 5).max(1)
    }

    fn time(&mut self, first: usize, batch: usize) {
        let start = now();
        for number in 0..batch {
            (self.run)(first.wrapping_add(number));
        }
        let nanos = start.elapsed().as_secs_f64() * 1e9;
        self.nanos.push(nanos / float(batch));
    }

    fn ratio(&self, bare: &[f64]) -> f64 {
        median(self.nanos.iter().zip(bare).map(|(ours, bare)| ours / bare).collect())
    }

    fn line(&self, bare: &[f64], error: f64) -> Line {
        let ratio = self.ratio(bare);
        let minimum = self.nanos.iter().copied().fold(f64::INFINITY, f64::min);
        let passed = self.goal.is_none_or(|goal| ratio <= goal + error);
        Line { name: self.name.to_owned(), minimum, median: median(self.nanos.clone()), ratio, goal: self.goal, passed }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

/// The exit code of a bench: failure where a goal was missed and `INGAM_BENCH_GATE` is set (in CI, on a quiet machine).
#[must_use]
pub fn finish(lines: &[Line]) -> ExitCode {
    let missed: Vec<_> = lines.iter().filter(|line| !line.passed).collect();
    println!("\n{} of {} goals missed", missed.len(), lines.iter().filter(|line| line.goal.is_some()).count());
    if missed.is_empty() || std::env::var_os("INGAM_BENCH_GATE").is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
