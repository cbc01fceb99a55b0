//! A③: the browser step. `GET /authorize` opens a pushed request, `POST /authorize` takes what the user answered.
//!
//! Between two pages nothing is stored: what is known so far travels sealed in the form, bound to a cookie, so that any
//! node can go on and a page that is left costs nothing.

mod complete;
mod decide;
mod offer;
mod open;
mod page_state;
mod show;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use ingam_access_key::{RegisteredFintech, make_jarm};
use ingam_keys::Purpose;
use ingam_protocol::{AuthorizationResponse, OAuthError, RedirectUri, ResponseMode};
use ingam_wire::UnixTime;

use crate::{Entrance, Operator, answer, entrance::Incoming, pages};

/// Answers a user agent.
///
/// fapi: OA-21
pub(crate) async fn authorize(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    match *incoming.request.method() {
        Method::POST => decide::decide(entrance, incoming).await,
        _ => open::open(entrance, incoming).await,
    }
}

/// A page instead of a redirect: nothing in the request says where the user may safely be sent.
///
/// fapi: OA-9, BCP-2, BCP-11, SP-AS-7
fn stop(reason: &str, now: UnixTime) -> Response<Bytes> {
    stop_with(StatusCode::BAD_REQUEST, reason, now)
}

fn stop_with(status: StatusCode, reason: &str, now: UnixTime) -> Response<Bytes> {
    answer::page(status, pages::refusal(reason), None, None, now)
}

/// Something the operator needs does not answer: 503, nothing was done, and the same request may be tried again.
fn later(now: UnixTime) -> Response<Bytes> {
    let mut answer = stop_with(StatusCode::SERVICE_UNAVAILABLE, "try again later", now);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

/// Sends the user agent back with `response`, as the fintech is registered to be answered.
///
/// fapi: SP-AZ-7, SP-AZ-11, IS-1, JM-1, JM-3, X-AS-35
async fn send_back(
    operator: &Operator,
    fintech: &RegisteredFintech,
    redirect_uri: &RedirectUri,
    response: &AuthorizationResponse,
    now: UnixTime,
) -> Response<Bytes> {
    let policy = &operator.parts.profile.access_key;
    let location = match fintech.record().response_mode(policy) {
        ResponseMode::Jwt => {
            let signed = match operator.parts.keys.signer(Purpose::SignAuthorizationResponses, now) {
                Ok(signer) => make_jarm(response, fintech.client_id(), policy, &*signer, now).await.ok(),
                Err(_) => None,
            };
            let Some(token) = signed else { return later(now) };
            redirect_uri.with_parameters(&ingam_wire::form::Form::default().with("response", &token))
        }
        _ => response.location(redirect_uri),
    };
    answer::see_other(&location, now)
}

/// Sends the user agent back with an error where the redirect URI that stands in the query is registered, else stops.
///
/// An exact match of a registered URI is no open redirector. The parameters beside `request_uri` count for nothing else;
/// `state` is the request's own where nothing was pushed.
///
/// fapi: X-AS-20, X-AS-22, OA-7, OA-9, OA-10, BCP-1
async fn send_back_or_stop(
    operator: &Operator,
    fintech: &RegisteredFintech,
    query: &ingam_wire::form::Form,
    (error, description): (OAuthError, &str),
    now: UnixTime,
) -> Response<Bytes> {
    let named = query.get("redirect_uri").and_then(|uri| uri.parse::<RedirectUri>().ok());
    match named.filter(|uri| fintech.record().permits_redirect(uri)) {
        Some(redirect_uri) => {
            let iss = operator.parts.identity.issuer.clone();
            let own = query.get("state").filter(|_| query.get("request_uri").is_none());
            let state = own.and_then(|state| state.parse().ok());
            let response = AuthorizationResponse::refused(error, description, state, iss);
            send_back(operator, fintech, &redirect_uri, &response, now).await
        }
        None => stop(description, now),
    }
}
