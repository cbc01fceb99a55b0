//! What every [`ReplayGuard`] must hold.

use std::sync::Arc;

use ingam_ports::{
    Changes, Claim, ClaimPurpose, Freshness, Position, ReplayError, ReplayGuard, Revoked, Unclaimed, settle,
};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

use crate::store::{block_on, together};

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

/// A guard to be tested, and how something is revoked there.
pub trait Guarded: Send + Sync {
    /// The guard.
    fn guard(&self) -> &dyn ReplayGuard;

    /// Appends to the change log, which keeps entries for [`KEEP`].
    fn revoke<'a>(&'a self, revoked: &'a [Revoked], now: UnixTime) -> BoxFuture<'a, ()>;

    /// Forgets what expired.
    fn purge(&self, now: UnixTime) -> BoxFuture<'_, ()>;
}

/// How long the guards under test keep revocations.
pub const KEEP: Seconds = Seconds::new(300);

/// Runs every law of [`ReplayGuard`] on fresh guards from `make`.
///
/// # Panics
/// When a law does not hold; the message names it.
pub async fn suite(make: impl Fn() -> Arc<dyn Guarded>) {
    an_id_is_fresh_once(make().guard()).await;
    all_ids_or_none(make().guard()).await;
    an_expired_claim_is_never_fresh(make().guard()).await;
    an_id_is_remembered_until_its_last_second(make().as_ref()).await;
    settling_gives_the_value_out_once(make().guard()).await;
    revocations_are_seen_once_in_order(make().as_ref()).await;
    a_position_the_log_does_not_know_is_too_old(make().as_ref()).await;
    of_concurrent_claims_exactly_one_wins(make().guard());
}

/// What every guard must hold whose surroundings fail: `failing` is one whose store does not answer.
///
/// # Panics
/// When it accepts.
pub async fn failure_suite(failing: &dyn ReplayGuard) {
    let claims = [claim(1, 0)];
    assert_eq!(failing.claim_all(&claims, Position(0), NOW).await, Err(ReplayError::Unavailable), "failure refuses");
    assert_eq!(failing.changes(Position(0), NOW).await, Err(ReplayError::Unavailable), "failure is no empty log");
    let settled = settle(Unclaimed::new((), claims.to_vec()), failing, Position(0), NOW).await;
    assert_eq!(settled, Err(ReplayError::Unavailable));
}

async fn an_id_is_fresh_once(guard: &dyn ReplayGuard) {
    assert_fresh(guard, &[claim(1, 0)], NOW).await;
    for _ in 0..3 {
        assert_replayed(guard, &[claim(1, 0)], 0, NOW).await;
    }
    let other = Claim { digest: [2; 32], ..claim(1, 0) };
    assert_fresh(guard, &[other], NOW).await;
    for id in 0..500 {
        assert_fresh(guard, &[claim(1_000 + id, 0)], NOW).await;
    }
    for id in 0..500 {
        assert_replayed(guard, &[claim(1_000 + id, 0)], 0, NOW).await;
    }
}

async fn all_ids_or_none(guard: &dyn ReplayGuard) {
    assert_fresh(guard, &[claim(1, 0), claim(2, 5)], NOW).await;
    assert_replayed(guard, &[claim(3, 0), claim(4, 0), claim(2, 5)], 2, NOW).await;
    assert_fresh(guard, &[claim(4, 0), claim(3, 0)], NOW).await;
    assert_replayed(guard, &[claim(5, 0), claim(5, 0)], 1, NOW).await;
    assert_fresh(guard, &[claim(5, 0)], NOW).await;
    assert_fresh(guard, &[], NOW).await;
}

async fn an_expired_claim_is_never_fresh(guard: &dyn ReplayGuard) {
    let late = claim(1, 0);
    assert_replayed(guard, &[late], 0, late.expires).await;
    assert_replayed(guard, &[late], 0, late.expires.plus(Seconds::new(1))).await;
}

async fn an_id_is_remembered_until_its_last_second(guarded: &dyn Guarded) {
    let guard = guarded.guard();
    // Stated times around every edge that a guard may cut its memory at.
    let ids = (0..300).map(|second| Claim { stated: NOW.plus(Seconds::new(second)), ..claim(second, second) });
    let ids = ids.collect::<Vec<_>>();
    for id in &ids {
        assert_fresh(guard, &[*id], id.stated).await;
    }
    for now in (0..450).map(|second| NOW.plus(Seconds::new(second))) {
        guarded.purge(now).await;
        for id in ids.iter().filter(|id| id.stated <= now).step_by(7) {
            assert_replayed(guard, &[*id], 0, now).await;
        }
    }
    // The clock is set back: what was forgotten does not become fresh.
    for id in ids.iter().step_by(11) {
        assert_replayed(guard, &[*id], 0, NOW).await;
    }
}

