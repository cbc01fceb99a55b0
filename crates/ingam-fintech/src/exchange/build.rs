use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use ingam_protocol::{ErrorBody, ErrorCode, ErrorText, OAuthError};
use ingam_wire::form::Form;

/// A URL that cannot be requested.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the URL cannot be requested")]
pub struct InvalidTarget;

/// What an operator refused with: its code and words, and the status they came with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code, if there was a readable one.
    pub error: Option<ErrorCode>,
    /// Its words, if there were readable ones.
    pub description: Option<ErrorText>,
}

impl Refusal {
    /// Whether another access key may pass where this one did not (RFC 6750 section 3.1).
    pub(crate) fn is_of_the_access_key(&self) -> bool {
        self.status == 401 && self.error.as_ref().is_some_and(|error| error.is(OAuthError::InvalidToken))
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let code = self.error.as_ref().map_or("no error code", ErrorCode::as_str);
        write!(f, "{code} (status {})", self.status)?;
        match &self.description {
            Some(words) => write!(f, ": {words}"),
            None => Ok(()),
        }
    }
}

/// The refusal in an answer's body.
pub(crate) fn parsed_error(response: &Response<Bytes>) -> Refusal {
    let body = ErrorBody::parse(response.body()).ok();
    let (error, description) = body.map_or((None, None), |body| (Some(body.error), body.description));
    Refusal { status: response.status().as_u16(), error, description }
}

/// A GET that asks for JSON.
pub(crate) fn get(url: &str) -> Result<Request<Bytes>, InvalidTarget> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = url.parse::<Uri>().map_err(|_| InvalidTarget)?;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// A POST of a form.
pub(crate) fn post_form(url: &str, form: &Form) -> Result<Request<Bytes>, InvalidTarget> {
    let mut request = get(url)?;
    *request.method_mut() = Method::POST;
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, form_type);
    *request.body_mut() = Bytes::from(form.encode());
    Ok(request)
}

/// Whether the one `Content-Type` is `application/json`, whatever its parameters.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(first), None) = (types.next(), types.next()) else { return false };
    let essence = first.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
