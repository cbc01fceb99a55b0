use core::fmt;

use ingam_jose::Thumbprint;
use ingam_protocol::{Sha256Text, TokenType};
use ingam_wire::base64url;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap as _};

/// The `cnf` claim (RFC 7800): which key or certificate the holder must show (RFC 9449 section 6, RFC 8705 section 3.1).
///
/// fapi: DP-9, MT-5
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Confirmation {
    /// `jkt`: thumbprint of the holder's DPoP key.
    Key(Thumbprint),
    /// `x5t#S256`: SHA-256 of the holder's certificate (DER).
    Certificate([u8; 32]),
}

impl Confirmation {
    /// What the holder's key type is called in a token response.
    #[must_use]
    pub const fn token_type(&self) -> TokenType {
        match self {
            Self::Key(_) => TokenType::Dpop,
            Self::Certificate(_) => TokenType::Bearer,
        }
    }
}

impl From<Confirmation> for ingam_protocol::Confirmation {
    /// As it stands in an introspection response.
    fn from(confirmation: Confirmation) -> Self {
        match confirmation {
            Confirmation::Key(jkt) => Self::Key(Sha256Text::from_bytes(*jkt.as_bytes())),
            Confirmation::Certificate(hash) => Self::Certificate(Sha256Text::from_bytes(hash)),
        }
    }
}

impl From<ingam_protocol::Confirmation> for Confirmation {
    fn from(confirmation: ingam_protocol::Confirmation) -> Self {
        match confirmation {
            ingam_protocol::Confirmation::Key(jkt) => Self::Key(Thumbprint::from_bytes(*jkt.as_bytes())),
            ingam_protocol::Confirmation::Certificate(hash) => Self::Certificate(*hash.as_bytes()),
        }
    }
}

impl Serialize for Confirmation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Key(jkt) => map.serialize_entry(JKT, &jkt.to_base64url())?,
            Self::Certificate(hash) => map.serialize_entry(X5T, &base64url::encode(hash))?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Confirmation {
    /// Exactly one known member; other members are ignored, two known ones are refused: a verifier must not choose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ConfirmationVisitor)
    }
}

struct ConfirmationVisitor;

impl<'de> de::Visitor<'de> for ConfirmationVisitor {
    type Value = Confirmation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a confirmation with jkt or x5t#S256")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Confirmation, A::Error> {
        let mut found = None;
        while let Some(member) = map.next_key::<Member>()? {
            let confirmation = match member {
                Member::Jkt => Confirmation::Key(Thumbprint::from_bytes(map.next_value::<Digest>()?.0)),
                Member::X5t => Confirmation::Certificate(map.next_value::<Digest>()?.0),
                Member::Other => {
                    map.next_value::<de::IgnoredAny>()?;
                    continue;
                }
            };
            if found.replace(confirmation).is_some() {
                return Err(de::Error::custom("more than one confirmation"));
            }
        }
        found.ok_or_else(|| de::Error::custom("no confirmation"))
    }
}

#[derive(Deserialize)]
enum Member {
    #[serde(rename = "jkt")]
    Jkt,
    #[serde(rename = "x5t#S256")]
    X5t,
    #[serde(other)]
    Other,
}

/// A SHA-256 digest as base64url text, read without allocating where the input allows.
struct Digest([u8; 32]);

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(DigestVisitor)
    }
}

struct DigestVisitor;

impl de::Visitor<'_> for DigestVisitor {
    type Value = Digest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("43 characters of base64url")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
        base64url::decode_array(text).map(Digest).map_err(|_| E::custom("not a SHA-256 digest"))
    }
}

const JKT: &str = "jkt";
const X5T: &str = "x5t#S256";
