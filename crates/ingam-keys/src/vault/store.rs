use core::{fmt, future::ready};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use ingam_jose::{AlgorithmProfile, KeyError, KeyId, NotPermitted, Purpose as Half, Signer};
use ingam_ports::{Commit, Revoked, RowKey, Step, StoreError, Table};
use ingam_wire::{BoxFuture, SecretBytes, UnixTime};
use serde::{Deserialize, Serialize};

use super::{
    custody::{Custody, CustodyError},
    material::{self, Made, Material},
};
use crate::{
    control::{Act, Approved},
    record::{Record, Records, RecordsError, SealError, Stored},
    ring::{
        Environment, KeyDescription, KeyEvent, KeyRecord, KeyRing, KeySpec, Loaded, Origin, Purpose, RingRules,
        RingState, TransitionError, signing_key_digest,
    },
    self_test::{SelfTestFailed, self_test},
};

/// Keeps one ring for all nodes, in a store: sealed, and changed only by compare-and-swap.
///
/// x1149: 3.1.16.10, 3.1.17.4
pub struct KeyVault {
    records: Records,
    environment: Environment,
    rules: Arc<RingRules>,
    custody: Option<Arc<dyn Custody>>,
    /// A key made elsewhere that a purpose starts with, in a test ring.
    first: Option<(Purpose, SecretBytes)>,
    /// Parsed keys, so that reading the ring again parses only new ones; kept no longer than they are of use.
    cache: Mutex<BTreeMap<Box<str>, (bool, Loaded)>>,
}

impl fmt::Debug for KeyVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyVault")
            .field("environment", &self.environment)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// Why the ring could not be read or changed; nothing was changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VaultError {
    /// The store did not answer, or a row does not open.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The ring does not permit it.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A key could not be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A row could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Other nodes changed the ring each time; try again later.
    #[error("the ring is being changed by other nodes")]
    Contended,
    /// Two specifications for one purpose, or an algorithm that does not serve it.
    #[error("the key specifications contradict each other")]
    Specification,
    /// The crypto module failed its known-answer tests.
    #[error(transparent)]
    SelfTest(#[from] SelfTestFailed),
    /// The algorithm or the key's strength is not permitted.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The custody of a key did not do its part.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The private half of a key that is needed is not there.
    #[error("a key's private half is missing")]
    MaterialMissing,
}

impl From<StoreError> for VaultError {
    fn from(error: StoreError) -> Self {
        Self::Records(error.into())
    }
}

impl VaultError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Records(reason) => reason.name(),
            Self::Transition(reason) => reason.name(),
            Self::Key(_) => "Key",
            Self::Seal(reason) => reason.name(),
            Self::Contended => "Contended",
            Self::Specification => "Specification",
            Self::SelfTest(_) => "SelfTest",
            Self::NotPermitted(_) => "NotPermitted",
            Self::Custody(reason) => reason.name(),
            Self::MaterialMissing => "MaterialMissing",
        }
    }
}

/// The ring's row.
#[derive(Deserialize, Serialize)]
struct RingRow {
    state: RingState,
}

impl Record for RingRow {
    const TABLE: Table = Table::Singletons;
}

/// A change of the ring that is prepared and not yet committed.
struct Draft {
    read: Option<Stored<RingRow>>,
    state: RingState,
    steps: Vec<Step>,
    events: Vec<KeyEvent>,
    /// Keys made in custody for this draft, to be destroyed if it is not committed.
    kept: Vec<Box<str>>,
    changed: bool,
}

impl KeyVault {
    /// The vault of the ring that lives in `records`, made when it is first read.
    ///
    /// It uses the algorithms that FAPI 2.0 admits ([`KeyVault::under`] changes that), on a crypto module that has
    /// just passed its known-answer tests.
    ///
    /// x1149: 3.1.17.5
    ///
    /// # Errors
    /// [`VaultError::Specification`] or [`VaultError::SelfTest`].
    pub fn new(records: Records, environment: Environment, specs: Vec<KeySpec>) -> Result<Self, VaultError> {
        for (at, spec) in specs.iter().enumerate() {
            let twice = specs.iter().skip(at.saturating_add(1)).any(|other| other.purpose == spec.purpose);
            if twice || !spec.purpose.admits(spec.algorithm) {
                return Err(VaultError::Specification);
            }
        }
        self_test(&**records.sealer().provider())?;
        let rules = Arc::new(RingRules { specs, profile: AlgorithmProfile::fapi2() });
        Ok(Self { records, environment, rules, custody: None, first: None, cache: Mutex::default() })
    }

