use bytes::Bytes;
use http::{Response, StatusCode};

use crate::{Entrance, answer, operator::Incoming};

pub(crate) async fn revoke(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let _ = entrance;
    answer::empty(StatusCode::NOT_FOUND, incoming.now)
}
