//! Secrets in a file: opened by the right key only, changed as a whole or not at all.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc};

use ingam_jose::{RingProvider, SignatureAlgorithm, SigningKey};
use ingam_keys::{
    Act, Command, DualControl, Environment, ExportError, PassphraseCost, Person, Purpose, TransitionError,
    VaultDiskError, VaultError, VaultFile, VaultFileError, VaultKey,
};
use ingam_testkit::assert_hidden;
use ingam_wire::{SecretBytes, SecretText};
use support::{
    NOW,
    bent::{Bent, Fault},
    vault,
};

const CANARY: &[u8] = b"canary-master-secret-of-32-bytes";

fn secret(byte: u8) -> SecretBytes {
    SecretBytes::new(vec![byte; 32])
}

fn provider() -> Arc<RingProvider> {
    Arc::new(RingProvider)
}

fn passphrase(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn filled(source: &VaultKey<'_>) -> VaultFile {
    let mut vault = VaultFile::create(Environment::Live, source, provider()).unwrap();
    vault.put("master", &SecretBytes::new(CANARY.to_vec())).unwrap();
    vault.put("other", &secret(9)).unwrap();
    vault
}

fn open(bytes: &[u8], source: &VaultKey<'_>) -> Result<VaultFile, VaultFileError> {
    VaultFile::open(bytes, Environment::Live, source, provider())
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ingam-vault-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_vault_opens_with_its_passphrase_and_shows_nothing_without() {
    let right = passphrase("right horse battery");
    let source = VaultKey::Passphrase(&right, PassphraseCost::LEAST);
    let vault = filled(&source);
    let bytes = vault.to_bytes().unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"canary"));
    assert_hidden(&vault, "canary");
    assert_eq!(open(&bytes, &source).unwrap().secret("master").unwrap().expose(), CANARY);
    let wrong = passphrase("wrong horse battery");
    let refused = open(&bytes, &VaultKey::Passphrase(&wrong, PassphraseCost::LEAST)).unwrap_err();
    assert_eq!(refused, VaultFileError::WrongKey);
    let key = secret(1);
    assert_eq!(open(&bytes, &VaultKey::Secret(&key)).unwrap_err(), VaultFileError::OtherSource);
}

#[test]
fn a_machine_secret_must_have_256_bits_and_be_the_right_one() {
    let (right, wrong, short) = (secret(1), secret(2), SecretBytes::new(vec![1; 31]));
    let bytes = filled(&VaultKey::Secret(&right)).to_bytes().unwrap();
    assert!(open(&bytes, &VaultKey::Secret(&right)).is_ok());
    assert_eq!(open(&bytes, &VaultKey::Secret(&wrong)).unwrap_err(), VaultFileError::WrongKey);
    assert_eq!(open(&bytes, &VaultKey::Secret(&short)).unwrap_err(), VaultFileError::SecretTooShort);
}

#[test]
fn sr_77_cost_parameters_of_a_file_are_bounded_before_they_are_obeyed() {
    let right = passphrase("right horse battery");
    let source = VaultKey::Passphrase(&right, PassphraseCost::LEAST);
    let text = String::from_utf8(filled(&source).to_bytes().unwrap()).unwrap();
    for (from, to) in [
        ("\"memory\": 19456", "\"memory\": 4294967295"),
        ("\"memory\": 19456", "\"memory\": 262145"),
        ("\"memory\": 19456", "\"memory\": 8"),
        ("\"passes\": 2", "\"passes\": 4294967295"),
        ("\"passes\": 2", "\"passes\": 1"),
        ("\"lanes\": 1", "\"lanes\": 0"),
        ("\"lanes\": 1", "\"lanes\": 16777216"),
    ] {
        assert!(text.contains(from), "{text}");
        let changed = text.replace(from, to);
        assert_eq!(open(changed.as_bytes(), &source).unwrap_err(), VaultFileError::CostOutOfBounds, "{to}");
    }
    assert_eq!(PassphraseCost::new(8, 1, 1), Err(VaultFileError::CostOutOfBounds));
    assert!(PassphraseCost::new(65_536, 3, 1).is_ok());
}

