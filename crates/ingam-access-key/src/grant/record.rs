use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, RowKey, Table};
use ingam_protocol::{AccountId, Acr, ClientId, GrantId, Resource, Scopes, UserId, details::AuthorizationDetails};
use ingam_wire::{Randomness, RandomnessUnavailable, UnixTime};
use serde::{Deserialize, Serialize};

use super::RevocationReason;

/// How and when the user was authenticated when the grant was made (RFC 9470 section 6).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AuthenticationContext {
    /// `acr`: how strongly.
    pub acr: Acr,
    /// `auth_time`: when.
    pub auth_time: UnixTime,
}

/// Whether access keys may still be issued from a grant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantStatus {
    /// The code was handed out and not redeemed yet.
    Pending,
    /// Access keys may be issued.
    Active,
    /// Over, for good.
    Revoked {
        /// Since when.
        at: UnixTime,
        /// Why.
        reason: RevocationReason,
    },
}

/// A user's consent as the operator keeps it: who, for which fintech, to what.
///
/// Made only by the registration flow (`Consented`); kept sealed in [`Table::Grants`]. Each change is a replacement of
/// exactly the version that was read, so a revocation cannot be undone by whoever read before it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Grant {
    pub(crate) id: GrantId,
    pub(crate) user: UserId,
    pub(crate) client_id: ClientId,
    pub(crate) scopes: Scopes,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) details: Option<AuthorizationDetails>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) authentication: AuthenticationContext,
    pub(crate) created: UnixTime,
    pub(crate) expires: UnixTime,
    pub(crate) last_used: UnixTime,
    pub(crate) status: GrantStatus,
    /// The operator's signing keys that signed access keys of this grant, for the day one of them leaks.
    pub(crate) signing_keys: Vec<String>,
}

impl Grant {
    /// A fresh grant id: time and 128 random bits in hexadecimal, so that ids sort by time.
    pub(crate) fn make_id(now: UnixTime, randomness: &dyn Randomness) -> Result<GrantId, RandomnessUnavailable> {
        let mut random = [0_u8; 16];
        randomness.fill(&mut random)?;
        let text = format!("{:016x}{:032x}", now.secs(), u128::from_be_bytes(random));
        text.parse().map_err(|_| RandomnessUnavailable)
    }

    /// Where the grant `id` is kept.
    #[must_use]
    pub fn row_key(id: &GrantId) -> Option<RowKey> {
        RowKey::new(id.as_str().as_bytes())
    }

    /// What it is found by: its user, its fintech, the keys that signed its access keys.
    #[must_use]
    pub fn index(&self, sealer: &RecordSealer) -> Vec<IndexValue> {
        let mut index = vec![Self::index_of_user(&self.user, sealer), Self::index_of_fintech(&self.client_id, sealer)];
        index.extend(self.signing_keys.iter().map(|key| Self::index_of_signing_key(key, sealer)));
        index
    }

    /// Finds the grants of a user.
    #[must_use]
    pub fn index_of_user(user: &UserId, sealer: &RecordSealer) -> IndexValue {
        sealer.index("grant by user", user.as_str().as_bytes())
    }

    /// Finds the grants for a fintech.
    #[must_use]
    pub fn index_of_fintech(client_id: &ClientId, sealer: &RecordSealer) -> IndexValue {
        sealer.index("grant by fintech", client_id.as_str().as_bytes())
    }

    /// Finds the grants whose access keys this key signed.
    #[must_use]
    pub fn index_of_signing_key(key_id: &str, sealer: &RecordSealer) -> IndexValue {
        sealer.index("grant by signing key", key_id.as_bytes())
    }

    /// Its id; not a secret.
    #[must_use]
    pub const fn id(&self) -> &GrantId {
        &self.id
    }

    /// Who consented.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// For which fintech.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The scopes consented to.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The accounts that the user opened to the fintech.
    #[must_use]
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// The details consented to.
    #[must_use]
    pub const fn details(&self) -> Option<&AuthorizationDetails> {
        self.details.as_ref()
    }

    /// The resource servers consented to; empty: the operator's default.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// How and when the user was authenticated.
    #[must_use]
    pub const fn authentication(&self) -> &AuthenticationContext {
        &self.authentication
    }

    /// When the user consented.
    #[must_use]
    pub const fn created(&self) -> UnixTime {
        self.created
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> GrantStatus {
        self.status
    }

    /// Whether access keys of it count at `now`.
    ///
    /// fapi: SP-RS-3
    #[must_use]
    pub fn is_active(&self, now: UnixTime) -> bool {
        self.status == GrantStatus::Active && now < self.expires
    }

    /// Notes that `key_id` signs an access key of it.
    #[must_use]
    pub fn signed_with(mut self, key_id: &str) -> Self {
        if !self.signing_keys.iter().any(|known| known == key_id) {
            self.signing_keys.push(key_id.to_owned());
        }
        self
    }
}

impl Record for Grant {
    const TABLE: Table = Table::Grants;
}
