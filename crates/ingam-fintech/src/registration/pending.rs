use ingam_keys::{Record, RecordSealer};
use ingam_ports::{RowKey, Table};
use ingam_protocol::{
    CodeVerifier, InvalidParameter, Issuer, Nonce, RedirectUri, Resource, ResponseMode, Scopes, State,
    details::AuthorizationDetails,
};
use ingam_wire::{Seconds, UnixTime};

use super::{LocalUser, Wanted};
use crate::sealed_text::SealedText;

/// A flow whose user agent is at the operator; [`Pending::complete`] leaves this state with the callback.
#[derive(Debug)]
#[must_use = "keep it until the user agent comes back"]
pub struct Pending {
    pub(super) issuer: Issuer,
    pub(super) user: LocalUser,
    pub(super) wanted: Wanted,
    pub(super) state: State,
    pub(super) nonce: Option<Nonce>,
    pub(super) verifier: CodeVerifier,
    pub(super) cookie_hash: [u8; 32],
    pub(super) redirect_uri: RedirectUri,
    pub(super) response_mode: ResponseMode,
    pub(super) expires: UnixTime,
}

impl Pending {
    /// The operator that was asked, remembered for this flow (RFC 9700 section 4.4.2).
    ///
    /// fapi: BCP-4
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The state under which it is kept.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// When it is given up.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }
}

/// [`Pending`] as it is sealed into the store.
#[derive(serde::Deserialize, serde::Serialize)]
pub(crate) struct PendingRecord {
    issuer: Issuer,
    user: LocalUser,
    scope: Option<Scopes>,
    authorization_details: Option<AuthorizationDetails>,
    resources: Vec<Resource>,
    max_age: Option<Seconds>,
    state: State,
    nonce: Option<Nonce>,
    verifier: SealedText,
    cookie_hash: [u8; 32],
    redirect_uri: RedirectUri,
    response_mode: ResponseMode,
    expires: UnixTime,
}

impl Record for PendingRecord {
    const TABLE: Table = Table::Pending;
}

impl PendingRecord {
    /// Where the flow of a state is kept: found by whoever has the state, on whatever node.
    pub(crate) fn key(sealer: &RecordSealer, state: &State) -> Option<RowKey> {
        RowKey::new(&sealer.hash("pending-state", state.as_str().as_bytes()))
    }
}

impl From<&Pending> for PendingRecord {
    fn from(pending: &Pending) -> Self {
        Self {
            issuer: pending.issuer.clone(),
            user: pending.user.clone(),
            scope: pending.wanted.scope.clone(),
            authorization_details: pending.wanted.authorization_details.clone(),
            resources: pending.wanted.resources.clone(),
            max_age: pending.wanted.max_age,
            state: pending.state.clone(),
            nonce: pending.nonce.clone(),
            verifier: SealedText::new(pending.verifier.expose()),
            cookie_hash: pending.cookie_hash,
            redirect_uri: pending.redirect_uri.clone(),
            response_mode: pending.response_mode,
            expires: pending.expires,
        }
    }
}

impl TryFrom<PendingRecord> for Pending {
    type Error = InvalidParameter;

    fn try_from(record: PendingRecord) -> Result<Self, InvalidParameter> {
        Ok(Self {
            issuer: record.issuer,
            user: record.user,
            wanted: Wanted {
                scope: record.scope,
                authorization_details: record.authorization_details,
                resources: record.resources,
                max_age: record.max_age,
                ..Wanted::default()
            },
            state: record.state,
            nonce: record.nonce,
            verifier: record.verifier.expose().parse()?,
            cookie_hash: record.cookie_hash,
            redirect_uri: record.redirect_uri,
            response_mode: record.response_mode,
            expires: record.expires,
        })
    }
}
