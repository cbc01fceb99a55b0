use core::fmt;
use std::{
    path::Path,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
};

use super::TokenError;

/// A loaded PKCS#11 library. Load each library once in a process and open all its tokens through this one value:
/// the library keeps one state for the whole process.
///
/// A token that was pulled out may only be seen again after the library has been started anew, which ends all its
/// sessions; this value does that while nobody is inside the library.
#[derive(Clone)]
pub struct TokenModule(Arc<Shared>);

struct Shared {
    library: RwLock<Pkcs11>,
    /// How often it was started: sessions of an earlier start are gone, and their handles may be others' by now.
    generation: AtomicU64,
    absences: AtomicU32,
}

impl fmt::Debug for TokenModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenModule")
    }
}

impl TokenModule {
    /// Loads and starts the library at `path`.
    ///
    /// # Errors
    /// [`TokenError::Module`].
    pub fn load(path: &Path) -> Result<Self, TokenError> {
        let library = Pkcs11::new(path).map_err(|_| TokenError::Module)?;
        start(&library)?;
        let shared =
            Shared { library: RwLock::new(library), generation: AtomicU64::new(0), absences: AtomicU32::new(0) };
        Ok(Self(Arc::new(shared)))
    }

    /// Keeps the library from being started anew while the guard lives.
    pub(super) fn enter(&self) -> RwLockReadGuard<'_, Pkcs11> {
        self.0.library.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::SeqCst)
    }

    /// A token was there.
    pub(super) fn present(&self) {
        self.0.absences.store(0, Ordering::SeqCst);
    }

    /// A token was not found in `generation`: starts the library anew, so that a returned token is seen. Not each
    /// time, since other tokens of the library lose their sessions: at the first absences, then every eighth.
    pub(super) fn absent(&self, generation: u64) -> bool {
        let absences = self.0.absences.fetch_add(1, Ordering::SeqCst);
        if absences >= 4 && !absences.is_multiple_of(8) {
            return false;
        }
        let library = self.0.library.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation() != generation {
            return true; // somebody else just did it
        }
        self.0.generation.fetch_add(1, Ordering::SeqCst);
        // Whether it ends well or not, starting it decides.
        let _ = library.clone().finalize();
        start(&library).is_ok()
    }
}

fn start(library: &Pkcs11) -> Result<(), TokenError> {
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        Err(_) => Err(TokenError::Module),
    }
}
