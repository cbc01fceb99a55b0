//! What keys there are, and what is wrong with them: as findings, and as a CycloneDX 1.6 bill of materials.

mod cyclonedx;
mod find;

pub use self::find::{Finding, FindingKind, Inventory, Severity};
