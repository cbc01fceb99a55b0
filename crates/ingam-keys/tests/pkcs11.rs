//! Keys in a token, against SoftHSM 2 (`apt-get install softhsm2`).
#![cfg(feature = "pkcs11")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails where it must")]

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use ingam_jose::{
    AgreementKey as _, AwsLcProvider, CryptoProvider as _, Curve, Jwk, KeyManagement, OpeningKey, RingProvider,
    SealingKey, SignError, SignatureAlgorithm, Signer,
    jwe::{self, ContentEncryption, Sealing},
};
use ingam_keys::{
    Algorithm, CustodyError, Environment, KeyVault, Origin, Purpose, Token, TokenConfig, TokenError, TokenModule,
    VaultError, VaultFile, VaultKey,
};
use ingam_testkit::assert_hidden;
use ingam_wire::SecretText;
use support::{ACTIVE, NOW, PROPAGATION, at};

const PIN: &str = "canary-1234";

fn library() -> Option<&'static Path> {
    let known = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"];
    let found = known.map(Path::new).into_iter().find(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("INGAM_REQUIRE_SOFTHSM").is_none(), "softhsm2 is not installed");
        ingam_testkit::not_run("softhsm2 not installed");
    }
    found
}

/// Makes a token and gives the slot it lies in.
fn init(label: &str) -> u64 {
    let done = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label, "--so-pin", "canary-5678", "--pin", PIN])
        .output()
        .unwrap();
    assert!(done.status.success());
    String::from_utf8(done.stdout).unwrap().split_whitespace().last().unwrap().parse().unwrap()
}

fn open(module: &TokenModule, label: &str, pin: &str) -> Result<Token, TokenError> {
    let config = TokenConfig::new(label, SecretText::new(pin.to_owned())).sessions(3);
    assert_hidden(&config, "canary");
    Token::open(module, config, Environment::Live, Arc::new(RingProvider))
}

/// One test, since SoftHSM reads its configuration once in a process, from the environment it was started with.
#[test]
fn a_token_makes_keys_signs_agrees_breaks_and_comes_back() {
    let Some(library) = library() else { return };
    if std::env::var_os("SOFTHSM2_CONF").is_none() {
        again_with_a_token_of_its_own();
        return;
    }
    let slot = init("ingam");
    init("other");
    let module = &TokenModule::load(library).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        let token = open(module, "ingam", PIN).unwrap();
        assert_hidden(&token, "canary");
        for algorithm in SignatureAlgorithm::ALL {
            signs(&token, algorithm).await;
        }
        is_found_by_slot(module, slot).await;
        keeps_its_keys(module, &token).await;
        serves_many_at_once(&token).await;
        agrees(&token).await;
        opens_a_vault(&token).await;
        refuses(module, &token).await;
        keeps_a_ring(&token).await;
        comes_back(&token).await;
    });
}

/// Starts this test anew with a configuration in a folder of its own.
fn again_with_a_token_of_its_own() {
    let folder = std::env::temp_dir().join(format!("ingam-softhsm-{}", std::process::id()));
    fs::create_dir_all(folder.join("tokens")).unwrap();
    let conf = folder.join("softhsm2.conf");
    fs::write(&conf, format!("directories.tokendir = {}\nlog.level = ERROR\n", folder.join("tokens").display()))
        .unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_token_makes_keys_signs_agrees_breaks_and_comes_back", "--nocapture"])
        .env("SOFTHSM2_CONF", &conf)
        .status();
    let _ = fs::remove_dir_all(&folder);
    assert!(status.unwrap().success());
}

async fn signs(token: &Token, algorithm: SignatureAlgorithm) {
    let label = algorithm.name();
    assert_eq!(token.signer(label, algorithm).await.unwrap_err(), TokenError::NoKey);
    let signer = token.generate(label, algorithm).await.unwrap();
    assert_eq!(token.generate(label, algorithm).await.unwrap_err(), TokenError::Duplicate);
    let signature = Signer::sign(&signer, b"message").await.unwrap();
    assert_eq!(signer.verifying_key().algorithm(), algorithm);
    assert_eq!(signer.verifying_key().verify(b"message", &signature), Ok(()), "{label}: ring says yes");
    assert!(signer.verifying_key().verify(b"another", &signature).is_err());
    let found = token.signer(label, algorithm).await.unwrap();
    assert_eq!(found.key_id(), signer.key_id());
    let other =
        if algorithm == SignatureAlgorithm::Es256 { SignatureAlgorithm::Ps256 } else { SignatureAlgorithm::Es256 };
    assert!(token.signer(label, other).await.is_err(), "a key has one algorithm");
}

