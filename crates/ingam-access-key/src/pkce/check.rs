use ingam_jose::CryptoProvider;
use ingam_protocol::{CodeChallenge, CodeVerifier};
use ingam_wire::same_bytes;

use super::challenge_of;

/// Why a verifier was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PkceError {
    /// No `code_verifier` came with the code.
    #[error("code_verifier is required")]
    VerifierMissing,
    /// The verifier is not the one of the challenge.
    #[error("code_verifier does not match")]
    VerifierMismatch,
}

impl PkceError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::VerifierMissing => "VerifierMissing",
            Self::VerifierMismatch => "VerifierMismatch",
        }
    }
}

/// Checks the verifier of a redemption against what was pushed, in constant time (RFC 7636 section 4.6).
///
/// A code without challenge cannot exist here (a push without one is refused), so no verifier can be presented for one.
///
/// fapi: SP-AZ-5, PK-5, PK-6, X-AS-14, BCP-5
///
/// # Errors
/// `VerifierMissing` or `VerifierMismatch`.
pub fn check_verifier(
    challenge: &CodeChallenge,
    verifier: Option<&CodeVerifier>,
    provider: &dyn CryptoProvider,
) -> Result<(), PkceError> {
    let verifier = verifier.ok_or(PkceError::VerifierMissing)?;
    if same_bytes(challenge_of(verifier, provider).as_bytes(), challenge.as_bytes()) {
        Ok(())
    } else {
        Err(PkceError::VerifierMismatch)
    }
}
