use core::net::IpAddr;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use ingam_access_key::ClientCertError;
use ingam_ports::{ControlItem, Endpoint, EventKind, PeerIdentity, RemoteAddress, Threat};
use ingam_protocol::OAuthError;
use ingam_wire::{BoxFuture, UnixTime};

use crate::{
    Entrance, answer,
    entrance::Incoming,
    limits,
    proxy::Fronted,
    record::About,
    refusal::Refusal,
    registration,
    route::{Route, route},
    usage,
};

impl Endpoint for Entrance {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(self.dispatch(request))
    }
}

impl Entrance {
    async fn dispatch(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let route = route(&path, self.base_path());
        let answer = self.route(request, route.as_ref()).await;
        self.operator().metrics.count(route.as_ref(), answer.status());
        answer
    }

    async fn route(&self, mut request: Request<Bytes>, route: Option<&Route<'_>>) -> Response<Bytes> {
        let now = self.operator().now();
        if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > limits::TARGET) {
            return answer::empty(StatusCode::URI_TOO_LONG, now);
        }
        // Which host the request names is the sender's word; ours is the configuration (RFC 9449 section 4.3, sr 41).
        if let Some(target) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = target.into();
        }
        let carrier = request.extensions().get::<RemoteAddress>().copied();
        let mut address = carrier.map(|address| address.0.ip());
        let mut peer = request.extensions_mut().remove::<PeerIdentity>();
        if let Some(proxies) = self.proxies() {
            Fronted { peer, address } = match proxies.fronted(request.headers(), carrier, peer) {
                Ok(fronted) => fronted,
                Err(error) => return self.refuse_certificate(error, address, now).await,
            };
        }
        let Some(route) = route else { return answer::empty(StatusCode::NOT_FOUND, now) };
        if !route.methods().contains(request.method()) {
            return not_allowed(route.methods(), now);
        }
        let incoming = Incoming { request, peer, address, now };
        match route {
            Route::Metadata => registration::metadata(self.operator(), now),
            Route::Jwks => registration::jwks(self.operator(), now),
            Route::Push => registration::push(self, incoming).await,
            Route::Authorize => registration::authorize(self, incoming).await,
            Route::Token => registration::token(self, incoming).await,
            Route::Introspect => registration::introspect(self, incoming).await,
            Route::Revoke => registration::revoke(self, incoming).await,
            Route::Resource(path) => usage::resource(self, path, incoming).await,
        }
    }

    /// A configured proxy's word that cannot be taken: refused, for the field may be the client's own.
    async fn refuse_certificate(
        &self,
        error: ClientCertError,
        address: Option<IpAddr>,
        now: UnixTime,
    ) -> Response<Bytes> {
        let refusal = Refusal::new(OAuthError::InvalidRequest, error, error.name())
            .by(ControlItem::FINTECH_AUTHENTICATION, Some(Threat::CredentialCracking));
        let about = About { address, ..About::default() };
        self.operator().refuse(refusal, EventKind::FintechAuthenticated, about, now).await
    }
}

fn not_allowed(methods: &[Method], now: UnixTime) -> Response<Bytes> {
    let allow = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let mut answer = answer::oauth_error(OAuthError::InvalidRequest, "method not allowed", now);
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::try_from(allow).unwrap_or(HeaderValue::from_static("POST")));
    answer
}
