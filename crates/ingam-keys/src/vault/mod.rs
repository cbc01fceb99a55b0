//! Where our own keys lie: the ring in a store, secrets in a file.

mod export;
mod file;
mod material;
mod store;

pub use self::{
    export::ExportError,
    file::{PassphraseCost, VaultDiskError, VaultFile, VaultFileError, VaultKey},
    store::{KeyVault, VaultError},
};
