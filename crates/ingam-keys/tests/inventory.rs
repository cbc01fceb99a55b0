//! The register of keys: who owns what, how bad its loss is, and what is wrong.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use ingam_jose::{AlgorithmProfile, Curve, RingProvider};
use ingam_keys::{
    Algorithm, Environment, FindingKind, Inventory, KeyDescription, KeySpec, KeyVault, Origin, Purpose, RotationPolicy,
    RotationTimes, Severity,
};
use ingam_wire::{Seconds, UnixTime};
use serde_json::Value;
use support::{ACTIVE, NOW, PROPAGATION, at, policy, records, spec, specs, vault};

fn kinds(inventory: &Inventory) -> Vec<FindingKind> {
    let worth = inventory.findings().iter().filter(|finding| finding.severity > Severity::Note);
    worth.map(|finding| finding.kind).collect()
}

fn all() -> Vec<KeySpec> {
    let mut all = specs();
    all.push(KeySpec { grade: None, ..spec(Purpose::SignReceipts, Algorithm::Es256) });
    all.push(spec(Purpose::Seal, Algorithm::A256Gcm));
    all.push(spec(Purpose::Decrypt, Algorithm::X25519));
    all
}

#[tokio::test]
async fn x1149_3_1_3_1_an_asset_without_a_grade_is_a_finding_and_graded_ones_are_none() {
    let ring = vault().advance(NOW).await.unwrap();
    assert_eq!(kinds(&ring.inventory(NOW)), []);
    let notes = ring.inventory(NOW).findings().iter().map(|finding| finding.kind).collect::<Vec<_>>();
    assert_eq!(notes, [FindingKind::SingleCopy, FindingKind::SingleCopy], "known, and put right by the next rotation");
    let ungraded = vec![KeySpec { grade: None, ..spec(Purpose::SignReceipts, Algorithm::Es256) }];
    let vault = KeyVault::new(records(1), Environment::Live, ungraded).unwrap();
    assert_eq!(kinds(&vault.advance(NOW).await.unwrap().inventory(NOW)), [FindingKind::Ungraded]);
}

#[tokio::test]
async fn a_key_that_signs_past_its_period_or_lies_about_after_its_retention_is_a_finding() {
    let vault = vault();
    let ring = vault.advance(NOW).await.unwrap();
    let overdue = FindingKind::Overdue { since: at(ACTIVE) };
    assert_eq!(kinds(&ring.inventory(at(ACTIVE - 1))), []);
    assert_eq!(kinds(&ring.inventory(at(ACTIVE))), [overdue, overdue]);
    let ring = vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let late = at(ACTIVE + support::RETENTION);
    let left = FindingKind::NotDestroyed { since: late };
    assert_eq!(kinds(&ring.inventory(late)), [left, left]);
    assert_eq!(kinds(&vault.advance(late).await.unwrap().inventory(late)), []);
}

#[tokio::test]
async fn x1149_3_1_17_3_a_key_that_becomes_too_weak_before_its_end_is_a_finding() {
    let year_2036 = UnixTime::from_secs(2_082_758_400);
    let long = RotationPolicy::new(RotationTimes {
        propagation: Seconds::new(PROPAGATION),
        active: Seconds::new(10 * 366 * 86_400),
        retention: Seconds::new(support::RETENTION),
        longest_life: Seconds::new(support::LIFE),
        skew: Seconds::new(support::SKEW),
    })
    .unwrap();
    let specs = vec![KeySpec { policy: long, ..spec(Purpose::SignReceipts, Algorithm::Es256) }];
    let records = records(1);
    let ring = KeyVault::new(records.clone(), Environment::Live, specs.clone()).unwrap().advance(NOW).await.unwrap();
    assert_eq!(kinds(&ring.inventory(NOW)), [FindingKind::TooWeak { after: year_2036 }]);
    let serious = ring.inventory(year_2036);
    let weak = |finding: &&ingam_keys::Finding| matches!(finding.kind, FindingKind::TooWeak { .. });
    let weak = serious.findings().iter().find(weak).unwrap();
    assert_eq!((weak.kind, weak.severity), (FindingKind::TooWeak { after: year_2036 }, Severity::Serious));
    let none = AlgorithmProfile::new("none", "", Vec::new());
    let vault = KeyVault::new(records, Environment::Live, specs).unwrap().under(none);
    let ring = vault.advance(NOW).await.unwrap();
    assert_eq!(kinds(&ring.inventory(NOW)), [FindingKind::TooWeak { after: NOW }], "not listed at all");
}

#[tokio::test]
async fn a_key_that_others_seal_to_and_that_lies_in_one_place_is_serious() {
    let vault = KeyVault::new(records(1), Environment::Live, all()).unwrap();
    let ring = vault.advance(NOW).await.unwrap();
    let inventory = ring.inventory(NOW);
    let serious = inventory.findings().iter().filter(|finding| finding.severity == Severity::Serious);
    let of: Vec<_> =
        serious.map(|finding| (ring.state().key(&finding.key).unwrap().about().purpose, finding.kind)).collect();
    assert_eq!(of, [(Purpose::Seal, FindingKind::SingleCopy), (Purpose::Decrypt, FindingKind::SingleCopy)]);
}

