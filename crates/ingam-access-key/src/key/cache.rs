use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ingam_jose::CryptoProvider;
use ingam_ports::{Changes, Revoked};

use super::AccessKeyClaims;

/// Access keys that were verified before, by their SHA-256: two generations, so that it is bounded without a clock.
#[derive(Debug, Default)]
pub(super) struct VerifiedCache(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<[u8; 32], Remembered>,
    old: HashMap<[u8; 32], Remembered>,
}

#[derive(Debug)]
struct Remembered {
    claims: Arc<AccessKeyClaims>,
    key_id: Option<Box<str>>,
}

impl VerifiedCache {
    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<Arc<AccessKeyClaims>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = generations.young.get(sha256) {
            return Some(Arc::clone(&found.claims));
        }
        let found = generations.old.remove(sha256)?;
        let claims = Arc::clone(&found.claims);
        generations.put(*sha256, found);
        Some(claims)
    }

    pub(super) fn remember(&self, sha256: [u8; 32], claims: &Arc<AccessKeyClaims>, key_id: Option<&str>) {
        let remembered = Remembered { claims: Arc::clone(claims), key_id: key_id.map(Into::into) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(sha256, remembered);
    }

    /// Drops what was revoked; everything when the log no longer reaches back far enough (design section 4).
    pub(super) fn apply(&self, changes: &Changes, provider: &dyn CryptoProvider) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match changes {
            Changes::TooOld { .. } => *generations = Generations::default(),
            Changes::Since { revoked, .. } if revoked.is_empty() => {}
            Changes::Since { revoked, .. } => {
                let keep = |sha256: &[u8; 32], entry: &mut Remembered| {
                    !revoked.iter().any(|revoked| entry.is(revoked, sha256, provider))
                };
                generations.young.retain(keep);
                generations.old.retain(keep);
            }
        }
    }
}

impl Generations {
    fn put(&mut self, sha256: [u8; 32], remembered: Remembered) {
        if self.young.len() >= GENERATION {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(sha256, remembered);
    }
}

impl Remembered {
    fn is(&self, revoked: &Revoked, sha256: &[u8; 32], provider: &dyn CryptoProvider) -> bool {
        let digest = |text: &str| provider.sha256(&[text.as_bytes()]);
        match revoked {
            Revoked::AccessKey(gone) => gone == sha256,
            Revoked::Grant(gone) => self.claims.grant_id.as_ref().is_some_and(|id| digest(id.as_str()) == *gone),
            Revoked::Fintech(gone) => digest(self.claims.client_id.as_str()) == *gone,
            Revoked::User(gone) => digest(self.claims.sub.as_str()) == *gone,
            Revoked::SigningKey(gone) => self.key_id.as_ref().is_some_and(|id| digest(id) == *gone),
        }
    }
}

/// Entries of one generation: about 1 KiB each, so at most 32 MiB in all.
const GENERATION: usize = 16_384;
