use core::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use ingam_jose::{SignError, Signer};
use ingam_wire::{Randomness, UnixTime, base64url};
use serde_json::{Map, Value, json};

use super::{Context, jws, place};
use crate::{
    head::Length,
    policy::{MessagePolicy, Payload, Shape},
};

/// A message ready to be sent.
pub struct SignedMessage {
    body: Bytes,
    field: Option<(HeaderName, HeaderValue)>,
    media_type: Option<&'static str>,
    id: Option<String>,
}

/// Why a message was not signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MessageSigningError {
    /// The signing key's algorithm is not one of the policy's.
    #[error("the policy does not admit the signing key's algorithm")]
    AlgorithmNotAllowed,
    /// The body is no JSON, or has members with the names of claims.
    #[error("the body cannot stand in a JWT")]
    BodyNotJson,
    /// The context lacks the method that the policy states.
    #[error("the policy states the method, and the context has none")]
    MethodMissing,
    /// The signing key gave no signature.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The field cannot be printed.
    #[error("the signature field cannot be printed")]
    Unprintable,
}

impl SignedMessage {
    /// The body to send: the one that was signed, or the JWT.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The header field to add, of a detached signature.
    #[must_use]
    pub const fn field(&self) -> Option<&(HeaderName, HeaderValue)> {
        self.field.as_ref()
    }

    /// The `Content-Type` to send instead, of a JWT body.
    #[must_use]
    pub const fn media_type(&self) -> Option<&'static str> {
        self.media_type
    }

    /// The one-time identifier, which the answer must name.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}

impl fmt::Debug for SignedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedMessage").field("body", &Length(&self.body)).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Signs `body` as a message of `context` under `policy`, with a fresh identifier.
///
/// # Errors
/// [`MessageSigningError`].
pub async fn sign(
    body: Bytes,
    context: &Context<'_>,
    signer: &dyn Signer,
    policy: &MessagePolicy,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<SignedMessage, MessageSigningError> {
    let algorithm = signer.verifying_key().algorithm();
    if !policy.algorithms.contains(&algorithm) {
        return Err(MessageSigningError::AlgorithmNotAllowed);
    }
    let id = match policy.claims.id {
        Some(_) => {
            let mut bytes = [0; 16];
            randomness.fill(&mut bytes).map_err(SignError::from)?;
            Some(base64url::encode(bytes))
        }
        None => None,
    };
    let claims = claims(context, id.as_deref(), policy, now)?;
    let mut header = Map::new();
    header.insert("alg".to_owned(), json!(algorithm.name()));
    header.insert("kid".to_owned(), json!(signer.key_id().as_str()));
    if let Some(typ) = policy.typ {
        header.insert("typ".to_owned(), json!(typ));
    }
    match policy.shape {
        Shape::Detached { field, payload } => {
            header.extend(claims);
            if payload == Payload::Raw {
                header.insert("b64".to_owned(), json!(false));
            }
            let critical: Vec<_> =
                jws::critical(policy).into_iter().filter(|name| header.contains_key(*name)).collect();
            if !critical.is_empty() {
                header.insert("crit".to_owned(), json!(critical));
            }
            let header = base64url::encode(Value::Object(header).to_string());
            let signature = signer.sign(&jws::signing_input(&header, "", Some(&body), policy)).await?;
            let text = format!("{header}..{}", base64url::encode(signature));
            let value = HeaderValue::try_from(text).map_err(|_| MessageSigningError::Unprintable)?;
            Ok(SignedMessage { body, field: Some((HeaderName::from_static(field), value)), media_type: None, id })
        }
        Shape::Jwt { media_type, content } => {
            let payload = place::join(&claims, &body, content).ok_or(MessageSigningError::BodyNotJson)?;
            let header = base64url::encode(Value::Object(header).to_string());
            let payload = base64url::encode(payload);
            let signature = signer.sign(&jws::signing_input(&header, &payload, None, policy)).await?;
            let text = format!("{header}.{payload}.{}", base64url::encode(signature));
            Ok(SignedMessage { body: text.into(), field: None, media_type: Some(media_type), id })
        }
    }
}

fn claims(
    context: &Context<'_>,
    id: Option<&str>,
    policy: &MessagePolicy,
    now: UnixTime,
) -> Result<Map<String, Value>, MessageSigningError> {
    let names = &policy.claims;
    let mut claims = Map::new();
    let mut state = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    state(names.issuer, json!(context.issuer));
    state(names.issued, json!(now.secs()));
    if let Some(name) = names.audience {
        state(name, json!(context.audience));
    }
    if let (Some(name), Some(id)) = (names.id, id) {
        state(name, json!(id));
    }
    if let Some(name) = names.expires {
        state(name, json!(now.plus(policy.window).secs()));
    }
    // A message without method is an answer, and names what it answers where it can.
    match (names.method, names.in_reply_to, context.method, context.in_reply_to) {
        (Some(name), _, Some(method), _) => state(name, json!(method)),
        (Some(_), Some(_), None, None) => return Err(MessageSigningError::MethodMissing),
        _ => {}
    }
    if let (Some(name), Some(reply)) = (names.in_reply_to, context.in_reply_to) {
        state(name, json!(reply));
    }
    for (name, value) in policy.constants {
        state(name, json!(value));
    }
    Ok(claims)
}
