use std::{
    fs,
    time::{Duration, Instant},
};

/// The time of the machine, which only benches read.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn now() -> Instant {
    Instant::now()
}

/// What this thread has had of a processor, which a busy machine does not change as it changes [`now`]. To some
/// milliseconds, so for long measurements only; `None` where the system does not tell (only Linux does).
#[must_use]
pub fn processor_time() -> Option<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The middle of `values`.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many a second, when `count` took from `start` to now.
#[must_use]
pub fn per_second(count: u64, start: Instant) -> f64 {
    float(count) / start.elapsed().as_secs_f64()
}

/// A count as a figure for people.
#[must_use]
pub fn float(count: impl TryInto<u32>) -> f64 {
    count.try_into().map_or(f64::INFINITY, f64::from)
}
