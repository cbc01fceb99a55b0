//! HTTP answers: the one place where statuses, headers and error bodies of the operator are made.

mod json;
mod page;
mod redirect;

pub(crate) use self::{
    json::{empty, json, oauth_error},
    page::page,
    redirect::see_other,
};

use http::{HeaderValue, Response, StatusCode, header};
use ingam_wire::UnixTime;

/// An answer with the headers that every answer carries: never stored, dated (FAPI 2.0 conformance wants `Date`).
pub(crate) fn bare(status: StatusCode, now: UnixTime) -> http::response::Builder {
    let since = core::time::Duration::from_secs(u64::try_from(now.secs()).unwrap_or(0));
    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + since);
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"))
        .header(header::PRAGMA, HeaderValue::from_static("no-cache"))
        .header(header::DATE, date)
        .header("x-content-type-options", "nosniff")
}
