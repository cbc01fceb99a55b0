//! A④: `POST /token`: a code or a refresh token becomes an access key that only its holder can use.

mod duplicate;
mod issue;
mod redeem;
mod refresh;

use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::{AuthenticatedFintech, Proof, RevocationReason, SenderConstraint};
use ingam_ports::{ControlItem, EventKind, SecurityEvent, SettleError, Step, settle_in_commit};
use ingam_protocol::{GrantId, OAuthError, TokenRequest, TokenResponse};
use ingam_wire::{BoxFuture, form::Form};

use self::duplicate::Kept;
use super::{
    client::{self, Authenticating},
    push::optional,
};
use crate::{Entrance, Operator, answer, attempts::Attempt, entrance::Incoming, record::About, refusal::Refusal};

/// Answers a token request.
///
/// fapi: OA-1, OA-2, SP-AS-2, BCP-6
pub(crate) async fn token(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    let mut about = About { address: incoming.address, ..About::default() };
    match answered(entrance, &incoming, &mut about).await {
        Ok(issued) => {
            operator.record_committed(issued.elsewhere).await;
            operator.with_nonce(answer::json(StatusCode::OK, issued.answer.to_json(), now), now)
        }
        Err(refusal) => operator.refuse(refusal, EventKind::AccessKeyIssued, about, now).await,
    }
}

/// What a commit of the token endpoint gives out.
struct Issued {
    answer: TokenResponse,
    /// What it was issued from.
    grant: GrantId,
    elsewhere: Vec<SecurityEvent>,
}

/// Why nothing was issued; a misused code ends the grant that came of it.
struct NotIssued {
    refusal: Refusal,
    misused: Option<GrantId>,
}

impl<E: Into<Refusal>> From<E> for NotIssued {
    fn from(error: E) -> Self {
        Self { refusal: error.into(), misused: None }
    }
}

/// Tries of a request whose grant another request changed at the same time.
const TRIES: usize = 4;

async fn answered(entrance: &Entrance, incoming: &Incoming, about: &mut About) -> Result<Issued, Refusal> {
    let form = client::form(&incoming.request, &["resource"])?;
    for _ in 1..TRIES {
        match once(entrance, incoming, &form, about).await {
            // The grant is read anew: a code that is redeemed now was reused, a refresh simply goes on.
            Err(refusal) if refusal.reason == Refusal::CONTENDED => {}
            ended => return ended,
        }
    }
    once(entrance, incoming, &form, about).await
}

async fn once(entrance: &Entrance, incoming: &Incoming, form: &Form, about: &mut About) -> Result<Issued, Refusal> {
    let operator = entrance.operator();
    let now = incoming.now;
    let Authenticating { fintech, evidence } = client::authenticate(operator, incoming, form, about).await?;
    let proof = optional(client::proof(entrance, incoming, "/token")?);
    let request = TokenRequest::from_form(form)
        .map_err(|error| Refusal::new(error.oauth(), error, error.name()).by(ControlItem::BYPASS, None))?;
    let attempt = Attempt::secret(fintech.client_id().as_str(), incoming.address);
    attempt.ask(&*operator.parts.limiter, now).await?;
    let (mut misused, mut kept) = (None, None);
    let prepare = |(fintech, proof): (AuthenticatedFintech, Option<Proof>)| -> BoxFuture<'_, _> {
        let (misused, kept) = (&mut misused, &mut kept);
        Box::pin(async move {
            match prepare(operator, incoming, &request, &fintech, proof.as_ref()).await {
                Ok((issued, steps)) => {
                    *kept = Kept::of(&steps, &issued.grant);
                    Ok((issued, steps))
                }
                Err(refused) => {
                    *misused = refused.misused;
                    Err(refused.refusal)
                }
            }
        })
    };
    let settled = settle_in_commit(evidence.and(proof), &*operator.parts.store, now, prepare).await;
    let refusal = match settled {
        Ok(issued) => return Ok(issued),
        Err(SettleError::Refused { step }) if kept.as_ref().is_some_and(|kept: &Kept| kept.is_at(step)) => {
            if let Some(kept) = &kept {
                operator.duplicate(kept, incoming).await?;
            }
            return Err(Refusal::unavailable("DuplicateAccessKey"));
        }
        Err(error) => Refusal::from(error),
    };
    if let Some(grant) = misused {
        operator.end_grant(&grant, RevocationReason::CodeMisused, now).await?;
    }
    if refusal.error == OAuthError::InvalidGrant && refusal.reason != Refusal::CONTENDED {
        attempt.failed(&*operator.parts.limiter, now).await?;
    }
    Err(refusal)
}

async fn prepare(
    operator: &Operator,
    incoming: &Incoming,
    request: &TokenRequest,
    fintech: &AuthenticatedFintech,
    proof: Option<&Proof>,
) -> Result<(Issued, Vec<Step>), NotIssued> {
    let binding = fintech.fintech().entry().binding;
    let constraint = SenderConstraint::required(binding, proof, incoming.peer.as_ref())?;
    let holder = issue::Holder { fintech, proof, constraint, incoming };
    match request {
        TokenRequest::AuthorizationCode { .. } => redeem::redeem(operator, request, &holder).await,
        TokenRequest::RefreshToken { .. } => Ok(refresh::refresh(operator, request, &holder).await?),
    }
}

/// A code or refresh token that is none of ours, used up or another's: one answer for all.
fn invalid_grant(reason: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidGrant, "the code or token is not good", reason)
        .by(ControlItem::BYPASS, Some(ingam_ports::Threat::TokenCracking))
}
