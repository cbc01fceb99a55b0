use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, MutexGuard, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use ingam_ports::{Changes, Claim, Freshness, Position, ReplayError, ReplayGuard, Revoked};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

use super::{
    fingerprints::{Fingerprint, Fingerprints, fingerprint},
    recent::RecentChanges,
};

/// A [`ReplayGuard`] in memory, for one process: a resource server without a store of its own, or tests.
///
/// Ids lie in shards, in each by the time their message states, so that nothing ever has to be swept: a whole
/// generation is dropped when its last id can no longer be accepted, and a shard that grows moves some ten thousand
/// entries at most. An entry takes 12 bytes in a table at least three fifths full.
///
/// Ids claimed before a restart are forgotten: a server that restarts while messages are still acceptable
/// says so with [`MemoryReplayGuard::refusing_until`].
pub struct MemoryReplayGuard {
    shards: Box<[Mutex<Shard>]>,
    seed: Seed,
    count: AtomicUsize,
    limit: usize,
    refuse_stated_until: Option<UnixTime>,
    head: AtomicU64,
    changes: RwLock<RecentChanges>,
    keep: Seconds,
}

/// Chooses shard and place, so that nobody outside can aim at one. Fingerprints are bits of SHA-256 already, so all that
/// is needed is a secret that moves them: one folded multiplication.
struct Seed(u64, u64);

impl Seed {
    fn fresh() -> Self {
        let random = RandomState::new();
        Self(random.hash_one(0), random.hash_one(1))
    }

    /// The shard and the place in it.
    fn hash(&self, [first, second, third]: Fingerprint) -> (usize, u32) {
        let left = (u64::from(first) | (u64::from(second) << 32)) ^ self.0;
        let right = u64::from(third) ^ self.1;
        let product = u128::from(left).wrapping_mul(u128::from(right)).to_le_bytes();
        let [a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7] = product;
        let low = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]);
        let [c0, c1, c2, c3, c4, c5, c6, c7] =
            (low ^ u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7])).to_le_bytes();
        let shard = u32::from_le_bytes([c0, c1, c2, c3]) % SHARDS;
        (usize::try_from(shard).unwrap_or_default(), u32::from_le_bytes([c4, c5, c6, c7]))
    }
}

#[derive(Default)]
struct Shard {
    generations: Vec<Generation>,
    /// The latest time at which a generation was dropped: a clock that is set back must not reopen it.
    forgotten: Option<UnixTime>,
}

struct Generation {
    /// `stated` of its ids, divided by [`GENERATION`].
    number: i64,
    /// When the last of them may be forgotten.
    expires: UnixTime,
    prints: Fingerprints,
}

/// Shards; at 10 million live ids each holds about 5,000 in a generation.
const SHARDS: u32 = 1_024;

/// Seconds of stated time that make a generation.
const GENERATION: i64 = 64;

