use core::fmt;

use ingam_wire::{BoxFuture, UnixTime};

use crate::{Commit, RowKey, Step, Store, StoreError, Table};

/// What kind of id is claimed; ids of different purposes never collide.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum ClaimPurpose {
    /// `jti` of a DPoP proof (RFC 9449 section 11.1).
    Proof = 1,
    /// `jti` of a client assertion (RFC 7523 section 3).
    Assertion = 2,
    /// A message signature (its nonce, else its bytes).
    Signature = 3,
    /// `jti` of a request object.
    RequestObject = 4,
    /// A user's one-time code (RFC 6238 section 5.2).
    OneTimeCode = 5,
}

/// A one-time id to be claimed: a digest of purpose, sender and id, with the times the message itself states.
///
/// `digest` and `stated` together are the id: both come from the signed message, so a replay repeats both.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Claim {
    /// What kind of id.
    pub purpose: ClaimPurpose,
    /// SHA-256 over purpose, sender (key thumbprint or client) and id.
    pub digest: [u8; 32],
    /// The time that the message states (iat, exp or nonce time); never the verifier's clock.
    pub stated: UnixTime,
    /// After this time the message is refused for its age, so the claim may be forgotten.
    pub expires: UnixTime,
}

/// A position in the change log of revocations.
///
/// The default is where a reader starts that remembers nothing yet: it is told everything the log keeps, and is never
/// too old.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position(pub u64);

/// One revocation: a digest of what no longer counts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Revoked {
    /// A grant, by digest of its id.
    Grant([u8; 32]),
    /// A fintech, by digest of its client id.
    Fintech([u8; 32]),
    /// A user, by digest of the subject.
    User([u8; 32]),
    /// A signing key, by digest of its key id.
    SigningKey([u8; 32]),
    /// One access key, by digest.
    AccessKey([u8; 32]),
}

/// What was revoked since a position.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Changes {
    /// These, up to `to`.
    Since {
        /// The position now.
        to: Position,
        /// What was revoked in between.
        revoked: Vec<Revoked>,
    },
    /// The position is older than the log, or not one of this log (a restored backup): forget every cached verification.
    TooOld {
        /// The position now.
        to: Position,
    },
}

/// Outcome of a claim.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub enum Freshness {
    /// All ids were fresh and are now taken.
    Fresh(Changes),
    /// The id at this index was taken before; none of them is taken now that was not before.
    Replayed {
        /// Index into the claims.
        which: usize,
    },
}

/// Remembers one-time ids until they can no longer be accepted.
pub trait ReplayGuard: fmt::Debug + Send + Sync {
    /// Takes all of `claims` or none, and tells what was revoked since `seen`.
    ///
    /// A claim whose `expires` has come (`expires <= now`) counts as replayed: the guard may have forgotten it.
    fn claim_all<'a>(
        &'a self,
        claims: &'a [Claim],
        seen: Position,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>>;

    /// What was revoked since `seen`, for calls that claim nothing.
    fn changes<'a>(&'a self, seen: Position, now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>>;
}

/// Why a claim could not be settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// An id was used before.
    #[error("replayed: {0:?} was used before")]
    Replayed(ClaimPurpose),
    /// The guard did not answer: refuse.
    #[error("the replay guard is not available")]
    Unavailable,
}

/// Something verified whose one-time ids are not yet claimed: worth nothing until [`settle`] has claimed them.
#[derive(Debug)]
#[must_use = "not accepted until its one-time ids are claimed"]
pub struct Unclaimed<T> {
    value: T,
    claims: Vec<Claim>,
}

impl<T> Unclaimed<T> {
    /// `value` with the ids that must be fresh before it counts.
    pub fn new(value: T, claims: Vec<Claim>) -> Self {
        Self { value, claims }
    }

    /// The same ids with another value made of this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Unclaimed<U> {
        Unclaimed { value: make(self.value), claims: self.claims }
    }

    /// Both at once, so that they are claimed in one round trip.
    pub fn and<U>(self, other: Unclaimed<U>) -> Unclaimed<(T, U)> {
        let mut claims = self.claims;
        claims.extend(other.claims);
        Unclaimed { value: (self.value, other.value), claims }
    }
}

/// Claims the ids of `unclaimed` and gives the value out only when all were fresh.
///
/// # Errors
/// [`ReplayError`]; the value is then gone.
pub async fn settle<T>(
    unclaimed: Unclaimed<T>,
    guard: &dyn ReplayGuard,
    seen: Position,
    now: UnixTime,
) -> Result<(T, Changes), ReplayError> {
    match guard.claim_all(&unclaimed.claims, seen, now).await? {
        Freshness::Fresh(changes) => Ok((unclaimed.value, changes)),
        Freshness::Replayed { which } => {
            let purpose = unclaimed.claims.get(which).map_or(ClaimPurpose::Proof, |claim| claim.purpose);
            Err(ReplayError::Replayed(purpose))
        }
    }
}

/// Why a commit that also claims did not happen; nothing was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SettleError<E> {
    /// What was to be committed could not be prepared.
    Prepare(E),
    /// An id was used before.
    Replayed(ClaimPurpose),
    /// The step at this index of the prepared steps was refused.
    Refused {
        /// Index into the prepared steps.
        step: usize,
    },
    /// The store did not answer.
    Unavailable,
}

/// Claims the ids of `unclaimed` in the same commit as the steps that `prepare` makes from its value.
///
/// The prepared result is given out only when all ids were fresh and all steps were done: one commit per request,
/// nothing half done. Ids stand in [`Table::Claims`] under [`Claim::row_key`], as a guard over the same store keeps them.
///
/// # Errors
/// [`SettleError`]; then neither an id nor a step was taken.
pub async fn settle_in_commit<'a, T: 'a, R: 'a, E: 'a>(
    unclaimed: Unclaimed<T>,
    store: &dyn Store,
    now: UnixTime,
    prepare: impl FnOnce(T) -> BoxFuture<'a, Result<(R, Vec<Step>), E>>,
) -> Result<R, SettleError<E>> {
    let Unclaimed { value, claims } = unclaimed;
    let (result, prepared) = prepare(value).await.map_err(SettleError::Prepare)?;
    let mut steps: Vec<Step> = claims
        .iter()
        .map(|claim| Step::Claim { table: Table::Claims, key: claim.row_key(), expires: claim.expires })
        .collect();
    steps.extend(prepared);
    if steps.is_empty() {
        return Ok(result);
    }
    match store.commit(steps, now).await {
        Ok(Commit::Committed) => Ok(result),
        Ok(Commit::Refused { step }) => Err(match claims.get(step) {
            Some(claim) => SettleError::Replayed(claim.purpose),
            None => SettleError::Refused { step: step.saturating_sub(claims.len()) },
        }),
        Err(StoreError) => Err(SettleError::Unavailable),
    }
}

impl Claim {
    /// The key under which stores keep the claim: the time that the message states, then the digest.
    #[must_use]
    pub fn row_key(&self) -> RowKey {
        RowKey::timed(self.stated, &self.digest)
    }
}
