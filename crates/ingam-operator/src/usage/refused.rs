use core::net::IpAddr;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use ingam_access_key::{AccessKeySettings, AccessRefused, AuthScheme, AuthenticationLevel};
use ingam_keys::RecordsError;
use ingam_ports::{
    ClaimPurpose, ControlItem, EventKind, Outcome, PortError, RecordError, ReplayError, SecurityEvent, StoreError,
    Threat,
};
use ingam_protocol::{Challenge, ErrorBody, OAuthError};
use ingam_transaction::request::RequestRefused;
use ingam_wire::UnixTime;

use super::{Denied, Malformed};
use crate::{BankError, answer, attempts::TooMany};

/// Why a call got no answer from a bank: what the fintech sees, and what the record keeps.
///
/// The one place of the usage phase where an error becomes a status, a challenge and a body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// `None`: nothing was presented, so nothing is said (RFC 6750 section 3.1).
    error: Option<OAuthError>,
    description: String,
    /// The error variant's name, for the record.
    reason: &'static str,
    control: ControlItem,
    threat: Option<Threat>,
    challenge: Challenged,
    retry_after: Option<u64>,
    /// The fintech and user that the access key names, once it was verified.
    caller: Option<Box<Caller>>,
}

/// Whether and how the answer asks for better credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Challenged {
    Not,
    /// In the scheme that was used, or in all.
    Credentials(Option<AuthScheme>),
    /// A scope that would do.
    Scope(&'static str),
    /// A better authentication of the user (RFC 9470).
    StepUp,
}

impl Refused {
    fn new(status: StatusCode, error: OAuthError, description: impl ToString, reason: &'static str) -> Self {
        Self {
            status,
            error: Some(error),
            description: description.to_string(),
            reason,
            control: ControlItem::HARDENING,
            threat: None,
            challenge: Challenged::Not,
            retry_after: None,
            caller: None,
        }
    }

    fn by(self, control: ControlItem, threat: Threat) -> Self {
        Self { control, threat: Some(threat), ..self }
    }

    /// The same, of a caller whose access key was verified.
    pub(super) fn of(self, caller: &Caller) -> Self {
        Self { caller: Some(Box::new(caller.clone())), ..self }
    }

    /// The request cannot be taken as it is.
    pub(super) fn bad_request(status: StatusCode, description: &str, reason: &'static str) -> Self {
        Self::new(status, OAuthError::InvalidRequest, description, reason)
            .by(ControlItem::HARDENING, Threat::VulnerabilityScanning)
    }

