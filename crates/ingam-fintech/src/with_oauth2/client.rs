use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, header};
use ingam_access_key::{AccessKeyPolicy, check_jarm};
use ingam_jose::CryptoProvider;
use ingam_ports::Clock;
use ingam_protocol::{
    AuthorizationRequest, AuthorizationResponse, Callback, PushedAuthorizationResponse, ResponseMode, Sha256Text,
    State, limits,
};
use ingam_wire::{BoxFuture, form::Form};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::convert::Convert;
use crate::{
    CompleteError, Endpoint, FintechError, InvalidTarget, LocalUser, Membership, Operator, PushError,
    drive::Connection,
    exchange::{Sender, Server, parsed_error},
    membership::LEEWAY,
};

/// One operator, as the HTTP client of an `oauth2::Client` and as what that crate cannot do.
///
/// Use it in place of `reqwest::Client` in `request_async`, send the user agent to [`OAuth2Client::push`] of what
/// `authorize_url` made, and take the code from [`OAuth2Client::callback`].
pub struct OAuth2Client {
    pub(crate) connection: Arc<Connection>,
    pub(crate) operator: Arc<Operator>,
    pub(crate) provider: Arc<dyn CryptoProvider>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl fmt::Debug for OAuth2Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth2Client").field("issuer", self.operator.issuer()).finish_non_exhaustive()
    }
}

impl OAuth2Client {
    /// The authorization endpoint, for `set_auth_uri`.
    ///
    /// # Errors
    /// [`InvalidTarget`].
    pub fn auth_url(&self) -> Result<oauth2::AuthUrl, InvalidTarget> {
        let url = self.operator.metadata().authorization_endpoint.as_ref().ok_or(InvalidTarget)?;
        oauth2::AuthUrl::new(url.to_string()).map_err(|_| InvalidTarget)
    }

    /// The token endpoint, for `set_token_uri`; the one that asks for a certificate where that is agreed.
    ///
    /// # Errors
    /// [`InvalidTarget`].
    pub fn token_url(&self) -> Result<oauth2::TokenUrl, InvalidTarget> {
        let url = self.operator.endpoint(Endpoint::Token, self.membership()).ok_or(InvalidTarget)?;
        oauth2::TokenUrl::new(url.to_string()).map_err(|_| InvalidTarget)
    }

    /// What was agreed with the operator.
    #[must_use]
    pub fn membership(&self) -> &Membership {
        &self.connection.membership
    }

    /// Pushes the request that `authorize_url` put into a URL, bound to our key, and returns the URL to send the user
    /// agent to: exactly `client_id` and `request_uri`.
    ///
    /// # Errors
    /// `Push` or `Transport`.
    pub async fn push(&self, authorize_url: &oauth2::url::Url) -> Result<String, FintechError> {
        let query = authorize_url.query().unwrap_or_default();
        let form =
            Form::parse_repeating(query.as_bytes(), &limits::FORM, &limits::REPEATING).map_err(|_| InvalidTarget);
        let form = form.map_err(crate::SendError::from)?;
        let mut request = AuthorizationRequest::from_parameters(&ingam_protocol::Parameters::from_form(&form))
            .map_err(|_| FintechError::Push(PushError::NotCreated))?;
        let membership = self.membership();
        let key = membership.proof_key().map(|signer| *signer.verifying_key().thumbprint().as_bytes());
        request.dpop_jkt = key.map(Sha256Text::from_bytes);
        request.response_mode = (membership.response == ResponseMode::Jwt).then_some(ResponseMode::Jwt);
        let push = crate::Push::of(request);
        let mut tries = self.connection.tries(Server::Authorization);
        let response = loop {
            let now = self.clock.now();
            let request = push.request(membership, &self.operator, &*self.provider, tries.nonce(), now).await?;
            if let Some(response) = tries.send(request).await? {
                break response;
            }
        };
        if response.status() != http::StatusCode::CREATED {
            return Err(PushError::Refused(parsed_error(&response)).into());
        }
        let answer = PushedAuthorizationResponse::parse(response.body()).map_err(PushError::from)?;
        Ok(crate::registration::redirect_url(&self.operator, membership, &answer).ok_or(PushError::NotCreated)?)
    }

