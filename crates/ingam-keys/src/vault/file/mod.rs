//! A file of sealed secrets: the master secret of the records, keys brought in, keys exported.

mod disk;
mod entry;
mod format;
mod kek;
mod limits;

pub use self::{
    disk::VaultDiskError,
    format::{VaultFile, VaultFileError},
    kek::{PassphraseCost, VaultKey},
};
