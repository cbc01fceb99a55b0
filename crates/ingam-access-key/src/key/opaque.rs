use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, RowKey, Table};
use ingam_protocol::GrantId;
use serde::{Deserialize, Serialize};

use super::AccessKeyClaims;

/// What is kept of an access key that is no JWT, under the hash of the key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OpaqueAccessKey {
    claims: AccessKeyClaims,
}

impl OpaqueAccessKey {
    pub(super) const fn of(claims: AccessKeyClaims) -> Self {
        Self { claims }
    }

    /// What the access key says.
    #[must_use]
    pub const fn claims(&self) -> &AccessKeyClaims {
        &self.claims
    }

    /// Finds the opaque access keys of a grant.
    #[must_use]
    pub fn index_of_grant(grant: &GrantId, sealer: &RecordSealer) -> IndexValue {
        sealer.index("access key by grant", grant.as_str().as_bytes())
    }
}

impl Record for OpaqueAccessKey {
    const TABLE: Table = Table::AccessKeys;
}

/// That an access key which is a JWT was issued: its row is there once, so the same `jti` for two users is noticed.
///
/// x1149: 3.1.16.10
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct IssuedId {
    grant: GrantId,
}

impl IssuedId {
    /// The record of an access key that is issued from `grant`.
    #[must_use]
    pub fn of(grant: &GrantId) -> Self {
        Self { grant: grant.clone() }
    }

    /// The grant it was issued from.
    #[must_use]
    pub const fn grant(&self) -> &GrantId {
        &self.grant
    }

    /// Where it is kept. A `jti` starts with its time, so two that are the same are kept at the same place.
    #[must_use]
    pub fn row_key(claims: &AccessKeyClaims, sealer: &RecordSealer) -> RowKey {
        RowKey::timed(claims.iat, &sealer.hash("access key id", claims.jti.as_bytes()))
    }
}

impl Record for IssuedId {
    const TABLE: Table = Table::AccessKeys;
}
