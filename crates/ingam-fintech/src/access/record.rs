use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, RowKey, Table};
use ingam_protocol::{GrantedDetails, InvalidParameter, Issuer, Scopes, TokenType, UserId};
use ingam_wire::UnixTime;

use super::{Access, AccessId};
use crate::{registration::LocalUser, sealed_text::SealedText};

/// [`Access`] as it is sealed into the store.
///
/// sr: access and refresh tokens are kept sealed, never in the clear
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct AccessRecord {
    issuer: Issuer,
    user: LocalUser,
    subject: Option<UserId>,
    token: SealedText,
    token_type: TokenType,
    ends: Option<UnixTime>,
    refresh: Option<SealedText>,
    scope: Option<Scopes>,
    details: Option<GrantedDetails>,
}

impl Record for AccessRecord {
    const TABLE: Table = Table::Tokens;
}

impl AccessRecord {
    /// Where an access key is kept.
    pub(crate) fn key(sealer: &RecordSealer, id: &AccessId) -> Option<RowKey> {
        RowKey::new(&sealer.hash("access-id", id.as_str().as_bytes()))
    }

    /// What a user's access keys are found by.
    pub(crate) fn of_user(sealer: &RecordSealer, user: &LocalUser) -> IndexValue {
        sealer.index("user", user.as_str().as_bytes())
    }
}

impl From<&Access> for AccessRecord {
    fn from(access: &Access) -> Self {
        Self {
            issuer: access.issuer.clone(),
            user: access.user.clone(),
            subject: access.subject.clone(),
            token: SealedText::new(access.token.expose()),
            token_type: access.token_type,
            ends: access.ends,
            refresh: access.refresh.as_ref().map(|token| SealedText::new(token.expose())),
            scope: access.scope.clone(),
            details: access.details.clone(),
        }
    }
}

impl TryFrom<AccessRecord> for Access {
    type Error = InvalidParameter;

    fn try_from(record: AccessRecord) -> Result<Self, InvalidParameter> {
        Ok(Self {
            issuer: record.issuer,
            user: record.user,
            subject: record.subject,
            token: record.token.expose().parse()?,
            token_type: record.token_type,
            ends: record.ends,
            refresh: record.refresh.map(|token| token.expose().parse()).transpose()?,
            scope: record.scope,
            details: record.details,
        })
    }
}
