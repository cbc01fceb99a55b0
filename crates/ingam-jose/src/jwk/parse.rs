use ingam_wire::{base64url, json};
use serde::Deserialize;

use super::{Jwk, JwkError, Member, PublicKey, member::NotText};
use crate::{KeyAlgorithm, KeyUse, curve, limits};

impl Jwk {
    /// Reads one public JWK, strictly: no member twice, no private member, numbers of the right size, the point on
    /// its curve, and `kty`, `alg`, `use`, `key_ops` in agreement. Unknown members are ignored (RFC 7517 section 4);
    /// `x5u` is never followed.
    ///
    /// fapi: JW-3
    ///
    /// # Errors
    /// The first [`JwkError`] that applies.
    pub fn parse(text: &[u8]) -> Result<Self, JwkError> {
        json::check(text, &limits::KEY_JSON)?;
        let raw: RawJwk<'_> = serde_json::from_slice(text).map_err(|_| JwkError::Malformed)?;
        raw.to_public()
    }
}

impl From<json::JsonError> for JwkError {
    fn from(error: json::JsonError) -> Self {
        match error {
            json::JsonError::TooLarge { .. } => Self::TooLarge,
            json::JsonError::DuplicateMember => Self::DuplicateMember,
            _ => Self::Malformed,
        }
    }
}

impl From<NotText> for JwkError {
    fn from(_: NotText) -> Self {
        Self::Malformed
    }
}

/// The members of a JWK as they stand in a text that was checked for duplicates and size.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RawJwk<'a> {
    #[serde(borrow)]
    pub(crate) kty: Member<'a>,
    #[serde(borrow)]
    pub(crate) crv: Member<'a>,
    #[serde(borrow)]
    pub(crate) x: Member<'a>,
    #[serde(borrow)]
    pub(crate) y: Member<'a>,
    #[serde(borrow)]
    pub(crate) n: Member<'a>,
    #[serde(borrow)]
    pub(crate) e: Member<'a>,
    #[serde(borrow)]
    pub(crate) kid: Member<'a>,
    #[serde(borrow)]
    pub(crate) alg: Member<'a>,
    #[serde(borrow, rename = "use")]
    pub(crate) key_use: Member<'a>,
    #[serde(borrow)]
    pub(crate) key_ops: Member<'a>,
    #[serde(borrow)]
    pub(crate) d: Member<'a>,
    #[serde(borrow)]
    pub(crate) p: Member<'a>,
    #[serde(borrow)]
    pub(crate) q: Member<'a>,
    #[serde(borrow)]
    pub(crate) dp: Member<'a>,
    #[serde(borrow)]
    pub(crate) dq: Member<'a>,
    #[serde(borrow)]
    pub(crate) qi: Member<'a>,
    #[serde(borrow)]
    pub(crate) oth: Member<'a>,
    #[serde(borrow)]
    pub(crate) k: Member<'a>,
    #[serde(borrow, rename = "priv")]
    pub(crate) seed: Member<'a>,
}

impl RawJwk<'_> {
    /// Whether any member of RFC 7518 sections 6.2.2, 6.3.2 and 6.4 is there, or `priv` of the key type AKP (RFC 9964).
    pub(crate) const fn has_private_member(&self) -> bool {
        self.d.is_there()
            || self.p.is_there()
            || self.q.is_there()
            || self.dp.is_there()
            || self.dq.is_there()
            || self.qi.is_there()
            || self.oth.is_there()
            || self.k.is_there()
            || self.seed.is_there()
    }

    /// The key, if it is a public one.
    pub(crate) fn to_public(&self) -> Result<Jwk, JwkError> {
        let jwk = self.public_half(Half::Public)?;
        match jwk.public_key() {
            PublicKey::Ed25519(key) if !curve::is_on_ed25519(key) => Err(JwkError::NotOnCurve),
            _ => Ok(jwk),
        }
    }

    /// The public half of a key; a key that is used once, at once, needs no more, since no signature verifies with an
    /// Ed25519 key that is no point.
    pub(crate) fn public_half(&self, half: Half) -> Result<Jwk, JwkError> {
        if half == Half::Public && self.has_private_member() {
            return Err(JwkError::PrivateMember);
        }
        let key = self.numbers()?;
        let key_id = self.kid.text()?.map(str::parse).transpose().map_err(|_| JwkError::Malformed)?;
        let name = self.alg.text()?;
        let algorithm =
            name.map(|name| KeyAlgorithm::from_name(name).ok_or(JwkError::AlgorithmNotAllowed)).transpose()?;
        if algorithm.is_some_and(|a| !key.fits(a)) {
            return Err(JwkError::Contradiction);
        }
        let stated = match self.key_use.text()? {
            None => None,
            Some("sig") => Some(KeyUse::Signature),
            Some("enc") => Some(KeyUse::Encryption),
            Some(_) => return Err(JwkError::Contradiction),
        };
        let operations = self.use_of_operations(half)?;
        let mut key_use = None;
        for said in [key.only_use(), algorithm.map(KeyAlgorithm::key_use), stated, operations].into_iter().flatten() {
            if *key_use.get_or_insert(said) != said {
                return Err(JwkError::Contradiction);
            }
        }
        // What the type alone says is not a statement of the key's.
        let key_use = if algorithm.is_none() && stated.is_none() && operations.is_none() { None } else { key_use };
        Ok(Jwk { key, key_id, algorithm, key_use })
    }

    fn numbers(&self) -> Result<PublicKey, JwkError> {
        match (self.kty.text()?, self.crv.text()?) {
            (Some("EC"), Some("P-256")) => {
                let (x, y) = (fixed(&self.x)?, fixed(&self.y)?);
                PublicKey::p256_at(&x, &y)
            }
            (Some("OKP"), Some("Ed25519")) => match fixed(&self.x)? {
                key if curve::is_proper_ed25519(&key) => Ok(PublicKey::Ed25519(key)),
                _ => Err(JwkError::NotOnCurve),
            },
            (Some("OKP"), Some("X25519")) => Ok(PublicKey::X25519(fixed(&self.x)?)),
            (Some("RSA"), _) => {
                let (n, e) = (number(&self.n)?, number(&self.e)?);
                PublicKey::rsa(n, e)
            }
            (None, _) | (Some("EC" | "OKP"), None) => Err(JwkError::Malformed),
            (Some(_), _) => Err(JwkError::UnsupportedKeyType),
        }
    }

    /// The use that `key_ops` amounts to (RFC 7517 section 4.3).
    fn use_of_operations(&self, half: Half) -> Result<Option<KeyUse>, JwkError> {
        let list = match &self.key_ops {
            Member::Absent => return Ok(None),
            Member::List(list) => list,
            Member::Text(_) | Member::Other => return Err(JwkError::Malformed),
        };
        let mut seen: Vec<&str> = Vec::with_capacity(list.len());
        for operation in list {
            let name = operation.text()?.ok_or(JwkError::Malformed)?;
            if seen.contains(&name) {
                return Err(JwkError::DuplicateMember);
            }
            seen.push(name);
        }
        let any = |names: &[&str]| seen.iter().any(|name| names.contains(name));
        let signs = any(&["sign", "verify"]);
        let seals = any(&["encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"]);
        let usable = match half {
            Half::Public => any(&["verify", "encrypt", "wrapKey", "deriveKey", "deriveBits"]),
            Half::Private => any(&["sign", "decrypt", "unwrapKey", "deriveKey", "deriveBits"]),
        };
        match (signs, seals) {
            (true, false) if usable => Ok(Some(KeyUse::Signature)),
            (false, true) if usable => Ok(Some(KeyUse::Encryption)),
            _ => Err(JwkError::Contradiction),
        }
    }
}

