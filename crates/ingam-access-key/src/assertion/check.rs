use ingam_jose::{
    CryptoProvider, KeySet,
    jwt::{AudienceClaim, JwtError, Presented},
};
use ingam_ports::{Claim, ClaimPurpose, Unclaimed};
use ingam_protocol::{ClientId, Issuer};
use ingam_wire::{Seconds, UnixTime};

use super::{AssertionClaims, AssertionKind};
use crate::{limits, policy::AccessKeyPolicy};

/// Proof that a message came from the holder of one of this client's keys, now; counts once its `jti` is claimed.
///
/// ```compile_fail,E0451
/// # fn forge(client: ingam_protocol::ClientId) -> ingam_access_key::AssertedClient {
/// ingam_access_key::AssertedClient { client }
/// # }
/// ```
/// ```
/// # fn read(asserted: ingam_access_key::AssertedClient) -> ingam_protocol::ClientId {
/// asserted.client().clone()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AssertedClient {
    client: ClientId,
}

impl AssertedClient {
    /// The client.
    #[must_use]
    pub const fn client(&self) -> &ClientId {
        &self.client
    }
}

/// Why an assertion was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AssertionError {
    /// Not a well-formed assertion signed with a key of this client.
    #[error("the client assertion is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted.
    #[error("the client assertion's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `iss` is missing or not the client.
    #[error("the client assertion's issuer is not the client")]
    WrongIssuer,
    /// `sub` is missing (a request object has none, RFC 9101 section 10.8).
    #[error("the client assertion has no subject")]
    SubjectMissing,
    /// `sub` is not the client.
    #[error("the client assertion's subject is not the client")]
    WrongSubject,
    /// `aud` is anything but the issuer identifier as one text.
    #[error("the client assertion is not for this operator")]
    WrongAudience,
    /// `jti` is missing or not 1 to 128 characters.
    #[error("the client assertion's jti is missing or malformed")]
    MalformedJti,
    /// `exp` is missing.
    #[error("the client assertion has no end")]
    ExpiryMissing,
    /// `exp` is past.
    #[error("the client assertion has expired")]
    Expired,
    /// `exp` lies further ahead than the policy permits.
    #[error("the client assertion lives too long")]
    LivesTooLong,
    /// `iat` or `nbf` lies too far ahead.
    #[error("the client assertion is from the future")]
    FromTheFuture,
}

impl AssertionError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "InvalidClientAssertion",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::WrongIssuer => "WrongIssuer",
            Self::SubjectMissing => "SubjectMissing",
            Self::WrongSubject => "WrongSubject",
            Self::WrongAudience => "WrongAudience",
            Self::MalformedJti => "MalformedJti",
            Self::ExpiryMissing => "ExpiryMissing",
            Self::Expired => "Expired",
            Self::LivesTooLong => "LivesTooLong",
            Self::FromTheFuture => "FromTheFuture",
        }
    }
}

/// Checks assertions: the operator's half.
#[derive(Clone, Copy, Debug)]
pub struct AssertionCheck<'a> {
    /// The operator's own issuer identifier.
    pub operator: &'a Issuer,
    /// Windows and algorithms.
    pub policy: &'a AccessKeyPolicy,
    /// Hashes.
    pub provider: &'a dyn CryptoProvider,
}

impl AssertionCheck<'_> {
    /// Checks `token` as assertion of `client`, whose keys are `keys`; the claim of `jti` is left to the caller as the last.
    ///
    /// fapi: SP-AS-6, SP-AS-8, SP-AS-13, CA-2, CA-3, CA-4, CA-5, CA-7, PA-10, MS-21, X-AS-31, X-AS-34, JW-6
    ///
    /// # Errors
    /// The first [`AssertionError`] that applies; nothing is claimed then.
    pub fn check(
        &self,
        token: &str,
        client: &ClientId,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Unclaimed<AssertedClient>, AssertionError> {
        let claim = self.verify(token, client, keys, now)?;
        Ok(Unclaimed::new(AssertedClient { client: client.clone() }, vec![claim]))
    }

    /// All checks; what is left to claim.
    pub(crate) fn verify(
        &self,
        token: &str,
        client: &ClientId,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Claim, AssertionError> {
        let presented = Presented::<AssertionKind>::parse(token).map_err(AssertionError::Token)?;
        if !self.policy.admits(presented.algorithm()) {
            return Err(AssertionError::AlgorithmNotAllowed);
        }
        let (claims, _) = presented.verify_with(keys).map_err(AssertionError::Token)?.into_parts();
        self.check_claims(&claims, client, now)
    }

    fn check_claims(
        &self,
        claims: &AssertionClaims,
        client: &ClientId,
        now: UnixTime,
    ) -> Result<Claim, AssertionError> {
        if claims.iss.as_deref() != Some(client.as_str()) {
            return Err(AssertionError::WrongIssuer);
        }
        let subject = claims.sub.as_deref().ok_or(AssertionError::SubjectMissing)?;
        if subject != client.as_str() {
            return Err(AssertionError::WrongSubject);
        }
        if claims.aud.as_ref().and_then(AudienceClaim::single) != Some(self.operator.as_str()) {
            return Err(AssertionError::WrongAudience);
        }
        let jti = claims.jti.as_deref().unwrap_or_default();
        if !(1..=limits::JTI).contains(&jti.len()) {
            return Err(AssertionError::MalformedJti);
        }
        let settings = self.policy.settings();
        let exp = claims.exp.ok_or(AssertionError::ExpiryMissing)?;
        if exp <= now {
            return Err(AssertionError::Expired);
        }
        if exp > now.plus(settings.assertion).plus(settings.future_skew) {
            return Err(AssertionError::LivesTooLong);
        }
        let latest = now.plus(settings.future_skew);
        if [claims.iat, claims.nbf].into_iter().flatten().any(|time| time > latest) {
            return Err(AssertionError::FromTheFuture);
        }
        // The length keeps client "a" with jti "bc" apart from client "ab" with jti "c".
        let length = u64::try_from(client.as_str().len()).unwrap_or(u64::MAX).to_be_bytes();
        let parts = [&[ASSERTION][..], &length, client.as_str().as_bytes(), jti.as_bytes()];
        Ok(Claim {
            purpose: ClaimPurpose::Assertion,
            digest: self.provider.sha256(&parts),
            stated: exp,
            expires: exp.plus(settings.future_skew).plus(Seconds::new(1)),
        })
    }
}

/// The byte that keeps claims of assertions apart from others.
const ASSERTION: u8 = 2;