    /// Takes the query that arrived at the redirect URI: the code, if it comes from this operator to this state.
    ///
    /// Compare the user agent's session yourself: `oauth2` leaves that to its caller.
    ///
    /// # Errors
    /// `Complete`.
    pub fn callback(&self, query: &str, state: &oauth2::CsrfToken) -> Result<oauth2::AuthorizationCode, FintechError> {
        let membership = self.membership();
        let response = match (Callback::parse(query.as_bytes())?, membership.response) {
            (Callback::Plain(response), ResponseMode::Query) => response,
            (Callback::Signed { response, .. }, ResponseMode::Jwt) => {
                let policy: &AccessKeyPolicy = &membership.policy();
                let (client, keys) = (&membership.client_id, self.operator.keys());
                check_jarm(&response, &membership.issuer, client, keys, policy, LEEWAY, self.clock.now())
                    .map_err(CompleteError::from)?
            }
            _ => return Err(CompleteError::WrongForm.into()),
        };
        if *response.iss() != membership.issuer {
            return Err(CompleteError::WrongIssuer.into());
        }
        let expected = State::from_oauth2(state).map_err(|_| CompleteError::WrongState)?;
        if response.state() != Some(&expected) {
            return Err(CompleteError::WrongState.into());
        }
        match response {
            AuthorizationResponse::Granted { code, .. } => Ok(oauth2::AuthorizationCode::new(code.expose().to_owned())),
            AuthorizationResponse::Refused { error, description, .. } => {
                Err(CompleteError::Refused { error, description }.into())
            }
        }
    }

    /// The access key of an answer that `oauth2` read, for our services.
    ///
    /// # Errors
    /// `Redeem`.
    pub fn access(
        &self,
        answer: &oauth2::basic::BasicTokenResponse,
        user: LocalUser,
    ) -> Result<crate::Access, FintechError> {
        Ok(crate::Access::from_oauth2(answer, self.membership(), user, self.clock.now())?)
    }

    /// Sends a form of `oauth2`'s to the token or revocation endpoint, authenticated and proven our way.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FintechError> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.to_string();
        let of =
            |endpoint| self.operator.endpoint(endpoint, self.membership()).is_some_and(|url| url.as_str() == target);
        let endpoint = [Endpoint::Token, Endpoint::Revocation].into_iter().find(|endpoint| of(*endpoint));
        let endpoint = endpoint.filter(|_| parts.method == Method::POST);
        let endpoint = endpoint.ok_or(crate::SendError::from(InvalidTarget))?;
        let form = Form::parse(&body, &limits::FORM).map_err(|_| crate::SendError::from(InvalidTarget))?;
        // Secrets and the like are replaced by the agreed authentication, never added to it.
        let authentication = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];
        let form = form
            .iter()
            .filter(|(name, _)| !authentication.contains(name))
            .fold(Form::default(), |form, (name, value)| form.with(name, value));
        let mut tries = self.connection.tries(Server::Authorization);
        let response = loop {
            let (membership, now) = (self.membership(), self.clock.now());
            let sender = Sender { membership, operator: &self.operator, provider: &*self.provider, now };
            let proven = endpoint == Endpoint::Token;
            let request = sender.post(endpoint, form.clone(), tries.nonce(), proven).await?;
            if let Some(response) = tries.send(request).await? {
                break response;
            }
        };
        let (mut parts, body): (_, Bytes) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        Ok(HttpResponse::from_parts(parts, body.to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for OAuth2Client {
    type Error = FintechError;
    type Future = BoxFuture<'c, Result<HttpResponse, FintechError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
