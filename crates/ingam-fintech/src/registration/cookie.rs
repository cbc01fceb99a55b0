use core::fmt;

use ingam_jose::CryptoProvider;
use ingam_protocol::State;
use ingam_wire::{Randomness, RandomnessUnavailable, SecretText, base64url};

/// What ties a flow to the user agent that began it: a cookie with a secret of 256 random bits, one per flow.
///
/// fapi: BCP-3, SP-C-12, SP-C-17, AM-G3
pub struct BrowserCookie {
    name: String,
    value: SecretText,
}

impl fmt::Debug for BrowserCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserCookie").field("name", &self.name).finish_non_exhaustive()
    }
}

impl BrowserCookie {
    pub(super) fn fresh(
        state: &State,
        provider: &dyn CryptoProvider,
        randomness: &dyn Randomness,
    ) -> Result<Self, RandomnessUnavailable> {
        let mut secret = zeroize::Zeroizing::new([0_u8; 32]);
        randomness.fill(&mut *secret)?;
        Ok(Self { name: name_of(state, provider), value: SecretText::new(base64url::encode(*secret)) })
    }

    /// Its name: two flows of one user agent have two.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value, to be set in the user agent and stored nowhere else.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.expose()
    }

    /// The whole `Set-Cookie` field: only over TLS, only to this host, not for scripts, not from other sites' posts.
    #[must_use]
    pub fn set_cookie(&self) -> String {
        format!("{}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1800", self.name, self.value.expose())
    }
}

fn name_of(state: &State, provider: &dyn CryptoProvider) -> String {
    let digest = provider.sha256(&[b"ingam flow cookie", state.as_str().as_bytes()]);
    let short = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("__Host-ingam-{short}")
}

/// The value of a flow's cookie in a `Cookie` field, if it is there exactly once.
#[must_use]
pub fn cookie_of<'a>(field: &'a str, state: &State, provider: &dyn CryptoProvider) -> Option<&'a str> {
    let name = name_of(state, provider);
    let mut values = field.split(';').filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    values.next().filter(|_| values.next().is_none())
}
