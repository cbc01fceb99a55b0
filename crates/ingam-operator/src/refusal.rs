//! Refusals of the direct endpoints: the one place where an error becomes an answer and a line of the record.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ingam_access_key::{AuthenticationError, BindingError, ProofError};
use ingam_keys::{RecordsError, SealError};
use ingam_ports::{ClaimPurpose, ControlItem, EventKind, SettleError, Threat};
use ingam_protocol::{Challenge, OAuthError};
use ingam_wire::{RandomnessUnavailable, UnixTime, form::FormError};

use crate::{answer, attempts::TooMany};

/// Why a request was refused: what the peer sees, and what the record keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// What the peer sees.
    pub(crate) error: OAuthError,
    /// For the developer of the other side; says no more than the code where that would help guessing.
    pub(crate) description: String,
    /// Name of the error variant, for the record.
    pub(crate) reason: &'static str,
    /// The control item that refused.
    pub(crate) control: ControlItem,
    /// What it points at.
    pub(crate) threat: Option<Threat>,
    status: Option<StatusCode>,
    retry_after: Option<u64>,
    challenge: Option<Challenge>,
}

impl Refusal {
    /// The reason of a refusal because another request changed the same rows: reading them anew may help.
    pub(crate) const CONTENDED: &'static str = "Contended";

    /// A refusal by a rule of the protocol.
    pub(crate) fn new(error: OAuthError, description: impl ToString, reason: &'static str) -> Self {
        Self {
            error,
            description: description.to_string(),
            reason,
            control: ControlItem::HARDENING,
            threat: None,
            status: None,
            retry_after: None,
            challenge: None,
        }
    }

    /// The same, under a control item, pointing at a threat.
    pub(crate) fn by(mut self, control: ControlItem, threat: Option<Threat>) -> Self {
        self.control = control;
        self.threat = threat;
        self
    }

    /// Something the operator needs did not answer: 503, nothing was done.
    pub(crate) fn unavailable(reason: &'static str) -> Self {
        Self::new(OAuthError::TemporarilyUnavailable, "try again", reason)
    }

    /// The media type is not a form.
    pub(crate) fn media_type() -> Self {
        let mut refusal = Self::new(
            OAuthError::InvalidRequest,
            "the body must be application/x-www-form-urlencoded",
            "UnsupportedMediaType",
        );
        refusal.status = Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        refusal
    }

    /// Credentials came in `Authorization`: nobody's method here, and never one beside another (RFC 6749 section 2.3).
    ///
    /// The challenge repeats the scheme that was used, as RFC 6749 section 5.2 demands.
    ///
    /// fapi: SP-AS-6, OA-3
    pub(crate) fn credentials_in_header(authorization: &HeaderValue) -> Self {
        let scheme = authorization.to_str().ok().and_then(|text| text.split(' ').next());
        let scheme = scheme.filter(|scheme| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric()));
        let told = "authenticate by private_key_jwt or certificate, not in the Authorization field";
        let refusal = Self::new(OAuthError::InvalidClient, told, "CredentialsInHeader")
            .by(ControlItem::FINTECH_AUTHENTICATION, Some(Threat::CredentialCracking));
        Self { challenge: Some(Challenge::new(scheme.unwrap_or("Basic")).with("realm", "fintechs")), ..refusal }
    }

    /// The kind of event of a refused attempt at `attempted`.
    pub(crate) fn kind(&self, attempted: EventKind) -> EventKind {
        if self.error == OAuthError::InvalidClient { EventKind::FintechAuthenticated } else { attempted }
    }

    /// The answer.
    pub(crate) fn answer(&self, now: UnixTime) -> Response<Bytes> {
        let mut answer = answer::oauth_error(self.error, &self.description, now);
        if let Some(status) = self.status {
            *answer.status_mut() = status;
        }
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge.as_ref().and_then(|named| named.to_string().try_into().ok()) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        let mut refusal = Self::new(OAuthError::InvalidRequest, error, "MalformedForm");
        if let FormError::TooLarge { .. } = error {
            refusal.status = Some(StatusCode::PAYLOAD_TOO_LARGE);
        }
        refusal
    }
}

impl From<TooMany> for Refusal {
    fn from(error: TooMany) -> Self {
        match error {
            TooMany::SlowDown(seconds) => {
                let mut refusal = Self::new(OAuthError::InvalidClient, "too many failures", "SlowDown")
                    .by(ControlItem::GUESSING, Some(Threat::CredentialCracking));
                refusal.status = Some(StatusCode::TOO_MANY_REQUESTS);
                refusal.retry_after = Some(seconds);
                refusal
            }
            TooMany::Unavailable(_) => Self::unavailable("RateLimiter"),
        }
    }
}

impl From<AuthenticationError> for Refusal {
    /// One answer for every way to fail (3.1.16.8); the record tells them apart.
    fn from(error: AuthenticationError) -> Self {
        Self::new(error.to_oauth_error(), "client authentication failed", error.name())
            .by(ControlItem::FINTECH_AUTHENTICATION, Some(Threat::CredentialCracking))
    }
}

impl From<ProofError> for Refusal {
    fn from(error: ProofError) -> Self {
        let code = if error.wants_nonce() { OAuthError::UseDpopNonce } else { OAuthError::InvalidDpopProof };
        Self::new(code, error, error.name()).by(ControlItem::LEAK, Some(Threat::TokenCracking))
    }
}

impl From<BindingError> for Refusal {
    fn from(error: BindingError) -> Self {
        // Nothing was presented that could be invalid; the one code that every module of the suite takes.
        Self::new(OAuthError::InvalidRequest, error, error.name()).by(ControlItem::LEAK, Some(Threat::TokenCracking))
    }
}

impl From<SettleError<Self>> for Refusal {
    /// A commit that did not happen: nothing is half done.
    fn from(error: SettleError<Self>) -> Self {
        match error {
            SettleError::Prepare(refusal) => refusal,
            SettleError::Replayed(purpose) => replayed(purpose),
            // Another request was faster with the same code, grant or payment.
            SettleError::Refused { .. } => {
                Self::new(OAuthError::InvalidGrant, "it was used at the same time", Self::CONTENDED)
                    .by(ControlItem::BYPASS, Some(Threat::TokenCracking))
            }
            SettleError::Unavailable => Self::unavailable("Store"),
        }
    }
}

impl From<SealError> for Refusal {
    fn from(_: SealError) -> Self {
        Self::unavailable("Seal")
    }
}

impl From<RecordsError> for Refusal {
    fn from(error: RecordsError) -> Self {
        Self::unavailable(error.name())
    }
}

impl From<RandomnessUnavailable> for Refusal {
    fn from(_: RandomnessUnavailable) -> Self {
        Self::unavailable("Randomness")
    }
}

/// A one-time id that came before.
fn replayed(purpose: ClaimPurpose) -> Refusal {
    let (code, reason) = match purpose {
        ClaimPurpose::Proof => (OAuthError::InvalidDpopProof, "ProofReplayed"),
        ClaimPurpose::Assertion => (OAuthError::InvalidClient, "AssertionReplayed"),
        ClaimPurpose::Signature => (OAuthError::InvalidRequest, "SignatureReplayed"),
        ClaimPurpose::OneTimeCode => (OAuthError::AccessDenied, "OneTimeCodeReplayed"),
        ClaimPurpose::RequestObject => (OAuthError::InvalidRequestObject, "RequestObjectReplayed"),
    };
    Refusal::new(code, "it was used before", reason).by(ControlItem::LEAK, Some(Threat::TokenCracking))
}
