//! The registration phase: A① what the user asks for, A② the pushed request, A④ the answers.

mod authorization_request;
mod authorization_response;
mod client_authentication;
pub mod details;
mod introspection;
mod parameters;
mod pushed;
mod revocation;
mod service_request;
mod token_request;
mod token_response;

pub use self::{
    authorization_request::{AuthorizationRequest, AuthorizationRequestError},
    authorization_response::{AuthorizationResponse, Callback, CallbackError},
    client_authentication::{ASSERTION_TYPE, ClientParameters, ClientParametersError},
    introspection::{
        ActiveToken, Confirmation, IntrospectionRequest, IntrospectionResponse, IntrospectionResponseError,
    },
    parameters::Parameters,
    pushed::{PushedAuthorizationResponse, PushedBody, PushedBodyError, PushedResponseError},
    revocation::{PresentedToken, RevocationRequest, TokenHint, TokenParameterError},
    service_request::{Period, RegistrationRequest, RegistrationRequestError, Service},
    token_request::{TokenRequest, TokenRequestError},
    token_response::{GrantedDetails, TokenResponse, TokenResponseError, TokenType},
};
