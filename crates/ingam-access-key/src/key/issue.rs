use std::sync::Arc;

use ingam_jose::{
    CryptoProvider, SignError, Signer,
    jwt::{self, AudienceClaim},
};
use ingam_protocol::{Issuer, OAuthError, Resource, TokenType};
use ingam_wire::{RandomnessUnavailable, Seconds, SecretText, UnixTime, base64url};

use super::{AccessKeyClaims, AccessKeyKind, OpaqueAccessKey};
use crate::{
    binding::SenderConstraint,
    grant::{AccessTerms, Grant},
    policy::{AccessKeyFormat, AccessKeyPolicy},
    secret::{OneTimeSecret, SecretKind},
};

/// Issues access keys of one operator.
#[derive(Clone, Debug)]
pub struct AccessKeyIssuer {
    operator: Issuer,
    default_resource: Resource,
    policy: Arc<AccessKeyPolicy>,
    provider: Arc<dyn CryptoProvider>,
}

/// An access key as it is handed out.
#[derive(Debug)]
pub struct IssuedAccessKey {
    /// The access key itself.
    pub token: SecretText,
    /// `token_type`: `DPoP` or `Bearer` (certificate-bound).
    pub token_type: TokenType,
    /// `expires_in`, in seconds.
    pub expires_in: Seconds,
    /// What it says.
    pub claims: AccessKeyClaims,
    /// For an opaque key: the record to insert, under [`OneTimeSecret::row_key`] of the token.
    pub opaque: Option<OpaqueAccessKey>,
    /// The key that signed it, by `kid`; `None` for an opaque one.
    pub key_id: Option<String>,
}

/// Why no access key was issued, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueError {
    /// The grant is over or not begun.
    #[error("the grant is not active")]
    GrantNotActive,
    /// The user's identifier is the fintech's: a resource server could take one for the other (RFC 9700 section 4.15).
    #[error("the user cannot be told from the fintech")]
    SubjectIsClient,
    /// The signing key's algorithm is not permitted.
    #[error("the signing key's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The signing key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl IssueError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GrantNotActive => "GrantNotActive",
            Self::SubjectIsClient => "SubjectIsClient",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::Randomness(_) => "Randomness",
            Self::Sign(_) => "Sign",
        }
    }

    /// What the fintech is told.
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::GrantNotActive => OAuthError::InvalidGrant,
            Self::Randomness(_) | Self::Sign(_) => OAuthError::TemporarilyUnavailable,
            Self::SubjectIsClient | Self::AlgorithmNotAllowed => OAuthError::ServerError,
        }
    }
}

impl AccessKeyIssuer {
    /// An issuer for `operator`; access keys of grants that name no resource are for `default_resource`.
    #[must_use]
    pub const fn new(
        operator: Issuer,
        default_resource: Resource,
        policy: Arc<AccessKeyPolicy>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Self {
        Self { operator, default_resource, policy, provider }
    }

    /// Issues an access key from `grant` on `terms` to the holder that `constraint` proves.
    ///
    /// Without a [`SenderConstraint`] there is no call, so no unbound access key exists.
    ///
    /// fapi: SP-AS-4, SP-K-4, SP-K-13, AT-2, AT-3, RI-3, BCP-7, BCP-14, DP-9, MT-5, SU-3
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// The first [`IssueError`] that applies.
    pub async fn issue(
        &self,
        grant: &Grant,
        terms: &AccessTerms,
        constraint: SenderConstraint,
        signer: &dyn Signer,
        now: UnixTime,
    ) -> Result<IssuedAccessKey, IssueError> {
        if !grant.is_active(now) {
            return Err(IssueError::GrantNotActive);
        }
        if grant.user().as_str() == grant.client_id().as_str() {
            return Err(IssueError::SubjectIsClient);
        }
        let claims = self.claims(grant, terms, constraint, now)?;
        let expires_in = Seconds::new(u64::try_from(claims.exp.secs().saturating_sub(now.secs())).unwrap_or_default());
        let token_type = claims.cnf.token_type();
        match self.policy.settings().format {
            AccessKeyFormat::Jwt => {
                if !self.policy.admits(signer.verifying_key().algorithm()) {
                    return Err(IssueError::AlgorithmNotAllowed);
                }
                let token = SecretText::new(jwt::sign::<AccessKeyKind>(&claims, signer).await?);
                let key_id = Some(signer.key_id().as_str().to_owned());
                Ok(IssuedAccessKey { token, token_type, expires_in, claims, opaque: None, key_id })
            }
            AccessKeyFormat::Opaque => {
                let token = OneTimeSecret::make(SecretKind::OpaqueAccessKey, now, self.provider.randomness())?;
                let opaque = Some(OpaqueAccessKey::of(claims.clone()));
                Ok(IssuedAccessKey { token: token.into_text(), token_type, expires_in, claims, opaque, key_id: None })
            }
        }
    }

    fn claims(
        &self,
        grant: &Grant,
        terms: &AccessTerms,
        constraint: SenderConstraint,
        now: UnixTime,
    ) -> Result<AccessKeyClaims, IssueError> {
        let lifetime = self.policy.access_key_lifetime(terms.risk());
        let mut random = [0_u8; 16];
        self.provider.randomness().fill(&mut random)?;
        let jti = [&now.secs().to_be_bytes()[..], &random].concat();
        let resource = terms.resources().first().unwrap_or(&self.default_resource);
        let aud = AudienceClaim::One(resource.as_str().to_owned());
        Ok(AccessKeyClaims {
            iss: self.operator.clone(),
            aud,
            sub: grant.user().clone(),
            client_id: grant.client_id().clone(),
            iat: now,
            exp: now.plus(lifetime).min(grant.expires()),
            jti: base64url::encode(jti),
            scope: (!terms.scopes().is_empty()).then(|| terms.scopes().clone()),
            authorization_details: terms.details().cloned(),
            accounts: grant.accounts().to_vec(),
            cnf: constraint.confirmation(),
            acr: Some(grant.authentication().acr.clone()),
            auth_time: Some(grant.authentication().auth_time),
            grant_id: Some(grant.id().clone()),
        })
    }
}
