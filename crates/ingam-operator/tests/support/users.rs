use std::sync::Mutex;

use ingam_access_key::{
    AuthenticationLevel, AuthenticationRequirement, Channel, Factor, FactorKind, Possession, UserAuthentication,
};
use ingam_operator::{LoginAttempt, LoginRefused, UserAuthenticator};
use ingam_ports::{PortError, Unclaimed};
use ingam_protocol::UserId;
use ingam_wire::{BoxFuture, UnixTime};

pub(crate) const PASSWORD: &str = "canary correct horse battery";

/// A bank's login without its cost: every user of the data has one password, and whoever types a code shows a device.
#[derive(Debug)]
pub(crate) struct Users {
    pub(crate) auto_approve: Mutex<Option<UserId>>,
    pub(crate) least: Mutex<AuthenticationRequirement>,
    pub(crate) working: Mutex<bool>,
    /// Users that the bank knew once.
    pub(crate) gone: Mutex<Vec<String>>,
}

impl Default for Users {
    fn default() -> Self {
        let least = AuthenticationRequirement {
            level: AuthenticationLevel::OneFactor,
            max_age: None,
            possession: Possession::Optional,
        };
        Self {
            auto_approve: Mutex::default(),
            least: Mutex::new(least),
            working: Mutex::new(true),
            gone: Mutex::default(),
        }
    }
}

impl UserAuthenticator for Users {
    fn is_for_development(&self) -> bool {
        false
    }

    fn least(&self) -> AuthenticationRequirement {
        *self.least.lock().unwrap()
    }

    fn authenticate(
        &self,
        attempt: LoginAttempt,
        now: UnixTime,
    ) -> BoxFuture<'_, Result<Unclaimed<UserAuthentication>, LoginRefused>> {
        Box::pin(async move {
            if !*self.working.lock().unwrap() {
                return Err(PortError.into());
            }
            if attempt.password.expose() != PASSWORD || !["alice", "bob"].contains(&attempt.username.as_str()) {
                return Err(LoginRefused::WrongPassword);
            }
            let mut factors = vec![Factor { kind: FactorKind::Knowledge, channel: Channel::Page }];
            if attempt.otp.is_some_and(|otp| !otp.expose().is_empty()) {
                factors.push(Factor { kind: FactorKind::Possession, channel: Channel::Token });
            }
            let authentication = UserAuthentication::new(attempt.username.parse().unwrap(), factors, now).unwrap();
            Ok(Unclaimed::new(authentication, Vec::new()))
        })
    }

    fn auto_approve(&self, now: UnixTime) -> Option<UserAuthentication> {
        let factors = vec![Factor { kind: FactorKind::Knowledge, channel: Channel::Page }];
        UserAuthentication::new(self.auto_approve.lock().unwrap().clone()?, factors, now).ok()
    }

    fn knows<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            if !*self.working.lock().unwrap() {
                return Err(PortError);
            }
            let gone = self.gone.lock().unwrap().iter().any(|one| one == user.as_str());
            Ok(!gone && ["alice", "bob"].contains(&user.as_str()))
        })
    }
}
