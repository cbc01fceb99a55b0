use core::fmt;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ingam_jose::{
    AlgorithmProfile, CryptoProvider, KeyError, KeySet, NotPermitted, Purpose as Half, Signer, VerifyingKey,
};
use ingam_ports::{Changes, Revoked};
use ingam_wire::{Seconds, SecretBytes, UnixTime};

use crate::remote::KeyArchive;

use super::{Algorithm, Environment, Grade, KeyEvent, KeyRecord, Owner, Purpose, RingState, RotationPolicy, Stage};

/// What keys a ring makes for one purpose, and how they rotate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySpec {
    /// The purpose.
    pub purpose: Purpose,
    /// The algorithm of new keys.
    pub algorithm: Algorithm,
    /// Who answers for them.
    pub owner: Owner,
    /// How much harm comes from losing one.
    pub grade: Option<Grade>,
    /// How they rotate.
    pub policy: RotationPolicy,
}

/// The keys of one operator or fintech, as one node read them at one time.
///
/// The schedule is part of what was read, so all nodes that read it agree which key signs. A change of the schedule
/// lies at least the propagation time ahead; a node that has not read the ring for longer refuses to sign
/// ([`RingError::Stale`]). So no two nodes disagree for longer than the propagation time, whatever happens to one.
///
/// x1149: 3.1.16.10, 3.1.17.4
#[derive(Clone)]
pub struct KeyRing {
    state: RingState,
    rules: Arc<RingRules>,
    loaded: BTreeMap<Box<str>, Loaded>,
    refused: BTreeSet<Box<str>>,
    read_at: UnixTime,
    events: Vec<KeyEvent>,
}

/// What a ring is made by: the keys it has and the algorithms it may use.
#[derive(Debug)]
pub(crate) struct RingRules {
    pub(crate) specs: Vec<KeySpec>,
    pub(crate) profile: AlgorithmProfile,
}

/// The usable part of a key.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) digest: [u8; 32],
    pub(crate) verifying: Option<VerifyingKey>,
    pub(crate) signer: Option<Arc<dyn Signer>>,
    pub(crate) secret: Option<Arc<SecretBytes>>,
}

/// Why a ring gives no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RingError {
    /// The ring was read longer than the propagation time ago, or by a clock that far ahead: another node may have
    /// changed it.
    #[error("the key ring was read at {read_at:?} and must be read again")]
    Stale {
        /// When it was read.
        read_at: UnixTime,
    },
    /// No key of this purpose is active.
    #[error("no active key to {0:?}")]
    NoActiveKey(Purpose),
    /// The active key was revoked after the ring was read.
    #[error("the active key was revoked")]
    Revoked,
    /// The algorithm or the key's strength is not permitted, or not any more.
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    /// The key's private half is not within reach.
    #[error("the active key is not loaded")]
    NotLoaded,
}

