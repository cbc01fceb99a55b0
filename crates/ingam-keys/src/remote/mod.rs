//! Other parties' key sets: fetched rarely, kept through outages, never at an attacker's bidding.

mod archive;
mod drive;
mod policy;
mod state;

pub use self::{
    archive::{ArchiveError, KeyArchive},
    drive::{RemoteKeySet, RemoteKeySets},
    policy::{RemotePolicy, RemotePolicyError, RemoteTimes},
    state::{FetchError, FetchTicket, Lookup, RemoteKeyError, RemoteKeys},
};
