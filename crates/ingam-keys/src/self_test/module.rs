use core::fmt;
use std::{fs, io, path::Path};

use ingam_jose::CryptoProvider;
use ingam_wire::UnixTime;

use super::answers;

/// What was tested at start-up, of which module: the evidence an inspector asks for.
///
/// Only [`ModuleReport::of`] makes one, after every test has passed.
///
/// ```compile_fail,E0451
/// let at = ingam_wire::UnixTime::from_secs(0);
/// let forged = ingam_keys::ModuleReport { module: "ring", tests: Vec::new(), at, program: None };
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModuleReport {
    module: &'static str,
    tests: Vec<&'static str>,
    at: UnixTime,
    program: Option<[u8; 32]>,
}

/// A known answer came out differently: the module must not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the crypto module failed its known-answer test {test}")]
pub struct SelfTestFailed {
    /// Which test.
    pub test: &'static str,
}

impl ModuleReport {
    /// Tests every operation that `provider` says it has, against published answers.
    ///
    /// Each signature test also demands that a changed message is refused, each opening test that a changed tag is
    /// refused and leaves no plaintext: a module that says yes to everything fails too.
    ///
    /// x1149: 3.1.17.5
    ///
    /// # Errors
    /// [`SelfTestFailed`] with the first test that fails: stop the start-up.
    pub fn of(provider: &dyn CryptoProvider, now: UnixTime) -> Result<Self, SelfTestFailed> {
        let tests = answers::run(provider)?;
        Ok(Self { module: provider.name(), tests, at: now, program: None })
    }

    /// The report with the SHA-256 of the program file at `path` (usually `std::env::current_exe()`): the module is
    /// linked into it.
    ///
    /// # Errors
    /// [`ProgramHashError`].
    pub fn with_program(mut self, path: &Path, provider: &dyn CryptoProvider) -> Result<Self, ProgramHashError> {
        self.program = Some(program_hash(path, provider)?);
        Ok(self)
    }

    /// Name and version of the module.
    #[must_use]
    pub const fn module(&self) -> &'static str {
        self.module
    }

    /// The tests that passed, in order.
    #[must_use]
    pub fn tests(&self) -> &[&'static str] {
        &self.tests
    }

    /// SHA-256 of the program the module is linked into.
    #[must_use]
    pub const fn program(&self) -> Option<&[u8; 32]> {
        self.program.as_ref()
    }
}

impl fmt::Display for ModuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "crypto module: {}, ingam-keys {}", self.module, env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "  tested at {}: {}", self.at.to_rfc3339(), self.tests.join(", "))?;
        if let Some(hash) = &self.program {
            f.write_str("  program sha-256: ")?;
            hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

/// The program file could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the program file cannot be read: {0}")]
pub struct ProgramHashError(pub io::ErrorKind);

/// The plain SHA-256 of the file, as `sha256sum` prints it, so that an inspector can compare.
fn program_hash(path: &Path, provider: &dyn CryptoProvider) -> Result<[u8; 32], ProgramHashError> {
    let bytes = fs::read(path).map_err(|error| ProgramHashError(error.kind()))?;
    Ok(provider.sha256(&[&bytes]))
}
