use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_jose::CryptoProvider;
use ingam_protocol::{Acr, Challenge, ErrorBody, OAuthError, limits, usage::ResourceBody};
use ingam_transaction::{
    policy::FAPI_2_RESPONSE,
    response::{VerifiedResponse, verify},
};
use ingam_wire::{Seconds, UnixTime};

use super::{CallError, Sent};
use crate::{
    exchange::{Refusal, challenge_in},
    membership::{Membership, Messages},
    operator::Operator,
};

/// What the operator wants before it goes on (RFC 9470 section 3): put it into the next [`crate::Wanted`].
///
/// fapi: SU-2
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StepUp {
    /// How the user should be authenticated, best first.
    pub acr_values: Vec<Acr>,
    /// The oldest authentication that is good enough.
    pub max_age: Option<Seconds>,
}

/// An answer (B③) that was verified to be the operator's, to the call that was sent.
#[derive(Debug)]
#[must_use = "read it"]
pub struct Answer(VerifiedResponse);

impl Sent {
    /// Verifies an answer before anything of it is read: the operator's signature, bound to the request, over the digest
    /// of the very bytes that are then parsed.
    ///
    /// Where messages are not signed by agreement, a signature that is there must still be good.
    ///
    /// x1149: 3.1.16.5, 3.1.17.2
    /// fapi: FH-4
    ///
    /// # Errors
    /// The first [`CallError`] that applies.
    pub fn answered(
        &self,
        response: Response<Bytes>,
        membership: &Membership,
        operator: &Operator,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Answer, CallError> {
        let permissive = FAPI_2_RESPONSE.permitting_unsigned();
        let policy = match &membership.messages {
            Messages::Unsigned => &permissive,
            Messages::Signed(by) => &by.response,
        };
        let verified = verify(&self.request, response, operator.keys(), policy, provider, now)?;
        if verified.status().is_success() {
            return Ok(Answer(verified));
        }
        let challenge = verified.header("www-authenticate").and_then(challenge_in);
        let named = challenge.as_ref().and_then(Challenge::error_code);
        if named.as_ref().is_some_and(|error| error.is(OAuthError::InsufficientUserAuthentication)) {
            return Err(CallError::StepUp(challenge.as_ref().map(step_up).unwrap_or_default()));
        }
        let body = ErrorBody::parse(verified.body()).ok();
        let (error, description) = body.map_or((None, None), |body| (Some(body.error), body.description));
        Err(CallError::Refused(Refusal { status: verified.status().as_u16(), error: error.or(named), description }))
    }

    /// The id that joins both sides' logs.
    #[must_use]
    pub const fn interaction(&self) -> &ingam_protocol::InteractionId {
        &self.interaction
    }
}

impl Answer {
    /// The body as `T`, from the verified bytes.
    ///
    /// # Errors
    /// `UnexpectedStatus` or `Body`.
    pub fn read<T: ResourceBody>(&self) -> Result<T, CallError> {
        if !matches!(self.0.status(), StatusCode::OK | StatusCode::CREATED | StatusCode::ACCEPTED) {
            return Err(CallError::UnexpectedStatus(self.0.status().as_u16()));
        }
        Ok(T::from_json(self.0.body())?)
    }

    /// The verified bytes, for services that are not typed here.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        self.0.body()
    }

    /// What was verified.
    #[must_use]
    pub const fn verified(&self) -> &VerifiedResponse {
        &self.0
    }
}

/// What a challenge of RFC 9470 wants.
fn step_up(challenge: &Challenge) -> StepUp {
    let acr_values = challenge.get("acr_values").unwrap_or_default();
    let acr_values = acr_values.split(' ').filter_map(|value| value.parse().ok()).take(limits::ACR_VALUES).collect();
    let max_age = challenge.get("max_age").and_then(|text| text.parse().ok()).map(Seconds::new);
    StepUp { acr_values, max_age }
}
