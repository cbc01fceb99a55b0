use std::sync::Arc;

use ingam_jose::CryptoProvider;
use ingam_wire::UnixTime;

use super::{KeyVault, VaultError, VaultFile, VaultFileError, VaultKey};
use crate::control::Approved;

/// Why a key was not handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExportError {
    /// The ring does not give the key.
    #[error(transparent)]
    Ring(#[from] VaultError),
    /// The copy could not be sealed.
    #[error(transparent)]
    Seal(#[from] VaultFileError),
}

impl ExportError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ring(reason) => reason.name(),
            Self::Seal(reason) => reason.name(),
        }
    }
}

impl KeyVault {
    /// A copy of one key's private half, sealed as a vault file under `source`; the clear key never leaves.
    ///
    /// The ring's history says who asked and who approved before the copy exists.
    ///
    /// x1149: 3.1.5.2, 3.1.17.4
    ///
    /// # Errors
    /// [`ExportError`].
    pub async fn export(
        &self,
        approved: &Approved,
        source: &VaultKey<'_>,
        provider: Arc<dyn CryptoProvider>,
        now: UnixTime,
    ) -> Result<Vec<u8>, ExportError> {
        let command = approved.command();
        let mut copy = VaultFile::create(command.environment, source, provider)?;
        copy.put(&command.key, &self.exported(approved, now).await?)?;
        Ok(copy.to_bytes()?)
    }
}
