use ingam_jose::{
    KeySet,
    jwt::{AudienceClaim, JwtError, NumericDate, Presented},
};
use ingam_protocol::{AuthorizationResponse, CallbackError, ClientId, Issuer, Parameters};
use ingam_wire::{Seconds, UnixTime};
use serde::Deserialize as _;
use serde_json::Value;

use super::JarmKind;
use crate::policy::AccessKeyPolicy;

/// Why a signed response was refused, in the order of the checks; no parameter is read before all have passed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JarmError {
    /// Not a well-formed response signed by the operator.
    #[error("the signed response is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted.
    #[error("the signed response's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `iss` is missing or another operator (mix-up).
    #[error("the signed response is another operator's")]
    IssuerMismatch,
    /// `aud` is missing or another fintech.
    #[error("the signed response is for another client")]
    WrongAudience,
    /// `exp` is missing.
    #[error("the signed response has no end")]
    ExpiryMissing,
    /// `exp` is past.
    #[error("the signed response has expired")]
    Expired,
    /// It has a subject, so it is an ID token or an access key.
    #[error("the token is of another kind")]
    OtherKind,
    /// The parameters in it.
    #[error(transparent)]
    Response(#[from] CallbackError),
}

impl JarmError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "InvalidJarm",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::IssuerMismatch => "IssuerMismatch",
            Self::WrongAudience => "WrongAudience",
            Self::ExpiryMissing => "ExpiryMissing",
            Self::Expired => "Expired",
            Self::OtherKind => "OtherKind",
            Self::Response(error) => error.name(),
        }
    }
}

/// Checks a signed response and gives out its parameters: the fintech's half (JARM section 2.4).
///
/// `operator` is the issuer stored when the flow began; `leeway` is how much the clocks may differ.
///
/// fapi: MS-14, JM-5, IS-4, X-C-19
///
/// # Errors
/// The first [`JarmError`] that applies.
pub fn check_jarm(
    token: &str,
    operator: &Issuer,
    client: &ClientId,
    keys: &KeySet,
    policy: &AccessKeyPolicy,
    leeway: Seconds,
    now: UnixTime,
) -> Result<AuthorizationResponse, JarmError> {
    let presented = Presented::<JarmKind>::parse(token).map_err(JarmError::Token)?;
    if !policy.admits(presented.algorithm()) {
        return Err(JarmError::AlgorithmNotAllowed);
    }
    let (claims, _) = presented.verify_with(keys).map_err(JarmError::Token)?.into_parts();
    if claims.get("iss").and_then(Value::as_str) != Some(operator.as_str()) {
        return Err(JarmError::IssuerMismatch);
    }
    let audience = claims.get("aud").and_then(|aud| AudienceClaim::deserialize(aud).ok());
    if !audience.is_some_and(|aud| aud.names(client.as_str())) {
        return Err(JarmError::WrongAudience);
    }
    let exp = claims.get("exp").ok_or(JarmError::ExpiryMissing)?;
    let exp = NumericDate::deserialize(exp).map_err(|_| JarmError::Token(JwtError::MalformedClaim))?.time();
    if exp.plus(leeway) <= now {
        return Err(JarmError::Expired);
    }
    if claims.contains_key("sub") {
        return Err(JarmError::OtherKind);
    }
    Ok(AuthorizationResponse::from_parameters(&Parameters::from_claims(claims))?)
}
