//! What every [`RateLimiter`] must hold.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use ingam_ports::{Permit, RateLimiter, RateSubject};
use ingam_wire::{Seconds, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

/// Runs every law of [`RateLimiter`] on fresh limiters from `make`, whose buckets `a` and `b` each permit five in ten
/// seconds.
///
/// # Panics
/// When a law does not hold; the message names it.
pub async fn suite(make: impl Fn() -> Arc<dyn RateLimiter>) {
    a_burst_and_then_a_steady_rate(&*make()).await;
    subjects_and_buckets_are_apart(&*make()).await;
    refusals_cost_nothing(&*make()).await;
    asking_costs_nothing_and_tells_the_truth(&*make()).await;
    a_cost_is_taken_whole_or_not_at_all(&*make()).await;
    a_limited_subject_stays_limited_whatever_others_do(&*make()).await;
}

async fn a_burst_and_then_a_steady_rate(limiter: &dyn RateLimiter) {
    let subject = fintech("client-1", 1);
    for nth in 1..=5 {
        assert_eq!(limiter.permit("a", &subject, 1, NOW).await, Ok(Permit::Granted), "number {nth} of the burst");
    }
    assert_eq!(limiter.permit("a", &subject, 1, NOW).await, Ok(Permit::After(2)), "one comes back in two seconds");
    assert_eq!(limiter.permit("a", &subject, 1, at(1)).await, Ok(Permit::After(1)));
    assert_eq!(limiter.permit("a", &subject, 1, at(2)).await, Ok(Permit::Granted));
    assert_eq!(limiter.permit("a", &subject, 1, at(2)).await, Ok(Permit::After(2)));
    for nth in 1..=5 {
        assert_eq!(limiter.permit("a", &subject, 1, at(60)).await, Ok(Permit::Granted), "number {nth} after a rest");
    }
    assert_eq!(limiter.permit("a", &subject, 1, at(60)).await, Ok(Permit::After(2)), "a rest earns one burst, no more");
}

async fn subjects_and_buckets_are_apart(limiter: &dyn RateLimiter) {
    let subject = user("alice", 1);
    exhaust(limiter, &subject).await;
    assert_eq!(limiter.permit("b", &subject, 1, NOW).await, Ok(Permit::Granted), "another bucket");
    for other in [user("bob", 1), user("alice", 2), fintech("alice", 1), address(1)] {
        assert_eq!(limiter.permit("a", &other, 1, NOW).await, Ok(Permit::Granted), "{other:?}");
    }
}

async fn refusals_cost_nothing(limiter: &dyn RateLimiter) {
    let subject = address(1);
    exhaust(limiter, &subject).await;
    for _ in 0..100 {
        assert_eq!(limiter.permit("a", &subject, 1, NOW).await, Ok(Permit::After(2)));
    }
    assert_eq!(limiter.permit("a", &subject, 1, at(2)).await, Ok(Permit::Granted));
}

async fn asking_costs_nothing_and_tells_the_truth(limiter: &dyn RateLimiter) {
    let subject = user("alice", 1);
    for _ in 0..100 {
        assert_eq!(limiter.permit("a", &subject, 0, NOW).await, Ok(Permit::Granted));
    }
    exhaust(limiter, &subject).await;
    assert_eq!(limiter.permit("a", &subject, 0, NOW).await, Ok(Permit::After(2)), "nothing left to ask for");
    assert_eq!(limiter.permit("a", &subject, 0, at(2)).await, Ok(Permit::Granted));
}

async fn a_cost_is_taken_whole_or_not_at_all(limiter: &dyn RateLimiter) {
    let subject = user("alice", 1);
    assert_eq!(limiter.permit("a", &subject, 3, NOW).await, Ok(Permit::Granted));
    assert_eq!(limiter.permit("a", &subject, 3, NOW).await, Ok(Permit::After(2)), "two are left");
    assert_eq!(limiter.permit("a", &subject, 2, NOW).await, Ok(Permit::Granted), "and were not taken");
    assert_eq!(limiter.permit("a", &subject, 1, NOW).await, Ok(Permit::After(2)));
    assert!(matches!(limiter.permit("b", &subject, 6, NOW).await, Ok(Permit::After(_))), "more than a burst");
}

async fn a_limited_subject_stays_limited_whatever_others_do(limiter: &dyn RateLimiter) {
    let subject = user("alice", 1);
    exhaust(limiter, &subject).await;
    for other in 0..200_000 {
        assert!(limiter.permit("a", &address(other), 1, NOW).await.is_ok());
    }
    assert!(matches!(limiter.permit("a", &subject, 1, NOW).await, Ok(Permit::After(_))), "not reset by a crowd");
}

async fn exhaust(limiter: &dyn RateLimiter, subject: &RateSubject) {
    for _ in 0..5 {
        assert_eq!(limiter.permit("a", subject, 1, NOW).await, Ok(Permit::Granted));
    }
    assert!(matches!(limiter.permit("a", subject, 1, NOW).await, Ok(Permit::After(_))));
}

fn at(seconds: u64) -> UnixTime {
    NOW.plus(Seconds::new(seconds))
}

fn ip(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number))
}

fn address(number: u32) -> RateSubject {
    RateSubject::Address(ip(number))
}

fn fintech(id: &str, from: u32) -> RateSubject {
    RateSubject::Fintech(id.into(), ip(from))
}

fn user(name: &str, from: u32) -> RateSubject {
    RateSubject::User(name.into(), ip(from))
}