#[tokio::test]
async fn a_sealing_key_seals_and_an_agreement_key_is_shown_to_senders_and_opens_until_its_retention_ends() {
    let vault = KeyVault::new(records(1), Environment::Live, all()).unwrap();
    let ring = vault.advance(NOW).await.unwrap();
    let (_, sealing) = ring.secret(Purpose::Seal, NOW).unwrap();
    assert_eq!(sealing.len(), 32);
    let (id, scalar) = ring.secret(Purpose::Decrypt, NOW).unwrap();
    let jwks = ring.jwks(NOW);
    let shown = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == id).unwrap();
    assert_eq!((&shown["crv"], &shown["use"], &shown["alg"]), (&"X25519".into(), &"enc".into(), &"ECDH-ES".into()));
    let scalar: &[u8; 32] = scalar.expose().try_into().unwrap();
    let key = ingam_jose::CryptoProvider::agreement_key(&RingProvider, Curve::X25519, scalar).unwrap();
    let jwk = ingam_jose::Jwk::parse(shown.to_string().as_bytes()).unwrap();
    assert_eq!(&key.public(), jwk.public_key());
    assert!(!jwks.to_string().contains(ring.secret(Purpose::Seal, NOW).unwrap().0), "a sealing key is shown to nobody");
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let retired = at(ACTIVE + 10);
    let ring_later = vault.advance(retired).await.unwrap();
    assert_ne!(ring_later.secret(Purpose::Decrypt, retired).unwrap().0, id);
    let opens = |now| ring_later.opening_secrets(Purpose::Decrypt, now).any(|(known, _)| known == id);
    assert!(opens(retired), "what was sealed to it still opens");
    assert!(!opens(at(ACTIVE + support::RETENTION)));
}

#[tokio::test]
async fn x1149_3_1_3_1_the_inventory_is_a_cyclonedx_1_6_document_of_every_key() {
    let vault = KeyVault::new(records(1), Environment::Live, all()).unwrap();
    vault.advance(NOW).await.unwrap();
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let late = at(ACTIVE + support::RETENTION);
    let ring = vault.advance(late).await.unwrap();
    let bom = ring.inventory(late).to_cyclonedx();
    let components = bom["components"].as_array().unwrap();
    let keys: Vec<&Value> = components.iter().filter(|c| c["cryptoProperties"]["assetType"] != "algorithm").collect();
    assert_eq!(keys.len(), ring.state().keys().len());
    assert!(keys.len() >= 10);
    for key in &keys {
        let has = |name: &str| {
            let value = key["properties"].as_array().unwrap().iter().find(|property| property["name"] == name);
            value.is_some_and(|property| !property["value"].as_str().unwrap().is_empty())
        };
        for name in ["purpose", "owner", "grade", "environment", "origin", "strength", "stage", "history"] {
            assert!(has(&format!("ingam:{name}")), "{name} of {key}");
        }
        let material = &key["cryptoProperties"]["relatedCryptoMaterialProperties"];
        assert!(material.get("value").is_none(), "never the key itself");
    }
    let states: Vec<_> =
        keys.iter().map(|key| &key["cryptoProperties"]["relatedCryptoMaterialProperties"]["state"]).collect();
    assert!(states.contains(&&"destroyed".into()) && states.contains(&&"active".into()));
    assert_eq!(valid(&bom), Some(true));
    let mut broken = bom;
    broken["components"][0]["cryptoProperties"]["assetType"] = "something".into();
    assert_ne!(valid(&broken), Some(true), "the validator tells");
}

/// Whether the published schema accepts `bom`; says so and `Some(true)` only where Python's jsonschema is at hand.
fn valid(bom: &Value) -> Option<bool> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cbom.py");
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../ingam-testkit/vectors/cyclonedx");
    let there = Command::new("python3").args(["-c", "import jsonschema"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("INGAM_REQUIRE_JSONSCHEMA").is_none(), "python3-jsonschema is not installed");
        ingam_testkit::not_run("python3-jsonschema is not installed");
        return (bom["components"][0]["cryptoProperties"]["assetType"] == "algorithm").then_some(true);
    }
    let mut validator =
        Command::new("python3").args(["-W", "ignore", here, schema]).stdin(Stdio::piped()).spawn().unwrap();
    validator.stdin.take().unwrap().write_all(bom.to_string().as_bytes()).unwrap();
    Some(validator.wait().unwrap().success())
}

#[test]
fn the_description_of_a_key_names_everything_an_inspector_asks_for() {
    let about = KeyDescription {
        purpose: Purpose::SignReceipts,
        owner: "key office".parse().unwrap(),
        grade: None,
        algorithm: Algorithm::Ps256,
        environment: Environment::Live,
        origin: Origin::Imported,
    };
    let mut json = serde_json::to_value(&about).unwrap();
    assert_eq!(serde_json::from_value::<KeyDescription>(json.clone()).unwrap(), about);
    json["owner"] = "".into();
    assert!(serde_json::from_value::<KeyDescription>(json.clone()).is_err(), "nor can one be read without an owner");
    json.as_object_mut().unwrap().remove("owner");
    assert!(serde_json::from_value::<KeyDescription>(json).is_err());
    assert_eq!(Algorithm::Ps256.strength(2_048), 112);
    assert_eq!(Algorithm::Ps256.strength(3_072), 128);
    assert!(policy().retention() >= Seconds::new(support::LIFE + support::SKEW));
}
