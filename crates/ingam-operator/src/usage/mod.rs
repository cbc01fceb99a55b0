//! The usage phase, B① to B④: the resources, in the one order of checks that every call goes through.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::{Entrance, answer, operator::Incoming};

/// Answers a call of the resource at `path`.
pub(crate) async fn resource(entrance: &Entrance, path: &str, incoming: Incoming) -> Response<Bytes> {
    let _ = (entrance, path);
    answer::empty(StatusCode::NOT_FOUND, incoming.now)
}
