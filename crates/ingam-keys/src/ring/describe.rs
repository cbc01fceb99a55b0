use core::{fmt, str::FromStr};

use ingam_jose::{Algorithm as ListedAlgorithm, Curve, SealingAlgorithm, SignatureAlgorithm};
use serde::{Deserialize, Serialize};

/// What a key is for; a key of one purpose is never used for another (SP 800-57 part 1, section 5.2).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Access keys (RFC 9068).
    SignAccessKeys,
    /// ID tokens (OpenID Connect Core section 2).
    SignIdTokens,
    /// Answers of the authorization endpoint (JARM).
    SignAuthorizationResponses,
    /// Introspection answers (RFC 9701).
    SignIntrospections,
    /// HTTP answers (RFC 9421).
    SignResponses,
    /// Consent and transaction receipts.
    SignReceipts,
    /// At the fintech: client assertions (RFC 7523).
    SignAssertions,
    /// At the fintech: request objects (RFC 9101).
    SignRequestObjects,
    /// At the fintech: proofs of possession (RFC 9449).
    SignProofs,
    /// At the fintech: HTTP requests (RFC 9421).
    SignRequests,
    /// Sealing one's own rows and files.
    Seal,
    /// Opening what others sealed for us.
    Decrypt,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 12] = [
        Self::SignAccessKeys,
        Self::SignIdTokens,
        Self::SignAuthorizationResponses,
        Self::SignIntrospections,
        Self::SignResponses,
        Self::SignReceipts,
        Self::SignAssertions,
        Self::SignRequestObjects,
        Self::SignProofs,
        Self::SignRequests,
        Self::Seal,
        Self::Decrypt,
    ];

    /// The name in records and inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignAccessKeys => "sign-access-keys",
            Self::SignIdTokens => "sign-id-tokens",
            Self::SignAuthorizationResponses => "sign-authorization-responses",
            Self::SignIntrospections => "sign-introspections",
            Self::SignResponses => "sign-responses",
            Self::SignReceipts => "sign-receipts",
            Self::SignAssertions => "sign-assertions",
            Self::SignRequestObjects => "sign-request-objects",
            Self::SignProofs => "sign-proofs",
            Self::SignRequests => "sign-requests",
            Self::Seal => "seal",
            Self::Decrypt => "decrypt",
        }
    }

    /// Whether `algorithm` can serve this purpose.
    #[must_use]
    pub const fn admits(self, algorithm: Algorithm) -> bool {
        match self {
            Self::Seal => matches!(algorithm, Algorithm::A256Gcm),
            Self::Decrypt => matches!(algorithm, Algorithm::X25519),
            _ => algorithm.signature().is_some(),
        }
    }
}

/// The one algorithm of a key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// AES-256-GCM.
    #[serde(rename = "A256GCM")]
    A256Gcm,
    /// ECDH-ES and HPKE with X25519.
    #[serde(rename = "X25519")]
    X25519,
}

impl Algorithm {
    /// The name in records and inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
            Self::A256Gcm => "A256GCM",
            Self::X25519 => "X25519",
        }
    }

    /// The signature algorithm, where it is one.
    #[must_use]
    pub const fn signature(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Es256 => Some(SignatureAlgorithm::Es256),
            Self::EdDsa => Some(SignatureAlgorithm::EdDsa),
            Self::Ps256 => Some(SignatureAlgorithm::Ps256),
            Self::A256Gcm | Self::X25519 => None,
        }
    }

    /// What the rows of an algorithm profile call it.
    #[must_use]
    pub const fn listed(self) -> ListedAlgorithm {
        match self {
            Self::Es256 => ListedAlgorithm::Signature(SignatureAlgorithm::Es256),
            Self::EdDsa => ListedAlgorithm::Signature(SignatureAlgorithm::EdDsa),
            Self::Ps256 => ListedAlgorithm::Signature(SignatureAlgorithm::Ps256),
            Self::A256Gcm => ListedAlgorithm::Content(SealingAlgorithm::A256Gcm),
            Self::X25519 => ListedAlgorithm::Agreement(Curve::X25519),
        }
    }

    /// Security strength in bits (SP 800-57 part 1, table 2) of a key of `size` bits.
    #[must_use]
    pub const fn strength(self, size: u32) -> u16 {
        match self {
            Self::Es256 | Self::EdDsa | Self::X25519 => 128,
            Self::A256Gcm => 256,
            Self::Ps256 => match size {
                0..2048 => 80,
                2048..3072 => 112,
                3072..7680 => 128,
                7680..15360 => 192,
                _ => 256,
            },
        }
    }

    /// Bits of a key of this algorithm; `None` where the key itself says (RSA).
    #[must_use]
    pub const fn size(self) -> Option<u32> {
        match self {
            Self::Es256 | Self::EdDsa | Self::A256Gcm | Self::X25519 => Some(256),
            Self::Ps256 => None,
        }
    }
}

