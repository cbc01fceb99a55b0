use bytes::Bytes;
use http::{Response, StatusCode, header};
use ingam_wire::UnixTime;

use super::bare;
use crate::pages::STYLE_HASH;

/// A page: framed by nobody, loading nothing, telling no other site where it was (RFC 9700 sections 4.2.4, 4.16).
///
/// `sends_to` is the origin to which the form's answer will redirect: browsers hold redirects of forms to `form-action`.
///
/// fapi: BCP-9, BCP-10, BCP-15, SP-N-8, SP-N-10, BCP-16
pub(crate) fn page(
    status: StatusCode,
    html: String,
    sends_to: Option<&str>,
    cookie: Option<&str>,
    now: UnixTime,
) -> Response<Bytes> {
    let sends_to = sends_to.unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self' {sends_to}; \
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
