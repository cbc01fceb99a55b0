/// A public JSON Web Key (RFC 7517): P-256, Ed25519, X25519 or RSA; never a private member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Jwk {}

/// Why a JWK was refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JwkError {
    /// Not a JSON object, or a member of the wrong type or twice.
    #[error("malformed JWK")]
    Malformed,
}

impl Jwk {
    /// Reads one public JWK, strictly.
    ///
    /// # Errors
    /// The first [`JwkError`] that applies.
    pub fn parse(_text: &[u8]) -> Result<Self, JwkError> {
        todo!()
    }

    /// The key as JSON value, with the members that are set.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        todo!()
    }

    /// The `kid` member.
    #[must_use]
    pub fn key_id(&self) -> Option<&crate::KeyId> {
        todo!()
    }
}
