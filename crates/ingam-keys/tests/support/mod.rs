//! A ring with two purposes, and the time it lives in.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "each test program uses its part")]

pub(crate) mod bent;

use std::sync::Arc;

use ingam_jose::RingProvider;
use ingam_keys::{
    Algorithm, Environment, Grade, KeySpec, KeyVault, Purpose, RecordSealer, Records, RotationPolicy, RotationTimes,
};
use ingam_store::MemoryStore;
use ingam_wire::{Seconds, SecretBytes, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const PROPAGATION: u64 = 100;
pub(crate) const ACTIVE: u64 = 1_000;
pub(crate) const LIFE: u64 = 300;
pub(crate) const SKEW: u64 = 30;
pub(crate) const RETENTION: u64 = 330;

pub(crate) fn at(seconds: u64) -> UnixTime {
    NOW.plus(Seconds::new(seconds))
}

pub(crate) fn policy() -> RotationPolicy {
    RotationPolicy::new(RotationTimes {
        propagation: Seconds::new(PROPAGATION),
        active: Seconds::new(ACTIVE),
        retention: Seconds::new(RETENTION),
        longest_life: Seconds::new(LIFE),
        skew: Seconds::new(SKEW),
    })
    .unwrap()
}

pub(crate) fn spec(purpose: Purpose, algorithm: Algorithm) -> KeySpec {
    KeySpec { purpose, algorithm, owner: "key office".parse().unwrap(), grade: Some(Grade::High), policy: policy() }
}

pub(crate) fn specs() -> Vec<KeySpec> {
    vec![spec(Purpose::SignAccessKeys, Algorithm::Es256), spec(Purpose::SignResponses, Algorithm::EdDsa)]
}

pub(crate) fn records(master: u8) -> Records {
    let sealer = RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![master; 32]));
    Records::new(Arc::new(MemoryStore::new()), Arc::new(sealer))
}

pub(crate) fn vault() -> KeyVault {
    KeyVault::new(records(1), Environment::Live, specs()).unwrap()
}
