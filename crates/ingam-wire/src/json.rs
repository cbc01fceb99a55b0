//! Strict JSON (RFC 8259): size, depth, members and duplicates are refused before anything is built.

use serde::{Deserialize, de::DeserializeOwned};

mod names;
mod scan;

use crate::limits;

/// What a JSON text may be at most; each caller states its own, with a reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Nested arrays and objects; never above 127.
    pub depth: usize,
    /// Members and elements, over the whole text.
    pub members: usize,
}

/// Why a JSON text was refused.
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

impl JsonError {
    /// The variant's name, as the log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "TooLarge",
            Self::TooDeep { .. } => "TooDeep",
            Self::TooManyMembers { .. } => "TooManyMembers",
            Self::DuplicateMember => "DuplicateMember",
            Self::Malformed { .. } => "Malformed",
            Self::WrongShape => "WrongShape",
        }
    }
}

/// Checks that `text` is JSON within `limits` and that no object holds a member twice.
///
/// One pass, without recursion, and without an allocation for what an ordinary token holds. Whatever passes here
/// `serde_json` reads; beyond that, lone surrogates, numbers no double can hold, a byte order mark and anything after the value are refused.
///
/// # Errors
/// The first [`JsonError`] that applies; never `WrongShape`.
pub fn check(text: &[u8], limits: &Limits) -> Result<(), JsonError> {
    checked(text, limits).map(|_| ())
}

/// [`check`], then the value.
///
/// # Errors
/// As [`check`], and `WrongShape` when `text` is not a `T`.
pub fn parse<T: DeserializeOwned>(text: &[u8], limits: &Limits) -> Result<T, JsonError> {
    parse_borrowed(text, limits)
}

/// [`check`], then the value, which may borrow from `text`.
///
/// # Errors
/// As [`check`], and `WrongShape` when `text` is not a `T`; so is a member that wants to borrow a string written with escapes:
/// use `Cow<str>` with `#[serde(borrow)]` where one may come.
pub fn parse_borrowed<'a, T: Deserialize<'a>>(text: &'a [u8], limits: &Limits) -> Result<T, JsonError> {
    serde_json::from_str(checked(text, limits)?).map_err(|_| JsonError::WrongShape)
}

/// The text, when it is UTF-8 and within the limits.
///
/// fapi: JW-5
fn checked<'a>(text: &'a [u8], limits: &Limits) -> Result<&'a str, JsonError> {
    if text.len() > limits.bytes {
        return Err(JsonError::TooLarge { limit: limits.bytes });
    }
    let limits = Limits { depth: limits.depth.min(limits::JSON_DEPTH), ..*limits };
    match core::str::from_utf8(text) {
        Ok(valid) => scan::scan(text, &limits).map(|()| valid),
        Err(error) => {
            let at = error.valid_up_to();
            scan::scan(text.get(..at).unwrap_or_default(), &limits)?;
            Err(JsonError::Malformed { at })
        }
    }
}
