use std::sync::{Arc, Mutex, PoisonError};

use ingam_jose::CryptoProvider;
use ingam_ports::{Changes, Revoked};

use super::{AccessKeyClaims, generations::Generations};

/// Access keys that were verified before, by their SHA-256.
#[derive(Debug)]
pub(super) struct VerifiedCache(Mutex<Generations<Remembered>>);

#[derive(Debug)]
struct Remembered {
    claims: Arc<AccessKeyClaims>,
    key_id: Option<Box<str>>,
}

impl VerifiedCache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Generations::of(GENERATION)))
    }

    pub(super) fn find(&self, sha256: &[u8; 32]) -> Option<Arc<AccessKeyClaims>> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.find(sha256).map(|found| Arc::clone(&found.claims))
    }

    pub(super) fn remember(&self, sha256: [u8; 32], claims: &Arc<AccessKeyClaims>, key_id: Option<&str>) {
        let remembered = Remembered { claims: Arc::clone(claims), key_id: key_id.map(Into::into) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(sha256, remembered);
    }

    /// Drops what was revoked; everything when the log no longer reaches back far enough (design section 4).
    pub(super) fn apply(&self, changes: &Changes, provider: &dyn CryptoProvider) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match changes {
            Changes::TooOld { .. } => remembered.clear(),
            Changes::Since { revoked, .. } if revoked.is_empty() => {}
            Changes::Since { revoked, .. } => {
                remembered.retain(|sha256, entry| !revoked.iter().any(|gone| entry.is(gone, sha256, provider)));
            }
        }
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