    /// Something the operator needs did not answer: 503, and nothing was done.
    pub(super) fn unavailable(reason: &'static str) -> Self {
        let refused =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, OAuthError::TemporarilyUnavailable, "try again", reason);
        Self { retry_after: Some(1), ..refused }
    }

    /// Too many failures before: not even looked at.
    fn slow_down(seconds: u64) -> Self {
        let refused =
            Self::new(StatusCode::TOO_MANY_REQUESTS, OAuthError::InvalidToken, "too many failures", "SlowDown")
                .by(ControlItem::GUESSING, Threat::TokenCracking);
        Self { retry_after: Some(seconds), ..refused }
    }

    /// The access key, its proof or its binding is not good.
    ///
    /// fapi: OA-18, X-AS-29
    pub(super) fn access(error: AccessRefused, scheme: Option<AuthScheme>) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let code = error.to_oauth_error();
        let refused = Self::new(status, code.unwrap_or(OAuthError::InvalidToken), error, error.name())
            .by(ControlItem::LEAK, Threat::TokenCracking);
        // Who used the wrong scheme is told of the right ones.
        let scheme = scheme.filter(|_| error != AccessRefused::SchemeMismatch);
        Self { error: code, challenge: Challenged::Credentials(scheme), ..refused }
    }

    /// A payment under this idempotency key is on its way.
    pub(super) fn in_progress() -> Self {
        let refused = Self::new(
            StatusCode::CONFLICT,
            OAuthError::InvalidRequest,
            "a payment with this Idempotency-Key is in progress",
            "PaymentInProgress",
        );
        Self { retry_after: Some(1), ..refused }
    }

    /// The idempotency key was used for another payment.
    pub(super) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            OAuthError::InvalidRequest,
            "the Idempotency-Key was used for another request",
            "IdempotencyKeyReused",
        )
        .by(ControlItem::AUTHORITY, Threat::CashingOut)
    }

    /// The user's approval was used for a payment before.
    pub(super) fn approval_spent() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            OAuthError::AccessDenied,
            "the approval was used for a payment before",
            "ApprovalSpent",
        )
        .by(ControlItem::HIGH_RISK, Threat::CashingOut)
    }

    /// There is no such payment, or it is another's: one answer for both.
    pub(super) fn no_such_payment(reason: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, OAuthError::InvalidRequest, "there is no such payment", reason)
            .by(ControlItem::AUTHORITY, Threat::AccountAggregation)
    }

    /// Not before `until`.
    pub(super) fn delayed(until: UnixTime, now: UnixTime) -> Self {
        let wait = u64::try_from(until.since(now)).unwrap_or(1).max(1);
        let refused = Self::new(StatusCode::TOO_MANY_REQUESTS, OAuthError::SlowDown, "not yet", "Delayed")
            .by(ControlItem::AUTHORITY, Threat::Scraping);
        Self { retry_after: Some(wait), ..refused }
    }

    /// A person must look at it first.
    pub(super) fn held() -> Self {
        Self::new(StatusCode::FORBIDDEN, OAuthError::AccessDenied, "held by the bank", "Held")
            .by(ControlItem::AUTHORITY, Threat::CashingOut)
    }

    /// The user must authenticate anew.
    ///
    /// fapi: SU-1
    pub(super) fn step_up() -> Self {
        let refused = Self::new(
            StatusCode::UNAUTHORIZED,
            OAuthError::InsufficientUserAuthentication,
            "the user must authenticate anew and approve",
            "StepUp",
        )
        .by(ControlItem::HIGH_RISK, Threat::CashingOut);
        Self { challenge: Challenged::StepUp, ..refused }
    }

    /// What `authorise` said no to.
    pub(super) fn denied(denied: Denied, scope: &'static str) -> Self {
        let told = |status, error, description| {
            Self::new(status, error, description, denied.name()).by(ControlItem::AUTHORITY, denied.threat())
        };
        match denied {
            Denied::PaymentNotTheirs => Self::no_such_payment(denied.name()),
            Denied::OperationNotCovered => Self {
                challenge: Challenged::Scope(scope),
                ..told(StatusCode::FORBIDDEN, OAuthError::InsufficientScope, "the access key does not cover this")
            },
            // One answer for an account that is another's and one that was not opened.
            Denied::AccountNotTheUsers | Denied::AccountNotConsented => Self {
                challenge: Challenged::Scope(scope),
                ..told(StatusCode::FORBIDDEN, OAuthError::InsufficientScope, "the user did not consent to this account")
            },
            Denied::NotWhatWasApproved => {
                told(StatusCode::FORBIDDEN, OAuthError::AccessDenied, "this is not the payment that was approved")
            }
            Denied::Blocked | Denied::RefusedByRisk => {
                told(StatusCode::FORBIDDEN, OAuthError::AccessDenied, "refused by the bank")
            }
            // Credentials that no longer count: one answer for all of them.
            Denied::AccessKeyDiffers
            | Denied::MethodDiffers
            | Denied::TargetDiffers
            | Denied::FintechDiffers
            | Denied::FintechNotActive
            | Denied::EnvironmentDiffers
            | Denied::NoConsent
            | Denied::ConsentDiffers
            | Denied::ConsentOver => Self {
                challenge: Challenged::Credentials(None),
                ..told(StatusCode::UNAUTHORIZED, OAuthError::InvalidToken, "the access key is not good here")
            },
        }
    }

    /// The line of the record about it.
    pub(super) fn event(&self, policy: &'static str, address: Option<IpAddr>, now: UnixTime) -> SecurityEvent {
        let (fintech, user) = self.caller.clone().map(|caller| (caller.fintech, caller.user)).unzip();
        SecurityEvent {
            at: now,
            kind: EventKind::AccessKeyPresented,
            outcome: Outcome::Refused(self.reason),
            control: self.control,
            threat: self.threat,
            policy,
            key_id: None,
            fintech,
            user,
            reference: None,
            address,
        }
    }

    /// The answer, as far as it does not depend on the request.
    pub(super) fn answer(&self, settings: &AccessKeySettings, now: UnixTime) -> Response<Bytes> {
        let mut answer = match self.error {
            Some(error) => answer::json(self.status, ErrorBody::new(error, &self.description).to_json(), now),
            None => answer::empty(self.status, now),
        };
        let headers = answer.headers_mut();
        for challenge in self.challenges(settings) {
            if let Ok(value) = HeaderValue::try_from(challenge.to_string()) {
                headers.append(header::WWW_AUTHENTICATE, value);
            }
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    /// fapi: OA-17, OA-18, DP-13
    fn challenges(&self, settings: &AccessKeySettings) -> Vec<Challenge> {
        let with_error = |scheme: &str| {
            let challenge = Challenge::new(scheme);
            self.error.map_or(challenge.clone(), |error| challenge.error(error))
        };
        let algorithms = settings.algorithms.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(" ");
        let dpop = || settings.dpop.then(|| with_error("DPoP").with("algs", &algorithms));
        let bearer = || settings.mtls.then(|| with_error("Bearer"));
        let both = || bearer().into_iter().chain(dpop()).collect::<Vec<_>>();
        match self.challenge {
            Challenged::Not => Vec::new(),
            Challenged::Credentials(Some(AuthScheme::Dpop)) => dpop().into_iter().collect(),
            Challenged::Credentials(Some(AuthScheme::Bearer)) => bearer().into_iter().collect(),
            Challenged::Credentials(None) => both(),
            Challenged::Scope(scope) => both().into_iter().map(|challenge| challenge.with("scope", scope)).collect(),
            Challenged::StepUp => {
                let acr = AuthenticationLevel::TwoSeparateFactors.acr();
                let step_up = |challenge: Challenge| challenge.with("acr_values", acr).with("max_age", FRESH);
                both().into_iter().map(step_up).collect()
            }
        }
    }
}

/// How old, in seconds, the authentication behind an approval may be.
const FRESH: &str = "60";

impl From<TooMany> for Refused {
    fn from(error: TooMany) -> Self {
        match error {
            TooMany::SlowDown(seconds) => Self::slow_down(seconds),
            TooMany::Unavailable(_) => Self::unavailable("RateLimiter"),
        }
    }
}

impl From<RequestRefused> for Refused {
    /// Missing or wrong signature: 401 (FAPI 2.0 HTTP Signatures section 5.3); what cannot be read: 4xx.
    ///
    /// fapi: FH-2
    fn from(error: RequestRefused) -> Self {
        let (status, code, challenge) = match error {
            RequestRefused::BodyTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, OAuthError::InvalidRequest, Challenged::Not)
            }
            RequestRefused::LengthMismatch | RequestRefused::TargetMismatch(_) => {
                (StatusCode::BAD_REQUEST, OAuthError::InvalidRequest, Challenged::Not)
            }
            RequestRefused::SignatureMissing | RequestRefused::Signature(_) | RequestRefused::Digest(_) => {
                (StatusCode::UNAUTHORIZED, OAuthError::InvalidRequest, Challenged::Credentials(None))
            }
        };
        let refused =
            Self::new(status, code, error, error.name()).by(ControlItem::INTEGRITY, Threat::UnauthorizedAccess);
        Self { challenge, ..refused }
    }
}

