//! The parameters that messages are made of, one newtype each.

mod digest;
mod issuer;
mod pkce;
mod redirect_uri;
mod request_uri;
mod resource;
mod scope;
mod secret;
mod short;

pub use self::{
    digest::Sha256Text,
    issuer::{InvalidIssuer, Issuer},
    pkce::{CodeChallenge, CodeVerifier},
    redirect_uri::{InvalidRedirectUri, RedirectUri},
    request_uri::RequestUri,
    resource::Resource,
    scope::{InvalidScope, KnownScope, Scope, Scopes},
    secret::{AccessToken, AuthorizationCode, RefreshToken},
    short::{Acr, Nonce, Prompt, ResponseMode, State},
};
