use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use ingam_jose::{CryptoProvider, VerifyingKey};
use ingam_ports::{Claim, ClaimPurpose, Unclaimed};
use ingam_wire::{UnixTime, base64url};
use serde_json::{Map, Value};

use super::{Context, MessageCoverage, VerifiedMessage, jws::Jws, place};
use crate::{
    head::length_lies,
    limits,
    policy::{MessagePolicy, Shape, Unsigned},
    request::Sender,
};

/// Why a message was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MessageRefused {
    /// The body is larger than [`crate::limits::BODY`].
    #[error("the body is too large")]
    BodyTooLarge,
    /// `Content-Length` is not the body's length.
    #[error("the body has not the length it states")]
    LengthMismatch,
    /// There is no signature, and the policy wants one.
    #[error("the message is not signed")]
    SignatureMissing,
    /// There are several signatures.
    #[error("the message has several signatures")]
    SeveralSignatures,
    /// The signature or its header is longer than its limit.
    #[error("the signature is too long")]
    TooLarge,
    /// Not a compact JWS (detached: without payload) with a JSON header, or not JSON inside.
    #[error("malformed signature")]
    Malformed,
    /// `alg` is not one that can be written down here, or not one of the policy's.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// A header that must never be there.
    #[error("unsupported header")]
    UnsupportedHeader,
    /// `typ` is not the policy's.
    #[error("wrong type")]
    WrongType,
    /// `crit` or `b64` is not as the policy has it.
    #[error("unsupported critical header")]
    UnsupportedCritical,
    /// No key fits `kid`.
    #[error("unknown key")]
    UnknownKey,
    /// `alg` is not the key's algorithm.
    #[error("the message's algorithm is not the key's")]
    KeyAlgorithmMismatch,
    /// The signature is not the key's over this message.
    #[error("bad signature")]
    BadSignature,
    /// A claim the policy states is missing, or of another type.
    #[error("{claim} is missing")]
    ClaimMissing {
        /// Its name.
        claim: &'static str,
    },
    /// Signed by somebody else.
    #[error("wrong issuer")]
    WrongIssuer,
    /// For somebody else, or another target.
    #[error("wrong audience")]
    WrongAudience,
    /// Of another method, or of one where there should be none.
    #[error("wrong method")]
    WrongMethod,
    /// An answer to something else.
    #[error("the answer does not belong to the request")]
    ResponseNotBound,
    /// A member with a fixed value has another.
    #[error("{claim} has not its fixed value")]
    WrongConstant {
        /// Its name.
        claim: &'static str,
    },
    /// Issued further ahead than the skew.
    #[error("the message was issued in the future")]
    IssuedInFuture,
    /// Issued further back than the window.
    #[error("the message is too old")]
    TooOld,
    /// Past its end.
    #[error("the message has expired")]
    Expired,
}

impl MessageRefused {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "BodyTooLarge",
            Self::LengthMismatch => "LengthMismatch",
            Self::SignatureMissing => "SignatureMissing",
            Self::SeveralSignatures => "SeveralSignatures",
            Self::TooLarge => "TooLarge",
            Self::Malformed => "Malformed",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::UnsupportedHeader => "UnsupportedHeader",
            Self::WrongType => "WrongType",
            Self::UnsupportedCritical => "UnsupportedCritical",
            Self::UnknownKey => "UnknownKey",
            Self::KeyAlgorithmMismatch => "KeyAlgorithmMismatch",
            Self::BadSignature => "BadSignature",
            Self::ClaimMissing { .. } => "ClaimMissing",
            Self::WrongIssuer => "WrongIssuer",
            Self::WrongAudience => "WrongAudience",
            Self::WrongMethod => "WrongMethod",
            Self::ResponseNotBound => "ResponseNotBound",
            Self::WrongConstant { .. } => "WrongConstant",
            Self::IssuedInFuture => "IssuedInFuture",
            Self::TooOld => "TooOld",
            Self::Expired => "Expired",
        }
    }
}

