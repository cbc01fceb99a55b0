use std::time::Instant;

/// The time of the machine, which only benches read.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn now() -> Instant {
    Instant::now()
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
