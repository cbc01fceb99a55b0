use crate::InvalidParameter;

/// The reference to a pushed request (RFC 9126 section 2.2): `urn:ietf:params:oauth:request_uri:` and a reference.
///
/// fapi: PA-4
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestUri(Box<str>);

impl RequestUri {
    /// What each begins with.
    pub const PREFIX: &'static str = "urn:ietf:params:oauth:request_uri:";

    /// The URI of a reference made of 16 to 256 unreserved characters.
    ///
    /// # Errors
    /// [`InvalidParameter`].
    pub fn from_reference(reference: &str) -> Result<Self, InvalidParameter> {
        if (16..=256).contains(&reference.len()) && reference.bytes().all(crate::text::unreserved) {
            Ok(Self(format!("{}{reference}", Self::PREFIX).into()))
        } else {
            Err(InvalidParameter("request_uri"))
        }
    }

    /// The whole URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the prefix.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.0.strip_prefix(Self::PREFIX).unwrap_or_default()
    }
}

impl core::str::FromStr for RequestUri {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        text.strip_prefix(Self::PREFIX).ok_or(InvalidParameter("request_uri")).and_then(Self::from_reference)
    }
}

impl TryFrom<String> for RequestUri {
    type Error = InvalidParameter;

    fn try_from(text: String) -> Result<Self, InvalidParameter> {
        text.parse()
    }
}

impl From<RequestUri> for String {
    fn from(uri: RequestUri) -> Self {
        uri.0.into()
    }
}

impl core::fmt::Display for RequestUri {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}