/// Verifies a message of `sender` that arrived with `headers` and `body`: signature, then claims, then time.
///
/// The body comes out of the result, byte for byte as it was signed.
///
/// x1149: 3.1.17.2
///
/// # Errors
/// The first [`MessageRefused`] that applies.
pub fn check(
    body: Bytes,
    headers: &HeaderMap,
    context: &Context<'_>,
    sender: Sender<'_>,
    policy: &MessagePolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<Unclaimed<VerifiedMessage>, MessageRefused> {
    if body.len() > limits::BODY {
        return Err(MessageRefused::BodyTooLarge);
    }
    if length_lies(headers, &body) {
        return Err(MessageRefused::LengthMismatch);
    }
    let opened = match policy.shape {
        Shape::Detached { field, .. } => open_detached(&body, headers, field, sender, policy)?,
        Shape::Jwt { media_type, content } => match is_of_type(headers, media_type) {
            true => Some(open_jwt(&body, content, sender, policy)?),
            false => None,
        },
    };
    let fintech = sender.fintech.clone();
    let Some(Opened { claims, body, key, signed }) = opened else {
        if policy.unsigned == Unsigned::Refused {
            return Err(MessageRefused::SignatureMissing);
        }
        let coverage = MessageCoverage::UNSIGNED;
        let message = VerifiedMessage { body, coverage, id: None, fintech, signer: None, policy: policy.name };
        return Ok(Unclaimed::new(message, Vec::new()));
    };
    let issued = check_claims(&claims, context, policy, now)?;
    let id = match policy.claims.id {
        Some(name) => Some(text(&claims, name)?.to_owned()),
        None => None,
    };
    let thumbprint = key.thumbprint();
    let digest = match &id {
        Some(id) => provider.sha256(&[&[3, b'i'], thumbprint.as_bytes(), id.as_bytes()]),
        None => provider.sha256(&[&[3, b'm'], thumbprint.as_bytes(), &signed]),
    };
    let claim =
        Claim { purpose: ClaimPurpose::Signature, digest, stated: issued, expires: issued.plus(policy.remembered()) };
    let coverage = MessageCoverage {
        body: true,
        audience: policy.claims.audience.is_some(),
        method: policy.claims.method.is_some() && context.method.is_some(),
        request: policy.claims.in_reply_to.is_some() && context.in_reply_to.is_some(),
    };
    let message = VerifiedMessage { body, coverage, id, fintech, signer: Some(key), policy: policy.name };
    Ok(Unclaimed::new(message, vec![claim]))
}

/// A message whose signature holds.
struct Opened {
    claims: Map<String, Value>,
    body: Bytes,
    key: VerifyingKey,
    signed: Vec<u8>,
}

fn open_detached(
    body: &Bytes,
    headers: &HeaderMap,
    field: &str,
    sender: Sender<'_>,
    policy: &MessagePolicy,
) -> Result<Option<Opened>, MessageRefused> {
    let mut lines = headers.get_all(field).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(MessageRefused::SeveralSignatures);
    }
    if line.len() > limits::DETACHED {
        return Err(MessageRefused::TooLarge);
    }
    let jws = Jws::parse(line.to_str().map_err(|_| MessageRefused::Malformed)?, policy)?;
    if !jws.payload().is_empty() {
        return Err(MessageRefused::Malformed);
    }
    let (key, signed) = jws.verify(Some(body), sender.keys, policy)?;
    Ok(Some(Opened { claims: jws.header().clone(), body: body.clone(), key, signed }))
}

fn open_jwt(
    body: &Bytes,
    content: crate::policy::Content,
    sender: Sender<'_>,
    policy: &MessagePolicy,
) -> Result<Opened, MessageRefused> {
    let jws = Jws::parse(core::str::from_utf8(body).map_err(|_| MessageRefused::Malformed)?, policy)?;
    let (key, signed) = jws.verify(None, sender.keys, policy)?;
    let payload = Bytes::from(base64url::decode(jws.payload()).map_err(|_| MessageRefused::Malformed)?);
    let (claims, body) = place::split(&payload, content)?;
    Ok(Opened { claims, body, key, signed })
}

/// Whether `Content-Type` is there once and names `media_type`, whatever its parameters.
fn is_of_type(headers: &HeaderMap, media_type: &str) -> bool {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let line = lines.next().filter(|_| lines.next().is_none()).and_then(|line| line.to_str().ok());
    line.and_then(|line| line.split(';').next()).is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

/// Compares what the claims state with what the receiver knows; returns the time of issue.
fn check_claims(
    claims: &Map<String, Value>,
    context: &Context<'_>,
    policy: &MessagePolicy,
    now: UnixTime,
) -> Result<UnixTime, MessageRefused> {
    let names = &policy.claims;
    if text(claims, names.issuer)? != context.issuer {
        return Err(MessageRefused::WrongIssuer);
    }
    if let Some(name) = names.audience
        && text(claims, name)? != context.audience
    {
        return Err(MessageRefused::WrongAudience);
    }
    if let Some(name) = names.method {
        match context.method {
            Some(method) if text(claims, name)? != method => return Err(MessageRefused::WrongMethod),
            None if claims.contains_key(name) => return Err(MessageRefused::WrongMethod),
            _ => {}
        }
    }
    if let Some(name) = names.in_reply_to {
        match context.in_reply_to {
            Some(id) if text(claims, name)? != id => return Err(MessageRefused::ResponseNotBound),
            None if claims.contains_key(name) => return Err(MessageRefused::ResponseNotBound),
            _ => {}
        }
    }
    for (name, value) in policy.constants {
        if text(claims, name)? != *value {
            return Err(MessageRefused::WrongConstant { claim: name });
        }
    }
    let issued = time(claims, names.issued)?;
    if issued > now.plus(policy.skew) {
        return Err(MessageRefused::IssuedInFuture);
    }
    if issued < now.minus(policy.window) {
        return Err(MessageRefused::TooOld);
    }
    // A registered claim binds whether or not the policy asks for it (RFC 7519 sections 4.1.4 and 4.1.5).
    if names.expires.is_some() || claims.contains_key("exp") {
        let name = names.expires.unwrap_or("exp");
        if time(claims, name)? <= now {
            return Err(MessageRefused::Expired);
        }
    }
    if claims.contains_key("nbf") && time(claims, "nbf")? > now.plus(policy.skew) {
        return Err(MessageRefused::IssuedInFuture);
    }
    Ok(issued)
}

fn text<'c>(claims: &'c Map<String, Value>, name: &'static str) -> Result<&'c str, MessageRefused> {
    claims.get(name).and_then(Value::as_str).ok_or(MessageRefused::ClaimMissing { claim: name })
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<UnixTime, MessageRefused> {
    let seconds = claims.get(name).and_then(Value::as_i64).ok_or(MessageRefused::ClaimMissing { claim: name })?;
    Ok(UnixTime::from_secs(seconds))
}
