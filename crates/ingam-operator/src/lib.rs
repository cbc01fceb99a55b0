//! What a bank or a platform embeds: the order of the checks, the decisions, the pages and the endpoints.
//!
//! Put [`OperatorParts`] together, [`Operator::start`] it, and hand requests to an [`Entrance`]: it is an
//! [`ingam_ports::Endpoint`], whatever carries the requests. The registration phase (A① to A④) issues access keys,
//! the usage phase (B① to B④) answers calls: each check returns evidence that the next step takes.

mod administration;
mod answer;
mod attempts;
mod bank;
mod clock;
mod directory;
mod endpoint;
mod entrance;
mod gate;
mod keys;
mod limits;
mod metrics;
mod neutral;
mod operator;
mod pages;
mod parts;
mod profile;
mod proxy;
mod record;
mod refusal;
mod registration;
mod revocation;
mod revoked;
mod route;
#[cfg(feature = "axum")]
mod router;
pub mod usage;
mod user;

pub use self::{
    administration::AdministrationError,
    bank::{Bank, BankError, Banks, DataBank, DataError},
    clock::system_clock,
    directory::{DirectoryError, FintechDirectory, StoredDirectory},
    entrance::Entrance,
    keys::OperatorKeys,
    neutral::{NoBlocks, NoRisk},
    operator::{NotReady, Operator, StartError, TendError},
    parts::{Identity, OperatorParts},
    profile::{Profile, ProfileError},
    proxy::Proxies,
    user::{
        ConsentAnswer, ConsentPolicy, ConsentQuestion, InvalidUser, LoginAttempt, LoginRefused, PasswordHash,
        PasswordUser, PasswordUsers, SimpleConsent, UserAuthenticator,
    },
};
