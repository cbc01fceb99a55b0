use ingam_jose::{
    CryptoProvider,
    jwt::{AudienceClaim, JwtError, NumericDate, Presented},
};
use ingam_ports::{Claim, ClaimPurpose, Unclaimed};
use ingam_protocol::{Issuer, OAuthError, Parameters};
use ingam_wire::{Seconds, UnixTime};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::RequestObjectKind;
use crate::{fintech::RegisteredFintech, limits, policy::AccessKeyPolicy};

/// The parameters of an authorization request, signed by the fintech that pushed them.
///
/// Only [`RequestObjectCheck::check`] makes one.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge() -> VerifiedRequestObject {
/// VerifiedRequestObject { claims: Default::default() }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(object: VerifiedRequestObject) -> ingam_protocol::Parameters {
/// object.into_parameters()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedRequestObject {
    claims: Map<String, Value>,
}

impl VerifiedRequestObject {
    /// The authorization request's parameters; what stood beside the object does not count.
    ///
    /// fapi: MS-22, X-AS-3
    #[must_use]
    pub fn into_parameters(self) -> Parameters {
        Parameters::from_claims(self.claims)
    }
}

/// Why a request object was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestObjectError {
    /// Not a well-formed request object signed with a key of this client.
    #[error("the request object is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted or not registered for this client.
    #[error("the request object's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `iss` is not the client.
    #[error("the request object's issuer is not the client")]
    WrongIssuer,
    /// `client_id` is missing or not the client.
    #[error("the request object is another client's")]
    WrongClient,
    /// `sub` is the client: it could pass for a client assertion (RFC 9101 section 10.8).
    #[error("the request object has the client as subject")]
    SubjectIsClient,
    /// `aud` does not name the operator.
    #[error("the request object is not for this operator")]
    WrongAudience,
    /// `nbf` is missing.
    #[error("the request object has no beginning")]
    NotBeforeMissing,
    /// `nbf` lies too far back.
    #[error("the request object is too old")]
    TooOld,
    /// `nbf` or `iat` lies too far ahead.
    #[error("the request object is from the future")]
    FromTheFuture,
    /// `exp` is missing.
    #[error("the request object has no end")]
    ExpiryMissing,
    /// `exp` is past.
    #[error("the request object has expired")]
    Expired,
    /// `exp` lies too far after `nbf`.
    #[error("the request object lives too long")]
    LivesTooLong,
    /// `request` or `request_uri` inside.
    #[error("the request object holds another request")]
    NestedRequest,
    /// `jti` is there and not 1 to 128 characters.
    #[error("the request object's jti is malformed")]
    MalformedJti,
}

impl RequestObjectError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "InvalidRequestObject",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::WrongIssuer => "WrongIssuer",
            Self::WrongClient => "WrongClient",
            Self::SubjectIsClient => "SubjectIsClient",
            Self::WrongAudience => "WrongAudience",
            Self::NotBeforeMissing => "NotBeforeMissing",
            Self::TooOld => "TooOld",
            Self::FromTheFuture => "FromTheFuture",
            Self::ExpiryMissing => "ExpiryMissing",
            Self::Expired => "Expired",
            Self::LivesTooLong => "LivesTooLong",
            Self::NestedRequest => "NestedRequest",
            Self::MalformedJti => "MalformedJti",
        }
    }

    /// What the fintech is told: exactly this, for every cause.
    ///
    /// fapi: MS-24, X-AS-11, PA-13
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        OAuthError::InvalidRequestObject
    }
}

/// Checks request objects: the operator's half.
#[derive(Clone, Copy, Debug)]
pub struct RequestObjectCheck<'a> {
    /// The operator's own issuer identifier.
    pub operator: &'a Issuer,
    /// Windows and algorithms.
    pub policy: &'a AccessKeyPolicy,
    /// Hashes.
    pub provider: &'a dyn CryptoProvider,
}

