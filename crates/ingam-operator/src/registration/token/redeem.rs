use ingam_access_key::{CodeIssued, Grant, OneTimeSecret, Redeem, RefreshRecord, SecretKind};
use ingam_ports::{ControlItem, EventKind, SecurityEvent, Step, Threat};
use ingam_protocol::TokenRequest;

use super::{
    Issued, NotIssued, invalid_grant,
    issue::{self, Holder, Order},
};
use crate::{Operator, refusal::Refusal};

/// `grant_type=authorization_code`: the code is used, the grant active, and both kept in one commit with the refresh token.
///
/// fapi: SP-AZ-9, OA-5, OA-6, X-AS-14, X-AS-15
/// x1149: 3.1.16.6
pub(super) async fn redeem(
    operator: &Operator,
    request: &TokenRequest,
    holder: &Holder<'_>,
) -> Result<(Issued, Vec<Step>), NotIssued> {
    let TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, authorization_details, resources } =
        request
    else {
        return Err(invalid_grant("WrongGrantType").into());
    };
    let now = holder.incoming.now;
    let (records, sealer) = (&operator.records, &operator.parts.sealer);
    let code = OneTimeSecret::parse(SecretKind::Code, code.expose()).map_err(|error| invalid_grant(error.name()))?;
    let read_code = records.read::<CodeIssued>(&code.row_key(sealer), now).await?;
    let read_code = read_code.ok_or_else(|| invalid_grant("UnknownCode"))?;
    let key = Grant::row_key(read_code.record.grant()).ok_or_else(|| invalid_grant("UnknownGrant"))?;
    let read_grant = records.read::<Grant>(&key, now).await?.ok_or_else(|| invalid_grant("UnknownGrant"))?;
    let terms = Redeem {
        redirect_uri,
        verifier: Some(code_verifier),
        proof: holder.proof,
        details: authorization_details.as_ref(),
        resources,
    };
    let provider = &*operator.parts.provider;
    let redeemed =
        read_code.record.clone().redeem(read_grant.record.clone(), holder.fintech, terms, provider, now).map_err(
            |error| NotIssued {
                misused: error.is_misuse().then(|| read_code.record.grant().clone()),
                refusal: Refusal::new(error.to_oauth_error(), "the code is not good", error.name())
                    .by(ControlItem::BYPASS, Some(Threat::TokenCracking)),
            },
        )?;
    let (refresh, record) = redeemed.refresh_token(now, operator.parts.provider.randomness())?;
    let order = Order {
        grant: redeemed.grant().clone(),
        terms: redeemed.terms(),
        nonce: redeemed.nonce(),
        kind: EventKind::AccessKeyIssued,
    };
    let made = issue::make(operator, &read_grant, order, holder).await?;
    let mut answer = made.answer;
    answer.refresh_token = Some(refresh.expose().parse().map_err(|_| Refusal::unavailable("RefreshToken"))?);
    let index = vec![RefreshRecord::index_of_grant(redeemed.grant().id(), sealer)];
    let mut steps = vec![
        records.replace(&read_code, redeemed.code())?,
        records.insert(refresh.row_key(sealer), Some(redeemed.grant().expires()), index, &record)?,
    ];
    steps.extend(made.steps);
    let authenticated = SecurityEvent {
        fintech: made.event.fintech.clone(),
        address: holder.incoming.address,
        ..operator.done(EventKind::FintechAuthenticated, ControlItem::FINTECH_AUTHENTICATION, now)
    };
    let events = vec![authenticated, made.event];
    let (lines, elsewhere) = operator.event_steps(events)?;
    steps.extend(lines);
    Ok((Issued { answer, grant: redeemed.grant().id().clone(), elsewhere }, steps))
}
