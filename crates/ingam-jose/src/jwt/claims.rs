use core::fmt;

use ingam_wire::UnixTime;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor, value::SeqAccessDeserializer},
};

/// The registered claims of a kind (RFC 7519 section 4.1), as far as it has them.
///
/// Whether a claim is required is said by the claims type itself (a field that is no `Option`); what is there is
/// checked by [`super::Expect::check`], the one place for all kinds.
pub trait RegisteredClaims {
    /// `iss`
    fn issuer(&self) -> Option<&str>;

    /// `aud`
    fn audience(&self) -> Option<&AudienceClaim>;

    /// `exp`
    fn expires(&self) -> Option<UnixTime>;

    /// `nbf`
    fn not_before(&self) -> Option<UnixTime> {
        None
    }

    /// `iat`
    fn issued_at(&self) -> Option<UnixTime> {
        None
    }
}

/// `aud` as it was written: FAPI refuses the array form for client assertions, so the form is kept.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AudienceClaim {
    /// One string.
    One(String),
    /// An array, possibly of one or none.
    Many(Vec<String>),
}

impl AudienceClaim {
    /// Whether `audience` is among those named.
    #[must_use]
    pub fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }

    /// The audience, if exactly one is named as a string.
    #[must_use]
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::One(one) => Some(one),
            Self::Many(_) => None,
        }
    }
}

impl From<&str> for AudienceClaim {
    fn from(audience: &str) -> Self {
        Self::One(audience.to_owned())
    }
}

impl<'de> Deserialize<'de> for AudienceClaim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> Visitor<'de> for AudienceVisitor {
    type Value = AudienceClaim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E: Error>(self, one: &str) -> Result<AudienceClaim, E> {
        Ok(one.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, many: A) -> Result<AudienceClaim, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(many)).map(AudienceClaim::Many)
    }
}
