use bytes::Bytes;
use http::{Request, Response};
use ingam_jose::CryptoProvider;
use ingam_protocol::{GrantedDetails, TokenRequest};
use ingam_wire::UnixTime;

use super::Access;
use crate::{
    exchange::{SendError, Sender},
    membership::Membership,
    operator::{Endpoint, Operator},
    registration::{RedeemError, token_response},
};

/// Why no other access key came.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RefreshError {
    /// The operator gave no refresh token: the user must register anew.
    #[error("there is no refresh token")]
    NoRefreshToken,
    /// The access key is another operator's.
    #[error("the access key is another operator's")]
    ForeignOperator,
    /// The request was not made.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The operator refused, or its answer is not good.
    #[error(transparent)]
    Answer(#[from] RedeemError),
}

impl RefreshError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoRefreshToken => "NoRefreshToken",
            Self::ForeignOperator => "ForeignOperator",
            Self::Send(reason) => reason.name(),
            Self::Answer(reason) => reason.name(),
        }
    }
}

/// The HTTP request of one try to refresh `access`, at the operator that issued it.
///
/// fapi: SP-C-6, SP-K-11, OA-12
///
/// # Errors
/// `NoRefreshToken`, `ForeignOperator` or `Send`.
pub async fn refresh_request(
    access: &Access,
    membership: &Membership,
    operator: &Operator,
    provider: &dyn CryptoProvider,
    nonce: Option<&str>,
    now: UnixTime,
) -> Result<Request<Bytes>, RefreshError> {
    if *operator.issuer() != access.issuer {
        return Err(RefreshError::ForeignOperator);
    }
    let token = access.refresh.as_ref().ok_or(RefreshError::NoRefreshToken)?;
    let form = TokenRequest::RefreshToken {
        refresh_token: token.expose().parse().map_err(|_| RefreshError::NoRefreshToken)?,
        scope: None,
        authorization_details: None,
        resources: Vec::new(),
    }
    .to_form();
    let sender = Sender { membership, operator, provider, now };
    Ok(sender.post(Endpoint::Token, form, nonce, true).await?)
}

/// Reads the answer: the access key is replaced, by one that is good for no more, the refresh token too where a new one
/// came.
///
/// fapi: SP-C-6, OA-12
///
/// # Errors
/// `Answer`.
pub fn refreshed(
    access: Access,
    response: &Response<Bytes>,
    membership: &Membership,
    now: UnixTime,
) -> Result<Access, RefreshError> {
    let details = access.details.as_ref().map(GrantedDetails::to_value);
    let answer = token_response(response, membership, access.scope.as_ref(), details)?;
    let Access { issuer, user, subject, refresh, scope, details, .. } = access;
    let mut renewed = Access::granted(issuer, user, answer, scope, subject, now);
    renewed.refresh = renewed.refresh.or(refresh);
    renewed.details = renewed.details.or(details);
    Ok(renewed)
}
