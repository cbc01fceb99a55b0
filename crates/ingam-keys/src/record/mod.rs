//! Sealed records over a [`Store`](ingam_ports::Store): what a store keeps is never clear text.

pub(crate) mod committed;
mod seal;
mod stored;
mod wiped;

use ingam_ports::Table;
use serde::{Serialize, de::DeserializeOwned};

pub use self::{
    seal::{RecordSealer, SealError},
    stored::{Records, RecordsError, Stored},
};

/// Something that is kept as sealed row of one table.
pub trait Record: Serialize + DeserializeOwned {
    /// The only table these records are kept in.
    const TABLE: Table;
}
