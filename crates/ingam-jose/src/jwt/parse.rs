use core::fmt;
use core::marker::PhantomData;

use ingam_wire::{base64url, json};
use serde::de::DeserializeOwned;

use super::{ClaimError, Expect, Kind, KnownHeader, RegisteredClaims};
use crate::{CryptoProvider, Jwk, JwkError, KeyError, KeySet, SignatureAlgorithm, VerifyingKey, header, limits};

/// A JWT that arrived: bounded and parsed, nothing proven.
pub struct Presented<'a, K: Kind> {
    signed: &'a str,
    header: header::Header,
    /// The key of the header, where both were known.
    known: Option<VerifyingKey>,
    /// The payload, and behind it the signature.
    bytes: Vec<u8>,
    payload: usize,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> fmt::Debug for Presented<'_, K> {
    /// Never the token itself: it may be a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("algorithm", &self.header.algorithm)
            .field("key_id", &self.header.key_id)
            .finish_non_exhaustive()
    }
}

/// Claims whose signature was verified with the key named beside them.
///
/// Only [`Presented::verify`] and its siblings make one.
///
/// ```compile_fail
/// # struct Note; impl ingam_jose::jwt::Kind for Note {
/// #     const TYP: ingam_jose::jwt::Typ = ingam_jose::jwt::Typ::Required("note+jwt"); type Claims = u8; }
/// fn forged(key: ingam_jose::VerifyingKey) -> ingam_jose::jwt::Verified<Note> {
///     ingam_jose::jwt::Verified { claims: 1, key }
/// }
/// ```
/// The same, earned:
/// ```
/// # struct Note; impl ingam_jose::jwt::Kind for Note {
/// #     const TYP: ingam_jose::jwt::Typ = ingam_jose::jwt::Typ::Required("note+jwt"); type Claims = u8; }
/// fn earned(presented: ingam_jose::jwt::Presented<'_, Note>, key: ingam_jose::VerifyingKey) -> Option<ingam_jose::jwt::Verified<Note>> {
///     presented.verify(&key).ok()
/// }
/// ```
pub struct Verified<K: Kind> {
    claims: K::Claims,
    key: VerifyingKey,
}

impl<K: Kind> fmt::Debug for Verified<K>
where
    K::Claims: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("claims", &self.claims).field("key", &self.key).finish()
    }
}

/// Something read from an unverified message: good to look something up, nothing else.
#[derive(Clone, Debug)]
pub struct Claimed<T>(T);

impl<T> Claimed<T> {
    /// The value, to choose a key or a record with, never to decide.
    #[must_use]
    pub fn for_lookup(&self) -> &T {
        &self.0
    }
}

/// Why a JWT or a JWS was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwtError {
    /// Longer than the limit.
    #[error("token is too large")]
    TooLarge,
    /// More than three segments (five are an encrypted token).
    #[error("token has too many segments")]
    TooManySegments,
    /// Not three base64url segments with a JSON header and JSON claims.
    #[error("malformed token")]
    Malformed,
    /// JSON nested deeper than the limit.
    #[error("token is nested too deep")]
    TooDeep,
    /// An object of the header or the claims holds a member twice.
    #[error("token holds a member twice")]
    DuplicateMember,
    /// `alg` is not one that can be written down here.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// `crit` is there (no extension is understood in a JWT), or `b64` is.
    #[error("unsupported critical header")]
    UnsupportedCritical,
    /// A header that must never be there (`zip`, `enc`, `jku`, `x5u`, `x5c`).
    #[error("unsupported header")]
    UnsupportedHeader,
    /// `typ` is not the kind's.
    #[error("wrong token type")]
    WrongType,
    /// The embedded key was refused.
    #[error("the embedded key is refused: {0}")]
    EmbeddedKey(JwkError),
    /// No key fits `kid` and `alg`.
    #[error("unknown key")]
    UnknownKey,
    /// `alg` is not the key's algorithm.
    #[error("the token's algorithm is not the key's")]
    KeyAlgorithmMismatch,
    /// The signature is not the key's.
    #[error("bad signature")]
    BadSignature,
    /// The claims are not those of the kind, or one has the wrong type.
    #[error("malformed claim")]
    MalformedClaim,
}

