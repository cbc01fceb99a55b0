use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, Table};
use ingam_protocol::{ClientId, GrantId, OAuthError, Resource, Scopes, details::AuthorizationDetails};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use super::{AccessTerms, Grant, NarrowError};
use crate::{fintech::AuthenticatedFintech, policy::AccessKeyPolicy};

/// What is kept of a refresh token, under the hash of the token: which grant, whose.
///
/// Refresh tokens are not rotated (SP 5.3.2.1-9): a confidential client authenticates with each, and a rotated token
/// that is lost on the way would lock the user out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefreshRecord {
    pub(crate) grant: GrantId,
    pub(crate) client_id: ClientId,
    pub(crate) issued: UnixTime,
}

impl RefreshRecord {
    /// The grant it belongs to.
    #[must_use]
    pub const fn grant(&self) -> &GrantId {
        &self.grant
    }

    /// The fintech it was issued to.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Finds the refresh tokens of a grant.
    #[must_use]
    pub fn index_of_grant(grant: &GrantId, sealer: &RecordSealer) -> IndexValue {
        sealer.index("refresh token by grant", grant.as_str().as_bytes())
    }
}

impl Record for RefreshRecord {
    const TABLE: Table = Table::RefreshTokens;
}

/// Why a refresh was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RefreshError {
    /// The token was issued to another fintech.
    #[error("the refresh token is another fintech's")]
    WrongFintech,
    /// The token belongs to another grant.
    #[error("the refresh token is of another grant")]
    WrongGrant,
    /// The grant is over or not begun.
    #[error("the grant is not active")]
    GrantNotActive,
    /// The token was not used for too long.
    #[error("the refresh token was idle too long")]
    Idle,
    /// More is asked than was granted.
    #[error(transparent)]
    Narrow(#[from] NarrowError),
}

impl RefreshError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongFintech => "WrongFintech",
            Self::WrongGrant => "WrongGrant",
            Self::GrantNotActive => "GrantNotActive",
            Self::Idle => "Idle",
            Self::Narrow(error) => error.name(),
        }
    }

    /// What the fintech is told.
    ///
    /// fapi: X-AS-15, OA-3
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::Narrow(error) => error.to_oauth_error(),
            _ => OAuthError::InvalidGrant,
        }
    }
}

/// What a token request with a refresh token asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshTerms<'a> {
    /// `scope`, to narrow.
    pub scopes: Option<&'a Scopes>,
    /// `authorization_details`, to narrow (RFC 9396 section 6).
    pub details: Option<&'a AuthorizationDetails>,
    /// `resource`, to narrow (RFC 8707 section 2.2).
    pub resources: &'a [Resource],
}

impl Grant {
    /// Checks a refresh and returns the grant as it must replace the version read (its last use is noted, so that a
    /// concurrent revocation and this refresh cannot both succeed), with the terms of the new access key.
    ///
    /// The new access key may be bound to another key than the last one: the fintech authenticated (RFC 9449 section 5).
    ///
    /// fapi: SP-AS-9, OA-12, DP-10, BCP-8, X-AS-25
    ///
    /// # Errors
    /// The first [`RefreshError`] that applies.
    pub fn refresh(
        mut self,
        record: &RefreshRecord,
        fintech: &AuthenticatedFintech,
        asked: RefreshTerms<'_>,
        policy: &AccessKeyPolicy,
        now: UnixTime,
    ) -> Result<(Self, AccessTerms), RefreshError> {
        if record.client_id != *fintech.client_id() || self.client_id != record.client_id {
            return Err(RefreshError::WrongFintech);
        }
        if record.grant != self.id {
            return Err(RefreshError::WrongGrant);
        }
        if !self.is_active(now) {
            return Err(RefreshError::GrantNotActive);
        }
        if self.last_used.plus(policy.settings().refresh_idle) < now {
            return Err(RefreshError::Idle);
        }
        let terms = self.narrow(asked.scopes, asked.details, asked.resources)?;
        self.last_used = self.last_used.max(now);
        Ok((self, terms))
    }
}
