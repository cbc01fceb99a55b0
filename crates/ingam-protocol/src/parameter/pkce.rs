use crate::{
    InvalidParameter, Sha256Text,
    text::{secret_type, unreserved},
};

/// An S256 code challenge (RFC 7636 section 4.2): base64url of the verifier's SHA-256, 43 characters.
///
/// The only method that can be written down here is S256.
///
/// fapi: SP-AZ-5, PK-2
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct CodeChallenge(Sha256Text);

impl CodeChallenge {
    /// The one method's name.
    pub const METHOD: &'static str = "S256";

    /// The challenge of a verifier whose SHA-256 is `digest`.
    #[must_use]
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(Sha256Text::from_bytes(digest))
    }

    /// The SHA-256 that the verifier must have.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl core::str::FromStr for CodeChallenge {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        text.parse().map(Self).map_err(|_| InvalidParameter("code challenge"))
    }
}

impl core::fmt::Display for CodeChallenge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

secret_type! {
    /// A PKCE code verifier (RFC 7636 section 4.1): 43 to 128 unreserved characters, secret until redeemed.
    ///
    /// fapi: PK-1
    CodeVerifier, "code verifier", 43..=128, unreserved
}

impl CodeVerifier {
    /// The verifier of 32 random bytes: 43 characters, never used twice.
    #[must_use]
    pub fn from_random(random: &[u8; 32]) -> Self {
        Self(ingam_wire::SecretText::new(ingam_wire::base64url::encode(random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: PK-1, PK-2
    #[test]
    fn a_verifier_is_43_to_128_unreserved_characters_and_a_challenge_43_of_base64url() {
        assert_eq!(CodeVerifier::from_random(&[0xff; 32]).expose().len(), 43);
        for good in ["a".repeat(43), "~".repeat(128), "aZ09-._~".repeat(6)] {
            assert!(good.parse::<CodeVerifier>().is_ok(), "{good}");
        }
        for refused in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43)), format!("{} ", "a".repeat(43))]
        {
            assert!(refused.parse::<CodeVerifier>().is_err(), "{refused}");
        }
        for refused in ["a".repeat(42), "a".repeat(44), format!("{}=", "a".repeat(42)), format!("{}B", "a".repeat(42))]
        {
            assert!(refused.parse::<CodeChallenge>().is_err(), "{refused}");
        }
        let text = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(text.parse::<CodeChallenge>().unwrap().to_string(), text);
    }
}
