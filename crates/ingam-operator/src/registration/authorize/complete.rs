use bytes::Bytes;
use http::Response;
use ingam_access_key::{
    Authenticated, Consent, IssuedCode, OneTimeSecret, PresentedToUser, PushedRequest, RegisteredFintech, SecretKind,
    UserAuthentication,
};
use ingam_ports::{Commit, ControlItem, EventKind, Outcome, SecurityEvent, Step, Threat};
use ingam_protocol::OAuthError;

use super::{
    later,
    offer::{self, Chosen, NoOffer},
    send_back, send_back_or_stop, stop,
};
use crate::{Entrance, entrance::Incoming, refusal::Refusal};

/// What the end of a registration needs, whichever page leads to it.
pub(super) struct Completion<'a> {
    pub(super) entrance: &'a Entrance,
    pub(super) incoming: &'a Incoming,
    pub(super) fintech: &'a RegisteredFintech,
    pub(super) reference: &'a str,
}

/// The user refused, or cannot do what is asked: the request is taken and the fintech told.
///
/// fapi: OA-10, X-AS-21
pub(super) async fn refuse(
    completion: &Completion<'_>,
    pushed: &PushedRequest,
    error: OAuthError,
    reason: &'static str,
) -> Response<Bytes> {
    let operator = completion.entrance.operator();
    let now = completion.incoming.now;
    let event = SecurityEvent {
        outcome: Outcome::Refused(reason),
        ..completion.line(EventKind::ConsentRefused, ControlItem::BYPASS)
    };
    match completion.take(Vec::new(), vec![event]).await {
        Ok(true) => {
            let response = pushed.refused(error, "the request was refused", &operator.parts.identity.issuer);
            send_back(operator, completion.fintech, &pushed.request().redirect_uri, &response, now).await
        }
        Ok(false) => completion.used().await,
        Err(_) => later(now),
    }
}

/// The user agreed: one commit takes the request and keeps code and grant.
///
/// fapi: SP-AZ-15, PA-6, SP-AS-14
/// x1149: 3.1.16.6, 3.1.9.2
pub(super) async fn approve(
    completion: &Completion<'_>,
    authenticated: Authenticated,
    mut chosen: Chosen,
) -> Response<Bytes> {
    let operator = completion.entrance.operator();
    let now = completion.incoming.now;
    let offered = match offer::offer(operator, &authenticated, now).await {
        Ok(offered) => offered,
        Err(NoOffer::Refused) => {
            return refuse(completion, authenticated.pushed(), OAuthError::AccessDenied, "ConsentRefusedByBank").await;
        }
        Err(NoOffer::Unavailable) => return later(now),
    };
    // What was offered when the page was made may be offered no more: a block counts at once.
    chosen.accounts.retain(|id| offered.offers(id));
    let debtor_is_gone = chosen.debtor.as_ref().is_some_and(|id| !offered.offers(id));
    if debtor_is_gone || (chosen.accounts.is_empty() && offer::concerns_accounts(authenticated.pushed())) {
        return refuse(completion, authenticated.pushed(), OAuthError::AccessDenied, "AccountNotOffered").await;
    }
    let user = authenticated.authentication().user().to_string();
    let details = authenticated.pushed().details().and_then(|asked| offer::granted(asked, &chosen));
    let consent = Consent {
        scopes: authenticated.pushed().scopes(),
        accounts: chosen.accounts,
        details,
        until: Some(offered.until),
    };
    let issued = match authenticated.consented(consent) {
        Ok(consented) => {
            let policy = &operator.parts.profile.access_key;
            consented.issue_code(policy, now, operator.parts.provider.randomness())
        }
        Err(_) => return stop("the consent is not what was asked", now),
    };
    let Ok(issued) = issued else { return later(now) };
    match completion.keep(&issued, &user).await {
        Ok(true) => match issued.response(&operator.parts.identity.issuer) {
            Ok(response) => send_back(operator, completion.fintech, &issued.redirect_uri, &response, now).await,
            Err(_) => later(now),
        },
        Ok(false) => completion.used().await,
        Err(_) => later(now),
    }
}

