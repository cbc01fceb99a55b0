//! Where everything that must survive is kept.

use std::{error::Error, path::PathBuf, sync::Arc};

use ingam::{
    ports::Store,
    store::{MemoryStore, RedbStore},
};

use crate::config::Config;

/// Which store it is.
pub(crate) enum Place {
    Redb(PathBuf),
    Memory,
}

impl Place {
    /// As the configuration says.
    pub(crate) fn of(config: &Config) -> Result<Self, &'static str> {
        match config.store.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Self::Redb(path.into())),
            Some(("memory", "")) if config.production => {
                Err("store = \"memory:\" is refused with production = true: it forgets everything; use redb:PATH")
            }
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("postgres" | "postgresql", _)) => {
                Err("PostgreSQL is not built yet; use redb:PATH (one node) or memory: (tests)")
            }
            _ => Err("must be redb:PATH or memory:"),
        }
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>, Box<dyn Error>> {
        Ok(match self {
            Self::Redb(path) => {
                let opened = RedbStore::open(path);
                Arc::new(opened.map_err(|error| format!("store: {}: {error}", path.display()))?)
            }
            Self::Memory => Arc::new(MemoryStore::new()),
        })
    }

    /// Where secrets are kept that were made because none was configured; beside the store's file.
    pub(crate) fn vault(&self) -> Option<PathBuf> {
        match self {
            Self::Redb(path) => Some(path.with_extension("vault")),
            Self::Memory => None,
        }
    }
}
