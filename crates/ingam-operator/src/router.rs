use axum::{Router, body::Body, extract::Request};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use ingam_ports::{BODY_LIMIT, Endpoint};

use crate::{Entrance, answer, operator::Operator};

impl Entrance {
    /// The operator's endpoints as an axum router, to be merged with a bank's own.
    ///
    /// Bodies are taken in up to [`BODY_LIMIT`]. Whoever serves the router puts the peer's
    /// [`ingam_ports::RemoteAddress`] and, where it showed a certificate, its [`ingam_ports::PeerIdentity`] into the
    /// request's extensions; timeouts are the server's.
    pub fn into_router(self) -> Router {
        let serve = move |request: Request| {
            let entrance = self.clone();
            async move { entrance.answer_streamed(request).await }
        };
        Router::new().fallback(serve)
    }

    async fn answer_streamed(&self, request: Request) -> Response<Body> {
        let (head, body) = request.into_parts();
        let answer = match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(body) => self.answer(http::Request::from_parts(head, body.to_bytes())).await,
            Err(error) => refused(self.operator(), error.is::<LengthLimitError>()),
        };
        answer.map(Body::from)
    }
}

fn refused(operator: &Operator, too_large: bool) -> Response<bytes::Bytes> {
    let status = if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
    answer::empty(status, operator.now())
}
