//! The driver: vault files on disk. Everything else of this folder does no I/O.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use ingam_jose::CryptoProvider;
use ingam_wire::base64url;

use super::{VaultFile, VaultFileError, VaultKey, limits};
use crate::ring::Environment;

/// Why a vault file was not read or written; the file on disk is what it was.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VaultDiskError {
    /// The operating system refused.
    #[error("the vault file cannot be used: {0}")]
    Io(io::ErrorKind),
    /// Others than its owner may read or write it.
    #[error("the vault file is open to others than its owner (mode {mode:o})")]
    TooOpen {
        /// The permission bits found.
        mode: u32,
    },
    /// The content is refused.
    #[error(transparent)]
    Content(#[from] VaultFileError),
    /// Somebody else wrote the file since it was read; read it again.
    #[error("the vault file was changed by somebody else")]
    ChangedMeanwhile,
}

impl From<io::Error> for VaultDiskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.kind())
    }
}

impl VaultDiskError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Io(_) => "Io",
            Self::TooOpen { .. } => "TooOpen",
            Self::Content(reason) => reason.name(),
            Self::ChangedMeanwhile => "ChangedMeanwhile",
        }
    }
}

impl VaultFile {
    /// Reads and opens the file at `path`, at most 1 MiB of it; only its owner may have access to it.
    ///
    /// # Errors
    /// [`VaultDiskError`].
    pub fn load(
        path: &Path,
        environment: Environment,
        source: &VaultKey<'_>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, VaultDiskError> {
        Ok(Self::open(&read(path)?, environment, source, provider)?)
    }

    /// Writes the file at `path` as a whole or not at all: a new file beside it (mode 0600) is synced and renamed.
    /// Where `path` is a symbolic link, what it names is written. The folder is locked meanwhile, so that of two
    /// processes that read the same file only one writes it.
    ///
    /// # Errors
    /// [`VaultDiskError`]; `ChangedMeanwhile` when the file is not the one that was read.
    pub fn save(&mut self, path: &Path) -> Result<(), VaultDiskError> {
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let folder = File::open(path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        folder.lock()?;
        let found = match read(path) {
            Ok(bytes) => Some(self.provider().sha256(&[&bytes])),
            Err(VaultDiskError::Io(io::ErrorKind::NotFound)) => None,
            Err(error) => return Err(error),
        };
        if found != self.stored {
            return Err(VaultDiskError::ChangedMeanwhile);
        }
        let bytes = self.to_bytes()?;
        let beside = beside(path, self.provider())?;
        let written = write(&beside, &bytes).and_then(|()| fs::rename(&beside, path));
        if let Err(error) = written {
            let _ = fs::remove_file(&beside); // the first error is the one to tell
            return Err(error.into());
        }
        folder.sync_all()?; // makes the rename itself durable
        self.stored = Some(self.provider().sha256(&[&bytes]));
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, VaultDiskError> {
    let file = File::open(path)?;
    owner_only(&file)?;
    let limit = u64::try_from(limits::FILE).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn owner_only(file: &File) -> Result<(), VaultDiskError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(VaultDiskError::TooOpen { mode }) }
}

#[cfg(not(unix))]
fn owner_only(_: &File) -> Result<(), VaultDiskError> {
    Ok(())
}

/// A name in the same folder that nobody else uses, so that the rename stays within one file system.
fn beside(path: &Path, provider: &dyn CryptoProvider) -> Result<PathBuf, VaultDiskError> {
    let mut unique = [0; 12];
    provider.randomness().fill(&mut unique).map_err(VaultFileError::from)?;
    let mut name = path.file_name().ok_or(VaultDiskError::Io(io::ErrorKind::InvalidInput))?.to_os_string();
    name.push(format!(".{}.new", base64url::encode(unique)));
    Ok(path.with_file_name(name))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