/// Development only: everything is approved as one user, without a page.
pub(super) async fn without_pages(
    entrance: &Entrance,
    incoming: &Incoming,
    fintech: &RegisteredFintech,
    reference: &OneTimeSecret,
    presented: PresentedToUser,
    authentication: UserAuthentication,
) -> Response<Bytes> {
    let operator = entrance.operator();
    let completion = Completion { entrance, incoming, fintech, reference: reference.expose() };
    let pushed = presented.pushed().clone();
    let authenticated = match presented.authenticated(authentication, operator.parts.users.least(), incoming.now) {
        Ok(authenticated) => authenticated,
        Err(error) => return refuse(&completion, &pushed, error.to_oauth_error(), error.name()).await,
    };
    match offer::offer(operator, &authenticated, incoming.now).await {
        Ok(offered) => {
            let accounts = offered.ids();
            let debtor = accounts.first().cloned().filter(|_| offer::is_payment(&pushed));
            approve(&completion, authenticated, Chosen { accounts, debtor }).await
        }
        Err(NoOffer::Refused) => refuse(&completion, &pushed, OAuthError::AccessDenied, "ConsentRefusedByBank").await,
        Err(NoOffer::Unavailable) => later(incoming.now),
    }
}

impl Completion<'_> {
    pub(super) fn line(&self, kind: EventKind, control: ControlItem) -> SecurityEvent {
        SecurityEvent {
            fintech: Some(self.fintech.client_id().to_string()),
            address: self.incoming.address,
            ..self.entrance.operator().done(kind, control, self.incoming.now)
        }
    }

    async fn keep(&self, issued: &IssuedCode, user: &str) -> Result<bool, Refusal> {
        let operator = self.entrance.operator();
        let (records, sealer) = (&operator.records, &operator.parts.sealer);
        let grant_key = ingam_access_key::Grant::row_key(issued.grant.id()).ok_or(Refusal::unavailable("GrantId"))?;
        let index = vec![ingam_access_key::CodeIssued::index_of_grant(issued.grant.id(), sealer)];
        let steps = vec![
            records.insert(issued.code.row_key(sealer), Some(issued.record.keep_until()), index, &issued.record)?,
            records.insert(grant_key, Some(issued.grant.expires()), issued.grant.index(sealer), &issued.grant)?,
        ];
        let about = |event: SecurityEvent| SecurityEvent {
            user: Some(user.to_owned()),
            reference: Some(issued.grant.id().to_string()),
            ..event
        };
        let events = vec![
            about(self.line(EventKind::ConsentGiven, ControlItem::USER_AUTHENTICATION)),
            about(self.line(EventKind::CodeIssued, ControlItem::BYPASS)),
        ];
        self.take(steps, events).await
    }

    /// Takes the pushed request's row in one commit with `steps` and `events`; false when it was taken before.
    ///
    /// fapi: SP-AZ-15, PA-6, X-AS-19
    async fn take(&self, steps: Vec<Step>, events: Vec<SecurityEvent>) -> Result<bool, Refusal> {
        let operator = self.entrance.operator();
        let now = self.incoming.now;
        let reference = OneTimeSecret::parse(SecretKind::PushedRequest, self.reference)
            .map_err(|_| Refusal::unavailable("Reference"))?;
        let key = reference.row_key(&operator.parts.sealer);
        let Some(stored) = operator.records.read::<PushedRequest>(&key, now).await? else { return Ok(false) };
        let mut all = vec![operator.records.take(&stored)];
        all.extend(steps);
        let (lines, elsewhere) = operator.event_steps(events)?;
        all.extend(lines);
        match operator.records.commit(all, now).await {
            Ok(Commit::Committed) => {
                operator.record_committed(elsewhere).await;
                Ok(true)
            }
            Ok(Commit::Refused { .. }) => Ok(false),
            Err(_) => Err(Refusal::unavailable("Store")),
        }
    }

    /// The request was completed before, in another tab or by somebody else.
    async fn used(&self) -> Response<Bytes> {
        let operator = self.entrance.operator();
        let event = SecurityEvent {
            outcome: Outcome::Refused("RequestUriReused"),
            threat: Some(Threat::TokenCracking),
            ..self.line(EventKind::CodeIssued, ControlItem::BYPASS)
        };
        if operator.parts.audit.record(event).await.is_err() {
            return later(self.incoming.now);
        }
        let error = (OAuthError::InvalidRequestUri, "the request was used before");
        send_back_or_stop(operator, self.fintech, &ingam_wire::form::Form::default(), error, self.incoming.now).await
    }
}
