use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use ingam_jose::{KeySet, Signer};
use ingam_keys::{Algorithm, Grade, KeyRing, KeySpec, KeyVault, Owner, Purpose, RingError, RotationPolicy, VaultError};
use ingam_ports::Changes;
use ingam_wire::UnixTime;

/// The operator's key ring as every request sees it: read once, replaced when it rotates.
#[derive(Debug)]
pub struct OperatorKeys {
    vault: KeyVault,
    ring: RwLock<KeyRing>,
}

impl OperatorKeys {
    /// The keys an operator signs with, one for each purpose: ES256, answered for by `owner`, of high grade.
    #[must_use]
    pub fn specs(owner: &Owner, policy: RotationPolicy) -> Vec<KeySpec> {
        let purposes = [
            Purpose::SignAccessKeys,
            Purpose::SignIdTokens,
            Purpose::SignAuthorizationResponses,
            Purpose::SignIntrospections,
            Purpose::SignResponses,
        ];
        let spec = |purpose| KeySpec {
            purpose,
            algorithm: Algorithm::Es256,
            owner: owner.clone(),
            grade: Some(Grade::High),
            policy,
        };
        purposes.map(spec).into()
    }

    /// Reads the ring, making its first keys where there are none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn open(vault: KeyVault, now: UnixTime) -> Result<Self, VaultError> {
        let ring = vault.advance(now).await?;
        Ok(Self { vault, ring: RwLock::new(ring) })
    }

    /// The vault, for imports and for what two people decide.
    #[must_use]
    pub const fn vault(&self) -> &KeyVault {
        &self.vault
    }

    /// The ring as last read; hold it no longer than an expression.
    pub fn ring(&self) -> RwLockReadGuard<'_, KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the ring again when that is due; returns whether it was.
    ///
    /// # Errors
    /// [`VaultError`]; the ring last read stays.
    pub async fn refresh(&self, now: UnixTime) -> Result<bool, VaultError> {
        if !self.ring().refresh_due(now) {
            return Ok(false);
        }
        self.replace(self.vault.advance(now).await?);
        Ok(true)
    }

    /// Takes over a ring that the vault has just written.
    pub fn replace(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// Stops using keys that the change log says are revoked.
    ///
    /// x1149: 3.1.16.10
    pub fn heed(&self, changes: &Changes) {
        if !matches!(changes, Changes::Since { revoked, .. } if revoked.is_empty()) {
            self.ring.write().unwrap_or_else(PoisonError::into_inner).heed(changes);
        }
    }

    /// The signer of `purpose` now.
    ///
    /// # Errors
    /// [`RingError`].
    pub fn signer(&self, purpose: Purpose, now: UnixTime) -> Result<Arc<dyn Signer>, RingError> {
        self.ring().signer(purpose, now)
    }

    /// What verifies signatures of `purpose` now.
    #[must_use]
    pub fn verifying(&self, purpose: Purpose, now: UnixTime) -> KeySet {
        self.ring().verifying_keys_of(purpose, now)
    }
}
