//! The messages of registration and usage: parsed once, then trusted, printed the same way.
//!
//! Registration, in the order in which the messages travel:
//! [`RegistrationRequest`] (A①) → [`PushedBody`] with an [`AuthorizationRequest`] and [`ClientParameters`],
//! answered by [`PushedAuthorizationResponse`] (A②) → [`AuthorizationResponse`], [`TokenRequest`] and
//! [`TokenResponse`] (A④). Usage: [`usage`]. Refusals: [`OAuthError`], [`ErrorBody`], [`Challenge`].
//!
//! Each message has one parser per form it travels in, bounded by [`limits`], and prints what it would parse. There
//! is no cryptography, no I/O and no clock in here; what a message claims is believed nowhere.

mod date;
mod error;
mod id;
pub mod limits;
mod metadata;
mod money;
mod parameter;
mod registration;
mod text;
pub mod usage;

pub use self::{
    date::{Date, InvalidDate},
    error::{Challenge, Challenges, ErrorBody, ErrorBodyError, ErrorCode, ErrorText, MalformedChallenge, OAuthError},
    id::{
        AccountId, BankId, ClientId, GrantId, IdempotencyKey, InteractionId, InvalidId, PaymentId, TransactionId,
        UserId,
    },
    metadata::{AuthorizationServerMetadata, MetadataError, MtlsEndpointAliases},
    money::{Amount, Currency, InvalidAmount, UnknownCurrency},
    parameter::{
        AccessToken, Acr, AuthorizationCode, CodeChallenge, CodeVerifier, InvalidIssuer, InvalidRedirectUri,
        InvalidScope, Issuer, KnownScope, Nonce, Prompt, RedirectUri, RefreshToken, RequestUri, Resource, ResponseMode,
        Scope, Scopes, Sha256Text, State,
    },
    registration::{
        ASSERTION_TYPE, ActiveToken, AuthorizationRequest, AuthorizationRequestError, AuthorizationResponse, Callback,
        CallbackError, ClientParameters, ClientParametersError, Confirmation, GrantedDetails, IntrospectionRequest,
        IntrospectionResponse, IntrospectionResponseError, Parameters, Period, PresentedToken,
        PushedAuthorizationResponse, PushedBody, PushedBodyError, PushedResponseError, RegistrationRequest,
        RegistrationRequestError, RevocationRequest, Service, TokenHint, TokenParameterError, TokenRequest,
        TokenRequestError, TokenResponse, TokenResponseError, TokenType, details,
    },
    text::InvalidParameter,
};
