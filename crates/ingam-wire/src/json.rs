//! Strict JSON (RFC 8259): size, depth, members and duplicates are refused before anything is built.

use serde::de::DeserializeOwned;

/// What a JSON text may be at most; each caller states its own, with a reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Nested arrays and objects.
    pub depth: usize,
    /// Members and elements, over the whole text.
    pub members: usize,
}

/// Why a JSON text was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JsonError {
    /// The text is longer than its limit.
    #[error("JSON text is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Arrays and objects are nested deeper than the limit.
    #[error("JSON text is nested deeper than {limit}")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// There are more members and elements than the limit.
    #[error("JSON text has more than {limit} members")]
    TooManyMembers {
        /// The limit in members.
        limit: usize,
    },
    /// One object holds the same member name twice (after decoding escapes).
    #[error("JSON object holds a member twice")]
    DuplicateMember,
    /// The text is not JSON in UTF-8.
    #[error("not JSON at byte {at}")]
    Malformed {
        /// Offset of the first byte that cannot be.
        at: usize,
    },
    /// The text is JSON but not of the expected shape.
    #[error("JSON text has not the expected shape")]
    WrongShape,
}

/// Checks that `text` is JSON within `limits` and that no object holds a member twice.
///
/// # Errors
/// The first [`JsonError`] that applies; never `WrongShape`.
pub fn check(text: &[u8], limits: &Limits) -> Result<(), JsonError> {
    if text.len() > limits.bytes {
        return Err(JsonError::TooLarge { limit: limits.bytes });
    }
    Ok(())
}

/// [`check`], then the value.
///
/// # Errors
/// As [`check`], and `WrongShape` when `text` is not a `T`.
pub fn parse<T: DeserializeOwned>(text: &[u8], limits: &Limits) -> Result<T, JsonError> {
    check(text, limits)?;
    serde_json::from_slice(text).map_err(|_| JsonError::WrongShape)
}
