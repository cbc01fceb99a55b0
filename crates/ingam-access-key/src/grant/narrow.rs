use ingam_protocol::{
    OAuthError, Resource, Scopes,
    details::{AuthorizationDetail, AuthorizationDetails},
};

use super::Grant;
use crate::policy::RiskClass;

/// What one access key is to cover: the grant or less, never more. Only [`Grant::narrow`] makes one.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(scopes: ingam_protocol::Scopes) -> AccessTerms {
/// AccessTerms { scopes, details: None, resources: Vec::new() }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(terms: AccessTerms) -> ingam_protocol::Scopes {
/// terms.scopes().clone()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccessTerms {
    scopes: Scopes,
    details: Option<AuthorizationDetails>,
    resources: Vec<Resource>,
}

/// Why a request for less than the grant was refused: it asks for more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NarrowError {
    /// A scope was not granted.
    #[error("the scope exceeds what was granted")]
    ScopeExceedsGrant,
    /// A detail was not granted as it stands.
    #[error("the authorization details exceed what was granted")]
    DetailsExceedGrant,
    /// A resource was not granted.
    #[error("the resource was not granted")]
    ResourceExceedsGrant,
    /// The access key would be for several resource servers, each of which could use it at the others (RFC 9068 section 5).
    #[error("an access key is for one resource server: name it")]
    AmbiguousResource,
}

impl NarrowError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ScopeExceedsGrant => "ScopeExceedsGrant",
            Self::DetailsExceedGrant => "DetailsExceedGrant",
            Self::ResourceExceedsGrant => "ResourceExceedsGrant",
            Self::AmbiguousResource => "AmbiguousResource",
        }
    }

    /// What the fintech is told.
    ///
    /// fapi: RI-2, OA-12
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::ScopeExceedsGrant => OAuthError::InvalidScope,
            Self::DetailsExceedGrant => OAuthError::InvalidAuthorizationDetails,
            Self::ResourceExceedsGrant | Self::AmbiguousResource => OAuthError::InvalidTarget,
        }
    }
}

impl Grant {
    /// The terms of an access key; what is not asked for stays as granted.
    ///
    /// fapi: SP-AS-14, OA-12, RAR-4, RAR-5, RI-3, AT-6, BCP-7, BCP-8
    ///
    /// # Errors
    /// The first [`NarrowError`] that applies: nothing ever widens.
    pub fn narrow(
        &self,
        scopes: Option<&Scopes>,
        details: Option<&AuthorizationDetails>,
        resources: &[Resource],
    ) -> Result<AccessTerms, NarrowError> {
        if scopes.is_some_and(|asked| !asked.is_subset(&self.scopes)) {
            return Err(NarrowError::ScopeExceedsGrant);
        }
        if let Some(asked) = details
            && !self.details.as_ref().is_some_and(|granted| asked.is_subset(granted))
        {
            return Err(NarrowError::DetailsExceedGrant);
        }
        if !resources.iter().all(|asked| self.resources.contains(asked)) {
            return Err(NarrowError::ResourceExceedsGrant);
        }
        let resources = if resources.is_empty() { self.resources.as_slice() } else { resources };
        if resources.len() > 1 {
            return Err(NarrowError::AmbiguousResource);
        }
        Ok(AccessTerms {
            scopes: scopes.unwrap_or(&self.scopes).clone(),
            details: details.or(self.details.as_ref()).cloned(),
            resources: resources.to_vec(),
        })
    }
}

impl AccessTerms {
    /// The scopes.
    #[must_use]
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// The details.
    #[must_use]
    pub const fn details(&self) -> Option<&AuthorizationDetails> {
        self.details.as_ref()
    }

    /// The resource servers; empty: the operator's default.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// How risky the access key is: high when it moves money by a one-off approval.
    ///
    /// x1149: 3.1.16.3
    #[must_use]
    pub fn risk(&self) -> RiskClass {
        let pays = |detail: &AuthorizationDetail| matches!(detail, AuthorizationDetail::PaymentInitiation(_));
        if self.details.as_ref().is_some_and(|details| details.iter().any(pays)) {
            RiskClass::High
        } else {
            RiskClass::Ordinary
        }
    }
}
