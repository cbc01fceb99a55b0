use core::{fmt, ops::Range, str::FromStr};

use fluent_uri::Uri;
use serde::{Deserialize, Serialize, Serializer};

use crate::limits::URL_BYTES;

/// An absolute `https` or `http` URL without user information, kept exactly as it was written.
///
/// `==` compares the text byte by byte, as OAuth wants it for redirect URIs and issuers (RFC 9700 section 2.1);
/// [`HttpUrl::normalized`] is the form in which DPoP's `htu` is compared (RFC 9449 section 4.3). It is parsed once, when it is made.
///
/// ```
/// use ingam_wire::HttpUrl;
///
/// let url: HttpUrl = "HTTPS://Bank.example:443/a/../%61ccounts?id=7".parse()?;
/// assert_eq!(url.as_str(), "HTTPS://Bank.example:443/a/../%61ccounts?id=7");
/// assert_eq!(url.normalized(), "https://bank.example/accounts");
/// assert_eq!(url.origin(), "https://bank.example");
/// assert_eq!(url.path_and_query(), "/a/../%61ccounts?id=7");
/// # Ok::<_, ingam_wire::InvalidUrl>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq)]
#[serde(try_from = "String")]
pub struct HttpUrl {
    text: Box<str>,
    /// Where in `text` the host stands, without brackets; likewise below.
    host: Range<usize>,
    path: Range<usize>,
    port: u16,
    /// The normalised form, where `text` is not normal already.
    normal: Option<Box<str>>,
    /// Where in the normalised form the path begins.
    origin: usize,
    /// What the request line asks for, where the path is empty.
    target: Option<Box<str>>,
}

/// The text is not an absolute http(s) URL without user information, or longer than 2,048 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an absolute http(s) URL")]
pub struct InvalidUrl;

impl HttpUrl {
    /// The URL as it was written.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }

    /// The URL after the normalisation of RFC 3986 sections 6.2.2 and 6.2.3, without query and fragment.
    ///
    /// Scheme and host in lower case, escapes of unreserved characters decoded and others in upper case, dot segments resolved, no default
    /// port, `/` for an empty path.
    #[must_use]
    pub fn normalized(&self) -> &str {
        self.normal.as_deref().unwrap_or_else(|| self.text.get(..self.path.end).unwrap_or_default())
    }

    /// The host as it was written, without brackets for IPv6.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.get(self.host.clone()).unwrap_or_default()
    }

    /// The port, or 443 / 80 where none is written.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `scheme://host[:port]`, normalised, without a default port.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.normalized().get(..self.origin).unwrap_or_default()
    }

    /// Path and query as sent in a request line; `/` where the path is empty.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.target.as_deref().unwrap_or_else(|| {
            let onward = self.text.get(self.path.start..).unwrap_or_default();
            onward.split_once('#').map_or(onward, |(before, _)| before)
        })
    }

    /// The path as it was written; `/` where it is empty.
    #[must_use]
    pub fn path(&self) -> &str {
        match self.text.get(self.path.clone()).unwrap_or_default() {
            "" => "/",
            path => path,
        }
    }

    /// The query without `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let onward = self.text.get(self.path.end..).unwrap_or_default().strip_prefix('?')?;
        Some(onward.split_once('#').map_or(onward, |(query, _)| query))
    }

    /// The fragment without `#`.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        self.text.split_once('#').map(|(_, fragment)| fragment)
    }
}

impl FromStr for HttpUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        if text.len() > URL_BYTES { Err(InvalidUrl) } else { text.to_owned().try_into() }
    }
}

impl TryFrom<String> for HttpUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        if text.len() > URL_BYTES {
            return Err(InvalidUrl);
        }
        let uri = Uri::parse(text.as_str()).map_err(|_| InvalidUrl)?;
        let scheme = uri.scheme().as_str();
        let default_port = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => 443,
            _ if scheme.eq_ignore_ascii_case("http") => 80,
            _ => return Err(InvalidUrl),
        };
        let authority = uri.authority().ok_or(InvalidUrl)?;
        if authority.has_userinfo() || authority.host().is_empty() {
            return Err(InvalidUrl);
        }
        let port = match authority.port().map_or("", |port| port.as_str()) {
            "" => default_port,
            zeros if zeros.len() > 1 && zeros.starts_with('0') => return Err(InvalidUrl),
            port => port.parse().map_err(|_| InvalidUrl)?,
        };
        let host_start = scheme.len() + 3;
        let bracket = usize::from(authority.host().starts_with('['));
        let host = host_start + bracket..host_start + authority.host().len() - bracket;
        let path_start = host_start + authority.as_str().len();
        let path = path_start..path_start + uri.path().as_str().len();

        let (normal, origin) = if is_normal(scheme, authority.as_str(), port == default_port, uri.path().as_str()) {
            (None, path_start)
        } else {
            let normal = uri.normalize();
            let origin = host_start + normal.authority().map_or(0, |authority| authority.as_str().len());
            let text = normal.as_str().get(..origin + normal.path().as_str().len()).ok_or(InvalidUrl)?;
            let slash = if normal.path().is_empty() { "/" } else { "" };
            (Some(format!("{text}{slash}").into()), origin)
        };
        let target = path.is_empty().then(|| match uri.query() {
            Some(query) => format!("/?{query}").into(),
            None => "/".into(),
        });
        Ok(Self { text: text.into(), host, path, port, normal, origin, target })
    }
}

/// Whether nothing of this would change in normalisation; `false` when in doubt.
fn is_normal(scheme: &str, authority: &str, default_port: bool, path: &str) -> bool {
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':');
    let port_stays = !default_port || !authority.contains(':');
    let path_stays = path.starts_with('/') && !path.contains('%') && !path.contains("/.");
    matches!(scheme, "https" | "http") && authority.bytes().all(plain) && port_stays && path_stays
}

impl Serialize for HttpUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl From<HttpUrl> for String {
    fn from(url: HttpUrl) -> Self {
        url.text.into()
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
