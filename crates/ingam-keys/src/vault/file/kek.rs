use ingam_jose::CryptoProvider;
use ingam_wire::{SecretBytes, SecretText, base64url};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{VaultFileError, limits};

/// Where the key that protects a vault file comes from.
#[derive(Debug)]
pub enum VaultKey<'a> {
    /// A person types it: stretched by Argon2id (RFC 9106) at this cost when the file is written; when it is read,
    /// the cost is the file's, within bounds.
    Passphrase(&'a SecretText, PassphraseCost),
    /// A machine holds it: at least 32 unpredictable bytes from a file, the environment or a hardware token.
    Secret(&'a SecretBytes),
}

/// What stretching a passphrase costs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PassphraseCost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl PassphraseCost {
    /// RFC 9106 section 4's second recommendation: 64 MiB, 3 passes; about 150 ms.
    pub const RECOMMENDED: Self = Self { memory: 65_536, passes: 3, lanes: 1 };

    /// The least that is accepted: 19 MiB, 2 passes.
    pub const LEAST: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    /// A cost of `memory` KiB, `passes` and `lanes`.
    ///
    /// # Errors
    /// [`VaultFileError::CostOutOfBounds`].
    pub fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self, VaultFileError> {
        Self { memory, passes, lanes }.bounded()
    }

    fn bounded(self) -> Result<Self, VaultFileError> {
        let within = limits::MEMORY.contains(&self.memory)
            && limits::PASSES.contains(&self.passes)
            && limits::LANES.contains(&self.lanes);
        if within { Ok(self) } else { Err(VaultFileError::CostOutOfBounds) }
    }
}

/// How the file's key is found again, as the file says.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Recipe {
    /// From a passphrase.
    Argon2id { salt: Box<str>, cost: PassphraseCost },
    /// From a secret.
    Hkdf { salt: Box<str> },
}

impl Recipe {
    /// A fresh salt for `source`.
    pub(super) fn fresh(source: &VaultKey<'_>, provider: &dyn CryptoProvider) -> Result<Self, VaultFileError> {
        let mut salt = [0; 32];
        provider.randomness().fill(&mut salt)?;
        let salt = base64url::encode(salt).into();
        Ok(match source {
            VaultKey::Passphrase(_, cost) => Self::Argon2id { salt, cost: cost.bounded()? },
            VaultKey::Secret(_) => Self::Hkdf { salt },
        })
    }

    /// The file's key.
    pub(super) fn follow(
        &self,
        source: &VaultKey<'_>,
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<[u8; 32]>, VaultFileError> {
        let mut key = Zeroizing::new([0; 32]);
        match (self, source) {
            (Self::Argon2id { salt, cost }, VaultKey::Passphrase(passphrase, _)) => {
                let PassphraseCost { memory, passes, lanes } = cost.bounded()?;
                let salt = base64url::decode(salt.as_bytes()).map_err(|_| VaultFileError::Malformed)?;
                let params = argon2::Params::new(memory, passes, lanes, Some(key.len()))
                    .map_err(|_| VaultFileError::CostOutOfBounds)?;
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                    .hash_password_into(passphrase.expose().as_bytes(), &salt, &mut key[..])
                    .map_err(|_| VaultFileError::Malformed)?;
            }
            (Self::Hkdf { salt }, VaultKey::Secret(secret)) => {
                if secret.len() < limits::KEK {
                    return Err(VaultFileError::SecretTooShort);
                }
                let salt = base64url::decode(salt.as_bytes()).map_err(|_| VaultFileError::Malformed)?;
                provider
                    .hkdf_sha256(&salt, secret.expose(), b"ingam vault kek 1", &mut key[..])
                    .map_err(|_| VaultFileError::Malformed)?;
            }
            _ => return Err(VaultFileError::OtherSource),
        }
        Ok(key)
    }
}