    /// The same, whose first key of `purpose` is `private` (PKCS#8, DER) instead of one made here.
    ///
    /// For test rings only: it is how a development operator signs by an algorithm for which its provider makes no keys
    /// (PS256 under ring). The key starts as a made one would, since nothing was signed before it, and is written down as
    /// imported. It counts only while no key of the purpose ever existed; its successor must be made or imported and
    /// activated by two people, as in a live ring.
    ///
    /// # Errors
    /// `WrongEnvironment` in a live ring, where two people activate what was made elsewhere ([`KeyVault::import`]).
    pub fn starting_with(mut self, purpose: Purpose, private: SecretBytes) -> Result<Self, VaultError> {
        if self.environment != Environment::Test {
            let (key, ring) = (Environment::Test, self.environment);
            return Err(TransitionError::WrongEnvironment { key, ring }.into());
        }
        self.first = Some((purpose, private));
        Ok(self)
    }

    /// The same with another list of algorithms: keys it does not permit are neither made, brought in nor used.
    ///
    /// x1149: 3.1.17.3
    #[must_use]
    pub fn under(mut self, profile: AlgorithmProfile) -> Self {
        self.rules = Arc::new(RingRules { specs: self.rules.specs.clone(), profile });
        self
    }

    /// The same with signing keys made and kept in `custody` from now on; keys that lie in sealed rows serve until
    /// they retire.
    ///
    /// x1149: 3.1.17.4
    #[must_use]
    pub fn kept_in(mut self, custody: Arc<dyn Custody>) -> Self {
        self.custody = Some(custody);
        self
    }

