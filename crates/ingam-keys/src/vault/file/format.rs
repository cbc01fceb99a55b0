use core::fmt;
use std::sync::Arc;

use ingam_jose::CryptoProvider;
use ingam_wire::{RandomnessUnavailable, SecretBytes, UnixTime, base64url, json, same_bytes};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{VaultKey, entry::Entry, kek::Recipe, limits};
use crate::{record::SealError, ring::Environment};

/// Secrets at rest, each sealed under a random key of its own, those wrapped under one key-encryption key.
///
/// The key-encryption key comes from a passphrase or from a secret ([`VaultKey`]). Replacing it
/// ([`VaultFile::rewrap`]) touches no secret. A destroyed secret's data key is gone and the file says when. The
/// whole file is authenticated, so that no entry can be dropped, swapped or revived; it names its environment. An
/// earlier file as a whole still opens under the key of its time: destroying a secret reaches backups only by
/// [`VaultFile::rewrap`] and forgetting the key before.
///
/// x1149: 3.1.17.4, 3.1.12.1
pub struct VaultFile {
    provider: Arc<dyn CryptoProvider>,
    kek: Zeroizing<[u8; 32]>,
    body: Body,
    /// SHA-256 of the bytes it was read from or last written as; finds out whether somebody else wrote meanwhile.
    pub(super) stored: Option<[u8; 32]>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "ingam-vault")]
    format: u32,
    environment: Environment,
    recipe: Recipe,
    entries: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    body: Body,
    /// Tells a wrong key from a damaged file.
    check: Box<str>,
    mac: Box<str>,
}

impl fmt::Debug for VaultFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names().collect();
        f.debug_struct("VaultFile")
            .field("environment", &self.body.environment)
            .field("names", &names)
            .finish_non_exhaustive()
    }
}

/// Why a vault file was not made, opened or changed; nothing was lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VaultFileError {
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// Not a vault file, or one over its limits.
    #[error("not a vault file")]
    Malformed,
    /// A format of a later release.
    #[error("the vault's format {0} is unknown")]
    UnknownFormat(u32),
    /// The cost parameters are outside their bounds; nothing was computed with them.
    #[error("the passphrase cost is out of bounds")]
    CostOutOfBounds,
    /// The key-encryption secret has fewer than 32 bytes.
    #[error("the key-encryption secret is shorter than 32 bytes")]
    SecretTooShort,
    /// The file wants a passphrase where a secret was given, or the other way round.
    #[error("the vault is protected by the other kind of key")]
    OtherSource,
    /// The passphrase or secret is not the file's.
    #[error("wrong passphrase or key-encryption secret")]
    WrongKey,
    /// The key is right and the file was changed.
    #[error("the vault file is damaged or was tampered with")]
    Corrupt,
    /// The file belongs to the other environment.
    #[error("a {file:?} vault where {wanted:?} is wanted")]
    WrongEnvironment {
        /// What the file says.
        file: Environment,
        /// What was asked for.
        wanted: Environment,
    },
    /// There is no secret of this name.
    #[error("no such secret in the vault")]
    Unknown,
    /// The secret was destroyed.
    #[error("the secret was destroyed")]
    Destroyed,
    /// Too many entries, a name that is empty or too long, or a secret that is empty or too large.
    #[error("the vault has no room for this")]
    TooLarge,
}

impl From<SealError> for VaultFileError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Randomness(reason) => Self::Randomness(reason),
            SealError::WeakMaster | SealError::Unprintable | SealError::UnsealFailed | SealError::WrongShape => {
                Self::Corrupt
            }
        }
    }
}

impl VaultFileError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::Malformed => "Malformed",
            Self::UnknownFormat(_) => "UnknownFormat",
            Self::CostOutOfBounds => "CostOutOfBounds",
            Self::SecretTooShort => "SecretTooShort",
            Self::OtherSource => "OtherSource",
            Self::WrongKey => "WrongKey",
            Self::Corrupt => "Corrupt",
            Self::WrongEnvironment { .. } => "WrongEnvironment",
            Self::Unknown => "Unknown",
            Self::Destroyed => "Destroyed",
            Self::TooLarge => "TooLarge",
        }
    }
}

impl VaultFile {
    /// An empty vault.
    ///
    /// # Errors
    /// [`VaultFileError`].
    pub fn create(
        environment: Environment,
        source: &VaultKey<'_>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, VaultFileError> {
        let recipe = Recipe::fresh(source, &*provider)?;
        let kek = recipe.follow(source, &*provider)?;
        let body = Body { format: FORMAT, environment, recipe, entries: Vec::new() };
        Ok(Self { provider, kek, body, stored: None })
    }

    /// Opens the bytes of a vault file.
    ///
    /// # Errors
    /// [`VaultFileError`]; a wrong key and a damaged file are told apart.
    pub fn open(
        bytes: &[u8],
        environment: Environment,
        source: &VaultKey<'_>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, VaultFileError> {
        let whole: Whole = json::parse(bytes, &limits::JSON).map_err(|_| VaultFileError::Malformed)?;
        let Whole { body, check, mac } = whole;
        if body.format != FORMAT {
            return Err(VaultFileError::UnknownFormat(body.format));
        }
        if body.entries.len() > limits::ENTRIES {
            return Err(VaultFileError::TooLarge);
        }
        let stored = Some(provider.sha256(&[bytes]));
        let kek = body.recipe.follow(source, &*provider)?;
        let opened = Self { provider, kek, body, stored };
        if !opened.matches(CHECK, &[], &check)? {
            return Err(VaultFileError::WrongKey);
        }
        if !opened.matches(MAC, &opened.body_bytes()?, &mac)? {
            return Err(VaultFileError::Corrupt);
        }
        if opened.body.environment != environment {
            return Err(VaultFileError::WrongEnvironment { file: opened.body.environment, wanted: environment });
        }
        Ok(opened)
    }

