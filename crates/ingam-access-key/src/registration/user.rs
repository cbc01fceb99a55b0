use ingam_protocol::{Acr, OAuthError, UserId};
use ingam_wire::{Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use crate::grant::AuthenticationContext;

/// What kind of thing a factor proves (NIST SP 800-63B section 4; X.1149 3.1.16.1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Something the user knows: a password, a PIN.
    Knowledge,
    /// Something the user has: a phone, a token, a signing key.
    Possession,
    /// Something the user is: a fingerprint, a face.
    Inherence,
}

/// The environment in which a factor was made or sent; two factors over one channel fall together.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Typed into the operator's page.
    Page,
    /// The bank's app on the user's phone.
    App,
    /// A code generator of its own.
    Token,
    /// A text message.
    Sms,
    /// A telephone call.
    Call,
    /// A signing key with a certificate that is itself unlocked by a second factor (joint certificate, 공동인증서).
    Certificate,
}

/// One factor that was shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Factor {
    /// What it proves.
    pub kind: FactorKind,
    /// Where it came from.
    pub channel: Channel,
}

/// How strongly a user was authenticated, from the weakest.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationLevel {
    /// One factor.
    OneFactor,
    /// Two factors of different kinds.
    TwoFactors,
    /// Two factors of different kinds over separate channels, one of them possession; or a certificate that is itself
    /// unlocked by a second factor (NIST AAL2, ISO/IEC 29115 LoA3).
    TwoSeparateFactors,
}

impl AuthenticationLevel {
    /// All levels, the weakest first.
    pub const ALL: [Self; 3] = [Self::OneFactor, Self::TwoFactors, Self::TwoSeparateFactors];

    /// The `acr` value that stands for it.
    #[must_use]
    pub const fn acr(self) -> &'static str {
        match self {
            Self::OneFactor => "urn:ingam:acr:1",
            Self::TwoFactors => "urn:ingam:acr:2",
            Self::TwoSeparateFactors => "urn:ingam:acr:3",
        }
    }

    /// The level that an `acr` value stands for.
    #[must_use]
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }
}

/// What the bank's authenticator says: who, by which factors, when.
///
/// x1149: 3.1.16.1
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct UserAuthentication {
    user: UserId,
    factors: Vec<Factor>,
    time: UnixTime,
}

/// An authentication without a factor is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an authentication needs at least one factor")]
pub struct NoFactor;

/// What an authentication must be, at least.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuthenticationRequirement {
    /// The least level.
    pub level: AuthenticationLevel,
    /// The oldest that is good enough; `None`: any age within the session.
    pub max_age: Option<Seconds>,
    /// Whether one factor must be possession.
    pub possession: Possession,
}

/// Whether one factor must be possession.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Possession {
    /// Any factors.
    Optional,
    /// One must be possession.
    Required,
}

/// Why an authentication is not enough, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthenticationTooWeak {
    /// It states a time ahead of now.
    #[error("the authentication is from the future")]
    FromTheFuture,
    /// Too few or too similar factors.
    #[error("the authentication is {reached:?}, {required:?} is required")]
    Level {
        /// The level reached.
        reached: AuthenticationLevel,
        /// The level required.
        required: AuthenticationLevel,
    },
    /// No possession factor.
    #[error("a possession factor is required")]
    PossessionRequired,
    /// Too long ago.
    #[error("the authentication is too old")]
    TooOld,
    /// None of the `acr_values` asked for is reached.
    #[error("none of the requested acr values is reached")]
    AcrNotReached,
}

impl AuthenticationTooWeak {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FromTheFuture => "FromTheFuture",
            Self::Level { .. } => "Level",
            Self::PossessionRequired => "PossessionRequired",
            Self::TooOld => "TooOld",
            Self::AcrNotReached => "AcrNotReached",
        }
    }

    /// What the fintech is told, when the user cannot do better.
    ///
    /// fapi: SU-4
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        OAuthError::UnmetAuthenticationRequirements
    }
}

impl UserAuthentication {
    /// States that `user` showed `factors` at `time`.
    ///
    /// # Errors
    /// [`NoFactor`].
    pub fn new(user: UserId, factors: Vec<Factor>, time: UnixTime) -> Result<Self, NoFactor> {
        if factors.is_empty() { Err(NoFactor) } else { Ok(Self { user, factors, time }) }
    }

    /// Who.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// By which factors.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// When.
    #[must_use]
    pub const fn time(&self) -> UnixTime {
        self.time
    }

    /// How strongly: what the factors are worth together.
    #[must_use]
    pub fn level(&self) -> AuthenticationLevel {
        let pairs = || self.factors.iter().flat_map(|a| self.factors.iter().map(move |b| (a, b)));
        let separate =
            pairs().any(|(a, b)| a.kind != b.kind && a.channel != b.channel && a.kind == FactorKind::Possession);
        if separate || self.factors.iter().any(|factor| factor.channel == Channel::Certificate) {
            AuthenticationLevel::TwoSeparateFactors
        } else if pairs().any(|(a, b)| a.kind != b.kind) {
            AuthenticationLevel::TwoFactors
        } else {
            AuthenticationLevel::OneFactor
        }
    }

    /// Whether one factor is possession.
    #[must_use]
    pub fn shows_possession(&self) -> bool {
        self.factors.iter().any(|factor| factor.kind == FactorKind::Possession)
    }

    /// Refuses what is less than `requirement`.
    ///
    /// fapi: SU-2, OI-2
    /// x1149: 3.1.16.1, 3.1.16.3
    ///
    /// # Errors
    /// The first [`AuthenticationTooWeak`] that applies.
    pub fn require(&self, requirement: &AuthenticationRequirement, now: UnixTime) -> Result<(), AuthenticationTooWeak> {
        if self.time > now {
            return Err(AuthenticationTooWeak::FromTheFuture);
        }
        let (reached, required) = (self.level(), requirement.level);
        if reached < required {
            return Err(AuthenticationTooWeak::Level { reached, required });
        }
        if requirement.possession == Possession::Required && !self.shows_possession() {
            return Err(AuthenticationTooWeak::PossessionRequired);
        }
        if requirement.max_age.is_some_and(|age| self.time.plus(age) < now) {
            return Err(AuthenticationTooWeak::TooOld);
        }
        Ok(())
    }

    /// Whether one of the `acr` values asked for is reached; true when none was asked for.
    #[must_use]
    pub fn reaches(&self, acr_values: &[Acr]) -> bool {
        let level = self.level();
        let reached = |acr: &Acr| AuthenticationLevel::from_acr(acr.as_str()).is_some_and(|asked| asked <= level);
        acr_values.is_empty() || acr_values.iter().any(reached)
    }

    /// What a grant keeps of it.
    #[must_use]
    pub(crate) fn context(&self) -> Option<AuthenticationContext> {
        let acr = self.level().acr().parse().ok()?;
        Some(AuthenticationContext { acr, auth_time: self.time })
    }
}
