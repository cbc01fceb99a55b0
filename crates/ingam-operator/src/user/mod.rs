//! The bank's own decisions about its users: who they are, and what they may consent to.

mod authenticator;
mod consent;
mod password;
mod password_users;

pub use self::{
    authenticator::{LoginAttempt, LoginRefused, UserAuthenticator},
    consent::{ConsentAnswer, ConsentPolicy, ConsentQuestion, SimpleConsent},
    password::PasswordHash,
    password_users::{InvalidUser, PasswordUser, PasswordUsers},
};