/// Which half of the key the JWK is meant to be used as.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Half {
    Public,
    Private,
}

impl PublicKey {
    /// An Ed25519 key from its 32 bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`JwkError::WrongSize`] and [`JwkError::NotOnCurve`].
    pub fn ed25519(key: &[u8]) -> Result<Self, JwkError> {
        let key = key.try_into().map_err(|_| JwkError::WrongSize)?;
        let fits = curve::is_proper_ed25519(&key) && curve::is_on_ed25519(&key);
        if fits { Ok(Self::Ed25519(key)) } else { Err(JwkError::NotOnCurve) }
    }

    /// A key on P-256 from its uncompressed point (SEC 1 section 2.3.3); there is no smaller curve.
    ///
    /// fapi: SP-K-3
    ///
    /// # Errors
    /// [`JwkError::WrongSize`] and [`JwkError::NotOnCurve`].
    pub fn p256(point: &[u8]) -> Result<Self, JwkError> {
        match point.split_first() {
            Some((4, rest)) if rest.len() == 64 => {
                let (coordinates, _) = rest.as_chunks::<32>();
                match coordinates {
                    [x, y] => Self::p256_at(x, y),
                    _ => Err(JwkError::WrongSize),
                }
            }
            _ => Err(JwkError::WrongSize),
        }
    }

    fn p256_at(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, JwkError> {
        if !curve::is_on_p256(x, y) {
            return Err(JwkError::NotOnCurve);
        }
        let mut point = [4; 65];
        for (to, from) in point.iter_mut().skip(1).zip(x.iter().chain(y)) {
            *to = *from;
        }
        Ok(Self::P256(point))
    }

    /// An RSA key from big-endian numbers (RFC 7518 section 6.3.1: without leading zeros).
    ///
    /// fapi: SP-K-2
    ///
    /// # Errors
    /// [`JwkError::WrongSize`].
    pub fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, JwkError> {
        let odd = |number: &[u8]| number.last().is_some_and(|b| b % 2 == 1);
        let minimal = |number: &[u8]| number.first().is_some_and(|b| *b != 0);
        let bits = n.first().map_or(0, |first| {
            let top: usize = (8 - first.leading_zeros()).try_into().unwrap_or(0);
            n.len().saturating_sub(1).saturating_mul(8).saturating_add(top)
        });
        let exponent = e.iter().fold(0_u64, |sum, b| (sum << 8) | u64::from(*b));
        let exponent_fits = e.len() <= 4 && exponent >= 65_537;
        let fits = (limits::RSA_MIN_BITS..=limits::RSA_MAX_BITS).contains(&bits);
        if !(minimal(&n) && odd(&n) && fits && minimal(&e) && odd(&e) && exponent_fits) {
            return Err(JwkError::WrongSize);
        }
        Ok(Self::Rsa { n: n.into(), e: e.into() })
    }
}

fn fixed(member: &Member<'_>) -> Result<[u8; 32], JwkError> {
    let text = member.text()?.ok_or(JwkError::Malformed)?;
    if text.len() != 43 {
        return Err(JwkError::WrongSize);
    }
    base64url::decode_array(text).map_err(|_| JwkError::Malformed)
}

fn number(member: &Member<'_>) -> Result<Vec<u8>, JwkError> {
    let text = member.text()?.ok_or(JwkError::Malformed)?;
    if text.len() > limits::RSA_MAX_BITS / 6 + 2 {
        return Err(JwkError::WrongSize);
    }
    base64url::decode(text).map_err(|_| JwkError::Malformed)
}
