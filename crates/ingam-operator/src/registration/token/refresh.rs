use ingam_access_key::{Grant, OneTimeSecret, RefreshRecord, RefreshTerms, SecretKind};
use ingam_ports::{ControlItem, EventKind, Step, Threat};
use ingam_protocol::TokenRequest;

use super::{
    Issued, invalid_grant,
    issue::{self, Holder, Order},
};
use crate::{Operator, refusal::Refusal};

/// `grant_type=refresh_token`: a new access key, bound to the key that proves itself now; the refresh token stays.
///
/// fapi: SP-AS-9, OA-12, DP-10, X-AS-15, X-AS-25
pub(super) async fn refresh(
    operator: &Operator,
    request: &TokenRequest,
    holder: &Holder<'_>,
) -> Result<(Issued, Vec<Step>), Refusal> {
    let TokenRequest::RefreshToken { refresh_token, scope, authorization_details, resources } = request else {
        return Err(invalid_grant("WrongGrantType"));
    };
    let now = holder.incoming.now;
    let records = &operator.records;
    let secret = OneTimeSecret::parse(SecretKind::Refresh, refresh_token.expose())
        .map_err(|error| invalid_grant(error.name()))?;
    let key = secret.row_key(&operator.parts.sealer);
    let read = records.read::<RefreshRecord>(&key, now).await?.ok_or_else(|| invalid_grant("UnknownRefreshToken"))?;
    let key = Grant::row_key(read.record.grant()).ok_or_else(|| invalid_grant("UnknownGrant"))?;
    let read_grant = records.read::<Grant>(&key, now).await?.ok_or_else(|| invalid_grant("UnknownGrant"))?;
    let known = operator.parts.users.knows(read_grant.record.user()).await;
    if !known.map_err(|_| Refusal::unavailable("Authenticator"))? {
        return Err(invalid_grant("UserUnknown"));
    }
    let asked = RefreshTerms { scopes: scope.as_ref(), details: authorization_details.as_ref(), resources };
    let policy = &operator.parts.profile.access_key;
    let refreshed = read_grant.record.clone().refresh(&read.record, holder.fintech, asked, policy, now);
    let (grant, terms) = refreshed.map_err(|error| {
        Refusal::new(error.to_oauth_error(), "the refresh token is not good", error.name())
            .by(ControlItem::BYPASS, Some(Threat::TokenCracking))
    })?;
    let order = Order { grant, terms: &terms, nonce: None, kind: EventKind::AccessKeyRefreshed };
    let made = issue::make(operator, &read_grant, order, holder).await?;
    let grant = read.record.grant().clone();
    let events = vec![made.event];
    let mut steps = made.steps;
    let (lines, elsewhere) = operator.event_steps(events)?;
    steps.extend(lines);
    Ok((Issued { answer: made.answer, grant, elsewhere }, steps))
}
