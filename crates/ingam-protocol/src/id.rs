use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not an identifier of this kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {0}")]
pub struct InvalidId(pub &'static str);

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let allowed: fn(u8) -> bool = $allowed;
                if (1..=$max).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId($kind))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// A fintech at an operator: OAuth's `client_id` (RFC 6749 section 2.2), 1 to 255 printable ASCII characters.
    #[doc(alias = "client_id")]
    ClientId, "client_id", 255, |b| matches!(b, 0x21..=0x7e)
}
identifier! {
    /// A user at an operator: the `sub` of access keys, 1 to 255 printable ASCII characters (RFC 9068 section 2.2).
    #[doc(alias = "sub")]
    UserId, "user id", 255, |b| matches!(b, 0x21..=0x7e)
}
identifier! {
    /// An account as the operator names it to fintechs: 1 to 64 letters, digits, `-`, `_`, `.`.
    AccountId, "account id", 64, |b| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.')
}
