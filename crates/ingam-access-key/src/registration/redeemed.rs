use ingam_jose::CryptoProvider;
use ingam_protocol::{
    CodeVerifier, Nonce, OAuthError, RedirectUri, Resource, Sha256Text, details::AuthorizationDetails,
};
use ingam_wire::{Randomness, RandomnessUnavailable, UnixTime};

use super::CodeIssued;
use crate::{
    dpop::Proof,
    fintech::AuthenticatedFintech,
    grant::{AccessTerms, Grant, GrantStatus, NarrowError, RefreshRecord},
    pkce::{PkceError, check_verifier},
    secret::{OneTimeSecret, SecretKind},
};

/// What a fintech brings to redeem a code.
#[derive(Clone, Copy, Debug)]
pub struct Redeem<'a> {
    /// `redirect_uri`, as in the request.
    pub redirect_uri: &'a RedirectUri,
    /// `code_verifier`
    pub verifier: Option<&'a CodeVerifier>,
    /// The checked proof of the token request, if one came.
    pub proof: Option<&'a Proof>,
    /// `authorization_details`, to narrow the first access key.
    pub details: Option<&'a AuthorizationDetails>,
    /// `resource`, to narrow the first access key.
    pub resources: &'a [Resource],
}

/// Why a code was not redeemed, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedeemError {
    /// The code was issued to another fintech.
    #[error("the code is another client's")]
    WrongFintech,
    /// The code was redeemed before.
    #[error("the code was used before")]
    Reused,
    /// The code is past its end.
    #[error("the code has expired")]
    Expired,
    /// The grant is another's, or no longer waiting for its code.
    #[error("the grant is not waiting for this code")]
    GrantNotPending,
    /// The redirect URI is not the one of the request.
    #[error("redirect_uri is not the one of the request")]
    WrongRedirectUri,
    /// The verifier is missing or wrong.
    #[error(transparent)]
    Pkce(#[from] PkceError),
    /// The code is bound to another key than the proof's.
    #[error("the code is bound to another key")]
    JktMismatch,
    /// More is asked than was granted.
    #[error(transparent)]
    Narrow(#[from] NarrowError),
}

impl RedeemError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongFintech => "WrongFintech",
            Self::Reused => "Reused",
            Self::Expired => "Expired",
            Self::GrantNotPending => "GrantNotPending",
            Self::WrongRedirectUri => "WrongRedirectUri",
            Self::Pkce(error) => error.name(),
            Self::JktMismatch => "JktMismatch",
            Self::Narrow(error) => error.name(),
        }
    }

    /// Whether the code is in wrong hands: then revoke its grant, with all that was issued from it.
    ///
    /// fapi: OA-5, SP-AZ-9
    #[must_use]
    pub const fn is_misuse(&self) -> bool {
        matches!(self, Self::WrongFintech | Self::Reused | Self::WrongRedirectUri)
    }

    /// What the fintech is told.
    ///
    /// fapi: X-AS-14, X-AS-15, PK-5, OA-3
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::Narrow(error) => error.to_oauth_error(),
            _ => OAuthError::InvalidGrant,
        }
    }
}

/// A④ done: the code was redeemed by the right fintech in time. Issue the access key from this.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(grant: Grant, code: CodeIssued, terms: AccessTerms) -> Redeemed {
/// Redeemed { grant, code, terms }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(redeemed: Redeemed) -> Grant {
/// redeemed.grant().clone()
/// # }
/// ```
#[derive(Debug)]
pub struct Redeemed {
    grant: Grant,
    code: CodeIssued,
    terms: AccessTerms,
}

impl CodeIssued {
    /// Redeems the code for `fintech`; `grant` is the one it names.
    ///
    /// Commit the returned code and grant as replacements of exactly the versions read: of two concurrent redemptions
    /// one is refused by the store, and counts as [`RedeemError::Reused`].
    ///
    /// fapi: SP-AS-11, SP-AS-12, SP-AZ-9, OA-5, OA-6, PK-5, DP-17, X-AS-15
    /// x1149: 3.1.16.6
    ///
    /// # Errors
    /// The first [`RedeemError`] that applies.
    pub fn redeem(
        mut self,
        mut grant: Grant,
        fintech: &AuthenticatedFintech,
        redeem: Redeem<'_>,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Redeemed, RedeemError> {
        if self.client_id != *fintech.client_id() {
            return Err(RedeemError::WrongFintech);
        }
        if self.redeemed.is_some() {
            return Err(RedeemError::Reused);
        }
        if self.expires <= now {
            return Err(RedeemError::Expired);
        }
        if grant.id != self.grant || grant.status != GrantStatus::Pending {
            return Err(RedeemError::GrantNotPending);
        }
        if self.redirect_uri != *redeem.redirect_uri {
            return Err(RedeemError::WrongRedirectUri);
        }
        check_verifier(&self.challenge, redeem.verifier, provider)?;
        let shown = redeem.proof.map(|proof| Sha256Text::from_bytes(*proof.jkt().as_bytes()));
        if self.binds_to.is_some() && self.binds_to != shown {
            return Err(RedeemError::JktMismatch);
        }
        let terms = grant.narrow(None, redeem.details, redeem.resources)?;
        grant.status = GrantStatus::Active;
        grant.last_used = now;
        self.redeemed = Some(now);
        Ok(Redeemed { grant, code: self, terms })
    }
}

impl Redeemed {
    /// The grant, active now: put it in the place of the version that was read.
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// The code, used now: put it in the place of the version that was read.
    #[must_use]
    pub const fn code(&self) -> &CodeIssued {
        &self.code
    }

    /// The terms of the first access key.
    #[must_use]
    pub const fn terms(&self) -> &AccessTerms {
        &self.terms
    }

    /// Whether an ID token goes with the access key (scope `openid` was granted).
    ///
    /// fapi: OI-1, X-AS-23
    #[must_use]
    pub const fn wants_id_token(&self) -> bool {
        self.code.id_token
    }

    /// The `nonce` to put into it.
    #[must_use]
    pub const fn nonce(&self) -> Option<&Nonce> {
        self.code.nonce.as_ref()
    }

    /// The refresh token of the grant; insert its record under the row key of the secret, until the grant's end.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn refresh_token(
        &self,
        now: UnixTime,
        randomness: &dyn Randomness,
    ) -> Result<(OneTimeSecret, RefreshRecord), RandomnessUnavailable> {
        let token = OneTimeSecret::make(SecretKind::Refresh, now, randomness)?;
        let grant = self.grant.id.clone();
        Ok((token, RefreshRecord { grant, client_id: self.grant.client_id.clone(), issued: now }))
    }
}