    /// The bytes to store.
    ///
    /// # Errors
    /// [`VaultFileError::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, VaultFileError> {
        let whole = Whole {
            check: base64url::encode(self.authenticate(CHECK, &[])).into(),
            mac: base64url::encode(self.authenticate(MAC, &self.body_bytes()?)).into(),
            body: self.body.clone(),
        };
        let bytes = serde_json::to_vec_pretty(&whole).map_err(|_| VaultFileError::Malformed)?;
        if bytes.len() > limits::FILE { Err(VaultFileError::TooLarge) } else { Ok(bytes) }
    }

    /// Where its secrets may be used.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.body.environment
    }

    /// The names of its secrets, destroyed ones too.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.body.entries.iter().map(|entry| &*entry.name)
    }

    /// When the secret `name` was destroyed, if it was.
    #[must_use]
    pub fn destroyed_at(&self, name: &str) -> Option<UnixTime> {
        self.entry(name).ok().and_then(|entry| entry.destroyed_at)
    }

    /// The secret `name`.
    ///
    /// # Errors
    /// `Unknown`, `Destroyed` or `Corrupt`.
    pub fn secret(&self, name: &str) -> Result<SecretBytes, VaultFileError> {
        self.entry(name)?.open(self.body.environment, &self.kek, &*self.provider)
    }

    /// Puts `secret` under `name`, in the place of an earlier one; a destroyed name does not come back.
    ///
    /// # Errors
    /// [`VaultFileError`].
    pub fn put(&mut self, name: &str, secret: &SecretBytes) -> Result<(), VaultFileError> {
        let fits = (1..=limits::NAME).contains(&name.len()) && (1..=limits::SECRET).contains(&secret.len());
        let known = self.body.entries.iter().position(|entry| &*entry.name == name);
        if !fits || (known.is_none() && self.body.entries.len() >= limits::ENTRIES) {
            return Err(VaultFileError::TooLarge);
        }
        let version = match self.entry(name) {
            Ok(entry) if entry.destroyed_at.is_some() => return Err(VaultFileError::Destroyed),
            Ok(entry) => entry.version.saturating_add(1),
            Err(_) => 1,
        };
        let entry = Entry::seal(name, version, self.body.environment, secret, &self.kek, &*self.provider)?;
        match self.body.entries.iter_mut().find(|entry| &*entry.name == name) {
            Some(slot) => *slot = entry,
            None => self.body.entries.push(entry),
        }
        Ok(())
    }

    /// A fresh 32-byte secret under `name`, unless there is one.
    ///
    /// # Errors
    /// [`VaultFileError`].
    pub fn make(&mut self, name: &str) -> Result<(), VaultFileError> {
        if self.entry(name).is_ok() {
            return Ok(());
        }
        let mut bytes = vec![0; 32];
        self.provider.randomness().fill(&mut bytes)?;
        if bytes == [0; 32] {
            return Err(RandomnessUnavailable.into());
        }
        self.put(name, &SecretBytes::new(bytes))
    }

    /// Destroys the secret `name`: its data key and its sealed bytes go, the entry says when.
    ///
    /// # Errors
    /// `Unknown` or `Destroyed`.
    pub fn destroy(&mut self, name: &str, now: UnixTime) -> Result<(), VaultFileError> {
        let entry = self.body.entries.iter_mut().find(|entry| &*entry.name == name).ok_or(VaultFileError::Unknown)?;
        if entry.destroyed_at.is_some() {
            return Err(VaultFileError::Destroyed);
        }
        entry.destroy(now);
        Ok(())
    }

    /// Protects the vault by another passphrase or secret; the sealed secrets stay as they are.
    ///
    /// # Errors
    /// [`VaultFileError`]; the vault is then as it was.
    pub fn rewrap(&mut self, source: &VaultKey<'_>) -> Result<(), VaultFileError> {
        let recipe = Recipe::fresh(source, &*self.provider)?;
        let kek = recipe.follow(source, &*self.provider)?;
        let mut entries = self.body.entries.clone();
        for entry in &mut entries {
            entry.rewrap(self.body.environment, (&self.kek, &kek), &*self.provider)?;
        }
        (self.body.recipe, self.body.entries, self.kek) = (recipe, entries, kek);
        Ok(())
    }

    pub(super) fn provider(&self) -> &dyn CryptoProvider {
        &*self.provider
    }

    fn entry(&self, name: &str) -> Result<&Entry, VaultFileError> {
        self.body.entries.iter().find(|entry| &*entry.name == name).ok_or(VaultFileError::Unknown)
    }

    fn body_bytes(&self) -> Result<Vec<u8>, VaultFileError> {
        serde_json::to_vec(&self.body).map_err(|_| VaultFileError::Malformed)
    }

    fn authenticate(&self, label: &[u8], bytes: &[u8]) -> [u8; 32] {
        self.provider.hmac_sha256(&self.kek[..], &[label, bytes])
    }

    fn matches(&self, label: &[u8], bytes: &[u8], stated: &str) -> Result<bool, VaultFileError> {
        let stated = base64url::decode(stated.as_bytes()).map_err(|_| VaultFileError::Malformed)?;
        Ok(same_bytes(&self.authenticate(label, bytes), &stated))
    }
}

/// The format written and read here; a later one takes the next number.
const FORMAT: u32 = 1;
const CHECK: &[u8] = b"ingam vault check 1";
const MAC: &[u8] = b"ingam vault mac 1 ";
