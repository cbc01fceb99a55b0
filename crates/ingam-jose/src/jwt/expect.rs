use ingam_wire::{Seconds, UnixTime};

use super::RegisteredClaims;

/// What the verifier of any kind expects of issuer, audience and time; nothing can be left out by accident.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    issuer: Issuer<'a>,
    audience: Audience<'a>,
    now: UnixTime,
    leeway: Seconds,
}

/// Whose claims are expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Issuer<'a> {
    /// Exactly this one, compared byte by byte.
    Is(&'a str),
    /// Any, or none: for kinds whose issuer is shown by the key alone (DPoP proofs).
    Any,
}

/// For whom the claims must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience<'a> {
    /// This one must be named, possibly among others.
    Names(&'a str),
    /// One of these must be named, possibly among others.
    NamesOneOf(&'a [&'a str]),
    /// `aud` must be this one string and no array (FAPI 2.0 section 5.3.2.1, of client assertions).
    Only(&'a str),
    /// Anyone, or no one: for kinds without `aud` (DPoP proofs).
    Any,
}

/// Why verified claims were refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClaimError {
    /// `iss` is another's or absent.
    #[error("wrong issuer")]
    WrongIssuer,
    /// `aud` does not name the expected audience in the expected form.
    #[error("wrong audience")]
    WrongAudience,
    /// `exp` is not in the future.
    #[error("expired at {expired:?}, now {now:?}")]
    Expired {
        /// `exp`.
        expired: UnixTime,
        /// The time of the check.
        now: UnixTime,
    },
    /// `nbf` is in the future.
    #[error("not valid before {from:?}, now {now:?}")]
    NotYetValid {
        /// `nbf`.
        from: UnixTime,
        /// The time of the check.
        now: UnixTime,
    },
    /// `iat` is in the future.
    #[error("issued in the future at {issued:?}, now {now:?}")]
    IssuedInFuture {
        /// `iat`.
        issued: UnixTime,
        /// The time of the check.
        now: UnixTime,
    },
}

impl ClaimError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongIssuer => "WrongIssuer",
            Self::WrongAudience => "WrongAudience",
            Self::Expired { .. } => "Expired",
            Self::NotYetValid { .. } => "NotYetValid",
            Self::IssuedInFuture { .. } => "IssuedInFuture",
        }
    }
}

impl<'a> Expect<'a> {
    /// States all four; an opt-out is a named value ([`Issuer::Any`], [`Audience::Any`], `Seconds::new(0)`).
    #[must_use]
    pub const fn new(issuer: Issuer<'a>, audience: Audience<'a>, now: UnixTime, leeway: Seconds) -> Self {
        Self { issuer, audience, now, leeway }
    }

    /// The issuer that is expected.
    #[must_use]
    pub const fn issuer(&self) -> Issuer<'a> {
        self.issuer
    }

    /// The audience that is expected.
    #[must_use]
    pub const fn audience(&self) -> Audience<'a> {
        self.audience
    }

    /// The leeway that is granted.
    #[must_use]
    pub const fn leeway(&self) -> Seconds {
        self.leeway
    }

    /// Checks claims that were verified already.
    ///
    /// The leeway counts in the sender's favour on each side; `exp` itself is already too late (RFC 7519
    /// section 4.1.4).
    ///
    /// # Errors
    /// The first [`ClaimError`] that applies.
    pub fn check(&self, claims: &impl RegisteredClaims) -> Result<(), ClaimError> {
        if let Issuer::Is(wanted) = self.issuer
            && claims.issuer() != Some(wanted)
        {
            return Err(ClaimError::WrongIssuer);
        }
        let audience = claims.audience();
        let fits = match self.audience {
            Audience::Names(wanted) => audience.is_some_and(|aud| aud.names(wanted)),
            Audience::NamesOneOf(wanted) => audience.is_some_and(|aud| wanted.iter().any(|one| aud.names(one))),
            Audience::Only(wanted) => audience.and_then(|aud| aud.single()) == Some(wanted),
            Audience::Any => true,
        };
        if !fits {
            return Err(ClaimError::WrongAudience);
        }
        let now = self.now;
        if let Some(expired) = claims.expires()
            && expired.plus(self.leeway) <= now
        {
            return Err(ClaimError::Expired { expired, now });
        }
        let latest = now.plus(self.leeway);
        if let Some(from) = claims.not_before()
            && from > latest
        {
            return Err(ClaimError::NotYetValid { from, now });
        }
        if let Some(issued) = claims.issued_at()
            && issued > latest
        {
            return Err(ClaimError::IssuedInFuture { issued, now });
        }
        Ok(())
    }
}
