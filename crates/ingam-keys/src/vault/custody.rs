use std::sync::Arc;

use ingam_jose::{SignatureAlgorithm, Signer};
use ingam_wire::BoxFuture;

/// Where signing keys are made and kept when they must not lie in sealed rows: a hardware token, a bank's key service.
pub trait Custody: core::fmt::Debug + Send + Sync {
    /// Makes a key that never leaves.
    fn make(&self, algorithm: SignatureAlgorithm) -> BoxFuture<'_, Result<Kept, CustodyError>>;

    /// The key that `handle` names.
    fn signer<'a>(
        &'a self,
        handle: &'a str,
        algorithm: SignatureAlgorithm,
    ) -> BoxFuture<'a, Result<Arc<dyn Signer>, CustodyError>>;

    /// Destroys the key that `handle` names; one that is not there is destroyed already.
    fn destroy<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), CustodyError>>;
}

/// A key in custody.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What the custody calls it; at most 64 characters, no secret.
    pub handle: Box<str>,
    /// The key at work.
    pub signer: Arc<dyn Signer>,
}

/// Why custody did not do what it was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CustodyError {
    /// It does not answer, or the token is out: try again later.
    #[error("the key custody is out of reach")]
    Unreachable,
    /// It has no such key.
    #[error("the key custody has no such key")]
    NoKey,
    /// It refused: wrong PIN, locked, algorithm not offered.
    #[error("the key custody refused")]
    Refused,
}

impl CustodyError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unreachable => "Unreachable",
            Self::NoKey => "NoKey",
            Self::Refused => "Refused",
        }
    }
}
