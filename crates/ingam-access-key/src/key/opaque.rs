use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, Table};
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