#[test]
fn a_changed_file_is_refused_whatever_was_changed() {
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let bytes = filled(&source).to_bytes().unwrap();
    let good: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = good.clone();
        change(&mut value);
        open(value.to_string().as_bytes(), &source).unwrap_err()
    };
    let corrupt = VaultFileError::Corrupt;
    assert_eq!(refused(&|v| drop(v["body"]["entries"].as_array_mut().unwrap().pop())), corrupt, "dropped");
    assert_eq!(refused(&|v| v["body"]["entries"].as_array_mut().unwrap().swap(0, 1)), corrupt, "swapped");
    assert_eq!(refused(&|v| v["body"]["entries"][0]["name"] = "master2".into()), corrupt);
    assert_eq!(refused(&|v| v["body"]["entries"][0]["version"] = 2.into()), corrupt);
    assert_eq!(refused(&|v| v["body"]["environment"] = "test".into()), corrupt);
    assert_eq!(refused(&|v| v["body"]["entries"][0]["destroyed_at"] = 1.into()), corrupt);
    let other = good["body"]["entries"][1]["sealed"].clone();
    assert_eq!(refused(&|v| v["body"]["entries"][0]["sealed"] = other.clone()), corrupt);
    assert_eq!(refused(&|v| v["mac"] = v["check"].clone()), corrupt);
    assert_eq!(refused(&|v| v["check"] = v["mac"].clone()), VaultFileError::WrongKey);
    assert_eq!(refused(&|v| v["body"]["ingam-vault"] = 2.into()), VaultFileError::UnknownFormat(2));
    assert_eq!(refused(&|v| v["surplus"] = 1.into()), VaultFileError::Malformed);
    for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(open(&bytes[..cut], &source).unwrap_err(), VaultFileError::Malformed, "cut at {cut}");
    }
    assert_eq!(open(&vec![b' '; 2 << 20], &source).unwrap_err(), VaultFileError::Malformed, "too large");
}

#[test]
fn every_byte_of_the_file_counts() {
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let bytes = filled(&source).to_bytes().unwrap();
    for at in 0..bytes.len() {
        for change in [0x01, 0x20, 0x80] {
            let mut bent = bytes.clone();
            bent[at] ^= change;
            if let Ok(vault) = open(&bent, &source) {
                assert_eq!(vault.to_bytes().unwrap(), bytes, "white space at {at} at most");
            }
        }
    }
}

#[test]
fn x1149_3_1_11_3_a_vault_of_the_other_environment_is_refused() {
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let bytes = filled(&source).to_bytes().unwrap();
    let refused = VaultFile::open(&bytes, Environment::Test, &source, provider()).unwrap_err();
    let expected = VaultFileError::WrongEnvironment { file: Environment::Live, wanted: Environment::Test };
    assert_eq!(refused, expected);
}

#[test]
fn x1149_3_1_17_4_replacing_the_file_s_key_leaves_every_sealed_secret_as_it_was() {
    let (old, new) = (secret(1), passphrase("new horse battery"));
    let (before, after) = (VaultKey::Secret(&old), VaultKey::Passphrase(&new, PassphraseCost::LEAST));
    let mut vault = filled(&before);
    vault.destroy("other", NOW).unwrap();
    let value = |vault: &VaultFile| serde_json::from_slice::<serde_json::Value>(&vault.to_bytes().unwrap()).unwrap();
    let first = value(&vault);
    vault.rewrap(&after).unwrap();
    let second = value(&vault);
    let entry = |value: &serde_json::Value, member: &str| value["body"]["entries"][0][member].clone();
    assert_eq!(entry(&first, "sealed"), entry(&second, "sealed"), "not touched");
    assert_ne!(entry(&first, "wrapped"), entry(&second, "wrapped"), "wrapped anew");
    let bytes = vault.to_bytes().unwrap();
    assert_eq!(open(&bytes, &after).unwrap().secret("master").unwrap().expose(), CANARY);
    assert_eq!(open(&bytes, &before).unwrap_err(), VaultFileError::OtherSource);
}

