use bytes::Bytes;
use http::{HeaderMap, Response};
use ingam_access_key::{OneTimeSecret, PresentedToUser, PushedRequest, RegisteredFintech, SecretKind};
use ingam_keys::RecordsError;
use ingam_protocol::{ClientId, OAuthError, Prompt, RequestUri};
use ingam_wire::{UnixTime, base64url, form::Form};

use super::{
    complete, decide, later,
    page_state::{Page, PageState},
    send_back, send_back_or_stop, show, stop,
};
use crate::{Entrance, Operator, entrance::Incoming, limits};

/// `GET /authorize`: opens the pushed request and shows the first page; a reload opens it again.
///
/// fapi: SP-AZ-3, SP-AZ-15, PA-8, PA-11, X-AS-2, X-AS-19, X-AS-36
pub(super) async fn open(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    let query = incoming.request.uri().query().unwrap_or_default();
    let Ok(query) = Form::parse(query.as_bytes(), &limits::QUERY) else { return stop("malformed request", now) };
    let Some(client) = query.get("client_id").and_then(|id| id.parse::<ClientId>().ok()) else {
        return stop("client_id is missing", now);
    };
    let fintech = match operator.parts.directory.find(&client, now).await {
        Ok(Some(fintech)) => fintech,
        Ok(None) => return stop("unknown client", now),
        Err(_) => return later(now),
    };
    let Some(request_uri) = query.get("request_uri") else {
        let error = (OAuthError::InvalidRequest, "the request must be pushed first");
        return send_back_or_stop(operator, &fintech, &query, error, now).await;
    };
    let Ok(opened) = presented(operator, request_uri, &fintech, now).await else { return later(now) };
    let Some((reference, presented)) = opened else {
        let error = (OAuthError::InvalidRequestUri, "the request was used, has expired or is not this client's");
        return send_back_or_stop(operator, &fintech, &query, error, now).await;
    };
    first_page(entrance, &incoming, &fintech, &reference, presented).await
}

/// The request under `request_uri`, if it is one that `fintech` may still have opened.
async fn presented(
    operator: &Operator,
    request_uri: &str,
    fintech: &RegisteredFintech,
    now: UnixTime,
) -> Result<Option<(OneTimeSecret, PresentedToUser)>, RecordsError> {
    let Ok(request_uri) = request_uri.parse::<RequestUri>() else { return Ok(None) };
    let Ok(reference) = OneTimeSecret::parse(SecretKind::PushedRequest, request_uri.reference()) else {
        return Ok(None);
    };
    let key = reference.row_key(&operator.parts.sealer);
    let stored = operator.records.read::<PushedRequest>(&key, now).await?;
    let presented = stored.and_then(|stored| stored.record.present(fintech, now).ok());
    Ok(presented.map(|presented| (reference, presented)))
}

async fn first_page(
    entrance: &Entrance,
    incoming: &Incoming,
    fintech: &RegisteredFintech,
    reference: &OneTimeSecret,
    presented: PresentedToUser,
) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    if let Some(authentication) = operator.parts.users.auto_approve(now) {
        return complete::without_pages(entrance, incoming, fintech, reference, presented, authentication).await;
    }
    if presented.pushed().request().prompt.contains(&Prompt::None) {
        let refused = presented.pushed().refused(
            OAuthError::LoginRequired,
            "a page must be shown",
            &operator.parts.identity.issuer,
        );
        let redirect_uri = &presented.pushed().request().redirect_uri;
        return send_back(operator, fintech, redirect_uri, &refused, now).await;
    }
    let Ok((browser, cookie)) = browser(operator, incoming.request.headers()) else {
        return later(now);
    };
    let state = PageState { reference: reference.expose().to_owned(), browser, page: Page::Login(presented) };
    show::show(entrance, fintech, &state, show::Shown { cookie, ..show::Shown::default() }, now).await
}

/// The hash of the user agent's cookie, and the cookie to set where there was none.
fn browser(
    operator: &Operator,
    headers: &HeaderMap,
) -> Result<([u8; 32], Option<String>), ingam_wire::RandomnessUnavailable> {
    if let Some(value) = decide::cookie(headers) {
        return Ok((decide::browser_of(operator, value), None));
    }
    let mut random = [0; 32];
    operator.parts.provider.randomness().fill(&mut random)?;
    let value = base64url::encode(random);
    let cookie = format!("{}={value}; Path=/; Secure; HttpOnly; SameSite=Lax", decide::COOKIE);
    Ok((decide::browser_of(operator, &value), Some(cookie)))
}
