use ingam_jose::{
    CryptoProvider, KeySet,
    jwt::{AudienceClaim, JwtError, Presented},
};
use ingam_protocol::{ActiveToken, IntrospectionResponse, IntrospectionResponseError, Issuer};
use ingam_wire::{Seconds, UnixTime, same_bytes};

use super::IntrospectionKind;
use crate::{key::AccessKeyClaims, policy::AccessKeyPolicy};

/// What an operator said of one access key, over a channel or under a signature that proves it said so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IntrospectedAccess {
    asked_sha256: [u8; 32],
    answer: IntrospectionResponse,
}

/// Why a signed introspection response was refused: then the access key counts as inactive.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IntrospectionError {
    /// Not a well-formed response signed by the operator.
    #[error("the signed introspection response is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted.
    #[error("the signed introspection response's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `iss` is another operator.
    #[error("the signed introspection response is another operator's")]
    IssuerMismatch,
    /// `aud` is another resource server.
    #[error("the signed introspection response is for another resource server")]
    WrongAudience,
    /// `iat` lies too far back or ahead: an answer from before a revocation must not be replayed.
    #[error("the signed introspection response is not of now")]
    NotOfNow,
    /// The answer in it.
    #[error(transparent)]
    Answer(#[from] IntrospectionResponseError),
}

impl IntrospectionError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "InvalidIntrospection",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::IssuerMismatch => "IssuerMismatch",
            Self::WrongAudience => "WrongAudience",
            Self::NotOfNow => "NotOfNow",
            Self::Answer(error) => error.name(),
        }
    }
}

/// Checks a signed answer about the access key `asked`: the resource server's half (RFC 9701 sections 5 and 8).
///
/// fapi: MS-16, IJ-2, IJ-3
///
/// # Errors
/// The first [`IntrospectionError`] that applies.
#[expect(clippy::too_many_arguments, reason = "each is one thing the answer is compared with")]
pub fn check_introspection(
    token: &str,
    asked: &str,
    operator: &Issuer,
    resource_server: &str,
    keys: &KeySet,
    policy: &AccessKeyPolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<IntrospectedAccess, IntrospectionError> {
    let presented = Presented::<IntrospectionKind>::parse(token).map_err(IntrospectionError::Token)?;
    if !policy.admits(presented.algorithm()) {
        return Err(IntrospectionError::AlgorithmNotAllowed);
    }
    let (claims, _) = presented.verify_with(keys).map_err(IntrospectionError::Token)?.into_parts();
    if claims.iss != *operator {
        return Err(IntrospectionError::IssuerMismatch);
    }
    if !claims.aud.names(resource_server) {
        return Err(IntrospectionError::WrongAudience);
    }
    let skew = policy.settings().future_skew;
    if claims.iat > now.plus(skew) || claims.iat.plus(FRESH).plus(skew) < now {
        return Err(IntrospectionError::NotOfNow);
    }
    let answer = IntrospectionResponse::from_value(claims.token_introspection)?;
    Ok(IntrospectedAccess { asked_sha256: provider.sha256(&[asked.as_bytes()]), answer })
}

impl IntrospectedAccess {
    /// A plain answer about the access key `asked`, which counts because the operator's TLS channel carried it.
    #[must_use]
    pub fn over_tls(asked: &str, answer: IntrospectionResponse, provider: &dyn CryptoProvider) -> Self {
        Self { asked_sha256: provider.sha256(&[asked.as_bytes()]), answer }
    }

    /// The claims, if the access key is active and `token` is the one that was asked about.
    pub(crate) fn into_claims(self, token: &str, provider: &dyn CryptoProvider) -> Option<AccessKeyClaims> {
        if !same_bytes(&self.asked_sha256, &provider.sha256(&[token.as_bytes()])) {
            return None;
        }
        match self.answer {
            IntrospectionResponse::Active(active) => claims_of(*active),
            IntrospectionResponse::Inactive => None,
        }
    }
}

fn claims_of(active: ActiveToken) -> Option<AccessKeyClaims> {
    Some(AccessKeyClaims {
        iss: active.iss,
        aud: AudienceClaim::Many(active.aud),
        sub: active.sub?,
        client_id: active.client_id,
        iat: active.iat,
        exp: active.exp,
        jti: active.jti?,
        scope: active.scope,
        authorization_details: active.authorization_details,
        accounts: active.accounts,
        cnf: active.cnf.into(),
        acr: active.acr,
        auth_time: active.auth_time,
        grant_id: active.grant_id,
    })
}

/// How old a signed answer may be: it was asked for a moment ago.
const FRESH: Seconds = Seconds::new(60);
