//! JSON Web Keys (RFC 7517), public halves only.

mod member;
mod parse;
mod print;
pub(crate) mod private;
mod secret;

use crate::{Curve, KeyAlgorithm, KeyId, KeyManagement, KeyUse, SignatureAlgorithm};

pub(crate) use self::{
    member::Member,
    parse::{Half, RawJwk},
};

/// A public JSON Web Key (RFC 7517): P-256, Ed25519, X25519 or RSA; never a private member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Jwk {
    key: PublicKey,
    key_id: Option<KeyId>,
    algorithm: Option<KeyAlgorithm>,
    key_use: Option<KeyUse>,
}

/// The numbers of a public key, of the right size and on the curve.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicKey {
    /// A point of P-256, uncompressed: `4`, x, y (SEC 1 section 2.3.3).
    P256([u8; 65]),
    /// An Ed25519 key (RFC 8032 section 5.1.5).
    Ed25519([u8; 32]),
    /// An X25519 key (RFC 7748 section 5).
    X25519([u8; 32]),
    /// An RSA key, big-endian without leading zeros.
    Rsa {
        /// Modulus, 2,048 to 4,096 bits.
        n: Box<[u8]>,
        /// Public exponent, odd, from 65,537 to 2³² − 1.
        e: Box<[u8]>,
    },
}

/// Why a JWK was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwkError {
    /// Longer than the limit.
    #[error("the JWK is too large")]
    TooLarge,
    /// Not a JSON object, or a member of the wrong type.
    #[error("malformed JWK")]
    Malformed,
    /// A member is there twice.
    #[error("the JWK holds a member twice")]
    DuplicateMember,
    /// A private member (`d`, `p`, `k` …) where only public ones may be.
    #[error("the JWK holds private members")]
    PrivateMember,
    /// `kty` or `crv` is none of ours (`oct` included: a shared secret is no public key).
    #[error("key type not supported")]
    UnsupportedKeyType,
    /// A coordinate or number has the wrong size, or the RSA key is too small or too large.
    #[error("a number of the key has the wrong size")]
    WrongSize,
    /// The point is not on its curve, or on Ed25519 of small order or in a second spelling.
    #[error("the point is not on the curve")]
    NotOnCurve,
    /// `alg` is not one that can be written down here.
    #[error("the key's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `kty`, `alg`, `use` and `key_ops` contradict one another.
    #[error("the members of the JWK contradict one another")]
    Contradiction,
}

impl JwkError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::Malformed => "Malformed",
            Self::DuplicateMember => "DuplicateMember",
            Self::PrivateMember => "PrivateMember",
            Self::UnsupportedKeyType => "UnsupportedKeyType",
            Self::WrongSize => "WrongSize",
            Self::NotOnCurve => "NotOnCurve",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::Contradiction => "Contradiction",
        }
    }
}

impl Jwk {
    /// A key that says nothing but its numbers.
    #[must_use]
    pub const fn bare(key: PublicKey) -> Self {
        Self { key, key_id: None, algorithm: None, key_use: None }
    }

    /// The numbers of the key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The `kid` member.
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The `alg` member.
    #[must_use]
    pub const fn algorithm(&self) -> Option<KeyAlgorithm> {
        self.algorithm
    }

    /// The use that `use`, `key_ops` or `alg` states.
    #[must_use]
    pub const fn key_use(&self) -> Option<KeyUse> {
        self.key_use
    }

    /// The same key under this `kid`.
    #[must_use]
    pub fn with_key_id(mut self, key_id: Option<KeyId>) -> Self {
        self.key_id = key_id;
        self
    }

    /// The same key for this algorithm and its use.
    ///
    /// # Errors
    /// [`JwkError::Contradiction`] when the key's type, `alg` or `use` says otherwise.
    pub fn with_algorithm(mut self, algorithm: KeyAlgorithm) -> Result<Self, JwkError> {
        let other = self.algorithm.is_some_and(|a| a != algorithm);
        let other_use = self.key_use.is_some_and(|u| u != algorithm.key_use());
        if other || other_use || !self.key.fits(algorithm) {
            return Err(JwkError::Contradiction);
        }
        self.algorithm = Some(algorithm);
        self.key_use = Some(algorithm.key_use());
        Ok(self)
    }
}

impl PublicKey {
    /// The only signature algorithm that a key of this type may have (design rule: never the message's choice).
    #[must_use]
    pub const fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        match self {
            Self::P256(_) => Some(SignatureAlgorithm::Es256),
            Self::Ed25519(_) => Some(SignatureAlgorithm::EdDsa),
            Self::Rsa { .. } => Some(SignatureAlgorithm::Ps256),
            Self::X25519(_) => None,
        }
    }

    /// The curve that can be agreed on with a key of this type.
    #[must_use]
    pub const fn agreement_curve(&self) -> Option<Curve> {
        match self {
            Self::P256(_) => Some(Curve::P256),
            Self::X25519(_) => Some(Curve::X25519),
            Self::Ed25519(_) | Self::Rsa { .. } => None,
        }
    }

    /// Bits of security strength (SP 800-57 part 1 table 2).
    #[must_use]
    pub const fn strength(&self) -> u16 {
        match self {
            // A modulus of 3,072 bits has 384 bytes; leading zeros are not there.
            Self::Rsa { n, .. } if n.len() < 384 => 112,
            _ => 128,
        }
    }

    fn fits(&self, algorithm: KeyAlgorithm) -> bool {
        match algorithm {
            KeyAlgorithm::Signature(a) => self.signature_algorithm() == Some(a),
            KeyAlgorithm::Management(KeyManagement::RsaOaep256) => matches!(self, Self::Rsa { .. }),
            KeyAlgorithm::Management(KeyManagement::EcdhEs | KeyManagement::EcdhEsA256Kw) => {
                matches!(self, Self::P256(_) | Self::X25519(_))
            }
        }
    }

    /// The use that the type alone fixes.
    const fn only_use(&self) -> Option<KeyUse> {
        match self {
            Self::Ed25519(_) => Some(KeyUse::Signature),
            Self::X25519(_) => Some(KeyUse::Encryption),
            Self::P256(_) | Self::Rsa { .. } => None,
        }
    }
}
