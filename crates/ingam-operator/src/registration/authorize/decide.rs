use core::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use ingam_access_key::{Authenticated, AuthenticationTooWeak, PresentedToUser, UserAuthentication};
use ingam_ports::{ControlItem, EventKind, PortError, SecurityEvent, SettleError, Threat};
use ingam_protocol::{AccountId, OAuthError, usage::Account};
use ingam_wire::{
    BoxFuture, SecretText, UnixTime,
    form::{Form, FormError},
    same_bytes,
};

use super::{
    super::client::is_form,
    complete::{self, Completion},
    later,
    offer::{self, Chosen, NoOffer},
    page_state::{Page, PageState},
    show, stop, stop_with,
};
use crate::{
    Entrance, LoginAttempt, LoginRefused, Operator,
    attempts::{Attempt, TooMany},
    entrance::Incoming,
    limits,
};

/// Name of the cookie that binds a page to the user agent it was shown to.
pub(super) const COOKIE: &str = "__Host-ingam";

/// The value of our cookie, if a well-formed one came.
pub(super) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && value.len() == 43)
        .map(|(_, value)| value)
}

/// What a page remembers of the cookie.
pub(super) fn browser_of(operator: &Operator, cookie: &str) -> [u8; 32] {
    operator.parts.sealer.hash("browser", cookie.as_bytes())
}

