use std::{fs::OpenOptions, io, path::Path};

use redb::{Database, DatabaseError, ReadableTable, StorageError, TableHandle};

use super::tables::{EXPIRY, FORMAT, FORMAT_VERSION, INDEX, META, ROWS};

/// Why a store cannot be opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// Another process (or another store in this one) has the file open; one file belongs to one operator process.
    #[error("the store's file is already open: a store belongs to one process at a time")]
    InUse,
    /// The file was written in a format that is not known here: by a later version, or by another program.
    #[error("the store has format {found:?}, this version reads format {known}")]
    UnknownFormat {
        /// The format the file states, if it states one.
        found: Option<i64>,
        /// The format that is read here.
        known: i64,
    },
    /// The file is not a store, or is damaged.
    #[error("the file is not a store or is damaged")]
    Damaged,
    /// The file cannot be read or written.
    #[error("the store's file cannot be opened: {0}")]
    Io(io::ErrorKind),
}

impl OpenError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InUse => "InUse",
            Self::UnknownFormat { .. } => "UnknownFormat",
            Self::Damaged => "Damaged",
            Self::Io(_) => "Io",
        }
    }
}

/// Opens or makes the file, and checks or writes its format.
pub(super) fn open(path: &Path) -> Result<Database, OpenError> {
    owned_by_us_alone(path)?;
    let database = Database::create(path).map_err(from_database)?;
    check_format(&database)?;
    Ok(database)
}

/// Makes the file with mode 0600, or narrows an existing one to it, before anything is written.
fn owned_by_us_alone(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path).map_err(from_io)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).map_err(from_io)?;
    }
    #[cfg(not(unix))]
    options.open(path).map_err(from_io)?;
    Ok(())
}

fn check_format(database: &Database) -> Result<(), OpenError> {
    let transaction = database.begin_write().map_err(|_| OpenError::Damaged)?;
    let tables = transaction.list_tables().map_err(from_storage)?.map(|table| table.name().to_owned());
    let tables = tables.collect::<Vec<_>>();
    let (known, empty) = (tables.iter().any(|name| name == META.name()), tables.is_empty());
    if !known && !empty {
        return Err(OpenError::UnknownFormat { found: None, known: FORMAT_VERSION });
    }
    {
        let mut meta = transaction.open_table(META).map_err(|_| OpenError::Damaged)?;
        let found = meta.get(FORMAT).map_err(from_storage)?.map(|value| value.value());
        match found {
            Some(FORMAT_VERSION) => {}
            None if empty => {
                meta.insert(FORMAT, FORMAT_VERSION).map_err(from_storage)?;
            }
            found => return Err(OpenError::UnknownFormat { found, known: FORMAT_VERSION }),
        }
        // Readers open all tables without asking whether they are there.
        transaction.open_table(ROWS).map_err(|_| OpenError::Damaged)?;
        transaction.open_table(INDEX).map_err(|_| OpenError::Damaged)?;
        transaction.open_table(EXPIRY).map_err(|_| OpenError::Damaged)?;
    }
    transaction.commit().map_err(|_| OpenError::Damaged)
}

fn from_io(error: io::Error) -> OpenError {
    OpenError::Io(error.kind())
}

fn from_storage(error: StorageError) -> OpenError {
    match error {
        StorageError::Io(error) if error.kind() == io::ErrorKind::InvalidData => OpenError::Damaged,
        StorageError::Io(error) => from_io(error),
        _ => OpenError::Damaged,
    }
}

fn from_database(error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::InUse,
        DatabaseError::UpgradeRequired(version) => {
            OpenError::UnknownFormat { found: Some(i64::from(version)), known: FORMAT_VERSION }
        }
        DatabaseError::Storage(error) => from_storage(error),
        _ => OpenError::Damaged,
    }
}
