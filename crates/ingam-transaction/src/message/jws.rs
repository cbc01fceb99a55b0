use std::borrow::Cow;

use ingam_jose::{KeySet, SignatureAlgorithm, VerifyingKey};
use ingam_wire::{base64url, json};
use serde_json::{Map, Value};

use super::MessageRefused;
use crate::{
    limits,
    policy::{MessagePolicy, Payload, Shape},
};

/// A compact JWS that arrived: header read and checked as far as it goes without a key.
pub(super) struct Jws<'a> {
    segments: [&'a str; 3],
    header: Map<String, Value>,
    algorithm: SignatureAlgorithm,
}

impl<'a> Jws<'a> {
    /// Reads `text`: three segments, a strict header, an algorithm that exists here, `crit` as the policy has it.
    pub(super) fn parse(text: &'a str, policy: &MessagePolicy) -> Result<Self, MessageRefused> {
        let mut parts = text.split('.');
        let segments = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(header), Some(payload), Some(signature), None) => [header, payload, signature],
            _ => return Err(MessageRefused::Malformed),
        };
        let header = segments[0];
        if header.len() > limits::HEADER_JSON.bytes {
            return Err(MessageRefused::TooLarge);
        }
        let header = base64url::decode(header).map_err(|_| MessageRefused::Malformed)?;
        let header: Map<String, Value> =
            json::parse(&header, &limits::HEADER_JSON).map_err(|_| MessageRefused::Malformed)?;
        let alg = header.get("alg").and_then(Value::as_str).ok_or(MessageRefused::Malformed)?;
        let algorithm = SignatureAlgorithm::from_name(alg).ok_or(MessageRefused::AlgorithmNotAllowed)?;
        // Keys by reference are never fetched, keys in the message prove nothing, the others are of other messages.
        if ["jku", "jwk", "x5u", "x5c", "zip", "enc"].iter().any(|name| header.contains_key(*name)) {
            return Err(MessageRefused::UnsupportedHeader);
        }
        check_type(&header, policy)?;
        check_critical(&header, policy)?;
        Ok(Self { segments, header, algorithm })
    }

    /// The header, once [`Jws::verify`] has held.
    pub(super) fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The payload segment.
    pub(super) const fn payload(&self) -> &'a str {
        self.segments[1]
    }

    /// The key of `keys` whose signature it is; over the detached `body` where there is one.
    pub(super) fn verify(
        &self,
        body: Option<&[u8]>,
        keys: &KeySet,
        policy: &MessagePolicy,
    ) -> Result<(VerifyingKey, Vec<u8>), MessageRefused> {
        let key_id = match self.header.get("kid") {
            None => None,
            Some(Value::String(key_id)) => Some(key_id.as_str()),
            Some(_) => return Err(MessageRefused::Malformed),
        };
        let named = |key: &&VerifyingKey| {
            key_id.is_none_or(|key_id| key.key_id().is_some_and(|known| known.as_str() == key_id))
        };
        let known = keys.keys().iter().filter(named);
        if known.clone().next().is_none() {
            return Err(MessageRefused::UnknownKey);
        }
        let mut candidates = known.filter(|key| key.algorithm() == self.algorithm).take(limits::CANDIDATES).peekable();
        if candidates.peek().is_none() {
            return Err(MessageRefused::KeyAlgorithmMismatch);
        }
        if !policy.algorithms.contains(&self.algorithm) {
            return Err(MessageRefused::AlgorithmNotAllowed);
        }
        let signature = base64url::decode(self.segments[2]).map_err(|_| MessageRefused::Malformed)?;
        let signed = signing_input(self.segments[0], self.segments[1], body, policy);
        candidates
            .find(|key| key.verify(&signed, &signature).is_ok())
            .map(|key| (key.clone(), signed))
            .ok_or(MessageRefused::BadSignature)
    }
}

/// `header.payload` (RFC 7515 section 5.1), the payload as the policy signs it (RFC 7797 section 3).
pub(super) fn signing_input(header: &str, payload: &str, body: Option<&[u8]>, policy: &MessagePolicy) -> Vec<u8> {
    let payload: Cow<'_, [u8]> = match (body, policy.shape) {
        (Some(body), Shape::Detached { payload: Payload::Raw, .. }) => Cow::Borrowed(body),
        (Some(body), _) => Cow::Owned(base64url::encode(body).into_bytes()),
        (None, _) => Cow::Borrowed(payload.as_bytes()),
    };
    let mut input = Vec::with_capacity(header.len() + payload.len() + 1);
    input.extend_from_slice(header.as_bytes());
    input.push(b'.');
    input.extend_from_slice(&payload);
    input
}

/// `typ` is compared without regard to case and to `application/` (RFC 7515 section 4.1.9).
fn check_type(header: &Map<String, Value>, policy: &MessagePolicy) -> Result<(), MessageRefused> {
    let Some(expected) = policy.typ else { return Ok(()) };
    let typ = header.get("typ").and_then(Value::as_str).unwrap_or_default();
    let short = match typ.split_at_checked(12) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => typ,
    };
    if short.eq_ignore_ascii_case(expected) { Ok(()) } else { Err(MessageRefused::WrongType) }
}

/// `crit` names exactly what the policy's messages use beyond RFC 7515, each once, each there; `b64` is the policy's.
fn check_critical(header: &Map<String, Value>, policy: &MessagePolicy) -> Result<(), MessageRefused> {
    let expected = critical(policy);
    let raw = matches!(policy.shape, Shape::Detached { payload: Payload::Raw, .. });
    if header.get("b64").is_some_and(|value| *value != Value::Bool(false) || !raw) || raw && !header.contains_key("b64")
    {
        return Err(MessageRefused::UnsupportedCritical);
    }
    let named = match header.get("crit") {
        None if expected.is_empty() => return Ok(()),
        Some(Value::Array(named)) if !named.is_empty() => named,
        _ => return Err(MessageRefused::UnsupportedCritical),
    };
    let mut names = Vec::with_capacity(named.len());
    for name in named {
        let name = name.as_str().ok_or(MessageRefused::UnsupportedCritical)?;
        if names.contains(&name) || !expected.contains(&name) || !header.contains_key(name) {
            return Err(MessageRefused::UnsupportedCritical);
        }
        names.push(name);
    }
    // What is stated must be marked; a name that an answer uses and a request does not may be absent from both.
    if expected.iter().any(|name| header.contains_key(*name) && !names.contains(name)) {
        return Err(MessageRefused::UnsupportedCritical);
    }
    Ok(())
}

/// The names that `crit` may hold under `policy`.
pub(super) fn critical(policy: &MessagePolicy) -> Vec<&'static str> {
    let Shape::Detached { payload, .. } = policy.shape else { return Vec::new() };
    let mut names = Vec::new();
    if payload == Payload::Raw {
        names.push("b64");
    }
    if policy.critical {
        let claims = &policy.claims;
        names.extend([claims.issuer, claims.issued]);
        names.extend(
            [claims.audience, claims.id, claims.expires, claims.method, claims.in_reply_to].into_iter().flatten(),
        );
        names.extend(policy.constants.iter().map(|(name, _)| *name));
    }
    names
}
