use ingam_jose::CryptoProvider;
use ingam_protocol::{CodeChallenge, CodeVerifier};
use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

/// A fresh verifier: 32 random bytes, 43 characters (RFC 7636 section 4.1); one per push, never again.
///
/// fapi: PK-1
///
/// # Errors
/// [`RandomnessUnavailable`].
pub fn make_verifier(randomness: &dyn Randomness) -> Result<CodeVerifier, RandomnessUnavailable> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    randomness.fill(&mut *bytes)?;
    Ok(CodeVerifier::from_random(&bytes))
}

/// The challenge to push: BASE64URL(SHA-256(ASCII(verifier))) (RFC 7636 section 4.2).
///
/// fapi: PK-2
#[must_use]
pub fn challenge_of(verifier: &CodeVerifier, provider: &dyn CryptoProvider) -> CodeChallenge {
    CodeChallenge::from_digest(provider.sha256(&[verifier.expose().as_bytes()]))
}
