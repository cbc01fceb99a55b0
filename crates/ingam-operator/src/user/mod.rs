//! The bank's own decisions about its users: who they are, and what they may consent to.

mod authenticator;
mod consent;
mod development;
mod password;

pub use self::{
    authenticator::{AuthenticationRefused, LoginAttempt, UserAuthenticator},
    consent::{ConsentPolicy, Presented, PresentedAccount, SimpleConsent},
    development::{DevelopmentUser, DevelopmentUsers},
    password::PasswordHash,
};
