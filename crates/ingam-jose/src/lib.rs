//! Signed and sealed tokens over an explicit crypto provider.
//!
//! A key carries its one algorithm and its one use, fixed when it is loaded; a message's `alg` is compared with
//! it and never obeyed (RFC 8725 section 3.1). There is no clock and no I/O in here: the provider, its
//! randomness and the time are handed in.

mod algorithm;
mod curve;
mod der;
mod jwk;
pub mod jwt;
mod key;
mod key_id;
mod key_set;
pub mod limits;
mod provider;
mod ring;
mod signer;
mod signing_key;

pub use self::{
    algorithm::{KeyAlgorithm, KeyManagement, KeyUse, SignatureAlgorithm},
    jwk::{Jwk, JwkError, PublicKey},
    key::{BadSignature, KeyError, VerifyingKey},
    key_id::{InvalidKeyId, InvalidThumbprint, KeyId, Thumbprint},
    key_set::{KeySet, KeySetError, SkippedKey},
    provider::{CryptoProvider, PreparedKey, SealError, SealingAlgorithm, SigningMaterial, Unsupported},
    ring::RingProvider,
    signer::{SignError, Signer},
    signing_key::SigningKey,
};
