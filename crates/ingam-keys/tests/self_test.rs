//! A crypto module that computes wrongly is found out before it is used.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::sync::Arc;

use ingam_jose::{RingProvider, SignatureAlgorithm};
use ingam_keys::{Environment, KeyVault, ModuleReport, RecordSealer, Records, SelfTestFailed, VaultError};
use ingam_store::MemoryStore;
use ingam_wire::SecretBytes;
use support::{
    NOW,
    bent::{Bent, Fault},
    specs,
};

const FAULTS: [(Fault, &str); 17] = [
    (Fault::ZeroRandomness, "randomness"),
    (Fault::NoRandomness, "randomness"),
    (Fault::RepeatedRandomness, "randomness"),
    (Fault::Sha256, "SHA-256"),
    (Fault::Sha512, "SHA-512"),
    (Fault::Hmac, "HMAC-SHA-256"),
    (Fault::Hkdf, "HKDF-SHA-256"),
    (Fault::SealsInClear, "AES-128-GCM"),
    (Fault::OpensAnything, "AES-128-GCM"),
    (Fault::Agrees, "X25519"),
    (Fault::AcceptsEverySignature(SignatureAlgorithm::Es256), "ES256"),
    (Fault::RefusesEverySignature(SignatureAlgorithm::Es256), "ES256"),
    (Fault::SignsBadly(SignatureAlgorithm::Es256), "ES256"),
    (Fault::AcceptsEverySignature(SignatureAlgorithm::EdDsa), "EdDSA"),
    (Fault::SignsBadly(SignatureAlgorithm::EdDsa), "EdDSA"),
    (Fault::AcceptsEverySignature(SignatureAlgorithm::Ps256), "PS256"),
    (Fault::SignsBadly(SignatureAlgorithm::Ps256), "PS256"),
];

#[test]
fn x1149_3_1_17_5_every_operation_of_the_module_is_tested_and_reported() {
    let report = ModuleReport::of(&RingProvider, NOW).unwrap();
    for test in ["SHA-256", "HMAC-SHA-256", "HKDF-SHA-256", "AES-256-GCM", "ES256", "EdDSA", "PS256", "X25519"] {
        assert!(report.tests().contains(&test), "{test}");
    }
    assert!(report.module().starts_with("ring "));
    let program = std::env::current_exe().unwrap();
    let report = report.with_program(&program, &RingProvider).unwrap();
    assert!(report.program().is_some());
    let printed = report.to_string();
    assert!(printed.contains("ring ") && printed.contains("sha-256: ") && printed.contains("2027-"), "{printed}");
    assert!(report.with_program(std::path::Path::new("/no/such/file"), &RingProvider).is_err());
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn x1149_3_1_17_5_the_second_module_is_tested_in_what_it_has_beyond_the_first() {
    let report = ModuleReport::of(&ingam_jose::AwsLcProvider, NOW).unwrap();
    for test in ["ES256", "EdDSA", "PS256", "X25519", "P-256", "AES-256 key wrap", "AES-256-GCM"] {
        assert!(report.tests().contains(&test), "{test}");
    }
}

#[test]
fn x1149_3_1_17_5_each_fault_stops_the_start_up() {
    assert!(ModuleReport::of(&Bent::new(Fault::Nothing), NOW).is_ok());
    for (fault, test) in FAULTS {
        assert_eq!(ModuleReport::of(&Bent::new(fault), NOW), Err(SelfTestFailed { test }), "{fault:?}");
    }
}

#[test]
fn x1149_3_1_17_5_no_ring_stands_on_a_module_that_fails() {
    for (fault, test) in FAULTS {
        let sealer = RecordSealer::new(Arc::new(Bent::new(fault)), &SecretBytes::new(vec![1; 32]));
        let records = Records::new(Arc::new(MemoryStore::new()), Arc::new(sealer));
        let refused = KeyVault::new(records, Environment::Live, specs()).unwrap_err();
        assert_eq!(refused, VaultError::SelfTest(SelfTestFailed { test }), "{fault:?}");
    }
}
