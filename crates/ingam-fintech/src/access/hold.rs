use core::{fmt, str::FromStr};

use ingam_protocol::{AccessToken, GrantedDetails, Issuer, RefreshToken, Scopes, TokenResponse, TokenType, UserId};
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime};

use crate::registration::LocalUser;

/// The fintech's own name for an access key: 32 hexadecimal digits, not a secret of the operator's, good for nothing elsewhere.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AccessId(Box<str>);

/// The text is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not the name of an access key")]
pub struct InvalidAccessId;

impl AccessId {
    pub(crate) fn fresh(randomness: &dyn Randomness) -> Result<Self, RandomnessUnavailable> {
        let mut bytes = [0_u8; 16];
        randomness.fill(&mut bytes)?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccessId {
    type Err = InvalidAccessId;

    fn from_str(text: &str) -> Result<Self, InvalidAccessId> {
        if text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidAccessId)
        }
    }
}

impl fmt::Display for AccessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An access key with everything that was granted with it, and the one operator it is good at.
///
/// `Debug` shows neither key.
#[derive(Debug)]
pub struct Access {
    pub(crate) issuer: Issuer,
    pub(crate) user: LocalUser,
    pub(crate) subject: Option<UserId>,
    pub(crate) token: AccessToken,
    pub(crate) token_type: TokenType,
    pub(crate) ends: Option<UnixTime>,
    pub(crate) refresh: Option<RefreshToken>,
    pub(crate) scope: Option<Scopes>,
    pub(crate) details: Option<GrantedDetails>,
}

/// A key that ends sooner than this is not worth a call: the call itself takes time.
const MARGIN: Seconds = Seconds::new(5);

impl Access {
    pub(crate) fn granted(
        issuer: Issuer,
        user: LocalUser,
        answer: TokenResponse,
        asked: Option<Scopes>,
        subject: Option<UserId>,
        now: UnixTime,
    ) -> Self {
        Self {
            issuer,
            user,
            subject,
            token: answer.access_token,
            token_type: answer.token_type,
            ends: answer.expires_in.map(|span| now.plus(span)),
            refresh: answer.refresh_token,
            scope: answer.scope.or(asked),
            details: answer.authorization_details,
        }
    }

    /// The operator it is good at, and no other.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The user of the fintech who began the flow.
    #[must_use]
    pub const fn user(&self) -> &LocalUser {
        &self.user
    }

    /// The user at the operator, where an ID token said so.
    #[must_use]
    pub const fn subject(&self) -> Option<&UserId> {
        self.subject.as_ref()
    }

    /// What was granted, by scope.
    #[must_use]
    pub const fn scope(&self) -> Option<&Scopes> {
        self.scope.as_ref()
    }

    /// What was granted, in detail.
    #[must_use]
    pub const fn details(&self) -> Option<&GrantedDetails> {
        self.details.as_ref()
    }

    /// When it ends, if the operator said so.
    #[must_use]
    pub const fn ends(&self) -> Option<UnixTime> {
        self.ends
    }

    /// Whether another one can be had without the user.
    #[must_use]
    pub const fn can_be_refreshed(&self) -> bool {
        self.refresh.is_some()
    }

    /// Whether it ended, or is about to.
    #[must_use]
    pub fn is_over(&self, now: UnixTime) -> bool {
        self.ends.is_some_and(|ends| ends <= now.plus(MARGIN))
    }
}
