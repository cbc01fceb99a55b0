//! The operator's own limits; each with its reason. What is inside a message is bounded by the crate that parses it.

use ingam_wire::form;

/// Bytes of path and query: a redirect-carried request has two parameters, state of 2,048 at most and room.
pub(crate) const TARGET: usize = 8 * 1024;

/// Forms at the direct endpoints: a request object and an assertion of 16 KiB each, and details of 32 KiB.
pub(crate) const FORM: form::Limits = form::Limits { bytes: 128 * 1024, parameters: 64 };

/// A page's form: the sealed state, a login, and 64 accounts.
pub(crate) const PAGE: form::Limits = form::Limits { bytes: 64 * 1024, parameters: 128 };

/// The query of an authorization request: what a client repeats beside `request_uri` is ignored, but it may be there.
pub(crate) const QUERY: form::Limits = form::Limits { bytes: TARGET, parameters: 64 };

/// Expired rows forgotten in one turn: a few milliseconds of the store's writer.
pub(crate) const PURGE: usize = 2_000;

/// Names and values of a call's header fields: an access key of 16 KiB, a proof and two signatures fit four times.
pub(crate) const HEADERS: usize = 64 * 1024;
