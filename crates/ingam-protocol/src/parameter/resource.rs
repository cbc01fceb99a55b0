use ingam_wire::HttpUrl;

use crate::InvalidParameter;

/// A resource server or resource (RFC 8707 section 2): an absolute URL without fragment; the `aud` of access keys.
///
/// fapi: RI-1
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Resource(HttpUrl);

impl Resource {
    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// As URL.
    #[must_use]
    pub const fn url(&self) -> &HttpUrl {
        &self.0
    }

    fn of(url: HttpUrl) -> Result<Self, InvalidParameter> {
        if url.as_str().contains('#') { Err(InvalidParameter("resource")) } else { Ok(Self(url)) }
    }
}

impl core::str::FromStr for Resource {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        Self::of(text.parse().map_err(|_| InvalidParameter("resource"))?)
    }
}

impl TryFrom<String> for Resource {
    type Error = InvalidParameter;

    fn try_from(text: String) -> Result<Self, InvalidParameter> {
        Self::of(text.try_into().map_err(|_| InvalidParameter("resource"))?)
    }
}

impl serde::Serialize for Resource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl From<Resource> for String {
    fn from(resource: Resource) -> Self {
        resource.0.into()
    }
}

impl core::fmt::Display for Resource {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
