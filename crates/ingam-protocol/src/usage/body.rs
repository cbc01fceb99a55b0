use ingam_wire::json::{self, JsonError, Limits};
use serde::{Serialize, de::DeserializeOwned};

/// A body of the usage phase: JSON of one shape, bounded, nothing unknown in it.
pub trait ResourceBody: Serialize + DeserializeOwned {
    /// What the body may be at most.
    const LIMITS: Limits;

    /// Reads a body; only ever called with bytes whose signature or channel was verified.
    ///
    /// # Errors
    /// [`JsonError`].
    fn from_json(text: &[u8]) -> Result<Self, JsonError> {
        json::parse(text, &Self::LIMITS)
    }

    /// The body to send.
    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain data always prints as JSON")
    }
}
