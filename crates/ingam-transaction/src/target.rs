use core::{fmt::Write as _, ops::Range};

use http::{Uri, uri::Scheme};
use ingam_wire::HttpUrl;

/// Scheme and authority under which the outside world reaches a server, from its configuration.
///
/// A server sees an origin-form request target and a `Host` that anyone may write, a proxy in front may change both;
/// so the target URI of a request is this origin and the path and query that arrived (RFC 9421 section 2.2.2,
/// RFC 9449 section 4.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    scheme: &'static str,
    /// In lower case.
    host: Box<str>,
    /// Unless it is the scheme's own.
    port: Option<u16>,
}

/// The request's target is not under the configured origin, or has no absolute form.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the request's target is not under this server's origin")]
pub struct TargetMismatch;

impl Origin {
    /// The origin of `url`: lower case, no default port, path and query left out.
    ///
    /// # Errors
    /// [`TargetMismatch`] when `url` has no authority.
    pub fn of(url: &HttpUrl) -> Result<Self, TargetMismatch> {
        let uri = url.as_str().parse::<Uri>().map_err(|_| TargetMismatch)?;
        let Named { scheme, host, port } = Named::by(&uri).ok_or(TargetMismatch)?;
        Ok(Self { scheme, host: host.to_ascii_lowercase().into(), port })
    }

    /// `scheme://authority`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}://", self.scheme);
        self.named().write_authority(&mut text);
        text
    }

    fn named(&self) -> Named<'_> {
        Named { scheme: self.scheme, host: &self.host, port: self.port }
    }
}

/// The origin that a URI names, the host as it is written there.
#[derive(Clone, Copy)]
struct Named<'u> {
    scheme: &'static str,
    host: &'u str,
    port: Option<u16>,
}

impl<'u> Named<'u> {
    fn by(uri: &'u Uri) -> Option<Self> {
        let (scheme, default_port) = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => ("https", 443),
            Some(scheme) if *scheme == Scheme::HTTP => ("http", 80),
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let (host, port) = (authority.host(), authority.port_u16());
        // `http` gives no port where there is one that cannot be: that is another authority, not the default port.
        if port.is_none() && !matches!(authority.as_str().strip_prefix(host), Some("" | ":")) {
            return None;
        }
        Some(Self { scheme, host, port: port.filter(|port| *port != default_port) })
    }

    fn is(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.host.eq_ignore_ascii_case(other.host) && self.port == other.port
    }

    /// Appends the host in lower case, and the port.
    fn write_authority(&self, out: &mut String) {
        out.extend(self.host.chars().map(|character| character.to_ascii_lowercase()));
        if let Some(port) = self.port {
            let _ = write!(out, ":{port}");
        }
    }
}

/// The target URI of a request, with its parts (RFC 9110 section 7.1).
#[derive(Clone, Debug)]
pub(crate) struct Target {
    uri: String,
    scheme: Range<usize>,
    authority: Range<usize>,
    path: Range<usize>,
    query: Option<Range<usize>>,
    /// As the request line wrote it, unless in origin form (RFC 9112 section 3.2).
    written: Option<Uri>,
}

impl Target {
    /// The target of a request that arrived with `uri` at a server known as `origin`.
    pub(crate) fn arrived(origin: &Origin, uri: Uri) -> Result<Self, TargetMismatch> {
        if uri.scheme().is_some() && !Named::by(&uri).is_some_and(|named| named.is(&origin.named())) {
            return Err(TargetMismatch);
        }
        let mut target = Self::under(origin.named(), &uri);
        target.written = Some(uri).filter(|uri| uri.authority().is_some() || uri.path() == "*");
        Ok(target)
    }

    /// The target of a request that is about to be sent to the absolute `uri`, in origin form.
    pub(crate) fn absolute(uri: &Uri) -> Result<Self, TargetMismatch> {
        Ok(Self::under(Named::by(uri).ok_or(TargetMismatch)?, uri))
    }

    fn under(origin: Named<'_>, uri: &Uri) -> Self {
        let path = match (uri.scheme(), uri.path()) {
            // In authority and asterisk form there is none (RFC 9112 section 3.2).
            (None, path) if !path.starts_with('/') => "",
            (_, "") => "/",
            (_, path) => path,
        };
        let query = uri.query();
        let room = origin.host.len() + path.len() + query.map_or(0, str::len) + 16;
        let mut text = String::with_capacity(room);
        text.push_str(origin.scheme);
        let scheme = 0..text.len();
        text.push_str("://");
        let start = text.len();
        origin.write_authority(&mut text);
        let authority = start..text.len();
        text.push_str(path);
        let path = authority.end..text.len();
        let query = query.map(|query| {
            text.push('?');
            text.push_str(query);
            path.end + 1..text.len()
        });
        Self { uri: text, scheme, authority, path, query, written: None }
    }

    /// The whole target URI.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    pub(crate) fn scheme(&self) -> &str {
        self.slice(&self.scheme)
    }

    pub(crate) fn authority(&self) -> &str {
        self.slice(&self.authority)
    }

    /// The path as it was written; `/` where it was empty.
    pub(crate) fn path(&self) -> &str {
        match self.slice(&self.path) {
            "" => "/",
            path => path,
        }
    }

    /// The query without `?`, as it was written.
    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_ref().map(|range| self.slice(range))
    }

    /// Appends the target as it stood in the request line.
    pub(crate) fn write_in_request_line(&self, out: &mut String) {
        match &self.written {
            Some(uri) => drop(write!(out, "{uri}")),
            None => out.push_str(self.uri.get(self.path.start..).unwrap_or_default()),
        }
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.uri.get(range.clone()).unwrap_or_default()
    }
}
