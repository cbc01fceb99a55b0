use core::fmt;
use std::sync::Arc;

use ingam_jose::CryptoProvider;
use ingam_wire::{Seconds, SecretBytes, UnixTime, base64url, same_bytes};

/// Whose nonces they are: those of the authorization server and of the resource server are kept apart (RFC 9449 section 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NonceUser {
    /// Push, token and the other endpoints of registration.
    AuthorizationServer,
    /// Resource endpoints.
    ResourceServer,
}

/// Why a nonce is not good, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NonceError {
    /// Not one of ours.
    #[error("the nonce was not issued here")]
    Unknown,
    /// Ours, and too old.
    #[error("the nonce is too old")]
    Stale,
}

/// Makes and checks server nonces without keeping any: `base64url(time ‖ HMAC(key of the hour, user, time))`.
///
/// All nodes that share the secret accept each other's nonces, and a restart changes nothing. The MAC key is derived
/// anew every hour, so that a leaked one is worthless soon.
///
/// fapi: SP-AS-10, DP-14, X-AS-8
pub struct NonceSource {
    provider: Arc<dyn CryptoProvider>,
    secret: SecretBytes,
    user: NonceUser,
    life: Seconds,
}

impl fmt::Debug for NonceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceSource").field("user", &self.user).field("life", &self.life).finish_non_exhaustive()
    }
}

impl NonceSource {
    /// A source over `secret` (32 unpredictable bytes shared by all nodes); each nonce is good for `life`.
    #[must_use]
    pub fn new(provider: Arc<dyn CryptoProvider>, secret: SecretBytes, user: NonceUser, life: Seconds) -> Self {
        Self { provider, secret, user, life }
    }

    /// The nonce to hand out at `now`: 32 characters of base64url.
    #[must_use]
    pub fn mint(&self, now: UnixTime) -> String {
        let time = now.secs().to_be_bytes();
        let mac = self.mac(now);
        base64url::encode([&time[..], mac.first_chunk::<MAC>().map_or(&[], |mac| &mac[..])].concat())
    }

    /// The time at which `nonce` was handed out, if it is ours and still good.
    ///
    /// fapi: DP-16
    ///
    /// # Errors
    /// [`NonceError`].
    pub fn check(&self, nonce: &str, now: UnixTime) -> Result<UnixTime, NonceError> {
        if nonce.len() != TEXT {
            return Err(NonceError::Unknown);
        }
        let bytes = base64url::decode(nonce).map_err(|_| NonceError::Unknown)?;
        let (time, mac) = bytes.split_first_chunk::<8>().ok_or(NonceError::Unknown)?;
        let made = UnixTime::from_secs(i64::from_be_bytes(*time));
        let expected = self.mac(made);
        if !expected.first_chunk::<MAC>().is_some_and(|expected| same_bytes(expected, mac)) {
            return Err(NonceError::Unknown);
        }
        // A node whose clock runs ahead may have made it: no lower bound on `now`.
        if made.plus(self.life) < now { Err(NonceError::Stale) } else { Ok(made) }
    }

    fn mac(&self, made: UnixTime) -> [u8; 32] {
        let hour = made.secs().div_euclid(ROTATION).to_be_bytes();
        let key = self.provider.hmac_sha256(self.secret.expose(), &[LABEL, &hour]);
        let user: &[u8] = match self.user {
            NonceUser::AuthorizationServer => b"as",
            NonceUser::ResourceServer => b"rs",
        };
        self.provider.hmac_sha256(&key, &[user, &made.secs().to_be_bytes()])
    }
}

/// How long one MAC key is used, in seconds.
const ROTATION: i64 = 3600;
/// Bytes of the MAC that are printed: 128 bits.
const MAC: usize = 16;
/// Characters of a nonce.
const TEXT: usize = 32;
const LABEL: &[u8] = b"ingam dpop nonce 1";
