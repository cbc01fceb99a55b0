use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam_access_key::{ExpectedIdToken, IdTokenError, check_id_token};
use ingam_jose::CryptoProvider;
use ingam_protocol::{
    AuthorizationCode, CodeVerifier, Nonce, RedirectUri, Scopes, TokenRequest, TokenResponse, TokenResponseError,
    details::AuthorizationDetails,
};
use ingam_wire::UnixTime;
use serde_json::Value;

use super::{LocalUser, Wanted};
use crate::{
    access::Access,
    exchange::{self, Refusal, SendError, Sender},
    membership::{LEEWAY, Membership},
    operator::{Endpoint, Operator},
};

/// A code that may be presented, once, at the operator that gave it; [`Redeem::answered`] leaves this state.
///
/// Only [`super::Pending::complete`] makes one.
///
/// ```compile_fail,E0451
/// # fn forge(content: ingam_fintech::Redeem) -> ingam_fintech::Redeem {
/// ingam_fintech::Redeem { content: loop {} }
/// # }
/// ```
/// ```
/// # fn read(content: ingam_fintech::Redeem) -> ingam_fintech::Redeem {
/// content
/// # }
/// ```
#[derive(Debug)]
#[must_use = "redeem it"]
pub struct Redeem {
    content: Redeemable,
}

#[derive(Debug)]
pub(super) struct Redeemable {
    pub(super) code: AuthorizationCode,
    pub(super) verifier: CodeVerifier,
    pub(super) redirect_uri: RedirectUri,
    pub(super) user: LocalUser,
    pub(super) wanted: Wanted,
    pub(super) nonce: Option<Nonce>,
}

/// Why no access key came, in the order of the checks; whatever came is then not used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedeemError {
    /// The request was not made.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The operator refused.
    #[error("the operator refused: {0}")]
    Refused(Refusal),
    /// The answer is not 200, or not JSON.
    #[error("the answer is not 200 with JSON")]
    NotOk,
    /// The answer is malformed.
    #[error(transparent)]
    Answer(#[from] TokenResponseError),
    /// The access key is not bound as agreed.
    #[error("the access key is not bound as agreed")]
    WrongTokenType,
    /// The access key is good for more than was asked: the user of the fintech was told less.
    #[error("more was granted than was asked")]
    MoreThanAsked,
    /// An ID token was asked for and none came.
    #[error("there is no ID token")]
    MissingIdToken,
    /// The ID token is not the operator's, not for us, not now, or not of this flow.
    #[error(transparent)]
    IdToken(#[from] IdTokenError),
}

impl RedeemError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Send(reason) => reason.name(),
            Self::Refused(_) => "Refused",
            Self::NotOk => "NotOk",
            Self::Answer(reason) => reason.name(),
            Self::WrongTokenType => "WrongTokenType",
            Self::MoreThanAsked => "MoreThanAsked",
            Self::MissingIdToken => "MissingIdToken",
            Self::IdToken(reason) => reason.name(),
        }
    }
}

impl Redeem {
    pub(super) const fn new(content: Redeemable) -> Self {
        Self { content }
    }

    /// The HTTP request of one try, with a fresh assertion and proof; only a nonce is a reason for a second.
    ///
    /// fapi: OA-6, SP-K-12, X-C-7
    ///
    /// # Errors
    /// `Send`.
    pub async fn request(
        &self,
        membership: &Membership,
        operator: &Operator,
        provider: &dyn CryptoProvider,
        nonce: Option<&str>,
        now: UnixTime,
    ) -> Result<Request<Bytes>, RedeemError> {
        let again = |text: &str| text.parse::<AuthorizationCode>().ok();
        let form = TokenRequest::AuthorizationCode {
            code: again(self.content.code.expose()).ok_or(RedeemError::NotOk)?,
            redirect_uri: self.content.redirect_uri.clone(),
            code_verifier: self.content.verifier.expose().parse().map_err(|_| RedeemError::NotOk)?,
            authorization_details: None,
            resources: self.content.wanted.resources.clone(),
        }
        .to_form();
        let sender = Sender { membership, operator, provider, now };
        Ok(sender.post(Endpoint::Token, form, nonce, true).await?)
    }

    /// Reads the operator's answer: an access key bound as agreed, and an ID token that is good where one was asked.
    ///
    /// fapi: SP-C-1, OA-2, OI-4, OI-5, MS-17, X-C-13, X-C-14, X-C-18, AM-G2
    ///
    /// # Errors
    /// [`RedeemError`].
    pub fn answered(
        self,
        response: &Response<Bytes>,
        membership: &Membership,
        operator: &Operator,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Access, RedeemError> {
        let content = self.content;
        let details = content.wanted.authorization_details.as_ref().map(AuthorizationDetails::to_value);
        let answer = token_response(response, membership, content.wanted.scope.as_ref(), details.as_ref())?;
        let subject = match (&answer.id_token, content.wanted.openid()) {
            (_, false) => None,
            (None, true) => return Err(RedeemError::MissingIdToken),
            (Some(token), true) => {
                let expected = ExpectedIdToken {
                    operator: operator.issuer(),
                    client: &membership.client_id,
                    nonce: content.nonce.as_ref(),
                    max_age: content.wanted.max_age,
                    access_key: Some(answer.access_token.expose()),
                    leeway: LEEWAY,
                };
                let policy = &membership.policy();
                let identity = check_id_token(token.expose(), expected, operator.keys(), policy, provider, now)?;
                Some(identity.claims().sub.clone())
            }
        };
        Ok(Access::granted(operator.issuer().clone(), content.user, answer, content.wanted.scope, subject, now))
    }
}

/// An answer of the token endpoint, bound as agreed, and good for no more than `scope` and `details`.
pub(crate) fn token_response(
    response: &Response<Bytes>,
    membership: &Membership,
    scope: Option<&Scopes>,
    details: Option<&Value>,
) -> Result<TokenResponse, RedeemError> {
    if response.status().is_client_error() || response.status().is_server_error() {
        return Err(RedeemError::Refused(exchange::parsed_error(response)));
    }
    if response.status() != StatusCode::OK || !exchange::is_json(response.headers()) {
        return Err(RedeemError::NotOk);
    }
    let answer = TokenResponse::parse(response.body())?;
    if answer.token_type != membership.token_type() {
        return Err(RedeemError::WrongTokenType);
    }
    let scope_held = answer.scope.as_ref().is_none_or(|granted| scope.is_some_and(|asked| granted.is_subset(asked)));
    let granted = answer.authorization_details.as_ref();
    let details_held = granted.is_none_or(|granted| details.is_some_and(|asked| granted.is_within(asked)));
    if scope_held && details_held { Ok(answer) } else { Err(RedeemError::MoreThanAsked) }
}
