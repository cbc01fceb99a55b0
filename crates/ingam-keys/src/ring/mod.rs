//! Our own keys: what each is for, and where it stands in its life.

mod describe;
mod key;
mod keys;
mod policy;
mod state;

pub use self::{
    describe::{Algorithm, Environment, Grade, InvalidName, Origin, Owner, Purpose},
    key::{Cause, KeyDescription, KeyRecord, Stage, StageChange},
    keys::{KeyRing, KeySpec, RingError, signing_key_digest},
    policy::{PolicyError, RotationPolicy, RotationTimes},
    state::{KeyEvent, RingState, TransitionError},
};
pub(crate) use self::{
    describe::{TEST_PREFIX, checked_name},
    keys::{Loaded, RingRules},
};