impl RequestObjectCheck<'_> {
    /// Checks `token` as request object of `fintech`, which must be the authenticated one; the claim of its `jti`, if
    /// it has one, is left to the caller as the last.
    ///
    /// fapi: MS-1, MS-2, MS-3, MS-4, MS-5, MS-19, MS-20, MS-21, MS-23, MS-24, PA-13, SP-AS-13, X-AS-6, X-AS-34
    ///
    /// # Errors
    /// The first [`RequestObjectError`] that applies.
    pub fn check(
        &self,
        token: &str,
        fintech: &RegisteredFintech,
        now: UnixTime,
    ) -> Result<Unclaimed<VerifiedRequestObject>, RequestObjectError> {
        let presented = Presented::<RequestObjectKind>::parse(token).map_err(RequestObjectError::Token)?;
        if !fintech.record().admits(presented.algorithm(), self.policy) {
            return Err(RequestObjectError::AlgorithmNotAllowed);
        }
        let verified = presented.verify_with(fintech.keys()).map_err(RequestObjectError::Token)?;
        let (claims, _) = verified.into_parts();
        let claims = self.check_claims(claims, fintech.client_id().as_str(), now)?;
        let claim = self.claim(&claims, fintech.client_id().as_str(), now)?;
        Ok(Unclaimed::new(VerifiedRequestObject { claims }, claim.into_iter().collect()))
    }

    fn check_claims(
        &self,
        claims: Map<String, Value>,
        client: &str,
        now: UnixTime,
    ) -> Result<Map<String, Value>, RequestObjectError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(client) {
            return Err(RequestObjectError::WrongIssuer);
        }
        if text("client_id") != Some(client) {
            return Err(RequestObjectError::WrongClient);
        }
        if text("sub") == Some(client) {
            return Err(RequestObjectError::SubjectIsClient);
        }
        let audience = claims.get("aud").and_then(|aud| AudienceClaim::deserialize(aud).ok());
        if !audience.is_some_and(|aud| aud.names(self.operator.as_str())) {
            return Err(RequestObjectError::WrongAudience);
        }
        let settings = self.policy.settings();
        let latest = now.plus(settings.future_skew);
        let nbf = date(&claims, "nbf")?.ok_or(RequestObjectError::NotBeforeMissing)?;
        if nbf.plus(settings.request_object) < now {
            return Err(RequestObjectError::TooOld);
        }
        if nbf > latest || date(&claims, "iat")?.is_some_and(|iat| iat > latest) {
            return Err(RequestObjectError::FromTheFuture);
        }
        let exp = date(&claims, "exp")?.ok_or(RequestObjectError::ExpiryMissing)?;
        if exp <= now {
            return Err(RequestObjectError::Expired);
        }
        if exp > nbf.plus(settings.request_object) {
            return Err(RequestObjectError::LivesTooLong);
        }
        if claims.contains_key("request") || claims.contains_key("request_uri") {
            return Err(RequestObjectError::NestedRequest);
        }
        Ok(claims)
    }

    fn claim(
        &self,
        claims: &Map<String, Value>,
        client: &str,
        now: UnixTime,
    ) -> Result<Option<Claim>, RequestObjectError> {
        let Some(jti) = claims.get("jti") else { return Ok(None) };
        let jti = jti.as_str().filter(|jti| (1..=limits::JTI).contains(&jti.len()));
        let jti = jti.ok_or(RequestObjectError::MalformedJti)?;
        let exp = date(claims, "exp")?.unwrap_or(now);
        let length = u64::try_from(client.len()).unwrap_or(u64::MAX).to_be_bytes();
        let digest = self.provider.sha256(&[&[REQUEST_OBJECT], &length, client.as_bytes(), jti.as_bytes()]);
        let expires = exp.plus(self.policy.settings().future_skew).plus(Seconds::new(1));
        Ok(Some(Claim { purpose: ClaimPurpose::RequestObject, digest, stated: exp, expires }))
    }
}

/// A date among the claims; of the wrong type it is malformed, never absent.
fn date(claims: &Map<String, Value>, name: &str) -> Result<Option<UnixTime>, RequestObjectError> {
    let read = |value: &Value| NumericDate::deserialize(value).map(NumericDate::time);
    claims.get(name).map(read).transpose().map_err(|_| RequestObjectError::Token(JwtError::MalformedClaim))
}

/// The byte that keeps claims of request objects apart from others.
const REQUEST_OBJECT: u8 = 4;
