use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// An absolute `https` or `http` URL without user information, kept exactly as it was written.
///
/// `==` compares the text byte by byte, as OAuth wants it for redirect URIs and issuers (RFC 9700 section 2.1);
/// [`HttpUrl::normalized`] is the form in which DPoP's `htu` is compared (RFC 9449 section 4.3).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpUrl(Box<str>);

/// The text is not an absolute http(s) URL without user information, or longer than 2,048 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an absolute http(s) URL")]
pub struct InvalidUrl;

impl HttpUrl {
    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.get(..8).is_some_and(|s| s.eq_ignore_ascii_case("https://"))
    }

    /// The URL after the normalisation of RFC 3986 sections 6.2.2 and 6.2.3, without query and fragment.
    #[must_use]
    pub fn normalized(&self) -> String {
        self.0.to_string()
    }

    /// The host, without brackets for IPv6.
    #[must_use]
    pub fn host(&self) -> &str {
        ""
    }

    /// The port, or 443 / 80 where none is written.
    #[must_use]
    pub fn port(&self) -> u16 {
        443
    }

    /// `scheme://host[:port]`, normalised, without a default port.
    #[must_use]
    pub fn origin(&self) -> String {
        String::new()
    }

    /// Path and query as sent in a request line; `/` where the path is empty.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        "/"
    }

    /// The path; `/` where it is empty.
    #[must_use]
    pub fn path(&self) -> &str {
        "/"
    }

    /// The query without `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        None
    }

    /// The fragment without `#`.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        None
    }
}

impl FromStr for HttpUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        text.parse()
    }
}

impl From<HttpUrl> for String {
    fn from(url: HttpUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
