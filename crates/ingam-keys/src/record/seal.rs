use core::fmt;
use std::sync::Arc;

use ingam_jose::CryptoProvider;
use ingam_ports::{IndexValue, Row, RowKey, Table};
use ingam_wire::{RandomnessUnavailable, SecretBytes, UnixTime};
use zeroize::Zeroizing;

use super::{Record, committed, wiped::WipedBuffer};

/// Seals records into rows and opens them again (X.1149 item 3.1.12.1).
///
/// Each row has its own key, derived by HKDF-SHA-256 from the master secret and 32 random bytes that stand in
/// the row. The derivation also yields a **commitment** to that key: AES-GCM alone lets one ciphertext open
/// under two keys, so a row whose commitment differs is refused before it is decrypted. Table, row key, version,
/// expiry, index values and tenant are bound, so a row copied elsewhere, put back in an older state under a newer
/// version, made to live longer or to be found under another user's index does not open.
///
/// x1149: 3.1.12.1
pub struct RecordSealer {
    provider: Arc<dyn CryptoProvider>,
    /// Seals (the first) and opens (all).
    roots: Vec<Zeroizing<[u8; 32]>>,
    index: Zeroizing<[u8; 32]>,
    hash: Zeroizing<[u8; 32]>,
    tenant: Box<str>,
}

impl fmt::Debug for RecordSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordSealer").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl RecordSealer {
    /// A sealer whose keys are all derived from `master`: 32 unpredictable bytes, or more. With fewer it neither seals
    /// nor opens anything ([`SealError::WeakMaster`]).
    #[must_use]
    pub fn new(provider: Arc<dyn CryptoProvider>, master: &SecretBytes) -> Self {
        let roots = root(&*provider, master).into_iter().collect();
        let index = derive(&*provider, master, INDEX);
        let hash = derive(&*provider, master, HASH);
        Self { provider, roots, index, hash, tenant: Box::default() }
    }

    /// The same for one of several tenants that share a store and a master secret: neither opens the other's rows,
    /// nor finds them by index.
    #[must_use]
    pub fn for_tenant(mut self, tenant: &str) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Seals under `newer` from now on; rows sealed under earlier masters still open.
    ///
    /// Index values and hashes keep following the first master, since they are the names rows are found by.
    #[must_use]
    pub fn rotated(mut self, newer: &SecretBytes) -> Self {
        match root(&*self.provider, newer) {
            Some(newer) => self.roots.insert(0, newer),
            None => self.roots.clear(),
        }
        self
    }

    /// The provider, for whoever seals and hashes beside records.
    #[must_use]
    pub fn provider(&self) -> &Arc<dyn CryptoProvider> {
        &self.provider
    }

    /// `record` as row, bound to everything the row says in the clear.
    ///
    /// # Errors
    /// `Randomness`, `Unprintable` or `WeakMaster`.
    pub fn seal<R: Record>(
        &self,
        key: RowKey,
        version: u64,
        expires: Option<UnixTime>,
        index: Vec<IndexValue>,
        record: &R,
    ) -> Result<Row, SealError> {
        let mut plain = WipedBuffer::new();
        serde_json::to_writer(&mut plain, record).map_err(|_| SealError::Unprintable)?;
        plain.reserve(committed::TAG);
        let context = self.context(R::TABLE, &key, version, expires, &index);
        let root = self.roots.first().ok_or(SealError::WeakMaster)?;
        let sealed = committed::seal(&*self.provider, root, &context, plain.bytes_mut())?;
        Ok(Row { key, version, expires, index, sealed })
    }

    /// The record of `row`, if this sealer sealed it as exactly this row.
    ///
    /// # Errors
    /// `UnsealFailed`, one for all causes; `WrongShape` when it opens and is not an `R`; `WeakMaster`.
    pub fn open<R: Record>(&self, row: &Row) -> Result<R, SealError> {
        if self.roots.is_empty() {
            return Err(SealError::WeakMaster);
        }
        let context = self.context(R::TABLE, &row.key, row.version, row.expires, &row.index);
        let plain = committed::open(&*self.provider, &self.roots, &context, &row.sealed)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::WrongShape)
    }

    /// What a store finds rows by in place of `value`; `name` keeps different indexes apart.
    #[must_use]
    pub fn index(&self, name: &'static str, value: &[u8]) -> IndexValue {
        IndexValue(self.keyed(&self.index, name, value))
    }

    /// The keyed hash of a secret, for row keys; `purpose` keeps hashes of different uses apart.
    #[must_use]
    pub fn hash(&self, purpose: &'static str, secret: &[u8]) -> [u8; 32] {
        self.keyed(&self.hash, purpose, secret)
    }

    fn keyed(&self, key: &[u8; 32], name: &str, value: &[u8]) -> [u8; 32] {
        let parts =
            [&length(self.tenant.len())[..], self.tenant.as_bytes(), &length(name.len()), name.as_bytes(), value];
        self.provider.hmac_sha256(key, &parts)
    }

    /// Everything a row says in the clear, in an encoding that no two rows share; hashed, so that it has one length.
    fn context(
        &self,
        table: Table,
        key: &RowKey,
        version: u64,
        expires: Option<UnixTime>,
        index: &[IndexValue],
    ) -> [u8; 32] {
        let mut index: Vec<&[u8; 32]> = index.iter().map(|IndexValue(value)| value).collect();
        index.sort_unstable(); // a store may keep them in its own order
        let mut expiry = [0; 9];
        if let Some(time) = expires {
            expiry = [&[1][..], &time.secs().to_be_bytes()].concat().try_into().unwrap_or(expiry);
        }
        let table = [table_number(table)];
        let version = version.to_be_bytes();
        let (tenant_length, key_length) = (length(self.tenant.len()), length(key.as_bytes().len()));
        let mut parts: Vec<&[u8]> = vec![
            CONTEXT,
            &table,
            &tenant_length,
            self.tenant.as_bytes(),
            &key_length,
            key.as_bytes(),
            &version,
            &expiry,
        ];
        parts.extend(index.into_iter().map(<[u8; 32]>::as_slice));
        self.provider.sha256(&parts)
    }
}

