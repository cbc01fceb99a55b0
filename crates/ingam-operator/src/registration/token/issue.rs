use ingam_access_key::{
    AccessTerms, AuthenticatedFintech, Grant, IdTokenContent, IssuedAccessKey, IssuedId, OneTimeSecret,
    OpaqueAccessKey, Proof, SecretKind, SenderConstraint, make_id_token,
};
use ingam_keys::{Purpose, Stored};
use ingam_ports::{ControlItem, EventKind, SecurityEvent, Step};
use ingam_protocol::{KnownScope, Nonce, OAuthError, TokenResponse};

use crate::{Operator, entrance::Incoming, refusal::Refusal};

/// Who gets an access key, and what it is bound to.
pub(super) struct Holder<'a> {
    pub(super) fintech: &'a AuthenticatedFintech,
    pub(super) proof: Option<&'a Proof>,
    pub(super) constraint: SenderConstraint,
    pub(super) incoming: &'a Incoming,
}

/// An access key with everything that is committed with it.
pub(super) struct Made {
    pub(super) answer: TokenResponse,
    pub(super) steps: Vec<Step>,
    pub(super) event: SecurityEvent,
}

/// What is issued, and how the record calls it.
pub(super) struct Order<'a> {
    /// The grant as it replaces the one that was read.
    pub(super) grant: Grant,
    pub(super) terms: &'a AccessTerms,
    pub(super) nonce: Option<&'a Nonce>,
    pub(super) kind: EventKind,
}

/// Issues an access key from `order.grant`, which replaces `read` in the same commit.
///
/// fapi: SP-AS-4, RAR-5, OI-1, OI-6, X-AS-23, X-AS-24
/// x1149: 3.1.16.7
pub(super) async fn make(
    operator: &Operator,
    read: &Stored<Grant>,
    order: Order<'_>,
    holder: &Holder<'_>,
) -> Result<Made, Refusal> {
    let parts = &operator.parts;
    let now = holder.incoming.now;
    let signer = parts.keys.signer(Purpose::SignAccessKeys, now).map_err(|_| Refusal::unavailable("SigningKey"))?;
    let issued = operator.issuer.issue(&order.grant, order.terms, holder.constraint, &*signer, now).await;
    let issued = issued.map_err(|error| {
        Refusal::new(error.to_oauth_error(), "no access key can be issued", error.name()).by(ControlItem::BYPASS, None)
    })?;
    let id_token = id_token(operator, &order, &issued, holder).await?;
    let grant = match &issued.key_id {
        Some(key_id) => order.grant.signed_with(key_id),
        None => order.grant,
    };
    let mut steps = vec![operator.records.replace_with(read, read.expires, grant.index(&parts.sealer), &grant)?];
    steps.push(once(operator, &issued, &grant)?);
    let event = SecurityEvent {
        key_id: issued.key_id.clone(),
        fintech: Some(grant.client_id().to_string()),
        user: Some(grant.user().to_string()),
        reference: Some(grant.id().to_string()),
        address: holder.incoming.address,
        ..operator.done(order.kind, ControlItem::LEAK, now)
    };
    let terms = order.terms;
    let answer = TokenResponse {
        access_token: issued.token.expose().parse().map_err(|_| Refusal::unavailable("AccessKey"))?,
        token_type: issued.token_type,
        expires_in: Some(issued.expires_in),
        refresh_token: None,
        scope: (!terms.scopes().is_empty()).then(|| terms.scopes().clone()),
        authorization_details: terms.details().cloned().map(Into::into),
        id_token,
    };
    Ok(Made { answer, steps, event })
}

async fn id_token(
    operator: &Operator,
    order: &Order<'_>,
    issued: &IssuedAccessKey,
    holder: &Holder<'_>,
) -> Result<Option<ingam_wire::SecretText>, Refusal> {
    if !order.grant.scopes().contains(KnownScope::Openid) {
        return Ok(None);
    }
    let parts = &operator.parts;
    let now = holder.incoming.now;
    let signer = parts.keys.signer(Purpose::SignIdTokens, now).map_err(|_| Refusal::unavailable("SigningKey"))?;
    let content = IdTokenContent { nonce: order.nonce, access_key: Some(issued.token.expose()) };
    let (issuer, policy, provider) = (&parts.identity.issuer, &parts.profile.access_key, &*parts.provider);
    let token = make_id_token(&order.grant, content, issuer, policy, provider, &*signer, now).await;
    let token = token.map_err(|_| Refusal::new(OAuthError::TemporarilyUnavailable, "try again", "Sign"))?;
    Ok(Some(ingam_wire::SecretText::new(token)))
}

/// The step that keeps what was issued where nothing else may stand: an access key is one user's (3.1.16.10).
///
/// x1149: 3.1.16.10
fn once(operator: &Operator, issued: &IssuedAccessKey, grant: &Grant) -> Result<Step, Refusal> {
    let (records, sealer, until) = (&operator.records, &operator.parts.sealer, Some(issued.claims.exp));
    let Some(opaque) = &issued.opaque else {
        let key = IssuedId::row_key(&issued.claims, sealer);
        return Ok(records.insert(key, until, Vec::new(), &IssuedId::of(grant.id()))?);
    };
    let secret = OneTimeSecret::parse(SecretKind::OpaqueAccessKey, issued.token.expose())
        .map_err(|_| Refusal::unavailable("AccessKey"))?;
    let index = vec![OpaqueAccessKey::index_of_grant(grant.id(), sealer)];
    Ok(records.insert(secret.row_key(sealer), until, index, opaque)?)
}
