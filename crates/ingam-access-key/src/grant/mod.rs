//! Grants: what a user consented to, from which access keys are issued until it is revoked.

mod narrow;
mod record;
mod refresh;
mod revoke;

pub use self::{
    narrow::{AccessTerms, NarrowError},
    record::{AuthenticationContext, Grant, GrantStatus},
    refresh::{RefreshError, RefreshRecord, RefreshTerms},
    revoke::{RevocationReason, RevokeError},
};