/// Why a record was not sealed or not opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// No randomness for the row's salt.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The master secret has fewer than 32 bytes: set a longer one.
    #[error("the master secret of the records is shorter than 32 bytes")]
    WeakMaster,
    /// The record cannot be printed.
    #[error("the record cannot be printed")]
    Unprintable,
    /// Wrong key, changed bytes, or the row is not the one that was sealed; one error for all causes.
    #[error("the sealed record cannot be opened")]
    UnsealFailed,
    /// The row is genuine but holds another kind of record, or one of another release.
    #[error("the record has not the expected shape")]
    WrongShape,
}

impl SealError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::WeakMaster => "WeakMaster",
            Self::Unprintable => "Unprintable",
            Self::UnsealFailed => "UnsealFailed",
            Self::WrongShape => "WrongShape",
        }
    }
}

/// The key that rows are sealed under, of a master secret that is long enough.
fn root(provider: &dyn CryptoProvider, master: &SecretBytes) -> Option<Zeroizing<[u8; 32]>> {
    (master.len() >= MASTER).then(|| derive(provider, master, ROOT))
}

fn derive(provider: &dyn CryptoProvider, master: &SecretBytes, label: &[u8]) -> Zeroizing<[u8; 32]> {
    // One block of HKDF-Extract with a fixed salt: HMAC keyed by the master is a PRF over the labels.
    Zeroizing::new(provider.hmac_sha256(master.expose(), &[label]))
}

/// A length as 8 bytes, so that neighbouring fields cannot be shifted into each other.
fn length(bytes: usize) -> [u8; 8] {
    u64::try_from(bytes).unwrap_or(u64::MAX).to_be_bytes()
}

#[expect(clippy::as_conversions, reason = "the discriminant is the table's number")]
const fn table_number(table: Table) -> u8 {
    table as u8
}

/// Bytes of a master secret, at least: 256 bits.
const MASTER: usize = 32;
const ROOT: &[u8] = b"ingam record root 1";
const INDEX: &[u8] = b"ingam record index 1";
const HASH: &[u8] = b"ingam record hash 1";
const CONTEXT: &[u8] = b"ingam record context 1";
