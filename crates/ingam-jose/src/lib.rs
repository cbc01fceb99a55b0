//! Signed and sealed tokens over an explicit crypto provider.
//!
//! A key carries its one algorithm and its one use, fixed when it is loaded; a message's `alg` is compared with
//! it and never obeyed (RFC 8725 section 3.1). There is no clock and no I/O in here: the provider, its
//! randomness and the time are handed in.

mod algorithm;
mod jwk;
pub mod jwt;
mod key;
mod key_set;
mod provider;
mod ring_provider;
mod signer;

pub use self::{
    algorithm::{KeyUse, SignatureAlgorithm},
    jwk::{Jwk, JwkError},
    key::{BadSignature, KeyError, KeyId, SigningKey, Thumbprint, VerifyingKey},
    key_set::{KeySet, KeySetError, SkippedKey},
    provider::{CryptoProvider, PreparedKey, SealError, SealingAlgorithm, SigningMaterial, Unsupported},
    ring_provider::RingProvider,
    signer::{SignError, Signer},
};
