//! Known-answer tests at start-up: a module that computes wrongly, or verifies everything, is never used.

mod answers;
mod module;

pub(crate) use self::answers::run as self_test;
pub use self::module::{ModuleReport, ProgramHashError, SelfTestFailed};
