use ingam_wire::{SecretText, UnixTime, base64url};
use zeroize::Zeroizing;

use super::{
    OneTimeSecret, SecretKind,
    make::{BODY, RANDOM, checksum},
};

/// Why a text is not a secret of the kind asked for, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SecretError {
    /// It has another prefix.
    #[error("not a secret of this kind")]
    WrongKind,
    /// It is not 48 characters of base64url behind the prefix.
    #[error("malformed secret")]
    Malformed,
    /// The checksum is not that of the text.
    #[error("the secret's checksum is wrong")]
    BadChecksum,
}

impl SecretError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::WrongKind => "WrongKind",
            Self::Malformed => "Malformed",
            Self::BadChecksum => "BadChecksum",
        }
    }
}

impl OneTimeSecret {
    /// Reads a presented secret; nothing but its form is proven, the store knows the rest.
    ///
    /// # Errors
    /// The first [`SecretError`] that applies.
    pub fn parse(kind: SecretKind, text: &str) -> Result<Self, SecretError> {
        let body = text.strip_prefix(kind.prefix()).ok_or(SecretError::WrongKind)?;
        if text.len() != Self::LENGTH {
            return Err(SecretError::Malformed);
        }
        let bytes = Zeroizing::new(base64url::decode(body).map_err(|_| SecretError::Malformed)?);
        let bytes: &[u8; BODY] = bytes.as_slice().try_into().map_err(|_| SecretError::Malformed)?;
        let (time, rest) = bytes.split_first_chunk::<8>().ok_or(SecretError::Malformed)?;
        let (random, sum) = rest.split_first_chunk::<RANDOM>().ok_or(SecretError::Malformed)?;
        if checksum(kind, time, random) != sum {
            return Err(SecretError::BadChecksum);
        }
        let time = UnixTime::from_secs(i64::from_be_bytes(*time));
        Ok(Self { kind, time, text: SecretText::new(text.to_owned()) })
    }
}
