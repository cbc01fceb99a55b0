//! The Store and ReplayGuard kept: memory and redb.
