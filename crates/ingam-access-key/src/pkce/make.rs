use ingam_jose::CryptoProvider;
use ingam_wire::{Randomness, RandomnessUnavailable, SecretText, base64url};
use zeroize::Zeroizing;

use super::CodeChallenge;

/// The secret a fintech keeps between push and redemption (RFC 7636 section 4.1): 32 random bytes as base64url.
#[derive(Debug)]
#[doc(alias = "code_verifier")]
pub struct CodeVerifier(SecretText);

impl CodeVerifier {
    /// A fresh verifier of 43 characters.
    ///
    /// fapi: PK-1
    ///
    /// # Errors
    /// [`RandomnessUnavailable`].
    pub fn make(randomness: &dyn Randomness) -> Result<Self, RandomnessUnavailable> {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        randomness.fill(&mut *bytes)?;
        Ok(Self(SecretText::new(base64url::encode(*bytes))))
    }

    /// A verifier that was kept (sealed) since the push.
    #[must_use]
    pub const fn kept(text: SecretText) -> Self {
        Self(text)
    }

    /// The challenge to push: BASE64URL(SHA-256(ASCII(verifier))) (RFC 7636 section 4.2).
    ///
    /// fapi: PK-2
    #[must_use]
    pub fn challenge(&self, provider: &dyn CryptoProvider) -> CodeChallenge {
        CodeChallenge::of(self.0.expose(), provider)
    }

    /// The verifier in the clear, for the token request.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
