use ingam_jose::CryptoProvider;
use ingam_ports::Revoked;
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Grant, GrantStatus};

/// Why a grant ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// The user withdrew the consent.
    User,
    /// The fintech gave it back (RFC 7009).
    Fintech,
    /// The operator ended it.
    Operator,
    /// Its code was presented twice, or by somebody else (RFC 6749 section 4.1.2).
    CodeMisused,
    /// The fintech was terminated.
    FintechTerminated,
    /// The key that signed its access keys leaked.
    SigningKeyLost,
    /// The same access key turned up for two users (duplicate alarm).
    Duplicate,
}

/// The grant cannot be revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the grant was revoked before")]
pub struct RevokeError;

impl RevokeError {
    /// The error's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        "AlreadyRevoked"
    }
}

impl Grant {
    /// The grant, over. Put it in the place of exactly the version that was read: then whoever still holds the earlier
    /// version can issue nothing from it, since issuing replaces that version too.
    ///
    /// With the grant fall its refresh tokens (they point to it) and its access keys (append [`Grant::revoked`] to the
    /// change log in the same commit).
    ///
    /// fapi: RV-3, OA-5
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// [`RevokeError`] when it was revoked before; the first reason stays.
    pub fn revoke(mut self, reason: RevocationReason, now: UnixTime) -> Result<Self, RevokeError> {
        if let GrantStatus::Revoked { .. } = self.status {
            return Err(RevokeError);
        }
        self.status = GrantStatus::Revoked { at: now, reason };
        Ok(self)
    }

    /// The entry for the change log, by which every node drops what it remembers of this grant.
    #[must_use]
    pub fn revoked(&self, provider: &dyn CryptoProvider) -> Revoked {
        Revoked::Grant(provider.sha256(&[self.id.as_str().as_bytes()]))
    }
}
