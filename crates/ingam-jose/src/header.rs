//! The header of a signed message (RFC 7515 section 4), read once for JWS and JWT.

use ingam_wire::json;
use memchr::memchr;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use crate::{
    Jwk, SignatureAlgorithm,
    jwk::{Half, Member, RawJwk},
    jwt::{JwtError, KeyReference, Typ},
    limits,
};

/// What a verifier needs of a header that was checked.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) key_id: Option<Box<str>>,
    pub(crate) embedded: Option<Box<Jwk>>,
    /// Whether the payload is base64url in the signing input (RFC 7797 section 3).
    pub(crate) encoded: bool,
}

/// Which form of message the header stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// The payload stands in the token; `b64` cannot be understood (RFC 7797 sections 5.2 and 7).
    Attached,
    /// The payload comes beside the token; `b64` is understood.
    Detached,
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
    crit: Member<'a>,
    #[serde(borrow)]
    jwk: Option<Box<RawJwk<'a>>>,
    b64: Flag,
    zip: There,
    enc: There,
    jku: There,
    x5u: There,
    x5c: There,
}

/// Whether a member is there, whatever it holds (`null` included).
#[derive(Default)]
pub(crate) struct There(pub(crate) bool);

impl<'de> Deserialize<'de> for There {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// A boolean that may be absent, and nothing else.
#[derive(Default)]
struct Flag(Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bool::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

/// Checks everything of a header that needs no key, in the order of [`JwtError`].
///
/// fapi: SP-K-1, SP-K-6, JW-8
pub(crate) fn read(text: &[u8], typ: Typ, key: KeyReference, form: Form) -> Result<Header, JwtError> {
    let raw: RawHeader<'_> = json::parse_borrowed(text, &limits::HEADER_JSON)?;
    let name = raw.alg.text().map_err(|_| JwtError::Malformed)?.ok_or(JwtError::Malformed)?;
    let algorithm = SignatureAlgorithm::from_name(name).ok_or(JwtError::AlgorithmNotAllowed)?;
    let encoded = encoding(&raw.crit, raw.b64.0, form)?;
    // Keys by reference are never fetched; `zip` and `enc` belong to another kind of message.
    if raw.zip.0 || raw.enc.0 || raw.jku.0 || raw.x5u.0 || raw.x5c.0 {
        return Err(JwtError::UnsupportedHeader);
    }
    if !typ.admits(raw.typ.text().map_err(|_| JwtError::Malformed)?) {
        return Err(JwtError::WrongType);
    }
    let key_id = raw.kid.text().map_err(|_| JwtError::Malformed)?.map(Box::from);
    let embedded = match (key, &raw.jwk) {
        (KeyReference::Embedded, Some(raw)) => {
            Some(Box::new(raw.public_half(Half::Public).map_err(JwtError::EmbeddedKey)?))
        }
        (KeyReference::Embedded, None) => return Err(JwtError::UnknownKey),
        // Ignored, but a sender that shows its private key is told so.
        (KeyReference::ById, Some(raw)) if raw.has_private_member() => return Err(JwtError::UnsupportedHeader),
        (KeyReference::ById, _) => None,
    };
    Ok(Header { algorithm, key_id, embedded, encoded })
}

/// Whether the payload is encoded; `crit` must name `b64` and nothing else, once, where `b64` stands (RFC 7515
/// section 4.1.11, RFC 7797 section 6). With an attached payload no extension is understood, so any `crit` is one
/// too many.
fn encoding(crit: &Member<'_>, b64: Option<bool>, form: Form) -> Result<bool, JwtError> {
    let named = match crit {
        Member::Absent => false,
        Member::List(list) => match list.as_slice() {
            [Member::Text(only)] if only == "b64" => true,
            _ => return Err(JwtError::UnsupportedCritical),
        },
        Member::Text(_) | Member::Other => return Err(JwtError::UnsupportedCritical),
    };
    match (named, b64, form) {
        (false, None, _) => Ok(true),
        (true, Some(encoded), Form::Detached) => Ok(encoded),
        _ => Err(JwtError::UnsupportedCritical),
    }
}

/// The segments of a compact message, found without an allocation and without reading further than one too many.
pub(crate) fn segments<const N: usize>(token: &str) -> Result<[&str; N], WrongSegments> {
    let mut found = [""; N];
    let mut rest = Some(token);
    for segment in &mut found {
        let text = rest.ok_or(WrongSegments::TooFew)?;
        (*segment, rest) = match memchr(b'.', text.as_bytes()).and_then(|dot| text.split_at_checked(dot)) {
            Some((segment, dot_and_rest)) => (segment, dot_and_rest.get(1..)),
            None => (text, None),
        };
    }
    if rest.is_some() { Err(WrongSegments::TooMany) } else { Ok(found) }
}

/// There is not the right number of segments.
pub(crate) enum WrongSegments {
    TooFew,
    TooMany,
}