/// `POST /authorize`: what the user answered to a page.
///
/// x1149: 3.1.16.1, 3.1.16.6
pub(super) async fn decide(entrance: &Entrance, incoming: Incoming) -> Response<Bytes> {
    let operator = entrance.operator();
    let now = incoming.now;
    if !is_form(incoming.request.headers()) {
        return stop_with(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this is not a form", now);
    }
    let form = match Form::parse_repeating(incoming.request.body(), &limits::PAGE, &["account"]) {
        Ok(form) => form,
        Err(FormError::TooLarge { .. }) => return stop_with(StatusCode::PAYLOAD_TOO_LARGE, "too large", now),
        Err(_) => return stop("malformed answer", now),
    };
    let state = form.get("csrf").and_then(|text| PageState::open(text, &operator.parts.sealer, now));
    let Some(state) = state else { return stop("this page is too old; start again", now) };
    // The form was made for one user agent; another site cannot have it sent by a second one.
    let shown_to_this = cookie(incoming.request.headers())
        .is_some_and(|value| same_bytes(&browser_of(operator, value), &state.browser));
    if !shown_to_this {
        return stop("this page was shown to another browser", now);
    }
    let client = show::redirect_of(&state.page).client_id().clone();
    let Ok(Some(fintech)) = operator.parts.directory.find(&client, now).await else {
        return later(now);
    };
    let completion = Completion { entrance, incoming: &incoming, fintech: &fintech, reference: &state.reference };
    match (form.get("approve").is_some(), form.get("deny").is_some()) {
        (true, false) => {}
        (false, true) => {
            let pushed = show::redirect_of(&state.page);
            return complete::refuse(&completion, pushed, OAuthError::AccessDenied, "UserRefused").await;
        }
        _ => return stop("neither approved nor denied", now),
    }
    match state.page.clone() {
        Page::Login(presented) => match log_in(operator, &incoming, &form, &presented).await {
            Ok(authenticated) => after_login(&completion, &state, authenticated).await,
            Err(Refused::Again(message)) => {
                let shown = show::Shown { wrong: Some(message), ..show::Shown::default() };
                show::show(entrance, &fintech, &state, shown, now).await
            }
            Err(Refused::TooWeak(error)) => {
                complete::refuse(&completion, presented.pushed(), error.to_oauth_error(), error.name()).await
            }
        },
        Page::Picker(authenticated, offered) => {
            let named = |id: &AccountId| form.all("account").any(|named| named == id.as_str());
            let accounts: Vec<AccountId> = offered.into_iter().filter(named).collect();
            if accounts.is_empty() {
                let pushed = authenticated.pushed();
                return complete::refuse(&completion, pushed, OAuthError::AccessDenied, "NoAccount").await;
            }
            match offer::is_payment(authenticated.pushed()) {
                true => show_payment(&completion, &state, authenticated, accounts).await,
                false => complete::approve(&completion, authenticated, Chosen { accounts, debtor: None }).await,
            }
        }
        Page::Payment(authenticated, mut accounts) => {
            let debtor = accounts.iter().find(|id| form.get("account") == Some(id.as_str())).cloned();
            let Some(debtor) = debtor else { return stop("no account was chosen", now) };
            if !offer::leaves_the_choice(authenticated.pushed()) {
                accounts.retain(|id| *id == debtor);
            }
            complete::approve(&completion, authenticated, Chosen { accounts, debtor: Some(debtor) }).await
        }
    }
}

/// Why page 1 does not lead on.
enum Refused {
    /// The page is shown again with these words.
    Again(&'static str),
    /// The user cannot do better: the fintech is told.
    TooWeak(AuthenticationTooWeak),
}

/// The same words for a wrong name, password and code.
const WRONG: &str =
    "아이디, 비밀번호 또는 일회용 비밀번호가 맞지 않습니다 · Wrong user name, password or one-time code";
const SLOW: &str = "시도가 너무 많습니다. 잠시 후 다시 시도하십시오 · Too many attempts; try again later";
const LATER: &str = "잠시 후 다시 시도하십시오 · Try again later";

/// The authentication, with what it spends claimed on every node: a code used before is a wrong one.
async fn authenticated(
    operator: &Operator,
    attempt: LoginAttempt,
    now: UnixTime,
) -> Result<UserAuthentication, LoginRefused> {
    let unclaimed = operator.parts.users.authenticate(attempt, now).await?;
    let nothing_else = |authentication| -> BoxFuture<'_, Result<_, Infallible>> {
        Box::pin(core::future::ready(Ok((authentication, Vec::new()))))
    };
    ingam_ports::settle_in_commit(unclaimed, &*operator.parts.store, now, nothing_else).await.map_err(|error| {
        match error {
            SettleError::Replayed(_) => LoginRefused::WrongOtp,
            _ => LoginRefused::Unavailable(PortError),
        }
    })
}

async fn log_in(
    operator: &Operator,
    incoming: &Incoming,
    form: &Form,
    presented: &PresentedToUser,
) -> Result<Authenticated, Refused> {
    let now = incoming.now;
    let users = &operator.parts.users;
    let username = form.get("username").unwrap_or_default().chars().take(64).collect::<String>();
    let counted = Attempt::login(&username, incoming.address);
    let attempt = LoginAttempt {
        username: username.clone(),
        password: SecretText::new(form.get("password").unwrap_or_default().to_owned()),
        otp: form.get("otp").map(|otp| SecretText::new(otp.to_owned())),
        address: incoming.address,
    };
    let line = SecurityEvent {
        fintech: Some(presented.pushed().client_id().to_string()),
        address: incoming.address,
        ..operator.done(EventKind::UserAuthenticated, ControlItem::USER_AUTHENTICATION, now)
    };
    match counted.ask(&*operator.parts.limiter, now).await {
        Ok(()) => {}
        Err(TooMany::SlowDown(_)) => {
            let outcome = ingam_ports::Outcome::Refused("SlowDown");
            let (control, threat) = (ControlItem::GUESSING, Some(Threat::CredentialCracking));
            let locked = SecurityEvent { kind: EventKind::Locked, outcome, control, threat, ..line };
            operator.parts.audit.record(locked).await.map_err(|_| Refused::Again(LATER))?;
            return Err(Refused::Again(SLOW));
        }
        Err(TooMany::Unavailable(_)) => return Err(Refused::Again(LATER)),
    }
    match authenticated(operator, attempt, now).await {
        Ok(authentication) => {
            let user = authentication.user().to_string();
            let authenticated = presented.clone().authenticated(authentication, users.least(), now);
            let line = match &authenticated {
                Ok(_) => SecurityEvent { user: Some(user), ..line },
                Err(error) => SecurityEvent {
                    user: Some(user),
                    outcome: ingam_ports::Outcome::Refused(error.name()),
                    threat: Some(Threat::UnauthorizedAccess),
                    ..line
                },
            };
            operator.parts.audit.record(line).await.map_err(|_| Refused::Again(LATER))?;
            authenticated.map_err(Refused::TooWeak)
        }
        Err(LoginRefused::Unavailable(_)) => Err(Refused::Again(LATER)),
        Err(refused) => {
            counted.failed(&*operator.parts.limiter, now).await.map_err(|_| Refused::Again(LATER))?;
            let outcome = ingam_ports::Outcome::Refused(refused.name());
            let line = SecurityEvent { outcome, threat: Some(Threat::CredentialStuffing), ..line };
            operator.parts.audit.record(line).await.map_err(|_| Refused::Again(LATER))?;
            Err(Refused::Again(WRONG))
        }
    }
}

/// After page 1: the picker where the user must choose, else the payment, else the end.
async fn after_login(completion: &Completion<'_>, state: &PageState, authenticated: Authenticated) -> Response<Bytes> {
    let now = completion.incoming.now;
    let pushed = authenticated.pushed();
    let offered = match offer::offer(completion.entrance.operator(), &authenticated, now).await {
        Ok(offered) => offered,
        Err(NoOffer::Refused) => {
            return complete::refuse(completion, pushed, OAuthError::AccessDenied, "ConsentRefusedByBank").await;
        }
        Err(NoOffer::Unavailable) => return later(now),
    };
    let ids = offered.ids();
    if ids.len() > 1 && offer::leaves_the_choice(pushed) {
        let next = PageState { page: Page::Picker(authenticated, ids), ..state.clone() };
        return show_next(completion, &next, &offered.accounts).await;
    }
    if offer::is_payment(pushed) {
        return show_payment(completion, state, authenticated, ids).await;
    }
    complete::approve(completion, authenticated, Chosen { accounts: ids, debtor: None }).await
}

async fn show_payment(
    completion: &Completion<'_>,
    state: &PageState,
    authenticated: Authenticated,
    payers: Vec<AccountId>,
) -> Response<Bytes> {
    let now = completion.incoming.now;
    let Ok(offered) = offer::offer(completion.entrance.operator(), &authenticated, now).await else {
        return later(now);
    };
    let next = PageState { page: Page::Payment(authenticated, payers), ..state.clone() };
    show_next(completion, &next, &offered.accounts).await
}

async fn show_next(completion: &Completion<'_>, next: &PageState, accounts: &[Account]) -> Response<Bytes> {
    let shown = show::Shown { accounts, ..show::Shown::default() };
    show::show(completion.entrance, completion.fintech, next, shown, completion.incoming.now).await
}
