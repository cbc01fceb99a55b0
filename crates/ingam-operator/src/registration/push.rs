use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::{AuthenticatedFintech, Proof, PushedForm, PushedRequest, RequestObjectCheck};
use ingam_ports::{ControlItem, EventKind, SecurityEvent, Step, Unclaimed, settle_in_commit};
use ingam_protocol::{PushedAuthorizationResponse, PushedBody, RequestUri};
use ingam_wire::{BoxFuture, UnixTime};

use super::client::{self, Authenticating};
use crate::{Entrance, Operator, answer, entrance::Incoming, record::About, refusal::Refusal};

/// A②: `POST /par` (RFC 9126).
///
/// One commit claims assertion, proof and request object and keeps the request; nothing else is written.
///
/// fapi: SP-AZ-2, PA-1, PA-3, PA-5
pub(crate) async fn push(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let now = incoming.now;
    let operator = entrance.operator();
    let mut about = About { address: incoming.address, ..About::default() };
    match pushed(entrance, &incoming, &mut about).await {
        Ok((body, elsewhere)) => {
            operator.record_committed(elsewhere).await;
            operator.with_nonce(answer::json(StatusCode::CREATED, body.to_json(), now), now)
        }
        Err(refusal) => operator.refuse(refusal, EventKind::RequestPushed, about, now).await,
    }
}

type Pushed = (PushedAuthorizationResponse, Vec<SecurityEvent>);

async fn pushed(entrance: &Entrance, incoming: &Incoming, about: &mut About) -> Result<Pushed, Refusal> {
    let operator = entrance.operator();
    let now = incoming.now;
    let form = client::form(&incoming.request, &["resource"])?;
    let Authenticating { fintech, evidence } = client::authenticate(operator, incoming, &form, about).await?;
    let proof = optional(client::proof(entrance, incoming, "/par")?);
    let body = PushedBody::from_form(&form).map_err(|error| Refusal::new(error.oauth(), error, error.name()))?;
    let form = match body {
        PushedBody::Plain(request) => Unclaimed::new(PushedForm::Plain(request), Vec::new()),
        PushedBody::Signed { object } => {
            let check = RequestObjectCheck {
                operator: &operator.parts.identity.issuer,
                policy: &operator.parts.profile.access_key,
                provider: &*operator.parts.provider,
            };
            let checked = check.check(&object, &fintech, now);
            checked
                .map_err(|error| {
                    Refusal::new(error.to_oauth_error(), error, error.name()).by(ControlItem::INTEGRITY, None)
                })?
                .map(PushedForm::Signed)
        }
    };
    let unclaimed = evidence.and(proof).and(form);
    let prepare = |((fintech, proof), form): ((AuthenticatedFintech, Option<Proof>), PushedForm)| -> BoxFuture<'_, _> {
        Box::pin(core::future::ready(keep(operator, &fintech, proof.as_ref(), form, incoming, now)))
    };
    Ok(settle_in_commit(unclaimed, &*operator.parts.store, now, prepare).await?)
}

/// The steps that keep the request, and the answer.
fn keep(
    operator: &Operator,
    fintech: &AuthenticatedFintech,
    proof: Option<&Proof>,
    form: PushedForm,
    incoming: &Incoming,
    now: UnixTime,
) -> Result<(Pushed, Vec<Step>), Refusal> {
    let parts = &operator.parts;
    let resources = core::slice::from_ref(&parts.identity.resource);
    let policy = &parts.profile.access_key;
    let randomness = parts.provider.randomness();
    let (reference, request) = PushedRequest::accept(fintech, form, proof, resources, policy, now, randomness)
        .map_err(|error| Refusal::new(error.to_oauth_error(), error, error.name()).by(ControlItem::BYPASS, None))?;
    let request_uri = RequestUri::from_reference(reference.expose()).map_err(|_| Refusal::unavailable("RequestUri"))?;
    let answer = PushedAuthorizationResponse { request_uri, expires_in: request.expires_in() };
    let key = reference.row_key(&parts.sealer);
    let mut steps = vec![operator.records.insert(key, Some(request.keep_until()), Vec::new(), &request)?];
    let events = vec![SecurityEvent {
        fintech: Some(fintech.client_id().to_string()),
        address: incoming.address,
        ..operator.done(EventKind::RequestPushed, ControlItem::FINTECH_AUTHENTICATION, now)
    }];
    let (lines, elsewhere) = operator.event_steps(events)?;
    steps.extend(lines);
    Ok(((answer, elsewhere), steps))
}

/// What may be absent, still to be claimed where it is there.
pub(super) fn optional<T>(unclaimed: Option<Unclaimed<T>>) -> Unclaimed<Option<T>> {
    unclaimed.map_or_else(|| Unclaimed::new(None, Vec::new()), |unclaimed| unclaimed.map(Some))
}
