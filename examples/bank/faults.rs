//! Everything that is wrong with a configuration, told at once.

use std::{error::Error, fmt, fs, path::Path};

/// Faults, each a line that says where to look.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    /// A fault of its own.
    pub(crate) fn add(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of `member`, or its fault.
    pub(crate) fn take<T, E: fmt::Display>(&mut self, member: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(format!("{member}: {error}"))).ok()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "configuration: {only}"),
            all => write!(f, "the configuration has {} faults:\n  {}", all.len(), all.join("\n  ")),
        }
    }
}

impl Error for Faults {}

/// The file at `path`; an error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
