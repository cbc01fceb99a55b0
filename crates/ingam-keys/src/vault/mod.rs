//! Where our own keys lie.

mod material;
mod store;

pub use self::store::{KeyVault, VaultError};