async fn is_found_by_slot(module: &TokenModule, slot: u64) {
    let in_slot = |slot| {
        let config = TokenConfig::in_slot(slot, SecretText::new(PIN.to_owned()));
        Token::open(module, config, Environment::Live, Arc::new(RingProvider))
    };
    assert!(in_slot(slot).unwrap().signer("ES256", SignatureAlgorithm::Es256).await.is_ok());
    assert_eq!(in_slot(slot + 1).unwrap_err(), TokenError::Absent);
}

async fn keeps_its_keys(module: &TokenModule, first: &Token) {
    let second = open(module, "ingam", PIN).unwrap();
    let here = first.signer("ES256", SignatureAlgorithm::Es256).await.unwrap();
    let there = second.signer("ES256", SignatureAlgorithm::Es256).await.unwrap();
    assert_eq!(here.key_id(), there.key_id());
    let elsewhere = open(module, "other", PIN).unwrap();
    assert_eq!(elsewhere.signer("ES256", SignatureAlgorithm::Es256).await.unwrap_err(), TokenError::NoKey);
}

async fn serves_many_at_once(token: &Token) {
    let signer = Arc::new(token.signer("ES256", SignatureAlgorithm::Es256).await.unwrap());
    let signing: Vec<_> = (0..200_u32)
        .map(|n| {
            let signer = signer.clone();
            tokio::spawn(async move { signer.try_sign(&n.to_be_bytes()).await })
        })
        .collect();
    for (n, signature) in (0..200_u32).zip(signing) {
        let signature = signature.await.unwrap().unwrap();
        assert_eq!(signer.verifying_key().verify(&n.to_be_bytes(), &signature), Ok(()));
    }
}

async fn agrees(token: &Token) {
    let ours = token.generate_agreement_key("agreement").await.unwrap();
    let peer = token.generate_agreement_key("peer").await.unwrap();
    let shared = ours.agree(&peer.public()).unwrap();
    assert_eq!(*shared, *peer.agree(&ours.public()).unwrap(), "both sides agree");
    assert_ne!(*shared, [0; 32]);
    let x25519 = RingProvider.agreement_key(Curve::X25519, &[7; 32]).unwrap().public();
    assert!(ours.agree(&x25519).is_err(), "a key of another curve");
    let found = token.agreement_key("agreement").await.unwrap();
    assert_eq!(found.public(), ours.public());

    let sealed_to = SealingKey::from_jwk(&Jwk::bare(found.public()), None, &AwsLcProvider).unwrap();
    let how = Sealing { key: &sealed_to, enc: ContentEncryption::A256Gcm, content_type: None };
    let sealed = jwe::seal(b"content", &how, &AwsLcProvider, &AwsLcProvider).unwrap();
    let ecdh = KeyManagement::EcdhEs;
    let opening = OpeningKey::from_agreement_key(Box::new(found), ecdh, None, &RingProvider).unwrap();
    let opened = jwe::Presented::parse(&sealed).unwrap().open(&opening, &RingProvider).unwrap();
    assert_eq!(opened.content(), b"content", "the token agrees, ring does the rest");
}

async fn opens_a_vault(token: &Token) {
    let kek = token.vault_secret("vault").await.unwrap();
    let mut vault = VaultFile::create(Environment::Live, &VaultKey::Secret(&kek), Arc::new(RingProvider)).unwrap();
    vault.make("master").unwrap();
    let bytes = vault.to_bytes().unwrap();
    let again = token.vault_secret("vault").await.unwrap();
    let open = |kek| VaultFile::open(&bytes, Environment::Live, &VaultKey::Secret(kek), Arc::new(RingProvider));
    assert!(open(&again).is_ok(), "the token computes the same again");
    let other = token.vault_secret("another").await.unwrap();
    assert!(open(&other).is_err());
}

