//! Access keys themselves: issued from a grant to a proven holder, verified, and bound to the request that brings them.

mod access;
mod cache;
mod claims;
mod generations;
mod holders;
mod issue;
mod opaque;
mod present;
mod refused;
mod verify;

pub use self::{
    access::Access,
    claims::{AccessKeyClaims, AccessKeyKind},
    issue::{AccessKeyIssuer, IssueError, IssuedAccessKey},
    opaque::{IssuedId, OpaqueAccessKey},
    present::{AuthScheme, PresentedAccessKey},
    refused::AccessRefused,
    verify::{ClaimedIssuer, TrustedIssuer, VerifiedAccess, Verifier},
};