#[test]
fn x1149_3_1_17_4_a_destroyed_secret_s_data_key_is_gone_and_the_file_says_when() {
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let mut vault = filled(&source);
    vault.destroy("master", NOW).unwrap();
    let bytes = vault.to_bytes().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let entry = &value["body"]["entries"][0];
    assert!(entry["wrapped"].is_null() && entry["sealed"].is_null());
    assert_eq!(entry["destroyed_at"], NOW.secs());
    let mut again = open(&bytes, &source).unwrap();
    assert_eq!(again.secret("master").unwrap_err(), VaultFileError::Destroyed);
    assert_eq!(again.put("master", &secret(3)).unwrap_err(), VaultFileError::Destroyed, "a name does not come back");
    assert_eq!(again.destroy("master", NOW).unwrap_err(), VaultFileError::Destroyed);
    assert_eq!(again.secret("nobody").unwrap_err(), VaultFileError::Unknown);
    assert_eq!(again.secret("other").unwrap().expose(), [9; 32]);
}

#[test]
fn sr_33_without_randomness_nothing_is_made() {
    let key = secret(1);
    for fault in [Fault::ZeroRandomness, Fault::NoRandomness] {
        let provider = Arc::new(Bent::new(fault));
        let unavailable = VaultFileError::Randomness(ingam_wire::RandomnessUnavailable);
        let made = VaultFile::create(Environment::Live, &VaultKey::Secret(&key), provider.clone())
            .and_then(|mut vault| vault.make("master"));
        assert_eq!(made, Err(unavailable));
        let sealer = ingam_keys::RecordSealer::new(provider.clone(), &key);
        let records = ingam_keys::Records::new(Arc::new(ingam_store::MemoryStore::new()), Arc::new(sealer));
        provider.set(Fault::Nothing);
        let vault = ingam_keys::KeyVault::new(records, Environment::Live, support::specs()).unwrap();
        provider.set(fault);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let error = runtime.block_on(vault.advance(NOW)).unwrap_err();
        assert_eq!(error, VaultError::Key(ingam_jose::KeyError::Randomness(ingam_wire::RandomnessUnavailable)));
    }
}

