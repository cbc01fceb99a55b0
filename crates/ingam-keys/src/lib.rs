//! Key management: what a key is for, when it is published, active, retired, destroyed; custody; other parties' key sets.
//!
//! A [`KeyVault`] keeps one [`KeyRing`] for all nodes of an operator and rotates it; the ring says which key signs
//! now ([`KeyRing::signer`]) and which keys verifiers must see ([`KeyRing::jwks`]). What one person must not do alone
//! goes through [`DualControl`]. Other parties' keys come from [`RemoteKeySet`]. [`Records`] keeps typed values sealed in a store: each row under its own key,
//! committed to and bound to its place.

mod control;
mod inventory;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod record;
mod remote;
mod ring;
mod self_test;
mod vault;

#[cfg(feature = "pkcs11")]
pub use self::pkcs11::{Token, TokenAgreementKey, TokenConfig, TokenError, TokenModule, TokenSigner};
pub use self::{
    control::{Act, ApprovalError, Approved, Command, DualControl, Person},
    inventory::{Finding, FindingKind, Inventory, Severity},
    record::{Record, RecordSealer, Records, RecordsError, SealError, Stored},
    remote::{
        ArchiveError, FetchError, FetchTicket, KeyArchive, Lookup, RemoteKeyError, RemoteKeySet, RemoteKeySets,
        RemoteKeys, RemotePolicy, RemotePolicyError, RemoteTimes,
    },
    ring::{
        Algorithm, Cause, Environment, Grade, InvalidName, KeyDescription, KeyEvent, KeyRecord, KeyRing, KeySpec,
        Origin, Owner, PolicyError, Purpose, RingError, RingState, RotationPolicy, RotationTimes, Stage, StageChange,
        TransitionError, signing_key_digest,
    },
    self_test::{ModuleReport, ProgramHashError, SelfTestFailed},
    vault::{
        Custody, CustodyError, ExportError, Kept, KeyVault, PassphraseCost, VaultDiskError, VaultError, VaultFile,
        VaultFileError, VaultKey,
    },
};