async fn settling_gives_the_value_out_once(guard: &dyn ReplayGuard) {
    let unclaimed = |id| Unclaimed::new("value", vec![claim(id, 0)]);
    let both = || unclaimed(1).and(unclaimed(2));
    let (value, _) = settle(both(), guard, Position(0), NOW).await.expect("both are fresh");
    assert_eq!(value, ("value", "value"));
    let again = settle(both(), guard, Position(0), NOW).await;
    assert_eq!(again, Err(ReplayError::Replayed(ClaimPurpose::Proof)));
}

async fn revocations_are_seen_once_in_order(guarded: &dyn Guarded) {
    let guard = guarded.guard();
    let (first, second, third) = (Revoked::Grant([1; 32]), Revoked::Fintech([2; 32]), Revoked::AccessKey([3; 32]));
    assert_eq!(since(guard, Position(0), NOW).await, (Position(0), vec![]), "an empty log");
    guarded.revoke(&[first, second], NOW).await;
    let (to, revoked) = since(guard, Position(0), NOW).await;
    assert_eq!(revoked, [first, second]);
    assert!(to > Position(0), "positions grow");
    assert_eq!(since(guard, to, NOW).await, (to, vec![]), "seen once");
    guarded.revoke(&[third], NOW).await;
    let claimed = match guard.claim_all(&[claim(1, 0)], to, NOW).await {
        Ok(Freshness::Fresh(Changes::Since { to, revoked })) => Some((to, revoked)),
        _ => None,
    };
    let (end, revoked) = claimed.expect("a claim tells what was revoked");
    assert_eq!(revoked, [third]);
    assert!(end > to);
    assert_eq!(since(guard, Position(0), NOW).await, (end, vec![first, second, third]));
}

async fn a_position_the_log_does_not_know_is_too_old(guarded: &dyn Guarded) {
    let guard = guarded.guard();
    let revoke = async |number, now| guarded.revoke(&[Revoked::Grant([number; 32])], now).await;
    revoke(1, NOW).await;
    let (first, _) = since(guard, Position(0), NOW).await;
    revoke(2, NOW).await;
    let later = NOW.plus(KEEP);
    guarded.purge(later).await;
    revoke(3, later).await;
    let (to, kept) = since(guard, Position(0), later).await;
    assert_eq!(kept, [Revoked::Grant([3; 32])], "whoever remembers nothing is told all that is kept");
    assert_eq!(guard.changes(first, later).await, Ok(Changes::TooOld { to }), "trimmed");
    assert_eq!(since(guard, to, later).await, (to, vec![]));
    let beyond = Position(to.0 + 1);
    assert_eq!(guard.changes(beyond, later).await, Ok(Changes::TooOld { to }), "a position of another log");
    let much_later = later.plus(KEEP);
    guarded.purge(much_later).await;
    guarded.revoke(&[], much_later).await;
    assert!(matches!(guard.changes(first, much_later).await, Ok(Changes::TooOld { .. })), "all of it trimmed");
}

fn of_concurrent_claims_exactly_one_wins(guard: &dyn ReplayGuard) {
    const IDS: u64 = 40;
    const WON: usize = 40;
    let won = together(8, |thread| {
        let mut won = 0_usize;
        for id in 0..IDS {
            let mut pair = [claim(id, 0), claim(id + IDS, 0)];
            // Half of the threads name the ids the other way round: no order may dead-lock or let two win.
            if thread % 2 == 0 {
                pair.reverse();
            }
            if matches!(block_on(guard.claim_all(&pair, Position(0), NOW)), Ok(Freshness::Fresh(_))) {
                won += 1;
            }
        }
        won
    });
    assert_eq!(won.into_iter().sum::<usize>(), WON, "each pair is won exactly once");
}

fn claim(id: u64, age: u64) -> Claim {
    let mut digest = [0xa5; 32];
    for (to, from) in digest.iter_mut().zip(id.to_be_bytes()) {
        *to = from;
    }
    let stated = NOW.plus(Seconds::new(age));
    Claim { purpose: ClaimPurpose::Proof, digest, stated, expires: stated.plus(Seconds::new(131)) }
}

async fn assert_fresh(guard: &dyn ReplayGuard, claims: &[Claim], now: UnixTime) {
    let outcome = guard.claim_all(claims, Position(0), now).await;
    assert!(matches!(outcome, Ok(Freshness::Fresh(_))), "fresh: {claims:?} at {now:?}, got {outcome:?}");
}

async fn assert_replayed(guard: &dyn ReplayGuard, claims: &[Claim], which: usize, now: UnixTime) {
    let outcome = guard.claim_all(claims, Position(0), now).await;
    assert_eq!(outcome, Ok(Freshness::Replayed { which }), "replayed: {claims:?} at {now:?}");
}

async fn since(guard: &dyn ReplayGuard, seen: Position, now: UnixTime) -> (Position, Vec<Revoked>) {
    let found = match guard.changes(seen, now).await {
        Ok(Changes::Since { to, revoked }) => Some((to, revoked)),
        _ => None,
    };
    found.expect("the log goes back that far")
}
