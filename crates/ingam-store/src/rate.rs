use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard},
};

use ingam_ports::{Permit, PortError, RateLimiter, RateSubject};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

/// How often something may happen: `burst` at once, then evenly `burst` in each `per`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RateLimit {
    burst: u32,
    /// Milliseconds until one more is permitted.
    interval: i64,
}

impl RateLimit {
    /// `burst` in each `per`; at least one, at least a millisecond apart.
    #[must_use]
    pub fn new(burst: u32, per: Seconds) -> Self {
        let burst = burst.max(1);
        let milliseconds = i64::try_from(per.get()).unwrap_or(i64::MAX).saturating_mul(1_000);
        Self { burst, interval: (milliseconds / i64::from(burst)).max(1) }
    }

    /// Milliseconds until `count` more are permitted.
    fn times(self, count: u32) -> i64 {
        self.interval.saturating_mul(i64::from(count))
    }
}

/// A [`RateLimiter`] in memory whose size is fixed when it is made: no number of subjects makes it grow, and none
/// can push another's limit out.
///
/// Each bucket is a small table in which a subject owns `ROWS` cells, chosen by a keyed hash; it is limited when
/// all of them are. So a limited subject stays limited whatever others do; the price is that a subject may be
/// limited early when all its cells are shared with limited ones: below one in a million while a thousand are.
pub struct MemoryRateLimiter {
    default: Bucket,
    buckets: HashMap<&'static str, Bucket>,
    hasher: RandomState,
}

struct Bucket {
    limit: RateLimit,
    /// In each cell: the time, in milliseconds, at which it will be as good as new (GCRA, ITU-T I.371).
    cells: Mutex<Box<[i64]>>,
}

/// Cells of a subject.
const ROWS: usize = 4;

/// Cells in each row: 512 KiB a bucket.
const CELLS: usize = 16_384;

impl Bucket {
    fn new(limit: RateLimit) -> Self {
        Self { limit, cells: Mutex::new(vec![i64::MIN; ROWS * CELLS].into_boxed_slice()) }
    }
}

impl MemoryRateLimiter {
    /// A limiter that holds every bucket to `default`, counted together per subject, unless named by
    /// [`MemoryRateLimiter::with`].
    #[must_use]
    pub fn new(default: RateLimit) -> Self {
        Self { default: Bucket::new(default), buckets: HashMap::new(), hasher: RandomState::new() }
    }

    /// Holds `bucket` to `limit`, counted apart.
    #[must_use]
    pub fn with(mut self, bucket: &'static str, limit: RateLimit) -> Self {
        self.buckets.insert(bucket, Bucket::new(limit));
        self
    }

    /// Places of the subject's cells, one in each row.
    fn places(&self, subject: &RateSubject) -> [usize; ROWS] {
        let hash = |row: usize| usize::try_from(self.hasher.hash_one((row, subject)) & 0xffff).unwrap_or_default();
        core::array::from_fn(|row| row.saturating_mul(CELLS).saturating_add(hash(row) % CELLS))
    }

    fn take(&self, bucket: &'static str, subject: &RateSubject, cost: u32, now: UnixTime) -> Result<Permit, PortError> {
        let Bucket { limit, cells } = self.buckets.get(bucket).unwrap_or(&self.default);
        let mut cells: MutexGuard<'_, Box<[i64]>> = cells.lock().map_err(|_poisoned| PortError)?;
        let now = now.secs().saturating_mul(1_000);
        let latest = now.saturating_add(limit.times(limit.burst));
        let places = self.places(subject);
        let ready = places.iter().filter_map(|place| cells.get(*place)).min().ok_or(PortError)?;
        // To ask (cost 0) is to look for room for one.
        let next = (*ready).max(now).saturating_add(limit.times(cost.max(1)));
        if next > latest {
            let wait = u64::try_from(next.saturating_sub(latest)).unwrap_or(u64::MAX);
            return Ok(Permit::After(wait.div_ceil(1_000)));
        }
        for place in places {
            if let Some(cell) = cells.get_mut(place) {
                *cell = (*cell).max(now).saturating_add(limit.times(cost)).min(latest);
            }
        }
        Ok(Permit::Granted)
    }
}

impl fmt::Debug for MemoryRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryRateLimiter").field("default", &self.default.limit).finish_non_exhaustive()
    }
}

impl RateLimiter for MemoryRateLimiter {
    fn permit<'a>(
        &'a self,
        bucket: &'static str,
        subject: &'a RateSubject,
        cost: u32,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Permit, PortError>> {
        Box::pin(async move { self.take(bucket, subject, cost, now) })
    }
}
