//! Typed JWTs (RFC 7519, RFC 8725 section 3.11): the kind fixes `typ`, the claims and where the key is named.

mod claims;
mod date;
mod expect;
mod known;
mod parse;
mod sign;

use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    claims::{AudienceClaim, RegisteredClaims},
    date::{NumericDate, present},
    expect::{Audience, ClaimError, Expect, Issuer},
    known::KnownHeader,
    parse::{Claimed, JwtError, Presented, Verified},
    sign::sign,
};

pub(crate) use self::{
    parse::{bounded_segments, select},
    sign::header_text,
};

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
    /// Says nothing: only for plain signatures whose payload itself says what it is; never for a kind of JWT.
    Any,
}

impl Typ {
    /// Whether a header with this `typ` (or none) is of the kind.
    #[must_use]
    pub fn admits(self, typ: Option<&str>) -> bool {
        match (self, typ) {
            (Self::Required(wanted), Some(typ)) => same_type(wanted, typ),
            (Self::Exact(wanted), Some(typ)) => wanted == typ,
            (Self::OneOfOrAbsent(wanted), Some(typ)) => wanted.iter().any(|wanted| same_type(wanted, typ)),
            (Self::OneOfOrAbsent(_), None) | (Self::Any, _) => true,
            (Self::Required(_) | Self::Exact(_), None) => false,
        }
    }

    /// What is printed.
    pub(crate) const fn printed(self) -> Option<&'static str> {
        match self {
            Self::Required(typ) | Self::Exact(typ) => Some(typ),
            Self::OneOfOrAbsent([first, ..]) if !first.is_empty() => Some(first),
            Self::OneOfOrAbsent(_) | Self::Any => None,
        }
    }
}

/// RFC 7515 section 4.1.9: media type names are compared without case, and `application/` may be left out where
/// no other slash is in the value.
pub(crate) fn same_type(wanted: &str, typ: &str) -> bool {
    let prefix = "application/";
    let bare = match typ.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(prefix) && !rest.contains('/') => rest,
        _ => typ,
    };
    !wanted.is_empty() && bare.eq_ignore_ascii_case(wanted)
}

/// Where the verifier finds the key of a kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyReference {
    /// `kid` selects from keys known beforehand; a `jwk` header is ignored.
    ById,
    /// The public key travels in the header as `jwk` (DPoP proofs only).
    Embedded,
}
