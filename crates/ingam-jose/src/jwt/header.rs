use ingam_wire::json;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{JwtError, KeyReference, Typ};
use crate::{
    Jwk, SignatureAlgorithm,
    jwk::{Member, RawJwk},
    limits,
};

/// What a verifier needs of a header that was checked.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) key_id: Option<Box<str>>,
    pub(super) embedded: Option<Box<Jwk>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawHeader<'a> {
    #[serde(borrow)]
    alg: Member<'a>,
    #[serde(borrow)]
    typ: Member<'a>,
    #[serde(borrow)]
    kid: Member<'a>,
    #[serde(borrow)]
    jwk: Option<RawJwk<'a>>,
    crit: There,
    b64: There,
    zip: There,
    enc: There,
    jku: There,
    x5u: There,
    x5c: There,
}

/// Whether a member is there, whatever it holds (`null` included).
#[derive(Default)]
struct There(bool);

impl<'de> Deserialize<'de> for There {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Checks everything of a header that needs no key, in the order of [`JwtError`].
pub(super) fn read(text: &[u8], typ: Typ, key: KeyReference) -> Result<Header, JwtError> {
    json::check(text, &limits::HEADER_JSON)?;
    let raw: RawHeader<'_> = serde_json::from_slice(text).map_err(|_| JwtError::Malformed)?;
    let name = raw.alg.text().map_err(|_| JwtError::Malformed)?.ok_or(JwtError::Malformed)?;
    let algorithm = SignatureAlgorithm::from_name(name).ok_or(JwtError::AlgorithmNotAllowed)?;
    if raw.crit.0 {
        // No extension is understood in a JWT, so whatever it names (or does not) is unknown.
        return Err(JwtError::UnsupportedCritical);
    }
    if raw.b64.0 {
        // RFC 7797 section 6: `b64` without `crit` must be refused, and section 7: never in a JWT.
        return Err(JwtError::UnsupportedCritical);
    }
    // Keys by reference are never fetched; `zip` and `enc` belong to another kind of message.
    if raw.zip.0 || raw.enc.0 || raw.jku.0 || raw.x5u.0 || raw.x5c.0 {
        return Err(JwtError::UnsupportedHeader);
    }
    if !typ.admits(raw.typ.text().map_err(|_| JwtError::Malformed)?) {
        return Err(JwtError::WrongType);
    }
    let key_id = raw.kid.text().map_err(|_| JwtError::Malformed)?.map(Box::from);
    let embedded = match (key, &raw.jwk) {
        (KeyReference::Embedded, Some(raw)) => Some(Box::new(raw.to_public().map_err(JwtError::EmbeddedKey)?)),
        (KeyReference::Embedded, None) => return Err(JwtError::UnknownKey),
        // Ignored, but a sender that shows its private key is told so.
        (KeyReference::ById, Some(raw)) if raw.has_private_member() => return Err(JwtError::UnsupportedHeader),
        (KeyReference::ById, _) => None,
    };
    Ok(Header { algorithm, key_id, embedded })
}
