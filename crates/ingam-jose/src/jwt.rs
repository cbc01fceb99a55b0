//! Typed JWTs (RFC 7519, RFC 8725 section 3.11): the kind fixes `typ`, the claims and where the key is named.

use core::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Jwk, KeySet, SignError, SignatureAlgorithm, Signer, VerifyingKey};

/// A kind of JWT; no token of one kind verifies as another.
pub trait Kind {
    /// The `typ` header of this kind.
    const TYP: Typ;
    /// Where the verifier finds the key.
    const KEY: KeyReference = KeyReference::ById;
    /// The claims; what is required is not an `Option`.
    type Claims: Serialize + DeserializeOwned;
}

/// What a kind demands of `typ`; compared without regard to case, `application/` optional (RFC 7515 section 4.1.9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Typ {
    /// Must be there and be this.
    Required(&'static str),
    /// Must be exactly this text (RFC 9449 section 4.2).
    Exact(&'static str),
    /// May be absent; if there, must be one of these. The first is printed, unless empty.
    OneOfOrAbsent(&'static [&'static str]),
}

/// Where the verifier finds the key of a kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyReference {
    /// `kid` selects from keys known beforehand; a `jwk` header is ignored.
    ById,
    /// The public key travels in the header as `jwk` (DPoP proofs only).
    Embedded,
}

/// A JWT that arrived: bounded and parsed, nothing proven.
#[derive(Debug)]
pub struct Presented<'a, K: Kind> {
    _token: &'a str,
    _kind: PhantomData<K>,
}

/// Claims whose signature was verified with the key named beside them.
#[derive(Debug)]
pub struct Verified<K: Kind> {
    claims: K::Claims,
    key: VerifyingKey,
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

/// Why a JWT was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwtError {
    /// Longer than the limit.
    #[error("token is too large")]
    TooLarge,
    /// Not three base64url segments with a JSON header and JSON claims.
    #[error("malformed token")]
    Malformed,
    /// `alg` is not one that can be written down here.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// `crit` names something unknown, nothing, or something twice.
    #[error("unsupported critical header")]
    UnsupportedCritical,
    /// A header that must never be there (`zip`, `enc`, `b64` …).
    #[error("unsupported header")]
    UnsupportedHeader,
    /// `typ` is not the kind's.
    #[error("wrong token type")]
    WrongType,
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

impl<'a, K: Kind> Presented<'a, K> {
    /// Bounds and parses `token` (compact serialisation only); checks everything that needs no key.
    ///
    /// # Errors
    /// The first [`JwtError`] that applies.
    pub fn parse(_token: &'a str) -> Result<Self, JwtError> {
        todo!()
    }

    /// The header's algorithm.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        todo!()
    }

    /// The header's `kid`, for lookup.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        todo!()
    }

    /// The header's `jwk`, of kinds with [`KeyReference::Embedded`].
    #[must_use]
    pub fn embedded_key(&self) -> Option<&Jwk> {
        todo!()
    }

    /// Unverified claims of shape `T`, for lookup (which issuer, which client).
    ///
    /// # Errors
    /// [`JwtError::MalformedClaim`].
    pub fn claimed<T: DeserializeOwned>(&self) -> Result<Claimed<T>, JwtError> {
        todo!()
    }

    /// Verifies with one key.
    ///
    /// # Errors
    /// `KeyAlgorithmMismatch`, `BadSignature` or `MalformedClaim`.
    pub fn verify(self, _key: &VerifyingKey) -> Result<Verified<K>, JwtError> {
        todo!()
    }

    /// Verifies with the key of `keys` that `kid` and `alg` select.
    ///
    /// # Errors
    /// `UnknownKey`, `BadSignature` or `MalformedClaim`.
    pub fn verify_with(self, _keys: &KeySet) -> Result<Verified<K>, JwtError> {
        todo!()
    }
}

impl<K: Kind> Verified<K> {
    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &K::Claims {
        &self.claims
    }

    /// The claims, by value, with the key that signed them.
    #[must_use]
    pub fn into_parts(self) -> (K::Claims, VerifyingKey) {
        (self.claims, self.key)
    }

    /// The key that signed.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

/// Prints, signs and returns the compact token.
///
/// # Errors
/// [`SignError`].
pub async fn sign<K: Kind>(_claims: &K::Claims, _signer: &dyn Signer) -> Result<String, SignError> {
    todo!()
}
