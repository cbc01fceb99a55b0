//! The limiter in memory holds the contract of the port.

use std::sync::Arc;

use ingam_contract::rate::suite;
use ingam_ports::{Permit, RateLimiter, RateSubject};
use ingam_store::{MemoryRateLimiter, RateLimit};
use ingam_wire::{Seconds, UnixTime};

#[tokio::test]
async fn the_memory_limiter_holds_the_contract() {
    let five = RateLimit::new(5, Seconds::new(10));
    suite(|| Arc::new(MemoryRateLimiter::new(five).with("a", five).with("b", five))).await;
}

#[tokio::test]
async fn buckets_that_are_not_named_share_the_default() {
    let limiter =
        MemoryRateLimiter::new(RateLimit::new(1, Seconds::new(60))).with("a", RateLimit::new(2, Seconds::new(60)));
    let (subject, now) = (user("alice"), UnixTime::from_secs(1_000));
    assert_eq!(limiter.permit("b", &subject, 1, now).await, Ok(Permit::Granted));
    assert_eq!(limiter.permit("c", &subject, 1, now).await, Ok(Permit::After(60)));
    assert_eq!(limiter.permit("a", &subject, 1, now).await, Ok(Permit::Granted));
}

#[tokio::test]
async fn quiet_subjects_are_not_limited_for_what_a_thousand_busy_ones_did() {
    // A thousand limited subjects share cells with a quiet one only as often as the documentation says.
    let limiter = MemoryRateLimiter::new(RateLimit::new(1, Seconds::new(60)));
    let now = UnixTime::from_secs(1_000);
    for busy in 0..1_000 {
        let subject = user(&format!("busy {busy}"));
        assert_eq!(limiter.permit("a", &subject, 1, now).await, Ok(Permit::Granted));
    }
    let mut early = 0;
    for quiet in 0..1_000 {
        let subject = user(&format!("quiet {quiet}"));
        if limiter.permit("b", &subject, 1, now).await != Ok(Permit::Granted) {
            early += 1;
        }
    }
    assert!(early <= 2, "{early} of 1,000 were limited early");
}

fn user(name: &str) -> RateSubject {
    RateSubject::User(name.into(), std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST))
}
