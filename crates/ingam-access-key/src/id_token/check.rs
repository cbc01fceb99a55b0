use ingam_jose::{
    CryptoProvider, KeySet,
    jwt::{AudienceClaim, JwtError, Presented},
};
use ingam_protocol::{ClientId, Issuer, Nonce};
use ingam_wire::{Seconds, UnixTime, same_bytes};

use super::{IdTokenClaims, IdTokenKind, at_hash};
use crate::policy::AccessKeyPolicy;

/// What an ID token must say.
#[derive(Clone, Copy)]
pub struct ExpectedIdToken<'a> {
    /// The operator that was asked.
    pub operator: &'a Issuer,
    /// The fintech itself.
    pub client: &'a ClientId,
    /// The nonce that was sent, if one was.
    pub nonce: Option<&'a Nonce>,
    /// The oldest authentication that was asked for.
    pub max_age: Option<Seconds>,
    /// The access key that came with it.
    pub access_key: Option<&'a str>,
    /// How much the clocks may differ.
    pub leeway: Seconds,
}

impl core::fmt::Debug for ExpectedIdToken<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ExpectedIdToken")
            .field("operator", &self.operator)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// An ID token of the expected operator for this fintech and this flow; only [`check_id_token`] makes one.
///
/// ```compile_fail,E0423
/// # use ingam_access_key::*;
/// # fn forge(claims: IdTokenClaims) -> VerifiedIdToken {
/// VerifiedIdToken(claims)
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(token: VerifiedIdToken) -> ingam_protocol::UserId {
/// token.claims().sub.clone()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedIdToken(IdTokenClaims);

impl VerifiedIdToken {
    /// What it says.
    #[must_use]
    pub const fn claims(&self) -> &IdTokenClaims {
        &self.0
    }
}

/// Why an ID token was refused, in the order of the checks; then the whole answer is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a well-formed ID token signed by the operator.
    #[error("the ID token is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted.
    #[error("the ID token's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `iss` is another operator.
    #[error("the ID token is another operator's")]
    IssuerMismatch,
    /// `aud` is not this fintech alone.
    #[error("the ID token is not for this client alone")]
    WrongAudience,
    /// `azp` is another fintech.
    #[error("the ID token was issued to another client")]
    WrongParty,
    /// `exp` is past.
    #[error("the ID token has expired")]
    Expired,
    /// `iat` lies ahead.
    #[error("the ID token is from the future")]
    FromTheFuture,
    /// A nonce was sent and none is in it.
    #[error("the ID token lacks the nonce")]
    NonceMissing,
    /// The nonce is another, or none was sent.
    #[error("the ID token's nonce is another flow's")]
    NonceMismatch,
    /// `max_age` was asked for and `auth_time` is missing or too old.
    #[error("the user's authentication is too old")]
    AuthenticationTooOld,
    /// `at_hash` is of another access key.
    #[error("the ID token is for another access key")]
    AtHashMismatch,
}

impl IdTokenError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "InvalidIdToken",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::IssuerMismatch => "IssuerMismatch",
            Self::WrongAudience => "WrongAudience",
            Self::WrongParty => "WrongParty",
            Self::Expired => "Expired",
            Self::FromTheFuture => "FromTheFuture",
            Self::NonceMissing => "NonceMissing",
            Self::NonceMismatch => "NonceMismatch",
            Self::AuthenticationTooOld => "AuthenticationTooOld",
            Self::AtHashMismatch => "AtHashMismatch",
        }
    }
}

/// Checks an ID token: the fintech's half (OpenID Connect Core section 3.1.3.7).
///
/// fapi: MS-17, OI-4, OI-5, X-C-18
///
/// # Errors
/// The first [`IdTokenError`] that applies.
pub fn check_id_token(
    token: &str,
    expected: ExpectedIdToken<'_>,
    keys: &KeySet,
    policy: &AccessKeyPolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<VerifiedIdToken, IdTokenError> {
    let presented = Presented::<IdTokenKind>::parse(token).map_err(IdTokenError::Token)?;
    let algorithm = presented.algorithm();
    if !policy.admits(algorithm) {
        return Err(IdTokenError::AlgorithmNotAllowed);
    }
    let (claims, _) = presented.verify_with(keys).map_err(IdTokenError::Token)?.into_parts();
    if claims.iss != *expected.operator {
        return Err(IdTokenError::IssuerMismatch);
    }
    if !is_only(&claims.aud, expected.client.as_str()) {
        return Err(IdTokenError::WrongAudience);
    }
    if claims.azp.as_deref().is_some_and(|azp| azp != expected.client.as_str()) {
        return Err(IdTokenError::WrongParty);
    }
    if claims.exp.plus(expected.leeway) <= now {
        return Err(IdTokenError::Expired);
    }
    if claims.iat > now.plus(expected.leeway) {
        return Err(IdTokenError::FromTheFuture);
    }
    match (expected.nonce, &claims.nonce) {
        (Some(_), None) => return Err(IdTokenError::NonceMissing),
        (sent, got) if sent != got.as_ref() => return Err(IdTokenError::NonceMismatch),
        _ => {}
    }
    if let Some(max_age) = expected.max_age
        && claims.auth_time.is_none_or(|time| time.plus(max_age).plus(expected.leeway) < now)
    {
        return Err(IdTokenError::AuthenticationTooOld);
    }
    if let (Some(access_key), Some(hash)) = (expected.access_key, &claims.at_hash)
        && !same_bytes(at_hash(access_key, algorithm, provider).as_bytes(), hash.as_bytes())
    {
        return Err(IdTokenError::AtHashMismatch);
    }
    Ok(VerifiedIdToken(claims))
}

/// Whether nobody but `name` is meant: the one text, or an array of exactly it.
fn is_only(audience: &AudienceClaim, name: &str) -> bool {
    match audience {
        AudienceClaim::One(one) => one == name,
        AudienceClaim::Many(many) => matches!(many.as_slice(), [one] if one == name),
    }
}
