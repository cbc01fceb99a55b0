use ingam_keys::Record;
use ingam_ports::Table;
use ingam_protocol::{
    AuthorizationRequest, AuthorizationRequestError, AuthorizationResponse, ClientId, Issuer, KnownScope, OAuthError,
    Resource, ResponseMode, Scopes, Sha256Text,
    details::{AuthorizationDetail, AuthorizationDetails},
};
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime};
use serde::{Deserialize, Serialize};

use crate::{
    dpop::Proof,
    fintech::{AuthenticatedFintech, ClientRole, RequestForm},
    policy::AccessKeyPolicy,
    request_object::VerifiedRequestObject,
    secret::{OneTimeSecret, SecretKind},
};

/// How the request was pushed.
#[derive(Debug)]
pub enum PushedForm {
    /// The parameters themselves.
    Plain(Box<AuthorizationRequest>),
    /// A request object whose signature was verified.
    Signed(VerifiedRequestObject),
}

/// A② done: what an authenticated fintech pushed, kept sealed under the hash of the `request_uri` it got.
///
/// It may be opened as often as the page is reloaded, until the authorization completes: then its row is taken.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PushedRequest {
    client_id: ClientId,
    request: AuthorizationRequest,
    response_mode: ResponseMode,
    binds_to: Option<Sha256Text>,
    pushed: UnixTime,
    expires: UnixTime,
}

/// Why a push was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PushError {
    /// The client is a resource server, which is granted nothing.
    #[error("the client may not ask for an authorization")]
    NotAFintech,
    /// The fintech must sign its requests and did not.
    #[error("a signed request object is required")]
    SignatureRequired,
    /// The parameters inside the request object.
    #[error(transparent)]
    Request(#[from] AuthorizationRequestError),
    /// `client_id` is not the authenticated fintech.
    #[error("client_id is not the authenticated client")]
    ClientMismatch,
    /// The redirect URI is not registered, byte by byte.
    #[error("redirect_uri is not registered")]
    UnregisteredRedirectUri,
    /// The response mode is not the one the fintech is registered for.
    #[error("response_mode is not the registered one")]
    WrongResponseMode,
    /// Neither scope nor details.
    #[error("nothing is asked for")]
    NothingAsked,
    /// A scope the fintech may not ask for.
    #[error("a scope is not registered for this client")]
    UnregisteredScope,
    /// A type of details the fintech may not ask for.
    #[error("a type of authorization details is not registered for this client")]
    UnregisteredDetails,
    /// A resource the operator does not know.
    #[error("unknown resource")]
    UnknownResource,
    /// `dpop_jkt` is not the key of the proof that came with the push.
    #[error("dpop_jkt is not the key of the proof")]
    JktMismatch,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

impl PushError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotAFintech => "NotAFintech",
            Self::SignatureRequired => "SignatureRequired",
            Self::Request(error) => error.name(),
            Self::ClientMismatch => "ClientMismatch",
            Self::UnregisteredRedirectUri => "UnregisteredRedirectUri",
            Self::WrongResponseMode => "WrongResponseMode",
            Self::NothingAsked => "NothingAsked",
            Self::UnregisteredScope => "UnregisteredScope",
            Self::UnregisteredDetails => "UnregisteredDetails",
            Self::UnknownResource => "UnknownResource",
            Self::JktMismatch => "JktMismatch",
            Self::Randomness(_) => "Randomness",
        }
    }

    /// What the fintech is told.
    ///
    /// fapi: MS-1, X-AS-12, DP-17, RI-2, PA-5
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::NotAFintech => OAuthError::UnauthorizedClient,
            Self::SignatureRequired
            | Self::ClientMismatch
            | Self::UnregisteredRedirectUri
            | Self::WrongResponseMode => OAuthError::InvalidRequest,
            Self::Request(error) => error.oauth(),
            Self::NothingAsked | Self::UnregisteredScope => OAuthError::InvalidScope,
            Self::UnregisteredDetails => OAuthError::InvalidAuthorizationDetails,
            Self::UnknownResource => OAuthError::InvalidTarget,
            Self::JktMismatch => OAuthError::InvalidDpopProof,
            Self::Randomness(_) => OAuthError::TemporarilyUnavailable,
        }
    }
}