impl From<ReplayError> for Refused {
    fn from(error: ReplayError) -> Self {
        let (code, reason) = match error {
            ReplayError::Unavailable => return Self::unavailable("ReplayGuard"),
            ReplayError::Replayed(ClaimPurpose::Signature) => (OAuthError::InvalidRequest, "SignatureReplayed"),
            ReplayError::Replayed(_) => (OAuthError::InvalidDpopProof, "ProofReplayed"),
        };
        let refused = Self::new(StatusCode::UNAUTHORIZED, code, "it was used before", reason)
            .by(ControlItem::LEAK, Threat::TokenCracking);
        Self { challenge: Challenged::Credentials(Some(AuthScheme::Dpop)), ..refused }
    }
}

impl From<Malformed> for Refused {
    fn from(error: Malformed) -> Self {
        let status = match error {
            Malformed::NoSuchResource => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::bad_request(status, &error.to_string(), error.name())
    }
}

impl From<BankError> for Refused {
    fn from(error: BankError) -> Self {
        match error {
            BankError::UnknownCursor => {
                Self::bad_request(StatusCode::BAD_REQUEST, "the cursor is unknown", error.name())
            }
            BankError::Unavailable(PortError) => Self::unavailable(error.name()),
        }
    }
}

impl From<RecordsError> for Refused {
    fn from(error: RecordsError) -> Self {
        Self::unavailable(error.name())
    }
}

impl From<StoreError> for Refused {
    fn from(_: StoreError) -> Self {
        Self::unavailable("Store")
    }
}

impl From<RecordError> for Refused {
    fn from(_: RecordError) -> Self {
        Self::unavailable("Record")
    }
}

/// The scope that would cover an operation, for the challenge.
pub(super) fn scope_of(operation: super::Operation) -> &'static str {
    match operation {
        super::Operation::Accounts => "accounts",
        super::Operation::Balance => "balances",
        super::Operation::Transactions => "transactions",
        super::Operation::Payment | super::Operation::PaymentStatus => "payments",
    }
}

/// Whom a verified access key names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Caller {
    pub(super) fintech: String,
    pub(super) user: String,
}
