use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use ingam_wire::json;
use serde_json::{Map, Value, value::RawValue};

use super::MessageRefused;
use crate::{limits, policy::Content};

/// Puts `body` among `claims`, byte for byte; `None` when it cannot stand there.
pub(super) fn join(claims: &Map<String, Value>, body: &[u8], content: Content) -> Option<String> {
    json::check(body, &limits::PAYLOAD_JSON).ok()?;
    let body = core::str::from_utf8(body).ok()?.trim_ascii();
    let mut text = serde_json::to_string(claims).ok()?;
    let _ = text.pop();
    match content {
        Content::Member(member) => {
            text.push(',');
            text.push_str(&serde_json::to_string(member).ok()?);
            text.push(':');
            text.push_str(body);
            text.push('}');
        }
        Content::Beside => {
            let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(body).ok()?;
            if members.keys().any(|name| claims.contains_key(name.as_ref())) {
                return None;
            }
            if !members.is_empty() {
                text.push(',');
            }
            text.push_str(body.strip_prefix('{')?);
        }
    }
    Some(text)
}

/// Takes `payload` apart again: the claims, and the content byte for byte.
pub(super) fn split(payload: &Bytes, content: Content) -> Result<(Map<String, Value>, Bytes), MessageRefused> {
    match content {
        Content::Beside => {
            let members = json::parse(payload, &limits::PAYLOAD_JSON).map_err(|_| MessageRefused::Malformed)?;
            Ok((members, payload.clone()))
        }
        Content::Member(member) => {
            let members: BTreeMap<Cow<'_, str>, &RawValue> =
                json::parse_borrowed(payload, &limits::PAYLOAD_JSON).map_err(|_| MessageRefused::Malformed)?;
            let mut claims = Map::new();
            let mut found = None;
            for (name, value) in members {
                if name == member {
                    found = Some(Bytes::copy_from_slice(value.get().as_bytes()));
                } else {
                    let value = serde_json::from_str(value.get()).map_err(|_| MessageRefused::Malformed)?;
                    claims.insert(name.into_owned(), value);
                }
            }
            Ok((claims, found.ok_or(MessageRefused::ClaimMissing { claim: member })?))
        }
    }
}
