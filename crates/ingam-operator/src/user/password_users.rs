use core::fmt;
use std::{collections::HashMap, sync::Arc};

use ingam_access_key::{
    AuthenticationLevel, AuthenticationRequirement, Channel, Factor, FactorKind, Possession, UserAuthentication,
};
use ingam_jose::CryptoProvider;
use ingam_ports::{Claim, ClaimPurpose, PortError, Unclaimed};
use ingam_protocol::UserId;
use ingam_wire::{BoxFuture, Randomness, RandomnessUnavailable, Seconds, SecretText, UnixTime};
use totp_rs::Totp;

use super::{LoginAttempt, LoginRefused, PasswordHash, UserAuthenticator};

/// A fixed list of users with a password and perhaps a TOTP code generator (RFC 6238).
///
/// Most banks bring their own [`UserAuthenticator`]. Here passwords are kept as Argon2id hashes, an unknown user takes
/// as long as a wrong password, and a code is good once. With `auto_approve` it is a test part.
pub struct PasswordUsers {
    users: HashMap<String, Arc<PasswordUser>>,
    nobody: Arc<PasswordUser>,
    auto_approve: Option<UserId>,
    provider: Arc<dyn CryptoProvider>,
}

/// One of them.
pub struct PasswordUser {
    id: UserId,
    password: PasswordHash,
    totp: Option<Totp>,
}

/// Why a user could not be taken on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidUser {
    /// The user name is not a user id.
    #[error("the user name is not 1 to 64 printable characters")]
    Name,
    /// The TOTP secret is not base32 of at least 128 bits.
    #[error("the TOTP secret is not base32 of at least 16 bytes")]
    Totp,
    /// No salt.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

impl PasswordUser {
    /// A user of this name and password, with a base32 TOTP secret where there is one (SHA-1, 6 digits, 30 seconds).
    ///
    /// # Errors
    /// [`InvalidUser`].
    pub fn new(
        name: &str,
        password: &SecretText,
        totp: Option<&SecretText>,
        randomness: &dyn Randomness,
    ) -> Result<Self, InvalidUser> {
        let id = name.parse().ok().filter(|_| name.len() <= 64).ok_or(InvalidUser::Name)?;
        let totp = totp.map(|secret| generator(secret.expose())).transpose()?;
        Ok(Self { id, password: PasswordHash::of(password, randomness)?, totp })
    }
}

impl fmt::Debug for PasswordUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordUser").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for PasswordUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordUsers").field("users", &self.users.len()).finish_non_exhaustive()
    }
}

/// Seconds that a code stands for.
const STEP: u64 = 30;

fn generator(base32: &str) -> Result<Totp, InvalidUser> {
    let secret = totp_rs::Secret::try_from_base32(base32.replace(' ', "").to_ascii_uppercase());
    let builder = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.map_err(|_| InvalidUser::Totp)?);
    builder.build().map_err(|_| InvalidUser::Totp)
}

impl PasswordUsers {
    /// These users; `auto_approve` names the one as whom everything is approved without a page.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn new(
        users: Vec<PasswordUser>,
        auto_approve: Option<UserId>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, InvalidUser> {
        let randomness = provider.randomness();
        let mut nobody = [0; 32];
        randomness.fill(&mut nobody)?;
        let password = SecretText::new(ingam_wire::base64url::encode(nobody));
        let nobody = Arc::new(PasswordUser::new("nobody", &password, None, randomness)?);
        let users = users.into_iter().map(|user| (user.id.as_str().to_owned(), Arc::new(user))).collect();
        Ok(Self { users, nobody, auto_approve, provider })
    }

    async fn check(&self, attempt: LoginAttempt, now: UnixTime) -> Result<Unclaimed<UserAuthentication>, LoginRefused> {
        let known = self.users.get(&attempt.username).cloned();
        let user = known.clone().unwrap_or_else(|| Arc::clone(&self.nobody));
        let LoginAttempt { password, otp, .. } = attempt;
        // Hashing takes tens of milliseconds: not on the threads that serve others.
        let hashed = Arc::clone(&user);
        let matches = tokio::task::spawn_blocking(move || hashed.password.matches(&password)).await;
        if known.is_none() || !matches.map_err(|_| PortError)? {
            return Err(LoginRefused::WrongPassword);
        }
        let mut factors = vec![Factor { kind: FactorKind::Knowledge, channel: Channel::Page }];
        let mut claims = Vec::new();
        if let Some(totp) = &user.totp {
            let otp = otp.ok_or(LoginRefused::OtpRequired)?;
            claims.push(self.step(&user.id, totp, &otp, now)?);
            factors.push(Factor { kind: FactorKind::Possession, channel: Channel::Token });
        }
        let authentication = UserAuthentication::new(user.id.clone(), factors, now);
        Ok(Unclaimed::new(authentication.map_err(|_| LoginRefused::Unavailable(PortError))?, claims))
    }

    /// The time step that a code is good for, once (RFC 6238 section 5.2).
    fn step(&self, user: &UserId, totp: &Totp, otp: &SecretText, now: UnixTime) -> Result<Claim, LoginRefused> {
        let seconds = u64::try_from(now.secs()).map_err(|_| LoginRefused::WrongOtp)?;
        let step = totp.check(otp.expose(), seconds).ok_or(LoginRefused::WrongOtp)?;
        let began = UnixTime::from_secs(0).plus(Seconds::new(step.saturating_mul(STEP)));
        Ok(Claim {
            purpose: ClaimPurpose::OneTimeCode,
            digest: self.provider.sha256(&[b"one-time code ", &step.to_be_bytes(), user.as_str().as_bytes()]),
            stated: began,
            // It is taken for its own step and, for clocks that differ, for the one after.
            expires: began.plus(Seconds::new(2 * STEP)).plus(Seconds::new(1)),
        })
    }
}

impl UserAuthenticator for PasswordUsers {
    fn is_for_development(&self) -> bool {
        self.auto_approve.is_some()
    }

    fn least(&self) -> AuthenticationRequirement {
        AuthenticationRequirement {
            level: AuthenticationLevel::OneFactor,
            max_age: None,
            possession: Possession::Optional,
        }
    }

    fn authenticate(
        &self,
        attempt: LoginAttempt,
        now: UnixTime,
    ) -> BoxFuture<'_, Result<Unclaimed<UserAuthentication>, LoginRefused>> {
        Box::pin(self.check(attempt, now))
    }

    fn auto_approve(&self, now: UnixTime) -> Option<UserAuthentication> {
        let factors = vec![Factor { kind: FactorKind::Knowledge, channel: Channel::Page }];
        UserAuthentication::new(self.auto_approve.clone()?, factors, now).ok()
    }

    fn knows<'a>(&'a self, user: &'a UserId) -> BoxFuture<'a, Result<bool, PortError>> {
        let known = self.users.contains_key(user.as_str()) || self.auto_approve.as_ref() == Some(user);
        Box::pin(core::future::ready(Ok(known)))
    }
}
