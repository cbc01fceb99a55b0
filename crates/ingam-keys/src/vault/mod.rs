//! Where our own keys lie: the ring in a store, secrets in a file.

mod custody;
mod export;
mod file;
mod material;
mod store;

pub use self::{
    custody::{Custody, CustodyError, Kept},
    export::ExportError,
    file::{PassphraseCost, VaultDiskError, VaultFile, VaultFileError, VaultKey},
    store::{KeyVault, VaultError},
};
