use ingam_wire::{BoxFuture, RandomnessUnavailable};

use crate::{KeyId, VerifyingKey};

/// A private key behind a door: software here, a PKCS#11 token or a KMS at a bank.
pub trait Signer: core::fmt::Debug + Send + Sync {
    /// The public half, with the one algorithm and the key id.
    fn verifying_key(&self) -> &VerifyingKey;

    /// The identifier printed as `kid`.
    fn key_id(&self) -> &KeyId;

    /// Signs `message` (JOSE form: raw r‖s for ECDSA).
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>>;
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The token, module or service that holds the key did not answer.
    #[error("the signing key is out of reach")]
    Unreachable,
    /// The claims could not be printed as JSON.
    #[error("the claims cannot be printed")]
    Claims,
}

impl SignError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::Unreachable => "Unreachable",
            Self::Claims => "Claims",
        }
    }
}