#[test]
fn a_file_is_written_whole_for_its_owner_only_and_never_over_another_s_changes() {
    let folder = Folder::new("whole");
    let path = folder.0.join("keys.vault");
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let load = || VaultFile::load(&path, Environment::Live, &source, provider());
    assert!(matches!(load(), Err(VaultDiskError::Io(std::io::ErrorKind::NotFound))));
    let mut mine = filled(&source);
    mine.save(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "nothing is left beside it");
    let mut theirs = load().unwrap();
    theirs.put("theirs", &secret(5)).unwrap();
    theirs.save(&path).unwrap();
    mine.put("mine", &secret(6)).unwrap();
    assert_eq!(mine.save(&path), Err(VaultDiskError::ChangedMeanwhile));
    assert!(load().unwrap().secret("theirs").is_ok(), "nothing of theirs is lost");
    assert_eq!(filled(&source).save(&path), Err(VaultDiskError::ChangedMeanwhile), "a new vault overwrites nothing");
    theirs.put("more", &secret(7)).unwrap();
    theirs.save(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(load().unwrap_err(), VaultDiskError::TooOpen { mode: 0o644 });
}

#[test]
fn of_two_who_read_the_same_file_one_writes_and_the_other_is_told() {
    const EACH: usize = 20;
    let folder = Folder::new("two");
    let path = folder.0.join("keys.vault");
    let key = secret(1);
    filled(&VaultKey::Secret(&key)).save(&path).unwrap();
    let put_all = |who: usize| {
        for n in 0..EACH {
            loop {
                let mut vault =
                    VaultFile::load(&path, Environment::Live, &VaultKey::Secret(&secret(1)), provider()).unwrap();
                vault.put(&format!("{who}-{n}"), &secret(9)).unwrap();
                match vault.save(&path) {
                    Ok(()) => break,
                    Err(error) => assert_eq!(error, VaultDiskError::ChangedMeanwhile),
                }
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|who| drop(scope.spawn(move || put_all(who)))));
    let vault = VaultFile::load(&path, Environment::Live, &VaultKey::Secret(&key), provider()).unwrap();
    let kept = vault.names().filter(|name| name.contains('-')).count();
    assert_eq!(kept, 4 * EACH, "nobody's secret was written over");
}

#[test]
fn a_link_stays_a_link_and_what_it_names_is_written() {
    let folder = Folder::new("link");
    let (path, link) = (folder.0.join("keys.vault"), folder.0.join("link.vault"));
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    filled(&source).save(&path).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let load = |path| VaultFile::load(path, Environment::Live, &source, provider());
    let mut vault = load(&link).unwrap();
    vault.put("more", &secret(7)).unwrap();
    vault.save(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(load(&path).unwrap().secret("more").is_ok());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(load(&link).unwrap_err(), VaultDiskError::TooOpen { mode: 0o640 });
}

#[test]
fn a_write_that_fails_leaves_the_old_file() {
    let folder = Folder::new("fails");
    let path = folder.0.join("keys.vault");
    let key = secret(1);
    let source = VaultKey::Secret(&key);
    let mut vault = filled(&source);
    vault.save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    for n in 0..90 {
        vault.put(&format!("large-{n}"), &SecretBytes::new(vec![1; 16 * 1024])).unwrap();
    }
    assert_eq!(vault.save(&path), Err(VaultDiskError::Content(VaultFileError::TooLarge)));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[tokio::test]
async fn x1149_3_1_5_2_a_key_is_exported_by_two_people_sealed_and_on_record() {
    let key = || SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap();
    let (kim, lee): (Person, Person) = ("kim".parse().unwrap(), "lee".parse().unwrap());
    let (kims, lees) = (key(), key());
    let listed = [(kim.clone(), kims.public().clone()), (lee.clone(), lees.public().clone())];
    let control = DualControl::new(listed.into()).unwrap();
    let vault = vault();
    let ring = vault.advance(NOW).await.unwrap();
    let signer = ring.signer(Purpose::SignResponses, NOW).unwrap();
    let id = signer.key_id().as_str();
    let agreed = async |act, key: &str| {
        let command = Command { act, key: key.into(), environment: Environment::Live, reason: "escrow".into() };
        let request = DualControl::request(command.clone(), kim.clone(), &kims, NOW).await.unwrap();
        let approval = DualControl::approve(command, lee.clone(), &lees, NOW).await.unwrap();
        control.check(&request, &approval, NOW).unwrap()
    };
    let kek = secret(4);
    let source = VaultKey::Secret(&kek);
    let other = vault.export(&agreed(Act::Activate, id).await, &source, provider(), NOW).await.unwrap_err();
    assert!(matches!(other, ExportError::Ring(VaultError::Transition(TransitionError::NotFrom { .. }))));
    let pkcs8 = ingam_jose::CryptoProvider::generate(&RingProvider, SignatureAlgorithm::EdDsa).unwrap();
    let imported =
        vault.import(Purpose::SignResponses, &SecretBytes::new(pkcs8.to_vec()), Environment::Live, NOW).await.unwrap();
    let activate = agreed(Act::Activate, imported.as_str()).await;
    assert!(vault.export(&activate, &source, provider(), NOW).await.is_err(), "agreed on something else");
    let ring = vault.advance(NOW).await.unwrap();
    assert_eq!(ring.state().key(imported.as_str()).unwrap().not_before(), None, "and nothing was done");
    let copy = vault.export(&agreed(Act::Export, id).await, &source, provider(), NOW).await.unwrap();
    let pkcs8 = open(&copy, &source).unwrap().secret(id).unwrap();
    let restored = SigningKey::from_pkcs8(pkcs8.expose(), SignatureAlgorithm::EdDsa, None, &RingProvider).unwrap();
    assert_eq!(restored.public().thumbprint(), signer.verifying_key().thumbprint());
    let ring = vault.advance(NOW).await.unwrap();
    assert_eq!(ring.state().key(id).unwrap().exported(), 1);
}
