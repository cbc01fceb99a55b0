use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam_jose::CryptoProvider;
use ingam_protocol::{AuthorizationRequest, PushedAuthorizationResponse, PushedBody, PushedResponseError};
use ingam_wire::{Seconds, UnixTime, form::Form};

use super::{Begun, BrowserCookie, Pending};
use crate::{
    exchange::{self, Refusal, SendError, Sender},
    membership::{Membership, RequestForm},
    operator::{Endpoint, Operator},
};

/// What is to be pushed (A②); each [`Push::request`] is a try of its own, signed anew.
#[derive(Debug)]
#[must_use = "push it"]
pub struct Push {
    request: AuthorizationRequest,
}

/// Where the user agent is sent, and the cookie that must come back with it.
#[derive(Debug)]
#[must_use = "send the user agent there, with the cookie"]
pub struct Redirect {
    /// The operator's authorization endpoint with exactly `client_id` and `request_uri`.
    pub url: String,
    /// To be set in the user agent with the same answer.
    pub cookie: BrowserCookie,
}

/// Why a push failed, in the order of the checks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PushError {
    /// The request was not made.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The request object was not signed.
    #[error("the request object was not signed")]
    RequestObject,
    /// The operator refused.
    #[error("the operator refused: {0}")]
    Refused(Refusal),
    /// The answer is not 201, or not JSON.
    #[error("the answer is not 201 with JSON")]
    NotCreated,
    /// The answer is malformed.
    #[error(transparent)]
    Answer(#[from] PushedResponseError),
}

impl PushError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Send(reason) => reason.name(),
            Self::RequestObject => "RequestObject",
            Self::Refused(_) => "Refused",
            Self::NotCreated => "NotCreated",
            Self::Answer(reason) => reason.name(),
        }
    }
}

impl Push {
    pub(crate) const fn of(request: AuthorizationRequest) -> Self {
        Self { request }
    }

    /// What is asked.
    #[must_use]
    pub const fn asked(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// The HTTP request of one try: as form or request object, with a fresh assertion and proof.
    ///
    /// fapi: SP-C-15, MS-6, MS-7, MS-8, MS-9, MS-10, X-C-11
    ///
    /// # Errors
    /// `Send` or `RequestObject`.
    pub async fn request(
        &self,
        membership: &Membership,
        operator: &Operator,
        provider: &dyn CryptoProvider,
        nonce: Option<&str>,
        now: UnixTime,
    ) -> Result<Request<Bytes>, PushError> {
        let form = match &membership.request {
            RequestForm::Pushed => self.request.to_form(),
            RequestForm::Signed(signer) => {
                let object = ingam_access_key::make_request_object(
                    &self.request,
                    &membership.client_id,
                    operator.issuer(),
                    &**signer,
                    provider.randomness(),
                    now,
                )
                .await
                .map_err(|_| PushError::RequestObject)?;
                PushedBody::Signed { object }.to_form()
            }
        };
        let sender = Sender { membership, operator, provider, now };
        Ok(sender.post(Endpoint::Push, form, nonce, true).await?)
    }
}

/// How long a flow waits for its callback: log-in with a second factor and a long consent page, and some coffee.
const PATIENCE: Seconds = Seconds::new(1_800);

impl Begun {
    /// Reads the operator's answer: where the user agent goes, and what waits for it to come back.
    ///
    /// fapi: PA-3, SP-C-19, X-C-1
    ///
    /// # Errors
    /// [`PushError`].
    pub fn pushed(
        self,
        response: &Response<Bytes>,
        membership: &Membership,
        operator: &Operator,
    ) -> Result<(Redirect, Pending), PushError> {
        if response.status().is_client_error() || response.status().is_server_error() {
            return Err(PushError::Refused(exchange::parsed_error(response)));
        }
        if response.status() != StatusCode::CREATED || !exchange::is_json(response.headers()) {
            return Err(PushError::NotCreated);
        }
        let answer = PushedAuthorizationResponse::parse(response.body())?;
        let url = redirect_url(operator, membership, &answer).ok_or(PushError::NotCreated)?;
        let expires = self.began.plus(PATIENCE);
        let pending = Pending {
            issuer: operator.issuer().clone(),
            user: self.user,
            wanted: self.wanted,
            state: self.state,
            nonce: self.nonce,
            verifier: self.verifier,
            cookie_hash: self.cookie_hash,
            redirect_uri: membership.redirect_uri.clone(),
            response_mode: membership.response,
            expires,
        };
        Ok((Redirect { url, cookie: self.cookie }, pending))
    }
}

/// The operator's authorization endpoint with exactly `client_id` and `request_uri`.
///
/// fapi: SP-C-4, SP-C-19, X-C-1
pub(crate) fn redirect_url(
    operator: &Operator,
    membership: &Membership,
    answer: &PushedAuthorizationResponse,
) -> Option<String> {
    let endpoint = operator.metadata().authorization_endpoint.as_ref()?;
    let query = Form::default()
        .with("client_id", membership.client_id.as_str())
        .with("request_uri", answer.request_uri.as_str());
    let joint = if endpoint.query().is_some() { '&' } else { '?' };
    Some(format!("{endpoint}{joint}{}", query.encode()))
}
