use core::ops::Range;

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
    authority: Box<str>,
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
        url.as_str().parse::<Uri>().ok().as_ref().and_then(Self::of_uri).ok_or(TargetMismatch)
    }

    /// `scheme://authority`.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    fn of_uri(uri: &Uri) -> Option<Self> {
        let (scheme, default_port) = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => ("https", 443),
            Some(scheme) if *scheme == Scheme::HTTP => ("http", 80),
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = authority.host().to_ascii_lowercase();
        // `http` gives no port where there is one that cannot be: that is another authority, not the default port.
        let authority = match authority.port_u16() {
            None if !matches!(authority.as_str().strip_prefix(authority.host()), Some("" | ":")) => return None,
            Some(port) if port != default_port => format!("{host}:{port}"),
            _ => host,
        };
        Some(Self { scheme, authority: authority.into() })
    }
}

/// The target URI of a request, with its parts (RFC 9110 section 7.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    uri: String,
    scheme: Range<usize>,
    authority: Range<usize>,
    path: Range<usize>,
    query: Option<Range<usize>>,
    form: Form,
}

/// How the request line wrote the target (RFC 9112 section 3.2).
#[derive(Clone, Debug, Eq, PartialEq)]
enum Form {
    Origin,
    Absolute(Box<str>),
    Other(Box<str>),
}

impl Target {
    /// The target of a request that arrived with `uri` at a server known as `origin`.
    pub(crate) fn arrived(origin: &Origin, uri: &Uri) -> Result<Self, TargetMismatch> {
        if uri.scheme().is_some() && Origin::of_uri(uri).as_ref() != Some(origin) {
            return Err(TargetMismatch);
        }
        Ok(Self::build(origin, uri))
    }

    /// The target of a request that is about to be sent to the absolute `uri`.
    pub(crate) fn absolute(uri: &Uri) -> Result<Self, TargetMismatch> {
        let origin = Origin::of_uri(uri).ok_or(TargetMismatch)?;
        let mut target = Self::build(&origin, uri);
        target.form = Form::Origin;
        Ok(target)
    }

    fn build(origin: &Origin, uri: &Uri) -> Self {
        let written = uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
        let form = match (uri.scheme(), uri.authority(), written) {
            (Some(_), _, _) => Form::Absolute(uri.to_string().into()),
            (None, Some(authority), _) => Form::Other(authority.as_str().into()),
            (None, None, "*") => Form::Other("*".into()),
            _ => Form::Origin,
        };
        let path = match form {
            Form::Other(_) => "",
            _ if uri.path().is_empty() => "/",
            _ => uri.path(),
        };
        let mut text = String::with_capacity(origin.authority.len() + written.len() + 16);
        let part = |text: &mut String, piece: &str| {
            let start = text.len();
            text.push_str(piece);
            start..text.len()
        };
        let scheme = part(&mut text, origin.scheme);
        text.push_str("://");
        let authority = part(&mut text, &origin.authority);
        let path = part(&mut text, path);
        let query = uri.query().map(|query| {
            text.push('?');
            part(&mut text, query)
        });
        Self { uri: text, scheme, authority, path, query, form }
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

    /// The target as it stood in the request line.
    pub(crate) fn in_request_line(&self) -> &str {
        match &self.form {
            Form::Absolute(text) | Form::Other(text) => text,
            Form::Origin => self.uri.get(self.path.start..).unwrap_or_default(),
        }
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.uri.get(range.clone()).unwrap_or_default()
    }
}
