use ingam_protocol::{
    AccountId, Scopes,
    details::{AuthorizationDetail, AuthorizationDetails},
};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use super::{PushedRequest, UserAuthentication};

/// What the user agreed to on the operator's pages.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consent {
    /// The scopes, of those asked for.
    pub scopes: Scopes,
    /// The accounts that the user opened to the fintech; none: only what concerns no account.
    pub accounts: Vec<AccountId>,
    /// The details, of the types asked for: narrowed, or filled with the accounts that the user picked (RFC 9396 section 7).
    pub details: Option<AuthorizationDetails>,
    /// When it ends; `None`: as the policy says.
    pub until: Option<UnixTime>,
}

/// Why a consent was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConsentError {
    /// A scope was not asked for.
    #[error("a scope was not asked for")]
    ScopeNotAsked,
    /// A detail is of a type that was not asked for, or there are more than were asked for.
    #[error("authorization details were not asked for")]
    DetailsNotAsked,
    /// Nothing is left.
    #[error("nothing was granted")]
    NothingGranted,
}

impl ConsentError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ScopeNotAsked => "ScopeNotAsked",
            Self::DetailsNotAsked => "DetailsNotAsked",
            Self::NothingGranted => "NothingGranted",
        }
    }
}

impl Consent {
    /// Agreement to everything that was asked, no account opened.
    #[must_use]
    pub fn to_all(pushed: &PushedRequest) -> Self {
        Self { scopes: pushed.scopes(), accounts: Vec::new(), details: pushed.details().cloned(), until: None }
    }

    pub(super) fn within(&self, pushed: &PushedRequest) -> Result<(), ConsentError> {
        if !self.scopes.is_subset(&pushed.scopes()) {
            return Err(ConsentError::ScopeNotAsked);
        }
        if let Some(granted) = &self.details {
            let asked: Vec<&AuthorizationDetail> = pushed.details().into_iter().flat_map(|d| d.iter()).collect();
            let count = |kind: &str, details: &[&AuthorizationDetail]| {
                details.iter().filter(|detail| detail.kind() == kind).count()
            };
            let granted: Vec<&AuthorizationDetail> = granted.iter().collect();
            if granted.iter().any(|detail| count(detail.kind(), &granted) > count(detail.kind(), &asked)) {
                return Err(ConsentError::DetailsNotAsked);
            }
        }
        if self.scopes.is_empty() && self.details.is_none() {
            return Err(ConsentError::NothingGranted);
        }
        Ok(())
    }
}

/// A③ done: the user is known and agreed.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(pushed: PushedRequest, authentication: UserAuthentication, consent: Consent) -> Consented {
/// Consented { pushed, authentication, consent }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn consent(state: Authenticated, consent: Consent) -> Result<Consented, ConsentError> {
/// state.consented(consent)
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Consented {
    pub(super) pushed: PushedRequest,
    pub(super) authentication: UserAuthentication,
    pub(super) consent: Consent,
}

impl Consented {
    pub(super) const fn new(pushed: PushedRequest, authentication: UserAuthentication, consent: Consent) -> Self {
        Self { pushed, authentication, consent }
    }

    /// What was pushed.
    #[must_use]
    pub const fn pushed(&self) -> &PushedRequest {
        &self.pushed
    }

    /// What the user agreed to.
    #[must_use]
    pub const fn consent(&self) -> &Consent {
        &self.consent
    }
}
