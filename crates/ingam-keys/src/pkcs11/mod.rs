//! Keys that never leave a hardware token (PKCS#11 v2.40).
//!
//! Each session lives on a thread of its own, since a session belongs to one thread at a time and calls block; the
//! async side hands over work and waits, on any runtime. A session that breaks is opened anew, so a token that was
//! pulled out and put back serves again. A wrong PIN is tried once and never again, since tokens lock.

mod agreement;
mod custody;
mod error;
mod key;
mod module;
mod pool;
mod signer;
mod token;

pub use self::{
    agreement::TokenAgreementKey,
    error::TokenError,
    module::TokenModule,
    signer::TokenSigner,
    token::{Token, TokenConfig},
};