/// A ring whose keys are made, used and destroyed in the token, next to one that lay in sealed rows.
async fn keeps_a_ring(token: &Token) {
    let specs = || vec![support::spec(Purpose::SignAccessKeys, Algorithm::Es256)];
    let records = support::records(1);
    let rows = KeyVault::new(records.clone(), Environment::Live, specs()).unwrap();
    let soft = rows.advance(NOW).await.unwrap().signer(Purpose::SignAccessKeys, NOW).unwrap();
    let node = || KeyVault::new(records.clone(), Environment::Live, specs()).unwrap().kept_in(Arc::new(token.clone()));
    let (vault, other) = (node(), node());
    let ring = vault.advance(NOW).await.unwrap();
    assert_eq!(
        ring.signer(Purpose::SignAccessKeys, NOW).unwrap().key_id(),
        soft.key_id(),
        "it serves until it retires"
    );
    let (left, right) = tokio::join!(vault.advance(at(ACTIVE - PROPAGATION)), other.advance(at(ACTIVE - PROPAGATION)));
    left.and(right).unwrap();
    let ring = vault.advance(at(ACTIVE)).await.unwrap();
    let hard = ring.signer(Purpose::SignAccessKeys, at(ACTIVE)).unwrap();
    assert_ne!(hard.key_id(), soft.key_id());
    assert_eq!(ring.state().key(hard.key_id().as_str()).unwrap().about().origin, Origin::Token);
    let signature = hard.sign(b"message").await.unwrap();
    let keys = ring.verifying_keys_of(Purpose::SignAccessKeys, at(ACTIVE));
    assert!(keys.keys().iter().any(|key| key.verify(b"message", &signature).is_ok()));
    let same = other.advance(at(ACTIVE)).await.unwrap().signer(Purpose::SignAccessKeys, at(ACTIVE)).unwrap();
    assert_eq!(same.key_id(), hard.key_id());
    vault.advance(at(2 * ACTIVE - PROPAGATION)).await.unwrap();
    vault.advance(at(3 * ACTIVE)).await.unwrap();
    assert_eq!(hard.sign(b"message").await, Err(SignError::Unreachable), "destroyed with its record");
    let without = KeyVault::new(records, Environment::Live, specs()).unwrap().advance(at(3 * ACTIVE)).await;
    assert_eq!(without.unwrap_err(), VaultError::Custody(CustodyError::Unreachable));
}

async fn refuses(module: &TokenModule, token: &Token) {
    assert_eq!(TokenModule::load(Path::new("/no/such/module.so")).unwrap_err(), TokenError::Module);
    assert_eq!(TokenModule::load(Path::new("/bin/sh")).unwrap_err(), TokenError::Module);
    assert_eq!(open(module, "nobody", PIN).unwrap_err(), TokenError::Absent);
    assert_eq!(token.destroy("nobody").await.unwrap_err(), TokenError::NoKey);
    let passing = token.generate("passing", SignatureAlgorithm::EdDsa).await.unwrap();
    token.destroy("passing").await.unwrap();
    assert_eq!(passing.try_sign(b"message").await.unwrap_err(), TokenError::NoKey, "destroyed is destroyed");
    assert_eq!(Signer::sign(&passing, b"message").await, Err(SignError::Unreachable));
}

/// The token's folder goes away under open sessions, and comes back.
async fn comes_back(token: &Token) {
    let signer = token.signer("ES256", SignatureAlgorithm::Es256).await.unwrap();
    let conf = fs::read_to_string(std::env::var_os("SOFTHSM2_CONF").unwrap()).unwrap();
    let tokens = PathBuf::from(conf.lines().next().unwrap().trim_start_matches("directories.tokendir = "));
    let away = tokens.with_file_name("pulled-out");
    fs::rename(&tokens, &away).unwrap();
    fs::create_dir_all(&tokens).unwrap();
    let gone = signer.try_sign(b"message").await;
    for _ in 0..20 {
        assert!(signer.try_sign(b"message").await.is_err(), "as long as it is out");
    }
    fs::remove_dir_all(&tokens).unwrap();
    fs::rename(&away, &tokens).unwrap();
    assert_eq!(gone, Err(TokenError::Absent));
    let mut back = signer.try_sign(b"message").await;
    for _ in 0..8 {
        if back.is_ok() {
            break;
        }
        back = signer.try_sign(b"message").await;
    }
    assert_eq!(signer.verifying_key().verify(b"message", &back.unwrap()), Ok(()));
    serves_many_at_once(token).await;
}

/// A process of its own, since one login counts for all sessions of a process.
#[test]
fn a_wrong_pin_is_tried_once_and_never_again() {
    let Some(library) = library() else { return };
    if std::env::var_os("SOFTHSM2_CONF").is_none() {
        let folder = std::env::temp_dir().join(format!("ingam-softhsm-pin-{}", std::process::id()));
        fs::create_dir_all(folder.join("tokens")).unwrap();
        let conf = folder.join("softhsm2.conf");
        fs::write(&conf, format!("directories.tokendir = {}\n", folder.join("tokens").display())).unwrap();
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_wrong_pin_is_tried_once_and_never_again", "--nocapture"])
            .env("SOFTHSM2_CONF", &conf)
            .status();
        let _ = fs::remove_dir_all(&folder);
        assert!(status.unwrap().success());
        return;
    }
    init("ingam");
    let module = &TokenModule::load(library).unwrap();
    assert_eq!(open(module, "ingam", "wrong").unwrap_err(), TokenError::WrongPin);
    assert_eq!(open(module, "ingam", "canary-1235").unwrap_err(), TokenError::WrongPin);
    assert!(open(module, "ingam", PIN).is_ok());
}