impl From<SignatureAlgorithm> for Algorithm {
    fn from(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::Es256 => Self::Es256,
            SignatureAlgorithm::EdDsa => Self::EdDsa,
            SignatureAlgorithm::Ps256 => Self::Ps256,
        }
    }
}

/// Where a key may be used: nothing of one is accepted in the other.
///
/// x1149: 3.1.11.3
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Made-up users and money.
    Test,
    /// Real ones.
    Live,
}

impl Environment {
    /// The name in records and inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// Whether a key with this identifier may be used here: the identifiers of test keys, and only theirs, begin
    /// with `test.`, so that a token shows where it comes from.
    #[must_use]
    pub fn admits(self, key_id: &str) -> bool {
        key_id.starts_with(TEST_PREFIX) == matches!(self, Self::Test)
    }
}

/// What the identifiers of test keys begin with.
pub(crate) const TEST_PREFIX: &str = "test.";

/// How much harm comes from losing the key; an asset without a grade is a finding.
///
/// x1149: 3.1.3.1
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Little, and only to ourselves.
    Low,
    /// To some users, and it can be undone.
    Medium,
    /// To all users, or it cannot be undone.
    High,
}

impl Grade {
    /// The name in records and inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Who answers for a key: a person or an office, never empty.
///
/// x1149: 3.1.3.2
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Owner(Box<str>);

/// A name has no letter or digit, is longer than 128 bytes, or holds control characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a name: without letters, longer than 128 bytes, or with control characters")]
pub struct InvalidName;

impl Owner {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Owner {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        checked_name(text).map(Self)
    }
}

impl TryFrom<String> for Owner {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.0.into()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `text` without surrounding white space, if it then is a name.
pub(crate) fn checked_name(text: &str) -> Result<Box<str>, InvalidName> {
    let name = text.trim();
    // A name of characters that show nothing (U+200B, the fillers of Hangul) names nobody.
    let filler = |c| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let named = name.chars().any(|c| c.is_alphanumeric() && !filler(c));
    let fits = name.len() <= 128 && named && !name.chars().any(char::is_control);
    if fits { Ok(name.into()) } else { Err(InvalidName) }
}

/// How a key came to be.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Made here, by the crypto provider.
    Generated,
    /// Brought in from elsewhere: more than one copy may exist.
    Imported,
    /// Made in and kept by a hardware token.
    Token,
}

impl Origin {
    /// The name in records and inventories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Imported => "imported",
            Self::Token => "token",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1149_3_1_3_2_an_owner_is_never_empty() {
        for empty in ["", " ", "\t\n", "\u{3000}", "\u{200b}", "\u{feff}-", "\u{3164} ", "a\u{0}b", &"x".repeat(129)] {
            assert_eq!(empty.parse::<Owner>(), Err(InvalidName), "{empty:?}");
            let json = serde_json::to_string(empty).unwrap();
            assert!(serde_json::from_str::<Owner>(&json).is_err(), "{json}");
        }
        assert_eq!(" 보안팀 ".parse::<Owner>().unwrap().as_str(), "보안팀");
    }

    #[test]
    fn every_purpose_admits_at_least_one_algorithm_and_never_one_of_another_use() {
        use Algorithm::{A256Gcm, EdDsa, Es256, Ps256, X25519};
        for purpose in Purpose::ALL {
            let admitted = [Es256, EdDsa, Ps256, A256Gcm, X25519].map(|algorithm| purpose.admits(algorithm));
            match purpose {
                Purpose::Seal => assert_eq!(admitted, [false, false, false, true, false]),
                Purpose::Decrypt => assert_eq!(admitted, [false, false, false, false, true]),
                _ => assert_eq!(admitted, [true, true, true, false, false], "{purpose:?}"),
            }
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.name());
        }
    }

    #[test]
    fn x1149_3_1_11_3_a_key_id_shows_its_environment() {
        assert!(Environment::Test.admits("test.abc") && !Environment::Live.admits("test.abc"));
        assert!(Environment::Live.admits("abc") && !Environment::Test.admits("abc"));
    }
}
