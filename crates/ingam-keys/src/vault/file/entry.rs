use ingam_jose::CryptoProvider;
use ingam_wire::{SecretBytes, UnixTime, base64url};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VaultFileError;
use crate::{
    record::{SealError, committed},
    ring::Environment,
};

/// One secret: sealed under a key of its own, which is wrapped under the file's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: Box<str>,
    pub(super) version: u64,
    /// The data key, sealed; gone when the secret is destroyed.
    wrapped: Option<Box<str>>,
    sealed: Option<Box<str>>,
    pub(super) destroyed_at: Option<UnixTime>,
}

impl Entry {
    pub(super) fn seal(
        name: &str,
        version: u64,
        environment: Environment,
        secret: &SecretBytes,
        kek: &[u8; 32],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, SealError> {
        let mut data_key = Zeroizing::new([0; 32]);
        provider.randomness().fill(&mut data_key[..])?;
        if *data_key == [0; 32] {
            return Err(SealError::Randomness(ingam_wire::RandomnessUnavailable));
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(secret.len().saturating_add(committed::TAG)));
        plain.extend_from_slice(secret.expose());
        let context = context(SECRET, name, version, environment, provider);
        let sealed = committed::seal(provider, &data_key, &context, &mut plain)?;
        let mut entry = Self {
            name: name.into(),
            version,
            wrapped: None,
            sealed: Some(base64url::encode(sealed).into()),
            destroyed_at: None,
        };
        entry.wrap(&data_key, environment, kek, provider)?;
        Ok(entry)
    }

    pub(super) fn open(
        &self,
        environment: Environment,
        kek: &Zeroizing<[u8; 32]>,
        provider: &dyn CryptoProvider,
    ) -> Result<SecretBytes, VaultFileError> {
        let data_key = self.data_key(environment, kek, provider)?;
        let sealed = self.sealed.as_ref().ok_or(VaultFileError::Destroyed)?;
        let sealed = base64url::decode(sealed.as_bytes()).map_err(|_| VaultFileError::Malformed)?;
        let context = context(SECRET, &self.name, self.version, environment, provider);
        let mut plain = committed::open(provider, [&data_key], &context, &sealed)?;
        Ok(SecretBytes::new(core::mem::take(&mut *plain)))
    }

    /// Wraps the data key under another key; the secret itself is not touched.
    pub(super) fn rewrap(
        &mut self,
        environment: Environment,
        (old, new): (&Zeroizing<[u8; 32]>, &[u8; 32]),
        provider: &dyn CryptoProvider,
    ) -> Result<(), VaultFileError> {
        if self.destroyed_at.is_some() {
            return Ok(());
        }
        let data_key = self.data_key(environment, old, provider)?;
        Ok(self.wrap(&data_key, environment, new, provider)?)
    }

    /// Drops the data key and the sealed secret, and says so.
    pub(super) fn destroy(&mut self, now: UnixTime) {
        (self.wrapped, self.sealed) = (None, None);
        self.destroyed_at = Some(now);
    }

    fn wrap(
        &mut self,
        data_key: &[u8; 32],
        environment: Environment,
        kek: &[u8; 32],
        provider: &dyn CryptoProvider,
    ) -> Result<(), SealError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(data_key.len().saturating_add(committed::TAG)));
        plain.extend_from_slice(data_key);
        let context = context(DATA_KEY, &self.name, self.version, environment, provider);
        self.wrapped = Some(base64url::encode(committed::seal(provider, kek, &context, &mut plain)?).into());
        Ok(())
    }

    fn data_key(
        &self,
        environment: Environment,
        kek: &Zeroizing<[u8; 32]>,
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<[u8; 32]>, VaultFileError> {
        let wrapped = self.wrapped.as_ref().ok_or(VaultFileError::Destroyed)?;
        let wrapped = base64url::decode(wrapped.as_bytes()).map_err(|_| VaultFileError::Malformed)?;
        let context = context(DATA_KEY, &self.name, self.version, environment, provider);
        let plain = committed::open(provider, [kek], &context, &wrapped)?;
        let mut data_key = Zeroizing::new([0; 32]);
        if plain.len() != data_key.len() {
            return Err(VaultFileError::Malformed);
        }
        data_key.copy_from_slice(&plain);
        Ok(data_key)
    }
}

/// Name, version and environment, in an encoding that no two entries share.
fn context(
    layer: &[u8],
    name: &str,
    version: u64,
    environment: Environment,
    provider: &dyn CryptoProvider,
) -> [u8; 32] {
    // The name comes last, so that nothing can be shifted into its neighbour.
    provider.sha256(&[layer, environment.name().as_bytes(), &version.to_be_bytes(), name.as_bytes()])
}

const SECRET: &[u8] = b"ingam vault secret 1 ";
const DATA_KEY: &[u8] = b"ingam vault data key 1 ";
