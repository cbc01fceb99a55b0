use ingam_access_key::{JarmError, JarmKind, check_jarm};
use ingam_jose::{CryptoProvider, jwt::Presented};
use ingam_protocol::{AuthorizationResponse, Callback, CallbackError, ErrorCode, ErrorText, ResponseMode, State};
use ingam_wire::{UnixTime, same_bytes};

use super::{Pending, Redeem, redeem::Redeemable};
use crate::{
    membership::{LEEWAY, Membership},
    operator::Operator,
};

/// Why a callback was refused, in the order of the checks; nothing is then asked of the operator.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CompleteError {
    /// The callback is malformed.
    #[error(transparent)]
    Callback(#[from] CallbackError),
    /// No state, or one of no flow that is waiting here: unsolicited, changed, used or too old.
    #[error("no flow waits for this callback")]
    UnknownState,
    /// The user agent is not the one that began.
    #[error("the user agent did not begin this flow")]
    WrongUserAgent,
    /// The flow waited too long.
    #[error("the flow is over")]
    TooLate,
    /// A plain answer where a signed one was asked, or the other way round.
    #[error("the answer has not the form that was asked")]
    WrongForm,
    /// The signed answer is not the operator's, not for us, or not now.
    #[error(transparent)]
    Jarm(#[from] JarmError),
    /// `iss` is not the operator that was asked (RFC 9207 section 2.4).
    #[error("another operator answers")]
    WrongIssuer,
    /// `state` is not the flow's.
    #[error("the state is not the flow's")]
    WrongState,
    /// The user or the operator said no.
    #[error("refused: {error}")]
    Refused {
        /// The code.
        error: ErrorCode,
        /// Its words.
        description: Option<ErrorText>,
    },
}

impl CompleteError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Callback(reason) => reason.name(),
            Self::UnknownState => "UnknownState",
            Self::WrongUserAgent => "WrongUserAgent",
            Self::TooLate => "TooLate",
            Self::WrongForm => "WrongForm",
            Self::Jarm(reason) => reason.name(),
            Self::WrongIssuer => "WrongIssuer",
            Self::WrongState => "WrongState",
            Self::Refused { .. } => "Refused",
        }
    }
}

/// The state that a callback claims, to find the flow with and for nothing else.
///
/// # Errors
/// `UnknownState` when it claims none.
pub fn claimed_state(callback: &Callback) -> Result<State, CompleteError> {
    match callback {
        Callback::Plain(response) => response.state().cloned().ok_or(CompleteError::UnknownState),
        Callback::Signed { response, .. } => {
            #[derive(serde::Deserialize)]
            struct Lookup {
                state: State,
            }
            let presented = Presented::<JarmKind>::parse(response).map_err(JarmError::Token)?;
            let claimed = presented.claimed::<Lookup>().map_err(|_| CompleteError::UnknownState)?;
            Ok(claimed.for_lookup().state.clone())
        }
    }
}

impl Pending {
    /// Whether `cookie` is the one that was set when the flow began.
    ///
    /// fapi: BCP-3, AM-G3
    #[must_use]
    pub fn began_in(&self, cookie: &str, provider: &dyn CryptoProvider) -> bool {
        same_bytes(&provider.sha256(&[cookie.as_bytes()]), &self.cookie_hash)
    }

    /// Checks the callback: same user agent, in time, in the form that was asked, from the operator that was asked, to
    /// this flow. Only then is its code worth presenting, once, at that operator.
    ///
    /// fapi: SP-C-18, SP-K-12, IS-3, IS-4, BCP-3, BCP-4, JM-5, MS-14, X-C-15, X-C-16, X-C-19
    ///
    /// # Errors
    /// The first [`CompleteError`] that applies.
    pub fn complete(
        self,
        callback: Callback,
        cookie: Option<&str>,
        membership: &Membership,
        operator: &Operator,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Redeem, CompleteError> {
        if !cookie.is_some_and(|cookie| self.began_in(cookie, provider)) {
            return Err(CompleteError::WrongUserAgent);
        }
        if now >= self.expires {
            return Err(CompleteError::TooLate);
        }
        let response = match (callback, self.response_mode) {
            (Callback::Plain(response), ResponseMode::Query) => response,
            (Callback::Signed { response, iss }, ResponseMode::Jwt) => {
                if iss.is_some_and(|iss| iss != self.issuer) {
                    return Err(CompleteError::WrongIssuer);
                }
                let policy = &membership.policy();
                check_jarm(&response, &self.issuer, &membership.client_id, operator.keys(), policy, LEEWAY, now)?
            }
            _ => return Err(CompleteError::WrongForm),
        };
        if *response.iss() != self.issuer || *operator.issuer() != self.issuer {
            return Err(CompleteError::WrongIssuer);
        }
        if response.state() != Some(&self.state) {
            return Err(CompleteError::WrongState);
        }
        match response {
            AuthorizationResponse::Granted { code, .. } => Ok(Redeem::new(Redeemable {
                code,
                verifier: self.verifier,
                redirect_uri: self.redirect_uri,
                user: self.user,
                wanted: self.wanted,
                nonce: self.nonce,
            })),
            AuthorizationResponse::Refused { error, description, .. } => {
                Err(CompleteError::Refused { error, description })
            }
        }
    }
}
