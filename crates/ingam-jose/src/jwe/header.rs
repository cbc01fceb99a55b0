use ingam_wire::{base64url, json};
use serde::Deserialize;

use super::{ContentEncryption, JweError};
use crate::{
    KeyManagement, PublicKey,
    header::There,
    jwk::{Member, RawJwk},
    jwt::same_type,
    limits,
};

/// What an opener needs of a header that was checked.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) algorithm: KeyManagement,
    pub(super) enc: ContentEncryption,
    pub(super) key_id: Option<Box<str>>,
    pub(super) ephemeral: Option<PublicKey>,
    pub(super) party_u: Vec<u8>,
    pub(super) party_v: Vec<u8>,
    /// `cty` says that the content is a JWT (RFC 7519 section 5.2).
    pub(super) holds_jwt: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawHeader<'a> {
    #[serde(borrow)]
    alg: Member<'a>,
    #[serde(borrow)]
    enc: Member<'a>,
    #[serde(borrow)]
    kid: Member<'a>,
    #[serde(borrow)]
    cty: Member<'a>,
    #[serde(borrow)]
    apu: Member<'a>,
    #[serde(borrow)]
    apv: Member<'a>,
    #[serde(borrow)]
    epk: Option<Box<RawJwk<'a>>>,
    crit: There,
    b64: There,
    zip: There,
    jku: There,
    x5u: There,
    x5c: There,
}

/// Checks everything of a header that needs no key, in the order of [`JweError`].
///
/// fapi: JW-4
pub(super) fn read(text: &[u8]) -> Result<Header, JweError> {
    json::check(text, &limits::HEADER_JSON)?;
    let raw: RawHeader<'_> = serde_json::from_slice(text).map_err(|_| JweError::Malformed)?;
    let name = required(&raw.alg)?;
    // PBES2 with its iteration count, RSA1_5, dir and A*KW end here, before any of their parameters is read.
    let algorithm = KeyManagement::from_name(name).ok_or(JweError::AlgorithmNotAllowed)?;
    let enc = ContentEncryption::from_name(required(&raw.enc)?).ok_or(JweError::AlgorithmNotAllowed)?;
    if raw.crit.0 {
        return Err(JweError::UnsupportedCritical);
    }
    // No decompression is linked (CVE-2024-28176 and others); keys by reference are never fetched.
    if raw.zip.0 || raw.b64.0 || raw.jku.0 || raw.x5u.0 || raw.x5c.0 {
        return Err(JweError::UnsupportedHeader);
    }
    let ephemeral = match (algorithm, &raw.epk) {
        (KeyManagement::RsaOaep256, _) => None,
        (_, Some(raw)) => Some(raw.to_public().map_err(JweError::InvalidKey)?.public_key().clone()),
        (_, None) => return Err(JweError::Malformed),
    };
    Ok(Header {
        algorithm,
        enc,
        key_id: raw.kid.text().map_err(|_| JweError::Malformed)?.map(Box::from),
        ephemeral,
        party_u: party(&raw.apu)?,
        party_v: party(&raw.apv)?,
        holds_jwt: raw.cty.text().map_err(|_| JweError::Malformed)?.is_some_and(|cty| same_type("JWT", cty)),
    })
}

fn required<'a>(member: &'a Member<'_>) -> Result<&'a str, JweError> {
    member.text().ok().flatten().ok_or(JweError::Malformed)
}

fn party(member: &Member<'_>) -> Result<Vec<u8>, JweError> {
    match member.text().map_err(|_| JweError::Malformed)? {
        Some(text) => base64url::decode(text).map_err(|_| JweError::Malformed),
        None => Ok(Vec::new()),
    }
}
