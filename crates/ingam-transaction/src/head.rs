use http::{HeaderMap, Method, StatusCode};

use crate::target::Target;

/// A request without its body, as it stood on the wire.
#[derive(Clone, Debug)]
pub(crate) struct RequestHead {
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) trailers: Option<HeaderMap>,
}

/// A response without its body, and the request it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResponseHead<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) trailers: Option<&'a HeaderMap>,
    pub(crate) request: Option<&'a RequestHead>,
}

/// What components are resolved against.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head<'a> {
    Request(&'a RequestHead),
    Response(ResponseHead<'a>),
}

/// `Content-Length` and the length of `body` differ: one of them lies.
pub(crate) fn length_lies(headers: &HeaderMap, body: &[u8]) -> bool {
    let mut stated = headers.get_all(http::header::CONTENT_LENGTH).iter();
    stated.any(|value| value.to_str().ok().and_then(|text| text.parse::<usize>().ok()) != Some(body.len()))
}
