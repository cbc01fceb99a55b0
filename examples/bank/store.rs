//! Where everything that must survive is kept.

use std::{error::Error, path::Path, sync::Arc};

use ingam::{
    ports::Store,
    store::{MemoryStore, RedbStore},
};

use crate::config::Config;

/// Opens the store of the configuration.
pub(crate) fn open(config: &Config) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    match config.store.split_once(':') {
        Some(("redb", path)) if !path.is_empty() => Ok(Arc::new(RedbStore::open(Path::new(path))?)),
        Some(("memory", "")) => Ok(Arc::new(MemoryStore::new())),
        Some(("postgres" | "postgresql", _)) => {
            Err("store: PostgreSQL is not built yet; use redb:PATH (one node) or memory: (tests)".into())
        }
        _ => Err("store: must be redb:PATH or memory:".into()),
    }
}

/// Where secrets are kept that were made because none was configured; beside the store's file.
pub(crate) fn beside(config: &Config) -> Option<std::path::PathBuf> {
    let path = config.store.strip_prefix("redb:")?;
    Some(Path::new(path).with_extension("vault"))
}