    /// Reads the ring, does what is due and commits it; when another node was faster, starts again from what that
    /// node wrote. Call it at start-up and whenever [`KeyRing::refresh_due`] says so.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn advance(&self, now: UnixTime) -> Result<KeyRing, VaultError> {
        for _ in 0..TRIES {
            let mut draft = self.read(now).await?;
            let settled = self.settle(&mut draft, now).await;
            self.or_abandon(&draft, settled).await?;
            if let Some(ring) = self.commit(draft, now).await? {
                return Ok(ring);
            }
        }
        Err(VaultError::Contended)
    }

    /// Does what two people agreed on, in one commit with whatever the step after it makes due.
    ///
    /// When a key is revoked, `announce` gives the steps that append to the change log, so that every node stops
    /// accepting the key at its next check; they are part of the same commit. It is asked again for each attempt,
    /// since the log may have grown in between.
    ///
    /// x1149: 3.1.5.2, 3.1.16.10
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn carry_out<'a>(
        &self,
        approved: &Approved,
        announce: &(dyn Fn(Revoked) -> BoxFuture<'a, Result<Vec<Step>, StoreError>> + Send + Sync),
        now: UnixTime,
    ) -> Result<KeyRing, VaultError> {
        for _ in 0..TRIES {
            let mut draft = self.read(now).await?;
            let drafted = self.draft(&mut draft, approved, announce, now).await;
            self.or_abandon(&draft, drafted).await?;
            if let Some(ring) = self.commit(draft, now).await? {
                return Ok(ring);
            }
        }
        Err(VaultError::Contended)
    }

    /// Drafts what two people agreed on, and what it makes due.
    async fn draft<'a>(
        &self,
        draft: &mut Draft,
        approved: &Approved,
        announce: &(dyn Fn(Revoked) -> BoxFuture<'a, Result<Vec<Step>, StoreError>> + Send + Sync),
        now: UnixTime,
    ) -> Result<(), VaultError> {
        let command = approved.command();
        self.settle(draft, now).await?;
        draft.state.carry_out(approved, &self.rules.specs, now)?;
        draft.changed = true;
        match command.act {
            Act::Revoke => {
                let digest = signing_key_digest(&**self.records.sealer().provider(), &command.key);
                draft.steps.extend(announce(Revoked::SigningKey(digest)).await?);
            }
            Act::Destroy => self.take_material(&mut draft.steps, &command.key, now).await?,
            Act::Activate | Act::Export => {}
        }
        self.settle(draft, now).await
    }

    /// Brings in a private key (PKCS#8, DER) that was made elsewhere. It is created only: two people activate it.
    ///
    /// `environment` says where the key was used before; a test key is refused in a live ring and the other way
    /// round (3.1.11.3).
    ///
    /// x1149: 3.1.11.3
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn import(
        &self,
        purpose: Purpose,
        private: &SecretBytes,
        environment: Environment,
        now: UnixTime,
    ) -> Result<KeyId, VaultError> {
        let spec = self.rules.specs.iter().find(|spec| spec.purpose == purpose).ok_or(VaultError::Specification)?;
        for _ in 0..TRIES {
            let provider = self.records.sealer().provider();
            let made = material::read(private.expose(), spec.algorithm, environment, &**provider)?;
            let id = made.id.clone();
            let mut draft = self.read(now).await?;
            let settled = self.settle(&mut draft, now).await;
            let added =
                settled.and_then(|()| self.add(&mut draft, spec, made, (environment, Origin::Imported), None, now));
            self.or_abandon(&draft, added).await?;
            if self.commit(draft, now).await?.is_some() {
                return id.parse().map_err(|_| VaultError::Key(KeyError::NoAlgorithm));
            }
        }
        Err(VaultError::Contended)
    }

    /// The private half of a key whose export two people agreed on; it is written down as exported first.
    ///
    /// # Errors
    /// [`VaultError`].
    pub(super) async fn exported(&self, approved: &Approved, now: UnixTime) -> Result<SecretBytes, VaultError> {
        let command = approved.command();
        if command.act != Act::Export {
            let from =
                self.read(now).await?.state.key(&command.key).map_or(crate::Stage::Created, |key| key.stage(now));
            return Err(TransitionError::NotFrom { from, act: command.act }.into());
        }
        self.carry_out(approved, &|_| Box::pin(ready(Ok(Vec::new()))), now).await?;
        let stored = self.records.read::<Material>(&self.material_key(&command.key), now).await?;
        stored.and_then(|stored| stored.record.private()).ok_or(VaultError::MaterialMissing)
    }

    /// The ring as it is stored.
    async fn read(&self, now: UnixTime) -> Result<Draft, VaultError> {
        let read = self.records.read::<RingRow>(&ring_key(), now).await?;
        let state =
            read.as_ref().map_or_else(|| RingState::new(self.environment), |stored| stored.record.state.clone());
        if state.environment() != self.environment {
            let (key, ring) = (state.environment(), self.environment);
            return Err(TransitionError::WrongEnvironment { key, ring }.into());
        }
        let mut draft = Draft { read, state, steps: Vec::new(), events: Vec::new(), kept: Vec::new(), changed: false };
        draft.changed = draft.state.adopt(&self.rules.specs, now);
        Ok(draft)
    }

    /// Does what is due, until nothing is.
    async fn settle(&self, draft: &mut Draft, now: UnixTime) -> Result<(), VaultError> {
        for _ in 0..ROUNDS {
            let events = draft.state.step(&self.rules.specs, now);
            if events.is_empty() {
                return Ok(());
            }
            draft.changed = true;
            for event in events {
                match &event {
                    KeyEvent::Needed { purpose, activates } => {
                        let spec = self.rules.specs.iter().find(|spec| spec.purpose == *purpose);
                        let spec = spec.ok_or(VaultError::Specification)?;
                        let (made, origin) = self.make(draft, spec).await?;
                        self.add(draft, spec, made, (self.environment, origin), Some(*activates), now)?;
                    }
                    KeyEvent::DestructionDue { key } => {
                        self.take_material(&mut draft.steps, key, now).await?;
                        draft.state.apply(&event, now)?;
                    }
                    KeyEvent::Scheduled { .. } | KeyEvent::Reached { .. } => draft.state.apply(&event, now)?,
                }
                draft.events.push(event);
            }
        }
        Ok(())
    }

    /// Makes a key where this vault makes them.
    async fn make(&self, draft: &mut Draft, spec: &KeySpec) -> Result<(Made, Origin), VaultError> {
        let never = || !draft.state.keys().iter().any(|key| key.about().purpose == spec.purpose);
        if let Some((_, private)) = self.first.as_ref().filter(|(purpose, _)| *purpose == spec.purpose && never()) {
            let provider = self.records.sealer().provider();
            let made = material::read(private.expose(), spec.algorithm, self.environment, &**provider)?;
            return Ok((made, Origin::Imported));
        }
        match (&self.custody, spec.algorithm.signature()) {
            (Some(custody), Some(signature)) => {
                let kept = custody.make(signature).await?;
                draft.kept.push(kept.handle.clone());
                Ok((material::in_custody(&kept, spec.algorithm), Origin::Token))
            }
            _ => {
                let provider = self.records.sealer().provider();
                Ok((material::make(spec.algorithm, self.environment, &**provider)?, Origin::Generated))
            }
        }
    }

    /// Leaves no key behind in custody for a draft that came to nothing.
    async fn or_abandon(&self, draft: &Draft, outcome: Result<(), VaultError>) -> Result<(), VaultError> {
        if outcome.is_err() {
            let _ = self.abandon(&draft.kept).await; // the first error is the one to tell
        }
        outcome
    }

    /// Destroys keys that were made in custody and are not part of the ring.
    async fn abandon(&self, kept: &[Box<str>]) -> Result<(), VaultError> {
        for handle in kept {
            self.custody.as_ref().ok_or(CustodyError::Unreachable)?.destroy(handle).await?;
        }
        Ok(())
    }

    fn add(
        &self,
        draft: &mut Draft,
        spec: &KeySpec,
        made: Made,
        (environment, origin): (Environment, Origin),
        activates: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), VaultError> {
        let about = KeyDescription {
            purpose: spec.purpose,
            owner: spec.owner.clone(),
            grade: spec.grade,
            algorithm: spec.algorithm,
            environment,
            origin,
        };
        let strength = spec.algorithm.strength(made.size);
        self.rules.profile.permits(spec.algorithm.listed(), Half::Protect, strength, now)?;
        let public = made.public.map(|jwk| jwk.to_json());
        let record = KeyRecord::new(made.id.clone(), about, made.size, public, &spec.policy, now);
        draft.state.add(record, activates, now)?;
        draft.changed = true;
        draft.steps.push(self.records.insert(self.material_key(&made.id), None, Vec::new(), &made.material)?);
        Ok(())
    }

    /// Adds the step that removes a private half, if it is there.
    async fn take_material(&self, steps: &mut Vec<Step>, id: &str, now: UnixTime) -> Result<(), VaultError> {
        if let Some(stored) = self.records.read::<Material>(&self.material_key(id), now).await? {
            if let Some(handle) = stored.record.handle() {
                // In custody first: a row that is gone would leave nobody who knows of the key.
                self.custody.as_ref().ok_or(CustodyError::Unreachable)?.destroy(handle).await?;
            }
            steps.push(self.records.take(&stored));
        }
        Ok(())
    }

    /// Commits a draft; `None` when another node was faster.
    async fn commit(&self, draft: Draft, now: UnixTime) -> Result<Option<KeyRing>, VaultError> {
        let Draft { read, state, mut steps, events, kept, changed } = draft;
        let row = RingRow { state };
        if changed {
            steps.push(match &read {
                Some(read) => self.records.replace(read, &row)?,
                None => self.records.insert(ring_key(), None, Vec::new(), &row)?,
            });
            if let Commit::Refused { .. } = self.records.commit(steps, now).await? {
                self.abandon(&kept).await?; // another node's keys won
                return Ok(None);
            }
        }
        let loaded = self.load(&row.state, now).await?;
        Ok(Some(KeyRing::new(row.state, Arc::clone(&self.rules), loaded, now, events)))
    }

    /// The usable part of each key that is of use at `now`.
    async fn load(&self, state: &RingState, now: UnixTime) -> Result<BTreeMap<Box<str>, Loaded>, VaultError> {
        let provider = self.records.sealer().provider();
        let mut loaded: BTreeMap<Box<str>, (bool, Loaded)> = BTreeMap::new();
        for record in state.keys() {
            let needs_private = record.needs_private(now);
            if !needs_private && !record.verifies(now) {
                continue;
            }
            let known = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(record.id()).cloned();
            if let Some((_, known)) = known.filter(|(private, _)| *private == needs_private) {
                loaded.insert(record.id().into(), (needs_private, known));
                continue;
            }
            let stored = match needs_private {
                true => self.records.read::<Material>(&self.material_key(record.id()), now).await?,
                false => None,
            };
            if needs_private && stored.is_none() {
                return Err(VaultError::MaterialMissing);
            }
            let material = stored.as_ref().map(|stored| &stored.record);
            let mut key = material::load(record, material, &**provider)?;
            if let Some(handle) = material.and_then(Material::handle) {
                key.signer = Some(self.signer(record, handle).await?);
            }
            loaded.insert(record.id().into(), (needs_private, key));
        }
        let keys = loaded.iter().map(|(id, (_, key))| (id.clone(), key.clone())).collect();
        *self.cache.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(keys)
    }

    /// The signer of a key in custody; it must be the key that the record names.
    async fn signer(&self, record: &KeyRecord, handle: &str) -> Result<Arc<dyn Signer>, VaultError> {
        let custody = self.custody.as_ref().ok_or(CustodyError::Unreachable)?;
        let algorithm = record.about().algorithm.signature().ok_or(CustodyError::Refused)?;
        let signer = custody.signer(handle, algorithm).await?;
        let same = signer.key_id().as_str() == record.id();
        if same { Ok(signer) } else { Err(VaultError::Key(KeyError::HalvesDiffer)) }
    }

    fn material_key(&self, id: &str) -> RowKey {
        RowKey::timed(UnixTime::from_secs(0), &self.records.sealer().hash("key material", id.as_bytes()))
    }
}

fn ring_key() -> RowKey {
    RowKey::timed(UnixTime::from_secs(0), b"ingam key ring                  ")
}

/// How often a lost compare-and-swap is tried again: more nodes than that do not rotate in the same instant.
const TRIES: usize = 16;
/// How many rounds of steps one reading may take: reach a stage, schedule, reach again, destroy.
const ROUNDS: usize = 8;
