use ingam_jose::KeyError;

/// Why a token did not do what it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenError {
    /// The library cannot be loaded or started.
    #[error("the PKCS#11 module cannot be loaded")]
    Module,
    /// No token with the label, or none in the slot, is there; it may come back.
    #[error("the token is not there")]
    Absent,
    /// The PIN was refused. It is not tried again: tokens lock after a few wrong ones.
    #[error("the token refused the PIN")]
    WrongPin,
    /// The token is locked against this PIN.
    #[error("the token's PIN is locked or expired")]
    PinLocked,
    /// There is no key with the label.
    #[error("no such key in the token")]
    NoKey,
    /// There is already a key with the label, or several.
    #[error("the token has a key of this label already")]
    Duplicate,
    /// The token lacks the algorithm.
    #[error("the token lacks the algorithm")]
    Unsupported,
    /// The token's key or its answer is not what it says.
    #[error("the token's key cannot be used: {0}")]
    Key(#[from] KeyError),
    /// The token's signature does not verify with its own public key.
    #[error("the token's answer is wrong")]
    WrongAnswer,
    /// As much work waits as may.
    #[error("the token is busy")]
    Busy,
    /// The token failed for another reason.
    #[error("the token failed")]
    Failed,
}

impl TokenError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Module => "Module",
            Self::Absent => "Absent",
            Self::WrongPin => "WrongPin",
            Self::PinLocked => "PinLocked",
            Self::NoKey => "NoKey",
            Self::Duplicate => "Duplicate",
            Self::Unsupported => "Unsupported",
            Self::Key(_) => "Key",
            Self::WrongAnswer => "WrongAnswer",
            Self::Busy => "Busy",
            Self::Failed => "Failed",
        }
    }
}
