use std::sync::Arc;

use ingam_jose::{
    CryptoProvider, KeySet,
    jwt::{JwtError, Presented},
};
use ingam_ports::Changes;
use ingam_protocol::{AccountId, ClientId, GrantId, Issuer, Resource, Scopes, UserId, details::AuthorizationDetails};
use ingam_wire::{Seconds, UnixTime};
use serde::Deserialize;

use super::{AccessKeyClaims, AccessKeyKind, AccessRefused, OpaqueAccessKey, cache::VerifiedCache, holders::Holders};
use crate::{binding::Confirmation, introspection::IntrospectedAccess, limits, policy::AccessKeyPolicy};

/// An operator whose access keys are accepted here.
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    /// Its identifier.
    pub issuer: Issuer,
    /// Its keys; another operator's key with the same `kid` never helps.
    pub keys: KeySet,
    /// Access keys issued before this time no longer count (after a restored backup, a lost key).
    pub not_before: Option<UnixTime>,
}

/// An access key whose issuer, audience and time were checked; not yet that its holder brings it.
///
/// Only a [`Verifier`] makes one.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(claims: std::sync::Arc<AccessKeyClaims>) -> VerifiedAccess {
/// VerifiedAccess { claims, sha256: [0; 32] }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(access: VerifiedAccess) -> ingam_protocol::UserId {
/// access.user().clone()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedAccess {
    claims: Arc<AccessKeyClaims>,
    sha256: [u8; 32],
}

impl VerifiedAccess {
    /// The user it acts for.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.claims.sub
    }

    /// The fintech it was issued to.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.claims.client_id
    }

    /// Whether it covers what is asked is decided from here; none when the access key has no scope.
    #[must_use]
    pub fn scopes(&self) -> Option<&Scopes> {
        self.claims.scope.as_ref()
    }

    /// The details it covers.
    #[must_use]
    pub fn details(&self) -> Option<&AuthorizationDetails> {
        self.claims.authorization_details.as_ref()
    }

    /// The accounts it opens.
    #[must_use]
    pub fn accounts(&self) -> &[AccountId] {
        &self.claims.accounts
    }

    /// The grant it was issued from.
    #[must_use]
    pub fn grant(&self) -> Option<&GrantId> {
        self.claims.grant_id.as_ref()
    }

    /// Everything it says.
    #[must_use]
    pub fn claims(&self) -> &AccessKeyClaims {
        &self.claims
    }

    /// To what it is bound.
    #[must_use]
    pub fn confirmation(&self) -> Confirmation {
        self.claims.cnf
    }

    /// SHA-256 of the access key as text: what `authorise` compares with the signed request.
    #[must_use]
    pub const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

/// Verifies access keys at a resource server: which operators, for whom, under which policy.
///
/// What was verified once is remembered until it expires; the memory belongs to this verifier, whose issuers, keys,
/// audience and policy never change, so nothing verified under one policy passes under another.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<TrustedIssuer>,
    audience: Resource,
    leeway: Seconds,
    pub(super) policy: Arc<AccessKeyPolicy>,
    pub(super) provider: Arc<dyn CryptoProvider>,
    cache: VerifiedCache,
    pub(super) holders: Holders,
}