impl RingError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stale { .. } => "Stale",
            Self::NoActiveKey(_) => "NoActiveKey",
            Self::Revoked => "Revoked",
            Self::NotPermitted(_) => "NotPermitted",
            Self::NotLoaded => "NotLoaded",
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("environment", &self.state.environment())
            .field("keys", &self.state.keys().len())
            .field("read_at", &self.read_at)
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    pub(crate) fn new(
        state: RingState,
        rules: Arc<RingRules>,
        loaded: BTreeMap<Box<str>, Loaded>,
        read_at: UnixTime,
        events: Vec<KeyEvent>,
    ) -> Self {
        Self { state, rules, loaded, refused: BTreeSet::new(), read_at, events }
    }

    /// Where its keys may be used.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.state.environment()
    }

    /// What is stored of it: every key's record.
    #[must_use]
    pub const fn state(&self) -> &RingState {
        &self.state
    }

    /// What keys it makes.
    #[must_use]
    pub fn specs(&self) -> &[KeySpec] {
        &self.rules.specs
    }

    /// The algorithms it may use.
    #[must_use]
    pub fn profile(&self) -> &AlgorithmProfile {
        &self.rules.profile
    }

    /// What came to pass when it was read, for the record of events.
    #[must_use]
    pub fn events(&self) -> &[KeyEvent] {
        &self.events
    }

    /// The key that signs, seals or is sealed to for `purpose` at `now`.
    ///
    /// # Errors
    /// `Stale`, `NoActiveKey`, `Revoked` or `NotPermitted`.
    ///
    /// x1149: 3.1.17.3
    pub fn active(&self, purpose: Purpose, now: UnixTime) -> Result<&KeyRecord, RingError> {
        let spec = self.specs().iter().find(|spec| spec.purpose == purpose).ok_or(RingError::NoActiveKey(purpose))?;
        let propagation = spec.policy.propagation();
        if self.read_at.plus(propagation) <= now || now.plus(propagation) <= self.read_at {
            return Err(RingError::Stale { read_at: self.read_at });
        }
        let key = self.state.active(purpose, now).ok_or(RingError::NoActiveKey(purpose))?;
        if self.refused.contains(key.id()) {
            return Err(RingError::Revoked);
        }
        let (algorithm, strength) = (key.about().algorithm.listed(), key.strength());
        self.rules.profile.permits(algorithm, Half::Protect, strength, now)?;
        Ok(key)
    }

    /// The signer for `purpose` at `now`.
    ///
    /// # Errors
    /// [`RingError`].
    pub fn signer(&self, purpose: Purpose, now: UnixTime) -> Result<Arc<dyn Signer>, RingError> {
        let key = self.active(purpose, now)?;
        self.loaded.get(key.id()).and_then(|loaded| loaded.signer.clone()).ok_or(RingError::NotLoaded)
    }

    /// The secret that seals for `purpose` at `now`, with its key's identifier.
    ///
    /// # Errors
    /// [`RingError`].
    pub fn secret(&self, purpose: Purpose, now: UnixTime) -> Result<(&str, Arc<SecretBytes>), RingError> {
        let key = self.active(purpose, now)?;
        let secret = self.loaded.get(key.id()).and_then(|loaded| loaded.secret.clone());
        Ok((key.id(), secret.ok_or(RingError::NotLoaded)?))
    }

    /// The secrets that still open what was sealed for `purpose`: those of keys that are published, active or
    /// within their retention.
    pub fn opening_secrets(&self, purpose: Purpose, now: UnixTime) -> impl Iterator<Item = (&str, &SecretBytes)> {
        self.visible(now)
            .filter(move |key| key.about().purpose == purpose)
            .filter_map(|key| Some((key.id(), &**self.loaded.get(key.id())?.secret.as_ref()?)))
    }

    /// The keys that verify what this ring signed, of all purposes.
    #[must_use]
    pub fn verifying_keys(&self, now: UnixTime) -> KeySet {
        KeySet::new(self.visible(now).filter_map(|key| self.verifying(key)).collect())
    }

    /// The keys that verify what this ring signed for `purpose`, and nothing else.
    #[must_use]
    pub fn verifying_keys_of(&self, purpose: Purpose, now: UnixTime) -> KeySet {
        let of = self.visible(now).filter(|key| key.about().purpose == purpose);
        KeySet::new(of.filter_map(|key| self.verifying(key)).collect())
    }

    /// The JWK set that verifiers and senders must see now: keys that are published, active, or retired and within
    /// their retention (RFC 7517 section 5).
    #[must_use]
    pub fn jwks(&self, now: UnixTime) -> serde_json::Value {
        let keys: Vec<_> = self.visible(now).filter_map(|key| key.public().map(|jwk| jwk.to_json())).collect();
        serde_json::json!({ "keys": keys })
    }

    /// Every key that ever signed, with the times between which it did: what checks an old receipt after its key was
    /// rotated away and even destroyed. Revoked keys are not in it: nothing they signed counts.
    ///
    /// # Errors
    /// [`KeyError`] when a record's public half cannot be read.
    pub fn archive(&self, provider: &dyn CryptoProvider) -> Result<KeyArchive, KeyError> {
        let mut archive = KeyArchive::default();
        for key in self.state.keys().iter().filter(|key| !key.was_revoked()) {
            let signature = key.about().algorithm.signature();
            if let (Some(jwk), Some(from), Some(_)) = (key.public(), key.not_before(), signature) {
                let key_itself = VerifyingKey::from_jwk(&jwk, signature, provider)?;
                archive.add(key_itself, from, key.retires_at());
            }
        }
        Ok(archive)
    }

    /// What is due at `now`; the vault does it.
    #[must_use]
    pub fn step(&self, now: UnixTime) -> Vec<KeyEvent> {
        self.state.step(self.specs(), now)
    }

    /// Whether something is due at `now`.
    #[must_use]
    pub fn rotation_due(&self, now: UnixTime) -> bool {
        self.state.rotation_due(self.specs(), now)
    }

    /// Whether the ring should be read again: half the shortest propagation time has passed, the clock went back, or
    /// something is due.
    #[must_use]
    pub fn refresh_due(&self, now: UnixTime) -> bool {
        let shortest = self.specs().iter().map(|spec| spec.policy.propagation().get()).min().unwrap_or(0);
        let due = self.read_at.plus(Seconds::new(shortest / 2));
        due <= now || now < self.read_at || self.rotation_due(now)
    }

    /// Stops using keys that the change log says are revoked, before the ring is read again; says whether any was
    /// in use. A log that no longer reaches back makes every key unusable until then.
    ///
    /// x1149: 3.1.16.10
    pub fn heed(&mut self, changes: &Changes) -> bool {
        let before = self.refused.len();
        for (id, loaded) in &self.loaded {
            let revoked = match changes {
                Changes::Since { revoked, .. } => revoked.contains(&Revoked::SigningKey(loaded.digest)),
                Changes::TooOld { .. } => true,
            };
            if revoked {
                self.refused.insert(id.clone());
            }
        }
        self.refused.len() > before
    }

    fn visible(&self, now: UnixTime) -> impl Iterator<Item = &KeyRecord> {
        self.state.keys().iter().filter(move |key| key.verifies(now) && !self.refused.contains(key.id()))
    }

    fn verifying(&self, key: &KeyRecord) -> Option<VerifyingKey> {
        self.loaded.get(key.id()).and_then(|loaded| loaded.verifying.clone())
    }
}

impl KeyRecord {
    /// Whether its private half is still needed at `now`: to sign, or to open what was sealed.
    pub(crate) fn needs_private(&self, now: UnixTime) -> bool {
        match self.stage(now) {
            Stage::Created | Stage::Published | Stage::Active => true,
            Stage::Retired => self.about().algorithm.signature().is_none() && self.verifies(now),
            Stage::Revoked | Stage::Destroyed => false,
        }
    }
}

/// What the change log calls a signing key: SHA-256 of its identifier.
#[must_use]
pub fn signing_key_digest(provider: &dyn CryptoProvider, key_id: &str) -> [u8; 32] {
    provider.sha256(&[key_id.as_bytes()])
}
