use ingam_wire::base64url;

use crate::InvalidParameter;

/// A SHA-256 digest as base64url text, 43 characters: `dpop_jkt`, `jkt`, `x5t#S256`, an S256 code challenge.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Text([u8; 32]);

impl Sha256Text {
    /// The text form of a digest.
    #[must_use]
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl core::str::FromStr for Sha256Text {
    type Err = InvalidParameter;

    fn from_str(text: &str) -> Result<Self, InvalidParameter> {
        let refused = InvalidParameter("SHA-256 digest in base64url");
        if text.len() != 43 {
            return Err(refused);
        }
        let bytes = base64url::decode(text).map_err(|_| refused)?;
        bytes.try_into().map(Self).map_err(|_| refused)
    }
}

impl TryFrom<String> for Sha256Text {
    type Error = InvalidParameter;

    fn try_from(text: String) -> Result<Self, InvalidParameter> {
        text.parse()
    }
}

impl From<Sha256Text> for String {
    fn from(digest: Sha256Text) -> Self {
        digest.to_string()
    }
}

impl core::fmt::Display for Sha256Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&base64url::encode(self.0))
    }
}
