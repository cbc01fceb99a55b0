//! How a newtype over text is written down once: private field, one parser, serde through it.

/// The text is not a parameter of this kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {0}")]
pub struct InvalidParameter(pub &'static str);

/// A newtype over bounded text: `name, kind for the error, least length, greatest length, allowed bytes`.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $error:ident, $kind:literal, $min:literal ..= $max:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text, exactly as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn admits(text: &str) -> bool {
                let allowed: fn(u8) -> bool = $allowed;
                ($min..=$max).contains(&text.len()) && text.bytes().all(allowed)
            }
        }

        impl core::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                if Self::admits(text) { Ok(Self(text.into())) } else { Err($error($kind)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                if Self::admits(&text) { Ok(Self(text.into())) } else { Err($error($kind)) }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

/// A newtype over secret text: parsed by the same rules, never printed, compared in constant time.
macro_rules! secret_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $min:literal ..= $max:literal, $allowed:expr) => {
        $(#[$doc])*
        pub struct $name(ingam_wire::SecretText);

        impl $name {
            /// The secret in the clear, for the one place that sends or hashes it.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Whether `other` is the same text, in constant time.
            #[must_use]
            pub fn matches(&self, other: &str) -> bool {
                self.0.matches(other)
            }
        }

        impl core::str::FromStr for $name {
            type Err = crate::InvalidParameter;

            fn from_str(text: &str) -> Result<Self, crate::InvalidParameter> {
                let allowed: fn(u8) -> bool = $allowed;
                if ($min..=$max).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(ingam_wire::SecretText::new(text.to_owned())))
                } else {
                    Err(crate::InvalidParameter($kind))
                }
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

pub(crate) use {secret_type, text_type};

/// A visible character or a space: `VSCHAR` of RFC 6749 appendix A.
pub(crate) const fn vschar(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e)
}

/// `unreserved` of RFC 3986 section 2.3.
pub(crate) const fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// A character of `scope-token` and of `error`: `NQCHAR` of RFC 6749 appendix A, no space, no `"`, no `\`.
pub(crate) const fn nqchar(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}
