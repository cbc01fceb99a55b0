use ingam_jose::CryptoProvider;
use ingam_wire::{base64url, same_bytes};
use serde::{Deserialize, Serialize};

/// What a fintech pushed, to be matched when it redeems the code (RFC 7636 section 4.3): SHA-256 of the verifier.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
#[doc(alias = "code_challenge")]
pub struct CodeChallenge([u8; 32]);

/// Why a challenge or a verifier was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PkceError {
    /// No `code_challenge` was pushed.
    #[error("code_challenge is required")]
    ChallengeMissing,
    /// `code_challenge_method` is absent (which means plain) or not `S256`.
    #[error("code_challenge_method must be S256")]
    MethodNotS256,
    /// The challenge is not 43 characters of base64url.
    #[error("code_challenge is malformed")]
    ChallengeMalformed,
    /// No `code_verifier` came with the code.
    #[error("code_verifier is required")]
    VerifierMissing,
    /// The verifier is not 43 to 128 unreserved characters.
    #[error("code_verifier is malformed")]
    VerifierMalformed,
    /// The verifier is not the one of the challenge.
    #[error("code_verifier does not match")]
    VerifierMismatch,
}

impl PkceError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ChallengeMissing => "ChallengeMissing",
            Self::MethodNotS256 => "MethodNotS256",
            Self::ChallengeMalformed => "ChallengeMalformed",
            Self::VerifierMissing => "VerifierMissing",
            Self::VerifierMalformed => "VerifierMalformed",
            Self::VerifierMismatch => "VerifierMismatch",
        }
    }
}

impl CodeChallenge {
    pub(super) fn of(verifier: &str, provider: &dyn CryptoProvider) -> Self {
        Self(provider.sha256(&[verifier.as_bytes()]))
    }

    /// Reads the two pushed parameters.
    ///
    /// fapi: SP-AZ-5, PK-3, PK-4, BCP-5
    ///
    /// # Errors
    /// `ChallengeMissing`, `MethodNotS256` or `ChallengeMalformed`.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Self, PkceError> {
        let challenge = challenge.ok_or(PkceError::ChallengeMissing)?;
        if method != Some("S256") {
            return Err(PkceError::MethodNotS256);
        }
        let bytes = base64url::decode(challenge).map_err(|_| PkceError::ChallengeMalformed)?;
        bytes.try_into().map(Self).map_err(|_| PkceError::ChallengeMalformed)
    }

    /// Checks the verifier of a redemption, in constant time.
    ///
    /// fapi: PK-1, PK-5, PK-6, X-AS-14
    ///
    /// # Errors
    /// `VerifierMissing`, `VerifierMalformed` or `VerifierMismatch`.
    pub fn check(&self, verifier: Option<&str>, provider: &dyn CryptoProvider) -> Result<(), PkceError> {
        let verifier = verifier.ok_or(PkceError::VerifierMissing)?;
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
            return Err(PkceError::VerifierMalformed);
        }
        if same_bytes(&provider.sha256(&[verifier.as_bytes()]), &self.0) {
            Ok(())
        } else {
            Err(PkceError::VerifierMismatch)
        }
    }

    /// The challenge as it is pushed, 43 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(self.0)
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = PkceError;

    fn try_from(text: String) -> Result<Self, PkceError> {
        Self::parse(Some(&text), Some("S256"))
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.to_base64url()
    }
}
