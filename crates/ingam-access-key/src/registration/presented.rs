use ingam_keys::Record;
use ingam_ports::Table;
use ingam_protocol::OAuthError;
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Authenticated, AuthenticationRequirement, AuthenticationTooWeak, PushedRequest, UserAuthentication};
use crate::fintech::RegisteredFintech;

/// A③ begun: the request is shown to a user.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(pushed: PushedRequest) -> PresentedToUser {
/// PresentedToUser { pushed }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn open(pushed: PushedRequest, fintech: &RegisteredFintech, now: ingam_wire::UnixTime) -> Result<PresentedToUser, OpenError> {
/// pushed.present(fintech, now)
/// # }
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PresentedToUser {
    pushed: PushedRequest,
}

/// Why a `request_uri` was not opened, in the order of the checks; on the wire all are `invalid_request_uri`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// Another fintech pushed it.
    #[error("the request was pushed by another client")]
    WrongFintech,
    /// It is too old.
    #[error("the request has expired")]
    Expired,
    /// The fintech may not act any more.
    #[error("the client is not active")]
    NotActive,
}

impl OpenError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongFintech => "WrongFintech",
            Self::Expired => "Expired",
            Self::NotActive => "NotActive",
        }
    }

    /// What the user agent is told.
    ///
    /// fapi: PA-6, PA-7, X-AS-19
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        OAuthError::InvalidRequestUri
    }
}

impl PushedRequest {
    /// Opens the request for the fintech named by `client_id` beside the `request_uri`.
    ///
    /// Opening takes nothing: a reload opens it again. Only the completion takes its row.
    ///
    /// fapi: SP-AZ-15, PA-4, PA-6, PA-7, PA-8, OA-9, X-AS-19
    ///
    /// # Errors
    /// The first [`OpenError`] that applies.
    pub fn present(self, fintech: &RegisteredFintech, now: UnixTime) -> Result<PresentedToUser, OpenError> {
        if self.client_id() != fintech.client_id() {
            return Err(OpenError::WrongFintech);
        }
        if self.expires() <= now {
            return Err(OpenError::Expired);
        }
        if !fintech.entry().status.may_act() {
            return Err(OpenError::NotActive);
        }
        Ok(PresentedToUser { pushed: self })
    }
}

impl PresentedToUser {
    /// What was pushed.
    #[must_use]
    pub const fn pushed(&self) -> &PushedRequest {
        &self.pushed
    }

    /// What the authentication must be: `least` of the bank, and what the request adds by `max_age`.
    ///
    /// fapi: SU-2
    #[must_use]
    pub fn requirement(&self, least: AuthenticationRequirement) -> AuthenticationRequirement {
        let asked = self.pushed.request().max_age;
        let max_age = match (least.max_age, asked) {
            (Some(least), Some(asked)) => Some(least.min(asked)),
            (least, asked) => least.or(asked),
        };
        AuthenticationRequirement { max_age, ..least }
    }

    /// The user was authenticated, strongly enough for the bank and for the request.
    ///
    /// fapi: SU-2, SU-4
    /// x1149: 3.1.16.1, 3.1.16.6
    ///
    /// # Errors
    /// [`AuthenticationTooWeak`]; ask the user for more.
    pub fn authenticated(
        self,
        authentication: UserAuthentication,
        least: AuthenticationRequirement,
        now: UnixTime,
    ) -> Result<Authenticated, AuthenticationTooWeak> {
        authentication.require(&self.requirement(least), now)?;
        if !authentication.reaches(&self.pushed.request().acr_values) {
            return Err(AuthenticationTooWeak::AcrNotReached);
        }
        Ok(Authenticated::new(self.pushed, authentication))
    }
}

impl Record for PresentedToUser {
    const TABLE: Table = Table::Sessions;
}
