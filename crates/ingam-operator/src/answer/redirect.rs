use bytes::Bytes;
use http::{Response, StatusCode, header};
use ingam_wire::UnixTime;

use super::bare;

/// 303: the user agent fetches `location` with GET, whatever it sent here (RFC 9700 section 4.12).
///
/// fapi: SP-AZ-10, SP-AZ-11, BCP-12
pub(crate) fn see_other(location: &str, now: UnixTime) -> Response<Bytes> {
    bare(StatusCode::SEE_OTHER, now)
        .header(header::LOCATION, location)
        .header(header::REFERRER_POLICY, "no-referrer")
        .body(Bytes::new())
        .expect("a redirect URI is visible ASCII")
}
