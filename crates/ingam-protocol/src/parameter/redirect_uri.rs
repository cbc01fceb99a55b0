use core::{fmt, str::FromStr};

use ingam_wire::{HttpUrl, form::Form};

/// Where the user agent is sent back to: compared byte by byte (RFC 9700 section 2.1), `https`, no fragment.
///
/// fapi: SP-AZ-8, OA-8, BCP-1
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(HttpUrl);

/// Why a text is no redirect URI.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// Not an absolute http(s) URL.
    #[error("not an absolute URL")]
    NotAUrl,
    /// `http` (RFC 9700 section 2.6); loopback is only for [`RedirectUri::native`].
    #[error("not https")]
    NotHttps,
    /// A fragment (RFC 6749 section 3.1.2).
    #[error("has a fragment")]
    Fragment,
}

impl InvalidRedirectUri {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAUrl => "NotAUrl",
            Self::NotHttps => "NotHttps",
            Self::Fragment => "Fragment",
        }
    }
}

impl RedirectUri {
    /// A native app's loopback address, where `http` is allowed (RFC 8252 section 7.3): host `127.0.0.1` or `[::1]`.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`].
    pub fn native(text: &str) -> Result<Self, InvalidRedirectUri> {
        let url = parsed(text)?;
        let loopback = matches!(url.host(), "127.0.0.1" | "::1" | "[::1]");
        if url.is_https() || loopback { Ok(Self(url)) } else { Err(InvalidRedirectUri::NotHttps) }
    }

    /// The URI as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URI as URL.
    #[must_use]
    pub const fn url(&self) -> &HttpUrl {
        &self.0
    }

    /// The URI with `parameters` added to its query, which is kept (RFC 6749 section 3.1.2).
    ///
    /// fapi: OA-8, X-AS-1
    #[must_use]
    pub fn with_parameters(&self, parameters: &Form) -> String {
        let text = self.as_str();
        let joint = match text.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, query)) if query.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{text}{joint}{}", parameters.encode())
    }
}

fn parsed(text: &str) -> Result<HttpUrl, InvalidRedirectUri> {
    let url: HttpUrl = text.parse().map_err(|_| InvalidRedirectUri::NotAUrl)?;
    if text.contains('#') { Err(InvalidRedirectUri::Fragment) } else { Ok(url) }
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        let url = parsed(text)?;
        if url.is_https() { Ok(Self(url)) } else { Err(InvalidRedirectUri::NotHttps) }
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    /// As [`RedirectUri::native`]: what is stored was either checked before or is a loopback address.
    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        Self::native(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0.into()
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: SP-AZ-8, OA-8
    #[test]
    fn a_redirect_uri_is_https_and_has_no_fragment() {
        let table = [
            ("http://a.example/cb", InvalidRedirectUri::NotHttps),
            ("http://127.0.0.1/cb", InvalidRedirectUri::NotHttps),
            ("https://a.example/cb#x", InvalidRedirectUri::Fragment),
            ("/cb", InvalidRedirectUri::NotAUrl),
            ("", InvalidRedirectUri::NotAUrl),
            ("myapp://cb", InvalidRedirectUri::NotAUrl),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<RedirectUri>(), Err(reason), "{text}");
        }
        assert!(RedirectUri::native("http://127.0.0.1:4711/cb").is_ok());
        assert!(RedirectUri::native("http://[::1]:4711/cb").is_ok());
        assert_eq!(RedirectUri::native("http://localhost/cb"), Err(InvalidRedirectUri::NotHttps));
    }

    /// fapi: OA-8, X-AS-1
    #[test]
    fn a_registered_query_is_kept_and_added_to() {
        let added = Form::default().with("code", "a b").with("iss", "https://op.example");
        let table = [
            ("https://c.example/cb", "https://c.example/cb?code=a+b&iss=https%3A%2F%2Fop.example"),
            ("https://c.example/cb?", "https://c.example/cb?code=a+b&iss=https%3A%2F%2Fop.example"),
            (
                "https://c.example/cb?dummy1=lorem&dummy2=ipsum",
                "https://c.example/cb?dummy1=lorem&dummy2=ipsum&code=a+b&iss=https%3A%2F%2Fop.example",
            ),
        ];
        for (uri, expected) in table {
            assert_eq!(uri.parse::<RedirectUri>().unwrap().with_parameters(&added), expected);
        }
    }

    /// fapi: BCP-1
    #[test]
    fn sr_58_redirect_uris_are_equal_only_byte_by_byte() {
        let one: RedirectUri = "https://c.example/cb".parse().unwrap();
        for other in
            ["https://c.example/cb/", "https://C.example/cb", "https://c.example:443/cb", "https://c.example/cb?"]
        {
            assert_ne!(one, other.parse().unwrap(), "{other}");
        }
    }
}
