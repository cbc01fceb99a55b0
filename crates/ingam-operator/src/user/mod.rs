//! The bank's own decisions about its users: who they are, and what they may consent to.

mod authenticator;
mod consent;
mod development;
mod password;

pub use self::{
    authenticator::{LoginAttempt, LoginRefused, UserAuthenticator},
    consent::{ConsentAnswer, ConsentPolicy, ConsentQuestion, SimpleConsent},
    development::{DevelopmentUser, DevelopmentUsers, InvalidUser},
    password::PasswordHash,
};
