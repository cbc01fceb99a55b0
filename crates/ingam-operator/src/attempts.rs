use core::net::IpAddr;

use ingam_ports::{Permit, PortError, RateLimiter, RateSubject};
use ingam_wire::UnixTime;

/// Whose failures are counted: a name from one address, and the address alone.
///
/// A name is never counted without the address, so that nobody can lock out a victim from elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    bucket: &'static str,
    subjects: Vec<RateSubject>,
}

/// Why an attempt is not even looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum TooMany {
    /// Too many failures before; again after this many seconds.
    #[error("too many failures; again in {0} s")]
    SlowDown(u64),
    /// The limiter did not answer.
    #[error(transparent)]
    Unavailable(#[from] PortError),
}

/// Failures of client authentication.
const CLIENT: &str = "client-authentication";
/// Failures at the login page.
const LOGIN: &str = "login";
/// Codes and refresh tokens that are none.
const SECRET: &str = "secret";
/// Access keys that no operator knows, in front of a bank's API.
#[cfg(feature = "tower")]
const ACCESS_KEY: &str = "access-key";

impl Attempt {
    /// An attempt of a fintech to authenticate.
    pub(crate) fn client(client: Option<&str>, from: Option<IpAddr>) -> Self {
        Self::new(CLIENT, client, from, RateSubject::Fintech)
    }

    /// An attempt of a user to log in.
    pub(crate) fn login(user: &str, from: Option<IpAddr>) -> Self {
        Self::new(LOGIN, Some(user), from, RateSubject::User)
    }

    /// An attempt to use a code or refresh token.
    pub(crate) fn secret(client: &str, from: Option<IpAddr>) -> Self {
        Self::new(SECRET, Some(client), from, RateSubject::Fintech)
    }

    /// An attempt to use an access key that only its operator can tell from one that is none.
    #[cfg(feature = "tower")]
    pub(crate) fn access_key(from: Option<IpAddr>) -> Self {
        Self::new(ACCESS_KEY, None, from, RateSubject::Fintech)
    }

    fn new(
        bucket: &'static str,
        name: Option<&str>,
        from: Option<IpAddr>,
        named: fn(String, IpAddr) -> RateSubject,
    ) -> Self {
        let mut subjects = Vec::new();
        if let Some(address) = from {
            // Longer names than any real one share one count.
            let name = name.map(|name| name.chars().take(64).collect::<String>());
            subjects.extend(name.map(|name| named(name, address)));
            subjects.push(RateSubject::Address(address));
        }
        Self { bucket, subjects }
    }

    /// Whether the attempt may be looked at.
    ///
    /// x1149: 3.1.16.8
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) async fn ask(&self, limiter: &dyn RateLimiter, now: UnixTime) -> Result<(), TooMany> {
        self.pay(limiter, 0, now).await
    }

    /// Counts a failure; the answer to it is the same whether or not it was the last that is looked at.
    pub(crate) async fn failed(&self, limiter: &dyn RateLimiter, now: UnixTime) -> Result<(), TooMany> {
        match self.pay(limiter, 1, now).await {
            Err(TooMany::SlowDown(_)) | Ok(()) => Ok(()),
            Err(unavailable) => Err(unavailable),
        }
    }

    async fn pay(&self, limiter: &dyn RateLimiter, cost: u32, now: UnixTime) -> Result<(), TooMany> {
        let mut longest = None;
        for subject in &self.subjects {
            if let Permit::After(seconds) = limiter.permit(self.bucket, subject, cost, now).await? {
                longest = longest.max(Some(seconds));
            }
        }
        longest.map_or(Ok(()), |seconds| Err(TooMany::SlowDown(seconds)))
    }
}
