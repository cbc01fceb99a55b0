//! Regimes: how requests and answers are protected, from when to when, and after which source.

mod report;
mod rows;

use ingam_wire::UnixTime;

pub use self::{
    report::{DirectionReport, ProfileReport},
    rows::{DETACHED_JWS, FAPI_2_HTTP_SIGNATURES, JWT_BODY, KOREA, PROFILES},
};
use crate::policy::{CoveragePolicy, MessagePolicy};

/// A regime's rules for messages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Its name in a configuration.
    pub name: &'static str,
    /// The first second at which it may be used.
    pub from: UnixTime,
    /// The first second at which it may no longer be used.
    pub until: Option<UnixTime>,
    /// The text it follows.
    pub source: &'static str,
    /// How requests are protected.
    pub request: Protection,
    /// How answers are.
    pub response: Protection,
    /// What happens when the peer ignores all of it.
    pub when_ignored: &'static str,
}

/// One of the shapes a protected message can have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Protection {
    /// Signature fields (RFC 9421): [`crate::request`] and [`crate::response`].
    Fields(CoveragePolicy),
    /// One JWS: [`crate::message`].
    Message(MessagePolicy),
}

/// No profile has that name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no such message profile")]
pub struct UnknownProfile;

/// The profile called `name`; an unknown name stops the start-up.
///
/// # Errors
/// [`UnknownProfile`].
pub fn named(name: &str) -> Result<&'static Profile, UnknownProfile> {
    PROFILES.iter().copied().find(|profile| profile.name == name).ok_or(UnknownProfile)
}

impl Profile {
    /// Whether the profile may be used at `now`.
    #[must_use]
    pub fn in_force(&self, now: UnixTime) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// What the profile asks, as an auditor reads it.
    #[must_use]
    pub fn report(&self) -> ProfileReport {
        ProfileReport::of(self)
    }
}