impl Verifier {
    /// A verifier for the resource server `audience` that trusts `issuers`.
    ///
    /// `leeway` is how far the operators' clocks may be ahead of this server's; it makes no key's life longer.
    #[must_use]
    pub fn new(
        issuers: Vec<TrustedIssuer>,
        audience: Resource,
        leeway: Seconds,
        policy: Arc<AccessKeyPolicy>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Self {
        Self { issuers, audience, leeway, policy, provider, cache: VerifiedCache::new(), holders: Holders::new() }
    }

    /// The same verifier where `issuer` has `keys` now; it remembers nothing that the keys before verified.
    #[must_use]
    pub fn with_keys(&self, issuer: &Issuer, keys: &KeySet) -> Self {
        let renewed = |trusted: &TrustedIssuer| match trusted.issuer == *issuer {
            true => TrustedIssuer { keys: keys.clone(), ..trusted.clone() },
            false => trusted.clone(),
        };
        let issuers = self.issuers.iter().map(renewed).collect();
        Self::new(issuers, self.audience.clone(), self.leeway, Arc::clone(&self.policy), Arc::clone(&self.provider))
    }

    /// The rules it verifies by.
    #[must_use]
    pub fn policy(&self) -> &AccessKeyPolicy {
        &self.policy
    }

    /// The keys that `issuer` signs with, if it is trusted here: its answers about access keys are signed with them too.
    #[must_use]
    pub fn keys_of(&self, issuer: &Issuer) -> Option<&KeySet> {
        self.issuer(issuer).map(|trusted| &trusted.keys)
    }

    /// Verifies an access key that is a JWT: type, issuer, signature, audience, times, in this order.
    ///
    /// fapi: SP-RS-3, AT-1, AT-2, AT-5, BCP-7, JW-1, JW-6, JW-7, SP-K-1
    ///
    /// # Errors
    /// The first [`AccessRefused`] that applies.
    pub fn verify(&self, token: &str, now: UnixTime) -> Result<VerifiedAccess, AccessRefused> {
        let sha256 = self.provider.sha256(&[token.as_bytes()]);
        if let Some(claims) = self.cache.find(&sha256) {
            self.check_times(&claims, self.issuer(&claims.iss).and_then(|issuer| issuer.not_before), now)?;
            return Ok(VerifiedAccess { claims, sha256 });
        }
        let presented = Presented::<AccessKeyKind>::parse(token).map_err(AccessRefused::Token)?;
        if !self.policy.admits(presented.algorithm()) {
            return Err(AccessRefused::AlgorithmNotAllowed);
        }
        let issuer = self.claimed_issuer(&presented)?;
        let (claims, key) = presented.verify_with(&issuer.keys).map_err(AccessRefused::Token)?.into_parts();
        self.check_claims(&claims, issuer, now)?;
        let claims = Arc::new(claims);
        self.cache.remember(sha256, &claims, key.key_id().map(ingam_jose::KeyId::as_str));
        Ok(VerifiedAccess { claims, sha256 })
    }

    /// Accepts an opaque access key by the record that its hash led to.
    ///
    /// # Errors
    /// The first [`AccessRefused`] that applies.
    pub fn recognise(
        &self,
        token: &str,
        record: &OpaqueAccessKey,
        now: UnixTime,
    ) -> Result<VerifiedAccess, AccessRefused> {
        self.accept(token, record.claims().clone(), now)
    }

    /// Accepts an access key by what its operator said of it (RFC 7662).
    ///
    /// fapi: SP-RS-3, IN-4
    ///
    /// # Errors
    /// The first [`AccessRefused`] that applies.
    pub fn introspected(
        &self,
        token: &str,
        answer: IntrospectedAccess,
        now: UnixTime,
    ) -> Result<VerifiedAccess, AccessRefused> {
        let claims = answer.into_claims(token, &*self.provider).ok_or(AccessRefused::Inactive)?;
        self.accept(token, claims, now)
    }

    /// Whether this access key was verified here before and is still remembered, for measuring.
    #[must_use]
    pub fn remembers(&self, token: &str) -> bool {
        self.cache.find(&self.provider.sha256(&[token.as_bytes()])).is_some()
    }

    /// Forgets what was revoked since; call it with what each claim or lease brings.
    pub fn apply(&self, changes: &Changes) {
        self.cache.apply(changes, &*self.provider);
    }

    fn accept(&self, token: &str, claims: AccessKeyClaims, now: UnixTime) -> Result<VerifiedAccess, AccessRefused> {
        let issuer = self.issuer(&claims.iss).ok_or(AccessRefused::UnknownIssuer)?;
        self.check_claims(&claims, issuer, now)?;
        Ok(VerifiedAccess { claims: Arc::new(claims), sha256: self.provider.sha256(&[token.as_bytes()]) })
    }

    fn issuer(&self, name: &Issuer) -> Option<&TrustedIssuer> {
        self.issuers.iter().find(|issuer| issuer.issuer == *name)
    }

    /// With one trusted operator its keys are tried at once and `iss` is compared afterwards.
    fn claimed_issuer(&self, presented: &Presented<'_, AccessKeyKind>) -> Result<&TrustedIssuer, AccessRefused> {
        if let [only] = self.issuers.as_slice() {
            return Ok(only);
        }
        let claimed = presented.claimed::<ClaimedIssuer>().map_err(AccessRefused::Token)?;
        let claimed = &claimed.for_lookup().iss;
        self.issuers.iter().find(|issuer| issuer.issuer.as_str() == claimed).ok_or(AccessRefused::UnknownIssuer)
    }

    fn check_claims(
        &self,
        claims: &AccessKeyClaims,
        issuer: &TrustedIssuer,
        now: UnixTime,
    ) -> Result<(), AccessRefused> {
        if claims.iss != issuer.issuer {
            return Err(AccessRefused::UnknownIssuer);
        }
        if !claims.aud.names(self.audience.as_str()) {
            return Err(AccessRefused::WrongAudience);
        }
        if !(1..=limits::JTI).contains(&claims.jti.len()) {
            return Err(AccessRefused::MalformedJti);
        }
        self.check_times(claims, issuer.not_before, now)
    }

    fn check_times(
        &self,
        claims: &AccessKeyClaims,
        not_before: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), AccessRefused> {
        if claims.exp <= now {
            return Err(AccessRefused::Expired);
        }
        if claims.iat > now.plus(self.leeway) {
            return Err(AccessRefused::FromTheFuture);
        }
        if not_before.is_some_and(|from| claims.iat < from) {
            return Err(AccessRefused::IssuedTooEarly);
        }
        Ok(())
    }
}

impl From<JwtError> for AccessRefused {
    fn from(error: JwtError) -> Self {
        Self::Token(error)
    }
}

/// Which operator an access key says that it is of; good for looking up that operator's keys, and nothing else.
#[derive(Debug, Deserialize)]
pub struct ClaimedIssuer {
    /// `iss`, as it was written.
    pub iss: String,
}
