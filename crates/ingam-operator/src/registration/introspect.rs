use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ingam_access_key::{
    ClientRole, Grant, INTROSPECTION_JWT, IntrospectionCaller, OneTimeSecret, OpaqueAccessKey, SecretKind,
    VerifiedAccess, introspect as describe, make_introspection,
};
use ingam_keys::Purpose;
use ingam_ports::{ControlItem, EventKind, SecurityEvent, SettleError, settle_in_commit};
use ingam_protocol::{IntrospectionRequest, IntrospectionResponse};
use ingam_wire::{BoxFuture, UnixTime};

use super::client::{self, Authenticating};
use crate::{Entrance, Operator, answer, entrance::Incoming, record::About, refusal::Refusal};

/// `POST /introspect`: plain JSON (RFC 7662), or signed where `Accept` asks for it (RFC 9701).
///
/// fapi: IN-1, IN-2, IJ-1, MS-15, MS-18
pub(crate) async fn introspect(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    let mut about = About { address: incoming.address, ..About::default() };
    match answered(operator, &incoming, &mut about).await {
        Ok(answer) => answer,
        Err(refusal) => operator.refuse(refusal, EventKind::AccessKeyIntrospected, about, now).await,
    }
}

async fn answered(operator: &Operator, incoming: &Incoming, about: &mut About) -> Result<Response<Bytes>, Refusal> {
    let now = incoming.now;
    let form = client::form(&incoming.request, &[])?;
    let Authenticating { fintech, evidence } = client::authenticate(operator, incoming, &form, about).await?;
    let request = IntrospectionRequest::from_form(&form)
        .map_err(|error| Refusal::new(error.oauth(), error, error.name()).by(ControlItem::LEAK, None))?;
    let event = SecurityEvent {
        fintech: about.fintech.clone(),
        address: incoming.address,
        ..operator.done(EventKind::AccessKeyIntrospected, ControlItem::LEAK, now)
    };
    let (steps, elsewhere) = operator.event_steps(vec![event])?;
    let prepare = |_| -> BoxFuture<'_, _> { Box::pin(core::future::ready(Ok(((), steps)))) };
    settle_in_commit(evidence, &*operator.parts.store, now, prepare)
        .await
        .map_err(|error: SettleError<Refusal>| Refusal::from(error))?;
    operator.record_committed(elsewhere).await;
    let caller = match fintech.entry().role {
        ClientRole::ResourceServer => IntrospectionCaller::AnyResourceServer,
        ClientRole::Fintech => IntrospectionCaller::Fintech(fintech.client_id().clone()),
    };
    let verified = operator.verify_own(request.token.expose(), now).await?;
    let grant = match verified.as_ref().and_then(|access| access.grant()).and_then(Grant::row_key) {
        Some(key) => operator.records.read::<Grant>(&key, now).await?.map(|read| read.record),
        None => None,
    };
    let body = describe(verified.as_ref(), grant.as_ref(), &caller, now);
    print(operator, incoming, fintech.client_id().as_str(), &body, now).await
}

async fn print(
    operator: &Operator,
    incoming: &Incoming,
    caller: &str,
    body: &IntrospectionResponse,
    now: UnixTime,
) -> Result<Response<Bytes>, Refusal> {
    let accept = incoming.request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains(INTROSPECTION_JWT)) {
        return Ok(answer::json(StatusCode::OK, body.to_json(), now));
    }
    let parts = &operator.parts;
    let signer = parts.keys.signer(Purpose::SignIntrospections, now).map_err(|_| Refusal::unavailable("SigningKey"))?;
    let token = make_introspection(body, &parts.identity.issuer, caller, &*signer, now)
        .await
        .map_err(|_| Refusal::unavailable("Sign"))?;
    let mut answer = answer::json(StatusCode::OK, token, now);
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(INTROSPECTION_JWT));
    Ok(answer)
}

impl Operator {
    /// What one of our own access keys says, if `token` is one that is not over; revocation is the grant's business.
    pub(crate) async fn verify_own(&self, token: &str, now: UnixTime) -> Result<Option<VerifiedAccess>, Refusal> {
        let verifier = self.verifier(now);
        let Ok(secret) = OneTimeSecret::parse(SecretKind::OpaqueAccessKey, token) else {
            return Ok(verifier.verify(token, now).ok());
        };
        let read = self.records.read::<OpaqueAccessKey>(&secret.row_key(&self.parts.sealer), now).await?;
        Ok(read.and_then(|read| verifier.recognise(token, &read.record, now).ok()))
    }
}