impl JwtError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::TooManySegments => "TooManySegments",
            Self::Malformed => "Malformed",
            Self::TooDeep => "TooDeep",
            Self::DuplicateMember => "DuplicateMember",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::UnsupportedCritical => "UnsupportedCritical",
            Self::UnsupportedHeader => "UnsupportedHeader",
            Self::WrongType => "WrongType",
            Self::EmbeddedKey(_) => "EmbeddedKey",
            Self::UnknownKey => "UnknownKey",
            Self::KeyAlgorithmMismatch => "KeyAlgorithmMismatch",
            Self::BadSignature => "BadSignature",
            Self::MalformedClaim => "MalformedClaim",
        }
    }
}

impl From<json::JsonError> for JwtError {
    fn from(error: json::JsonError) -> Self {
        match error {
            json::JsonError::TooLarge { .. } | json::JsonError::TooManyMembers { .. } => Self::TooLarge,
            json::JsonError::TooDeep { .. } => Self::TooDeep,
            json::JsonError::DuplicateMember => Self::DuplicateMember,
            json::JsonError::Malformed { .. } | json::JsonError::WrongShape => Self::Malformed,
        }
    }
}

impl<'a, K: Kind> Presented<'a, K> {
    /// Bounds and parses `token` (compact serialisation only); checks everything that needs no key.
    ///
    /// # Errors
    /// The first [`JwtError`] that applies.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        Self::parse_known(token, None)
    }

    /// As [`Presented::parse`]; a header that is `known`, byte for byte, is not read again.
    ///
    /// # Errors
    /// As [`Presented::parse`]: the same text has the same meaning.
    pub fn parse_known(token: &'a str, known: Option<&KnownHeader<K>>) -> Result<Self, JwtError> {
        let [header, payload, signature] = bounded_segments(token)?;
        // One dot stands between the two.
        let (signed, _) = token.split_at_checked(header.len() + 1 + payload.len()).ok_or(JwtError::Malformed)?;
        if signature.len() > limits::SIGNATURE_TEXT {
            return Err(JwtError::BadSignature);
        }
        let mut bytes = Vec::with_capacity(header.len().max(payload.len() + signature.len()));
        let (header, known) = match known.and_then(|known| known.of(header)) {
            Some((header, key)) => (header, Some(key)),
            None => {
                base64url::decode_append(header, &mut bytes).map_err(|_| JwtError::Malformed)?;
                let header = header::read(&bytes, K::TYP, K::KEY, header::Form::Attached)?;
                bytes.clear();
                (header, None)
            }
        };
        base64url::decode_append(payload, &mut bytes).map_err(|_| JwtError::Malformed)?;
        let payload = bytes.len();
        base64url::decode_append(signature, &mut bytes).map_err(|_| JwtError::Malformed)?;
        Ok(Self { signed, header, known, bytes, payload, kind: PhantomData })
    }

    /// The payload and the signature.
    fn parts(&self) -> (&[u8], &[u8]) {
        self.bytes.split_at_checked(self.payload).unwrap_or_default()
    }

    /// The header's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.header.algorithm
    }

    /// The header's `kid`, for lookup among known keys; it is the sender's text, never a path or a query.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.key_id.as_deref()
    }

    /// The header's `jwk`, of kinds with [`super::KeyReference::Embedded`]; of a known header with `alg` and `use`.
    #[must_use]
    pub fn embedded_key(&self) -> Option<&Jwk> {
        self.known.as_ref().map(VerifyingKey::to_jwk).or(self.header.embedded.as_deref())
    }

    /// Unverified claims of shape `T`, for lookup (which issuer, which client).
    ///
    /// # Errors
    /// [`JwtError::MalformedClaim`], and what the strict scan says.
    pub fn claimed<T: DeserializeOwned>(&self) -> Result<Claimed<T>, JwtError> {
        read_claims(self.parts().0).map(Claimed)
    }

    /// Verifies with one key.
    ///
    /// # Errors
    /// `KeyAlgorithmMismatch`, `BadSignature` or `MalformedClaim`.
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified<K>, JwtError> {
        if key.algorithm() != self.header.algorithm {
            return Err(JwtError::KeyAlgorithmMismatch);
        }
        key.verify(self.signed.as_bytes(), self.parts().1).map_err(|_| JwtError::BadSignature)?;
        self.earned(key)
    }

    /// Verifies with the key of `keys` that `kid` and `alg` select.
    ///
    /// # Errors
    /// `UnknownKey`, `KeyAlgorithmMismatch`, `BadSignature` or `MalformedClaim`.
    pub fn verify_with(self, keys: &KeySet) -> Result<Verified<K>, JwtError> {
        let key = select(&self.header, keys, self.signed.as_bytes(), self.parts().1)?;
        self.earned(key)
    }

    /// Verifies with the key that the header itself brings (DPoP proofs): proves possession of that key, no more.
    ///
    /// # Errors
    /// `UnknownKey` where the kind embeds none, `EmbeddedKey`, `KeyAlgorithmMismatch`, `BadSignature` or `MalformedClaim`.
    pub fn verify_embedded(self, provider: &dyn CryptoProvider) -> Result<Verified<K>, JwtError> {
        if let Some(key) = self.known.clone() {
            return self.verify(&key);
        }
        let jwk = self.embedded_key().ok_or(JwtError::UnknownKey)?;
        let key = VerifyingKey::from_jwk(jwk, Some(self.header.algorithm), provider).map_err(|error| match error {
            KeyError::Jwk(reason) => JwtError::EmbeddedKey(reason),
            KeyError::KeyUseMismatch => JwtError::EmbeddedKey(JwkError::Contradiction),
            KeyError::NoAlgorithm => JwtError::KeyAlgorithmMismatch,
            _ => JwtError::UnknownKey,
        })?;
        self.verify(&key)
    }

    /// As [`Presented::verify_embedded`], and the header to know from now on; none where it was known.
    ///
    /// # Errors
    /// As [`Presented::verify_embedded`].
    pub fn verify_embedded_known(
        self,
        provider: &dyn CryptoProvider,
    ) -> Result<(Verified<K>, Option<KnownHeader<K>>), JwtError> {
        let new = self.known.is_none();
        let (signed, key_id) = (self.signed, self.header.key_id.clone().filter(|_| new));
        let verified = self.verify_embedded(provider)?;
        let known = new.then(|| KnownHeader::new(signed, key_id, verified.key.clone()));
        Ok((verified, known))
    }

    fn earned(&self, key: &VerifyingKey) -> Result<Verified<K>, JwtError> {
        let claims = read_claims(self.parts().0)?;
        Ok(Verified { claims, key: key.clone() })
    }
}

