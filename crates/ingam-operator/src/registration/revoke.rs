use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::{OneTimeSecret, RefreshRecord, RevocationReason, SecretKind};
use ingam_ports::{ControlItem, EventKind, SettleError, settle_in_commit};
use ingam_protocol::{ClientId, GrantId, RevocationRequest};
use ingam_wire::BoxFuture;

use super::client::{self, Authenticating};
use crate::{Entrance, Operator, answer, entrance::Incoming, record::About, refusal::Refusal};

/// `POST /revoke` (RFC 7009): the grant of the token ends, with all that was issued from it; 200 for unknown tokens too.
///
/// fapi: RV-1, RV-2, RV-3
pub(crate) async fn revoke(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    let mut about = About { address: incoming.address, ..About::default() };
    match revoked(operator, &incoming, &mut about).await {
        Ok(()) => answer::empty(StatusCode::OK, now),
        Err(refusal) => operator.refuse(refusal, EventKind::Revoked, about, now).await,
    }
}

async fn revoked(operator: &Operator, incoming: &Incoming, about: &mut About) -> Result<(), Refusal> {
    let now = incoming.now;
    let form = client::form(&incoming.request, &[])?;
    let Authenticating { fintech, evidence } = client::authenticate(operator, incoming, &form, about).await?;
    let request = RevocationRequest::from_form(&form)
        .map_err(|error| Refusal::new(error.oauth(), error, error.name()).by(ControlItem::LEAK, None))?;
    let prepare = |_| -> BoxFuture<'_, _> { Box::pin(core::future::ready(Ok(((), Vec::new())))) };
    settle_in_commit(evidence, &*operator.parts.store, now, prepare)
        .await
        .map_err(|error: SettleError<Refusal>| Refusal::from(error))?;
    if let Some(grant) = grant_of(operator, request.token.expose(), fintech.client_id(), incoming).await? {
        operator.end_grant(&grant, RevocationReason::Fintech, now).await?;
    }
    Ok(())
}

/// The grant of a refresh token or access key that was issued to `client`; a wrong hint does not matter.
async fn grant_of(
    operator: &Operator,
    token: &str,
    client: &ClientId,
    incoming: &Incoming,
) -> Result<Option<GrantId>, Refusal> {
    let now = incoming.now;
    if let Ok(secret) = OneTimeSecret::parse(SecretKind::Refresh, token) {
        let read = operator.records.read::<RefreshRecord>(&secret.row_key(&operator.parts.sealer), now).await?;
        return Ok(read.filter(|read| read.record.client_id() == client).map(|read| read.record.grant().clone()));
    }
    let verified = operator.verify_own(token, now).await?;
    Ok(verified.filter(|access| access.client_id() == client).and_then(|access| access.grant().cloned()))
}
