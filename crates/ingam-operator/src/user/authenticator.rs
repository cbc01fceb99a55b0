use core::net::IpAddr;

use ingam_access_key::{AuthenticationRequirement, UserAuthentication};
use ingam_ports::{PortError, Unclaimed};
use ingam_protocol::UserId;
use ingam_wire::{BoxFuture, SecretText, UnixTime};

/// What a user typed into the login page.
#[derive(Debug)]
pub struct LoginAttempt {
    /// The user name; bounded, otherwise as typed.
    pub username: String,
    /// The password.
    pub password: SecretText,
    /// The one-time code, if one was typed.
    pub otp: Option<SecretText>,
    /// Where from.
    pub address: Option<IpAddr>,
}

/// Why a login failed; the page says the same for every reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LoginRefused {
    /// No such user, or a wrong password.
    #[error("unknown user or wrong password")]
    WrongPassword,
    /// The user has a second factor and did not show it.
    #[error("a one-time code is required")]
    OtpRequired,
    /// The one-time code is wrong or was used before.
    #[error("wrong one-time code")]
    WrongOtp,
    /// The bank's authenticator did not answer.
    #[error(transparent)]
    Unavailable(#[from] PortError),
}

impl LoginRefused {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongPassword => "WrongPassword",
            Self::OtpRequired => "OtpRequired",
            Self::WrongOtp => "WrongOtp",
            Self::Unavailable(_) => "Authenticator",
        }
    }
}

/// The bank's own login: says who the user is, by which factors, when.
///
/// x1149: 3.1.16.1
pub trait UserAuthenticator: core::fmt::Debug + Send + Sync {
    /// Whether it is made for development; production refuses it.
    fn is_for_development(&self) -> bool;

    /// What an authentication must be, at least, before any code is issued.
    fn least(&self) -> AuthenticationRequirement;

    /// Authenticates the user who typed `attempt`.
    ///
    /// What is good once (a code's time step) is left to be claimed: the operator claims it, so that it is spent on
    /// every node and over a restart. Where nothing is, the claims are empty.
    fn authenticate(
        &self,
        attempt: LoginAttempt,
        now: UnixTime,
    ) -> BoxFuture<'_, Result<Unclaimed<UserAuthentication>, LoginRefused>>;

    /// The user as whom every authorization is approved without a page; `None` but in development.
    fn auto_approve(&self, now: UnixTime) -> Option<UserAuthentication> {
        let _ = now;
        None
    }

    /// Whether `user` is still a customer: asked each time a grant is refreshed.
    fn knows<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<bool, PortError>>;
}
