//! Sealing and opening with JWE and HPKE against the agreement, the AEAD and the base64 they cannot do without (goal P8).
#![expect(clippy::expect_used, reason = "a bench that cannot open its own messages must stop")]

use std::process::ExitCode;

use ingam_benches::{Goal, INPUTS, Table, input};
use ingam_jose::{
    AwsLcProvider, Capability, CryptoProvider, Curve, KeyManagement, OpeningKey, RingProvider, SealingAlgorithm,
    hpke::{self, RecipientKey, Suite},
    jwe::{self, ContentEncryption, Presented, Sealing},
};
use ingam_wire::base64url;

const WHY: &str = "our own message";

fn main() -> ExitCode {
    let mut table = Table::new("P8: seal and open");
    let providers: [&dyn CryptoProvider; 2] = [&RingProvider, &AwsLcProvider];
    for provider in providers {
        for curve in [Curve::X25519, Curve::P256] {
            for algorithm in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
                let wraps = algorithm == KeyManagement::EcdhEsA256Kw;
                if !provider.supports(Capability::Agree(curve)) || (wraps && !provider.supports(Capability::KeyWrap)) {
                    continue;
                }
                for size in [1024, 64 * 1024] {
                    message(&mut table, provider, curve, algorithm, size);
                }
            }
        }
        single_shot(&mut table, provider);
    }
    table.finish()
}

fn scalar(curve: Curve, provider: &dyn CryptoProvider) -> [u8; 32] {
    *OpeningKey::generate_scalar(curve, provider, provider.randomness()).expect("the provider has the curve")
}

fn message(table: &mut Table, provider: &dyn CryptoProvider, curve: Curve, algorithm: KeyManagement, size: usize) {
    let scalar = scalar(curve, provider);
    let key = OpeningKey::from_scalar(curve, &scalar, algorithm, None, provider).expect("a fresh key");
    let how = Sealing { key: key.public(), enc: ContentEncryption::A256Gcm, content_type: None };
    let content = vec![b'a'; size];
    let seal = |_| jwe::seal(&content, &how, provider, provider.randomness()).expect(WHY);
    let tokens: Vec<String> = (0..INPUTS).map(seal).collect();
    let open = |number: usize| {
        let token = input(&tokens, number);
        Presented::parse(token).expect(WHY).open(&key, provider).expect(WHY)
    };

    // What cannot be left out: one key generation and one agreement to seal, one agreement to open, the AEAD and base64.
    let private = provider.agreement_key(curve, &scalar).expect("a fresh key");
    let public = private.public();
    let bare_seal = |_| {
        let mut ephemeral = [0; 32];
        provider.randomness().fill(&mut ephemeral).expect("the system has randomness");
        let ephemeral = provider.agreement_key(curve, &ephemeral).expect("a fresh key");
        let secret = ephemeral.agree(&public).expect(WHY);
        let mut data = content.clone();
        provider.seal(SealingAlgorithm::A256Gcm, secret.as_slice(), &[0; 12], b"", &mut data).expect(WHY);
        (base64url::encode(data), ephemeral.public())
    };
    let text = |_| {
        let mut sealed = content.clone();
        provider.seal(SealingAlgorithm::A256Gcm, &[7; 32], &[0; 12], b"", &mut sealed).expect(WHY);
        base64url::encode(sealed)
    };
    let texts: Vec<String> = (0..INPUTS).map(text).collect();
    let bare_open = |number: usize| {
        let secret = private.agree(&public).expect(WHY);
        let text = input(&texts, number);
        let mut data = base64url::decode(text).expect(WHY);
        provider.open(SealingAlgorithm::A256Gcm, &[7; 32], &[0; 12], b"", &mut data).expect(WHY);
        (secret, data)
    };
    let what = format!("{} {curve:?}, {} KiB, {}", algorithm.name(), size / 1024, provider.name());
    table.compare(&format!("JWE seal, {what}"), Goal::ratio(1.05), bare_seal, seal);
    table.compare(&format!("JWE open, {what}"), Goal::ratio(1.05), bare_open, open);
}

fn single_shot(table: &mut Table, provider: &dyn CryptoProvider) {
    let suite = Suite::X25519_AES256;
    let scalar = scalar(suite.kem, provider);
    let key = RecipientKey::from_scalar(suite.kem, &scalar, provider).expect("a fresh key");
    let content = vec![b'a'; 1024];
    let seal =
        |_| hpke::seal(suite, key.public(), b"info", b"aad", &content, provider, provider.randomness()).expect(WHY);
    let sealed: Vec<_> = (0..INPUTS).map(seal).collect();
    let open = |number: usize| {
        let (encapsulated, sealed) = input(&sealed, number);
        hpke::open(suite, encapsulated, &key, b"info", b"aad", sealed, provider).expect(WHY)
    };
    let private = provider.agreement_key(suite.kem, &scalar).expect("a fresh key");
    let public = private.public();
    let bare_seal = |_| {
        let mut ephemeral = [0; 32];
        provider.randomness().fill(&mut ephemeral).expect("the system has randomness");
        let ephemeral = provider.agreement_key(suite.kem, &ephemeral).expect("a fresh key");
        let secret = ephemeral.agree(&public).expect(WHY);
        let mut data = content.clone();
        provider.seal(SealingAlgorithm::A256Gcm, secret.as_slice(), &[0; 12], b"", &mut data).expect(WHY);
        (data, ephemeral.public())
    };
    let mut once = content.clone();
    provider.seal(SealingAlgorithm::A256Gcm, &[7; 32], &[0; 12], b"", &mut once).expect(WHY);
    let bare_open = |_| {
        let secret = private.agree(&public).expect(WHY);
        let mut data = once.clone();
        provider.open(SealingAlgorithm::A256Gcm, &[7; 32], &[0; 12], b"", &mut data).expect(WHY);
        (secret, data)
    };
    // The key schedule of RFC 9180 costs about a dozen hashes beyond these, so the goal is an aim.
    let what = format!("X25519, 1 KiB, {}", provider.name());
    table.compare(&format!("HPKE seal, {what}"), Goal::aim(1.05), bare_seal, seal);
    table.compare(&format!("HPKE open, {what}"), Goal::aim(1.05), bare_open, open);
}