impl<K: Kind> Verified<K> {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &K::Claims {
        &self.claims
    }

    /// The claims, by value, with the key that signed them.
    #[must_use]
    pub fn into_parts(self) -> (K::Claims, VerifyingKey) {
        (self.claims, self.key)
    }

    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Checks issuer, audience and times against `expected`.
    ///
    /// # Errors
    /// The first [`ClaimError`] that applies.
    pub fn meets(&self, expected: &Expect<'_>) -> Result<(), ClaimError>
    where
        K::Claims: RegisteredClaims,
    {
        expected.check(&self.claims)
    }
}

/// The three segments of a token that is no longer than allowed.
pub(crate) fn bounded_segments(token: &str) -> Result<[&str; 3], JwtError> {
    let segments: [&str; 3] = header::segments(token).map_err(|wrong| match wrong {
        header::WrongSegments::TooMany => JwtError::TooManySegments,
        header::WrongSegments::TooFew if token.len() > limits::TOKEN => JwtError::TooLarge,
        header::WrongSegments::TooFew => JwtError::Malformed,
    })?;
    let [header, ..] = segments;
    if token.len() > limits::TOKEN || header.len() > limits::HEADER {
        return Err(JwtError::TooLarge);
    }
    Ok(segments)
}

/// The key of `keys` that `kid` and `alg` select and that verifies; a `kid` that stands twice does not end the search.
///
/// fapi: SP-K-8
pub(crate) fn select<'k>(
    header: &header::Header,
    keys: &'k KeySet,
    signed: &[u8],
    signature: &[u8],
) -> Result<&'k VerifyingKey, JwtError> {
    let key_id = header.key_id.as_deref();
    let mut error = match key_id {
        Some(key_id) if keys.knows(key_id) => JwtError::KeyAlgorithmMismatch,
        _ => JwtError::UnknownKey,
    };
    for key in keys.select(key_id, header.algorithm).take(limits::TRIES) {
        if key.verify(signed, signature).is_ok() {
            return Ok(key);
        }
        error = JwtError::BadSignature;
    }
    Err(error)
}

fn read_claims<T: DeserializeOwned>(payload: &[u8]) -> Result<T, JwtError> {
    json::parse(payload, &limits::CLAIMS_JSON).map_err(|error| match error {
        json::JsonError::WrongShape => JwtError::MalformedClaim,
        other => other.into(),
    })
}