impl MemoryReplayGuard {
    /// A guard for at most `limit` live ids (24 bytes each); beyond it nothing is accepted, since to forget one
    /// would be to accept its replay. Revocations are kept for `keep`, the lifetime of the longest access key.
    #[must_use]
    pub fn new(limit: usize, keep: Seconds) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            seed: Seed::fresh(),
            count: AtomicUsize::new(0),
            limit,
            refuse_stated_until: None,
            head: AtomicU64::new(0),
            changes: RwLock::default(),
            keep,
        }
    }

    /// Refuses messages that state a time up to `start`, since an earlier life of this guard may have taken them.
    #[must_use]
    pub fn refusing_until(mut self, start: UnixTime) -> Self {
        self.refuse_stated_until = Some(start);
        self
    }

    /// Appends to the change log; the position after it.
    ///
    /// # Errors
    /// [`ReplayError::Unavailable`].
    pub fn revoke(&self, revoked: &[Revoked], now: UnixTime) -> Result<Position, ReplayError> {
        let mut changes = self.changes.write().map_err(|_poisoned| ReplayError::Unavailable)?;
        changes.append(revoked, now.plus(self.keep), now);
        self.head.store(changes.head(), Ordering::Release);
        Ok(Position(changes.head()))
    }

    /// How many ids are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the ids take.
    ///
    /// # Errors
    /// [`ReplayError::Unavailable`].
    pub fn bytes(&self) -> Result<usize, ReplayError> {
        let mut bytes = 0_usize;
        for shard in &self.shards {
            let shard = lock(shard)?;
            bytes =
                shard.generations.iter().map(|generation| generation.prints.bytes()).fold(bytes, usize::saturating_add);
        }
        Ok(bytes)
    }

    /// Drops what can no longer be accepted from shards that nobody touched; the others do so themselves.
    ///
    /// # Errors
    /// [`ReplayError::Unavailable`].
    pub fn purge(&self, now: UnixTime) -> Result<(), ReplayError> {
        self.shards.iter().try_for_each(|shard| {
            self.drop_expired(&mut *lock(shard)?, now);
            Ok(())
        })
    }

    fn drop_expired(&self, shard: &mut Shard, now: UnixTime) {
        if shard.generations.iter().all(|generation| generation.expires > now) {
            return;
        }
        shard.forgotten = shard.forgotten.max(Some(now));
        shard.generations.retain(|generation| {
            let live = generation.expires > now;
            if !live {
                self.count.fetch_sub(generation.prints.len(), Ordering::Relaxed);
            }
            live
        });
    }

    fn place(&self, claim: &Claim) -> Place {
        let print = fingerprint(&claim.digest);
        let (shard, generation) = (self.seed.hash(print).0, claim.stated.secs().div_euclid(GENERATION));
        Place { shard, generation, print }
    }

    /// Whether the id may have been taken before, as far as its shard knows.
    fn taken(&self, shard: &Shard, place: &Place, claim: &Claim, now: UnixTime) -> bool {
        claim.expires <= shard.forgotten.map_or(now, |forgotten| forgotten.max(now))
            || self.refuse_stated_until.is_some_and(|start| claim.stated <= start)
            || shard
                .generations
                .iter()
                .filter(|generation| generation.number == place.generation)
                .any(|generation| generation.prints.contains(place.print, |print| self.seed.hash(print).1))
    }

    fn take(&self, shard: &mut Shard, place: &Place, claim: &Claim) {
        let generation = match shard.generations.iter().position(|generation| generation.number == place.generation) {
            Some(index) => shard.generations.get_mut(index),
            None => {
                let (number, prints) = (place.generation, Fingerprints::default());
                shard.generations.push(Generation { number, expires: claim.expires, prints });
                shard.generations.last_mut()
            }
        };
        if let Some(generation) = generation {
            generation.expires = generation.expires.max(claim.expires);
            generation.prints.insert(place.print, |print| self.seed.hash(print).1);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn claim(&self, claims: &[Claim], now: UnixTime) -> Result<Option<usize>, ReplayError> {
        if self.len().saturating_add(claims.len()) > self.limit {
            self.purge(now)?;
            if self.len().saturating_add(claims.len()) > self.limit {
                return Err(ReplayError::Unavailable);
            }
        }
        if let [claim] = claims {
            return self.claim_one(claim, now);
        }
        let places = claims.iter().map(|claim| self.place(claim)).collect::<Vec<_>>();
        // All shards are held, in one order for everybody, until all ids are looked at and taken.
        let mut wanted = places.iter().map(|place| place.shard).collect::<Vec<_>>();
        wanted.sort_unstable();
        wanted.dedup();
        let mut held = Vec::with_capacity(wanted.len());
        for shard in wanted {
            let mut guard = lock(self.shards.get(shard).ok_or(ReplayError::Unavailable)?)?;
            self.drop_expired(&mut guard, now);
            held.push((shard, guard));
        }
        for (index, (place, claim)) in places.iter().zip(claims).enumerate() {
            let shard = held_shard(&mut held, place.shard)?;
            let twice = places.iter().take(index).any(|before| before == place);
            if twice || self.taken(shard, place, claim, now) {
                return Ok(Some(index));
            }
        }
        for (place, claim) in places.iter().zip(claims) {
            self.take(held_shard(&mut held, place.shard)?, place, claim);
        }
        Ok(None)
    }

    /// The same for the one id that most calls have, without a list of anything.
    fn claim_one(&self, claim: &Claim, now: UnixTime) -> Result<Option<usize>, ReplayError> {
        let place = self.place(claim);
        let mut shard = lock(self.shards.get(place.shard).ok_or(ReplayError::Unavailable)?)?;
        self.drop_expired(&mut shard, now);
        if self.taken(&shard, &place, claim, now) {
            return Ok(Some(0));
        }
        self.take(&mut shard, &place, claim);
        Ok(None)
    }

    fn since(&self, seen: Position) -> Result<Changes, ReplayError> {
        // Most calls have seen everything: then no lock is taken.
        if self.head.load(Ordering::Acquire) == seen.0 {
            return Ok(Changes::Since { to: seen, revoked: Vec::new() });
        }
        Ok(self.changes.read().map_err(|_poisoned| ReplayError::Unavailable)?.since(seen))
    }
}

#[derive(Eq, PartialEq)]
struct Place {
    shard: usize,
    generation: i64,
    print: Fingerprint,
}

fn lock(shard: &Mutex<Shard>) -> Result<MutexGuard<'_, Shard>, ReplayError> {
    shard.lock().map_err(|_poisoned| ReplayError::Unavailable)
}

fn held_shard<'a>(held: &'a mut [(usize, MutexGuard<'_, Shard>)], shard: usize) -> Result<&'a mut Shard, ReplayError> {
    let found = held.iter_mut().find(|(number, _)| *number == shard);
    found.map(|(_, guard)| &mut **guard).ok_or(ReplayError::Unavailable)
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("len", &self.len())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn claim_all<'a>(
        &'a self,
        claims: &'a [Claim],
        seen: Position,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>> {
        Box::pin(async move {
            match self.claim(claims, now)? {
                Some(which) => Ok(Freshness::Replayed { which }),
                None => Ok(Freshness::Fresh(self.since(seen)?)),
            }
        })
    }

    fn changes<'a>(&'a self, seen: Position, _now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>> {
        Box::pin(async move { self.since(seen) })
    }
}
