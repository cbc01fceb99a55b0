//! Signed and sealed tokens over an explicit crypto provider.
//!
//! A key carries its one algorithm and its one use, fixed when it is loaded; a message's `alg` is compared with
//! it and never obeyed (RFC 8725 section 3.1). There is no clock and no I/O in here: the provider, its
//! randomness and the time are handed in.

mod algorithm;
mod alike;
#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
mod curve;
mod der;
mod header;
pub mod hpke;
pub mod jwe;
mod jwk;
pub mod jws;
pub mod jwt;
mod key;
mod key_id;
mod key_set;
pub mod limits;
mod pem;
mod policy;
mod provider;
mod ring;
mod sealed_key;
mod sealing_key;
mod signer;
mod signing_key;
#[cfg(feature = "jsonwebtoken")]
pub mod with_jsonwebtoken;
mod x25519;

#[cfg(feature = "aws-lc-rs")]
pub use self::aws_lc::AwsLcProvider;
pub use self::{
    algorithm::{
        ALGORITHMS, AlgorithmRow, Duty, KeyAlgorithm, KeyManagement, KeyUse, SealingAlgorithm, SignatureAlgorithm,
        Support,
    },
    jwk::{Jwk, JwkError, PublicKey},
    key::{BadSignature, KeyError, RsaPssSha512Key, VerifyingKey},
    key_id::{InvalidKeyId, InvalidThumbprint, KeyId, Thumbprint},
    key_set::{KeySet, KeySetError, SkippedKey},
    pem::pkcs8_from_pem,
    policy::{Algorithm, AlgorithmPolicy, AlgorithmProfile, AlgorithmReport, NotPermitted, Purpose, ReportLine},
    provider::{
        AgreementKey, Capability, CryptoProvider, Curve, InvalidPeerKey, KeyDecryption, KeyEncryption, OpeningKeyError,
        PreparedKey, SealError, SigningMaterial, Unsupported,
    },
    ring::RingProvider,
    sealed_key::ExportError,
    sealing_key::{OpeningKey, SealingKey, SealingKeyError},
    signer::{SignError, Signer},
    signing_key::SigningKey,
};