impl PushedRequest {
    /// Accepts what `fintech` pushed; `resources` are the resource servers the operator issues access keys for.
    ///
    /// The returned secret is the reference of the `request_uri`; insert the record under its row key, to be kept until
    /// [`PushedRequest::keep_until`].
    ///
    /// fapi: SP-AZ-2, SP-AZ-4, SP-AS-12, MS-1, MS-11, MS-12, PA-4, BCP-1, DP-17, RAR-2, RI-2, SP-AS-14
    /// x1149: 3.1.16.6
    ///
    /// # Errors
    /// The first [`PushError`] that applies.
    pub fn accept(
        fintech: &AuthenticatedFintech,
        form: PushedForm,
        proof: Option<&Proof>,
        resources: &[Resource],
        policy: &AccessKeyPolicy,
        now: UnixTime,
        randomness: &dyn Randomness,
    ) -> Result<(OneTimeSecret, Self), PushError> {
        let record = fintech.fintech().record();
        if record.entry().role != ClientRole::Fintech {
            return Err(PushError::NotAFintech);
        }
        let request = match form {
            PushedForm::Plain(_) if record.request_form(policy) == RequestForm::Signed => {
                return Err(PushError::SignatureRequired);
            }
            PushedForm::Plain(request) => *request,
            PushedForm::Signed(object) => AuthorizationRequest::from_parameters(&object.into_parameters())?,
        };
        if request.client_id.as_ref().is_some_and(|client| client != fintech.client_id()) {
            return Err(PushError::ClientMismatch);
        }
        if !record.permits_redirect(&request.redirect_uri) {
            return Err(PushError::UnregisteredRedirectUri);
        }
        let response_mode = record.response_mode(policy);
        if request.response_mode.is_some_and(|asked| asked != response_mode) {
            return Err(PushError::WrongResponseMode);
        }
        if request.scope.is_none() && request.authorization_details.is_none() {
            return Err(PushError::NothingAsked);
        }
        if request.scope.as_ref().is_some_and(|asked| !asked.is_subset(&record.entry().scopes)) {
            return Err(PushError::UnregisteredScope);
        }
        let registered = &record.entry().authorization_details_types;
        let foreign = |detail: &AuthorizationDetail| !registered.iter().any(|kind| kind == detail.kind());
        if request.authorization_details.as_ref().is_some_and(|details| details.iter().any(foreign)) {
            return Err(PushError::UnregisteredDetails);
        }
        if !request.resources.iter().all(|asked| resources.contains(asked)) {
            return Err(PushError::UnknownResource);
        }
        let shown = proof.map(|proof| Sha256Text::from_bytes(*proof.jkt().as_bytes()));
        let binds_to = match (request.dpop_jkt, shown) {
            (Some(named), Some(shown)) if named != shown => return Err(PushError::JktMismatch),
            (named, shown) => named.or(shown),
        };
        let reference = OneTimeSecret::make(SecretKind::PushedRequest, now, randomness)?;
        let expires = now.plus(policy.settings().pushed);
        let client_id = fintech.client_id().clone();
        Ok((reference, Self { client_id, request, response_mode, binds_to, pushed: now, expires }))
    }

    /// Who pushed it.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What was pushed.
    #[must_use]
    pub const fn request(&self) -> &AuthorizationRequest {
        &self.request
    }

    /// The scopes asked for, perhaps none.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        self.request.scope.clone().unwrap_or_default()
    }

    /// The details asked for.
    #[must_use]
    pub const fn details(&self) -> Option<&AuthorizationDetails> {
        self.request.authorization_details.as_ref()
    }

    /// Whether an ID token is wanted (scope `openid`).
    #[must_use]
    pub fn wants_id_token(&self) -> bool {
        self.request.scope.as_ref().is_some_and(|scope| scope.contains(KnownScope::Openid))
    }

    /// How the answer travels.
    #[must_use]
    pub const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// The key that the code will be bound to, if the push named or showed one.
    #[must_use]
    pub const fn binds_to(&self) -> Option<&Sha256Text> {
        self.binds_to.as_ref()
    }

    /// When it can no longer be opened.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// `expires_in` of the answer, in seconds.
    #[must_use]
    pub fn expires_in(&self) -> Seconds {
        Seconds::new(u64::try_from(self.expires.secs().saturating_sub(self.pushed.secs())).unwrap_or_default())
    }

    /// How long its row must be kept: the user may still be on the pages after it can no longer be opened.
    #[must_use]
    pub const fn keep_until(&self) -> UnixTime {
        self.expires.plus(PAGES)
    }

    /// The answer that refuses, with `state` and `iss`.
    ///
    /// fapi: SP-AZ-7, IS-1, OA-7, OA-10, X-AS-3, X-AS-21, X-AS-22
    #[must_use]
    pub fn refused(&self, error: OAuthError, description: &str, operator: &Issuer) -> AuthorizationResponse {
        AuthorizationResponse::refused(error, description, self.request.state.clone(), operator.clone())
    }
}

impl Record for PushedRequest {
    const TABLE: Table = Table::PushedRequests;
}

/// How long a user may take on the operator's pages.
const PAGES: Seconds = Seconds::new(900);
