use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ingam_protocol::{ErrorBody, OAuthError};
use ingam_wire::UnixTime;

use super::bare;

/// A JSON answer; `no-store` like every answer.
///
/// fapi: OA-2, PA-3
pub(crate) fn json(status: StatusCode, body: String, now: UnixTime) -> Response<Bytes> {
    bare(status, now)
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .body(body.into())
        .expect("the headers are constants")
}

/// The error of a direct endpoint (RFC 6749 section 5.2): 401 for `invalid_client`, 429 and 503 for load, else 400.
///
/// fapi: OA-3, PA-5, CA-8, X-AS-13
pub(crate) fn oauth_error(error: OAuthError, description: &str, now: UnixTime) -> Response<Bytes> {
    let status = match error {
        OAuthError::InvalidClient => StatusCode::UNAUTHORIZED,
        OAuthError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        OAuthError::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut answer = json(status, ErrorBody::new(error, description).to_json(), now);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// An answer without content.
pub(crate) fn empty(status: StatusCode, now: UnixTime) -> Response<Bytes> {
    bare(status, now).body(Bytes::new()).expect("the headers are constants")
}
