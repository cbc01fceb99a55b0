use bytes::Bytes;
use http::{Response, StatusCode, header};
use ingam_wire::UnixTime;

use super::bare;

/// A page: framed by nobody, loading nothing, telling no other site where it was (RFC 9700 sections 4.2.4, 4.16).
///
/// fapi: BCP-9, BCP-10, SP-N-8
pub(crate) fn page(
    status: StatusCode,
    html: String,
    style_hash: &str,
    cookie: Option<&str>,
    now: UnixTime,
) -> Response<Bytes> {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style_hash}'; form-action 'self' https: http://127.0.0.1:* http://localhost:*; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut answer = bare(status, now)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains; preload");
    if let Some(cookie) = cookie {
        answer = answer.header(header::SET_COOKIE, cookie);
    }
    answer.body(html.into()).expect("the headers are made of visible ASCII")
}
