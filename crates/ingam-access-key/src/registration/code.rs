use ingam_keys::{Record, RecordSealer};
use ingam_ports::{IndexValue, Table};
use ingam_protocol::{
    AuthorizationResponse, ClientId, CodeChallenge, GrantId, InvalidParameter, Issuer, KnownScope, Nonce, RedirectUri,
    ResponseMode, Sha256Text, State,
};
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use super::Consented;
use crate::{
    grant::{Grant, GrantStatus},
    policy::AccessKeyPolicy,
    secret::{OneTimeSecret, SecretKind},
};

/// A④ begun: what is kept of a code, under the hash of the code.
///
/// Its row stays for a day after the redemption, so that a second presentation is noticed and the grant revoked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CodeIssued {
    pub(super) client_id: ClientId,
    pub(super) redirect_uri: RedirectUri,
    pub(super) challenge: CodeChallenge,
    pub(super) binds_to: Option<Sha256Text>,
    pub(super) grant: GrantId,
    pub(super) nonce: Option<Nonce>,
    pub(super) id_token: bool,
    pub(super) expires: UnixTime,
    pub(super) redeemed: Option<UnixTime>,
}

/// A code as it is handed out, with everything to be committed at once.
#[derive(Debug)]
pub struct IssuedCode {
    /// The code.
    pub code: OneTimeSecret,
    /// Its record: insert it under [`OneTimeSecret::row_key`] of the code until [`CodeIssued::keep_until`].
    pub record: CodeIssued,
    /// The grant, pending until the code is redeemed: insert it under [`Grant::row_key`].
    pub grant: Grant,
    /// Where the user agent goes back to.
    pub redirect_uri: RedirectUri,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// What goes back unchanged.
    pub state: Option<State>,
}

impl IssuedCode {
    /// The answer with `code`, `state` as it was pushed, and `iss`.
    ///
    /// fapi: SP-AZ-7, IS-1, OA-7, X-AS-3, X-AS-22
    ///
    /// # Errors
    /// [`InvalidParameter`] never in practice: our codes are codes.
    pub fn response(&self, operator: &Issuer) -> Result<AuthorizationResponse, InvalidParameter> {
        let code = self.code.expose().parse()?;
        Ok(AuthorizationResponse::Granted { code, state: self.state.clone(), iss: operator.clone() })
    }
}

impl Consented {
    /// Makes the code. Commit in one: take the pushed request's row (so it completes once), insert code and grant.
    ///
    /// fapi: SP-AS-11, SP-AS-12, SP-AZ-15, OA-5, BCP-9, DP-17
    /// x1149: 3.1.16.6, 3.1.16.8
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn issue_code(
        self,
        policy: &AccessKeyPolicy,
        now: UnixTime,
        randomness: &dyn Randomness,
    ) -> Result<IssuedCode, RandomnessUnavailable> {
        let code = OneTimeSecret::make(SecretKind::Code, now, randomness)?;
        let id = Grant::make_id(now, randomness)?;
        let Self { pushed, authentication, consent } = self;
        let request = pushed.request();
        let longest = now.plus(policy.settings().refresh_token);
        let grant = Grant {
            id: id.clone(),
            user: authentication.user().clone(),
            client_id: pushed.client_id().clone(),
            scopes: consent.scopes,
            accounts: consent.accounts,
            details: consent.details,
            resources: request.resources.clone(),
            authentication: authentication.context().ok_or(RandomnessUnavailable)?,
            created: now,
            expires: consent.until.map_or(longest, |until| until.min(longest)),
            last_used: now,
            status: GrantStatus::Pending,
            signing_keys: Vec::new(),
        };
        let record = CodeIssued {
            client_id: pushed.client_id().clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.code_challenge,
            binds_to: pushed.binds_to().copied(),
            grant: id,
            nonce: request.nonce.clone(),
            id_token: grant.scopes.contains(KnownScope::Openid),
            expires: now.plus(policy.settings().code),
            redeemed: None,
        };
        let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
        Ok(IssuedCode { code, record, grant, redirect_uri, response_mode: pushed.response_mode(), state })
    }
}

impl CodeIssued {
    /// The grant it will activate.
    #[must_use]
    pub const fn grant(&self) -> &GrantId {
        &self.grant
    }

    /// The fintech it was issued to.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// Whether it was redeemed.
    #[must_use]
    pub const fn is_redeemed(&self) -> bool {
        self.redeemed.is_some()
    }

    /// How long its row is kept.
    #[must_use]
    pub const fn keep_until(&self) -> UnixTime {
        self.expires.plus(REUSE_MEMORY)
    }

    /// Finds the code of a grant.
    #[must_use]
    pub fn index_of_grant(grant: &GrantId, sealer: &RecordSealer) -> IndexValue {
        sealer.index("code by grant", grant.as_str().as_bytes())
    }
}

impl Record for CodeIssued {
    const TABLE: Table = Table::Codes;
}

/// How long a code is remembered after its end, to notice reuse.
const REUSE_MEMORY: Seconds = Seconds::new(86_400);
