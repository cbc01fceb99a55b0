use core::time::Duration;
use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
    request::Parts,
    uri::{Authority, Scheme},
};
use hyper::body::Incoming;
use ingam_ports::{Endpoint, PeerIdentity, RemoteAddress};
use tokio::time::timeout;

use super::{
    body::{BodyRefused, gather, is_coded_further},
    bounds::ServeLimits,
};

/// What stands between a connection and its endpoint.
pub(super) struct Answerer {
    pub(super) endpoint: Arc<dyn Endpoint>,
    pub(super) bounds: ServeLimits,
    /// How long a body may take.
    pub(super) body_time: Duration,
}

/// The answer to one request: bounds first, then the endpoint.
///
/// x1149: 3.1.18.5
pub(super) async fn answer(
    answerer: &Answerer,
    request: Request<Incoming>,
    remote: SocketAddr,
    peer: Option<PeerIdentity>,
) -> Response<Bytes> {
    match admit(answerer, request).await {
        Ok(mut request) => {
            request.extensions_mut().insert(RemoteAddress(remote));
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            framed_by_us(answerer.endpoint.answer(request).await)
        }
        Err(status) => refusal(status),
    }
}

/// The whole, bounded request, in one shape for every version of HTTP; or the status that refuses it.
async fn admit(answerer: &Answerer, request: Request<Incoming>) -> Result<Request<Bytes>, StatusCode> {
    let (parts, body) = request.into_parts();
    if parts.headers.len() > answerer.bounds.headers {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if is_coded_further(&parts.headers) {
        return Err(StatusCode::NOT_IMPLEMENTED);
    }
    let mut whole = Request::new(Bytes::new());
    *whole.uri_mut() = target(&parts)?;
    let stated = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|length| length > u64::try_from(answerer.bounds.body).unwrap_or(u64::MAX)) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = timeout(answerer.body_time, gather(body, answerer.bounds.body)).await;
    *whole.body_mut() = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|error| match error {
        BodyRefused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyRefused::Broken => StatusCode::BAD_REQUEST,
    })?;
    *whole.method_mut() = parts.method;
    *whole.version_mut() = parts.version;
    *whole.headers_mut() = parts.headers;
    let host = whole.uri().authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    whole.headers_mut().insert(header::HOST, host.ok_or(StatusCode::BAD_REQUEST)?);
    Ok(whole)
}

/// The absolute URI of the request: RFC 9112 section 3.2 and RFC 9113 section 8.3.1.
fn target(parts: &Parts) -> Result<Uri, StatusCode> {
    if parts.method == Method::CONNECT {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    // `*` and a bare authority name no resource (RFC 9112 sections 3.2.3 and 3.2.4).
    let bare = parts.uri.authority().is_some() && parts.uri.scheme().is_none();
    if bare || parts.uri.path() == "*" {
        return Err(StatusCode::BAD_REQUEST);
    }
    let host = host(&parts.headers)?;
    let authority = match (parts.uri.authority(), host) {
        // In absolute form the target's authority counts and `Host` does not.
        (Some(authority), _) if parts.version <= Version::HTTP_11 => authority.clone(),
        (Some(authority), Some(host)) if *authority != host => return Err(StatusCode::BAD_REQUEST),
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) => host,
        (None, None) => return Err(StatusCode::BAD_REQUEST),
    };
    // `http` gives no port where there is one that cannot be.
    let no_port = authority.port_u16().is_none();
    if no_port && !matches!(authority.as_str().strip_prefix(authority.host()), Some("" | ":")) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if authority.as_str().contains('@') || parts.uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTPS) {
        return Err(StatusCode::BAD_REQUEST);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    Uri::builder()
        .scheme(Scheme::HTTPS)
        .authority(authority)
        .path_and_query(path)
        .build()
        .map_err(|_| StatusCode::BAD_REQUEST)
}

/// The one `Host`; two of them are a request that two servers would read differently.
fn host(headers: &HeaderMap) -> Result<Option<Authority>, StatusCode> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => Ok(None),
        (Some(host), None) => {
            let text = host.to_str().map_err(|_| StatusCode::BAD_REQUEST)?;
            text.parse().map(Some).map_err(|_| StatusCode::BAD_REQUEST)
        }
        (Some(_), Some(_)) => Err(StatusCode::BAD_REQUEST),
    }
}

/// The connection states the length and closes when it must; an endpoint cannot contradict it.
fn framed_by_us(mut response: Response<Bytes>) -> Response<Bytes> {
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
        response.headers_mut().remove(name);
    }
    response
}

fn refusal(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::NOT_IMPLEMENTED {
        // Where such a body ends, the next in line may see otherwise.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
