use core::fmt;

use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::target::Target;

/// A request without its body, as it stood on the wire.
#[derive(Clone)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) trailers: Option<HeaderMap>,
}

/// A response without its body, and the request it answers.
#[derive(Clone, Copy)]
pub(crate) struct ResponseHead<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) trailers: Option<&'a HeaderMap>,
    pub(crate) request: Option<&'a RequestHead>,
}

/// What components are resolved against.
#[derive(Clone, Copy)]
pub(crate) enum Head<'a> {
    Request(&'a RequestHead),
    Response(ResponseHead<'a>),
}

impl fmt::Debug for RequestHead {
    /// Method, path and the names of fields: their values hold access keys and proofs, the query may hold data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("path", &self.target.path())
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// A body as it is printed: its length.
pub(crate) struct Length<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Length<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Whether an answer with `status` to a request with `method` has no content, whatever its fields say (RFC 9110
/// section 6.4.1).
pub(crate) fn without_content(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// `Content-Length` and the length of `body` differ: one of them lies.
pub(crate) fn length_lies(headers: &HeaderMap, body: &[u8]) -> bool {
    let mut stated = headers.get_all(http::header::CONTENT_LENGTH).iter();
    let length = |value: &HeaderValue| {
        let text = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
        text.parse::<usize>().ok()
    };
    stated.any(|value| length(value) != Some(body.len()))
}
