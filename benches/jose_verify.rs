//! Verifying an access key, typed claims out, against the bare verification of the same bytes (performance goal P1).
#![expect(clippy::expect_used, reason = "a bench that cannot verify its own tokens must stop")]

use std::process::ExitCode;

use aws_lc_rs::signature as aws;
use ingam_benches::{
    Goal, INPUTS, Table,
    access_key::{AccessKey, signing_key, tokens},
    input,
};
use ingam_jose::{AwsLcProvider, CryptoProvider, KeySet, PublicKey, RingProvider, SignatureAlgorithm, jwt::Presented};
use ingam_wire::base64url;
use ring::signature as bare;

fn main() -> ExitCode {
    let mut table = Table::new("P1: verify an access key of about 930 bytes, typed claims out");
    let providers: [&dyn CryptoProvider; 2] = [&RingProvider, &AwsLcProvider];
    for provider in providers {
        for (algorithm, goal) in
            [(SignatureAlgorithm::Es256, 1.03), (SignatureAlgorithm::EdDsa, 1.04), (SignatureAlgorithm::Ps256, 1.08)]
        {
            let key = signing_key(algorithm, provider);
            let tokens = tokens(INPUTS, &key);
            let keys = KeySet::new(vec![key.public().clone()]);
            let parts: Vec<(&[u8], Vec<u8>)> = tokens.iter().map(|token| split(token)).collect();
            let public = key.public().to_jwk().public_key().clone();
            let verify = bare_verify(&public, provider.name());
            let ours = |number| {
                let presented = Presented::<AccessKey>::parse(input::<String>(&tokens, number)).expect("our own token");
                presented.verify_with(&keys).expect("our own token")
            };
            let bare = |number| {
                let (signed, signature) = input(&parts, number);
                assert!(verify(signed, signature));
            };
            // A prototype by hand reached 1.06 with ES256.
            let name = format!("{}, {}", algorithm.name(), provider.name());
            table.compare(&name, Goal::aim(goal).allocations(4), bare, ours);
        }
    }
    table.finish()
}

fn split(token: &str) -> (&[u8], Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').expect("a compact token");
    (signed.as_bytes(), base64url::decode(signature).expect("a compact token"))
}

type Verify = std::rc::Rc<dyn Fn(&[u8], &[u8]) -> bool>;

/// The bare primitive, with the key parsed as far as the library can.
fn bare_verify(key: &PublicKey, provider: &str) -> Verify {
    let key = key.clone();
    if provider.starts_with("ring") {
        return std::rc::Rc::new(move |message, signature| match &key {
            PublicKey::P256(point) => {
                bare::UnparsedPublicKey::new(&bare::ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            PublicKey::Ed25519(key) => {
                bare::UnparsedPublicKey::new(&bare::ED25519, key).verify(message, signature).is_ok()
            }
            PublicKey::Rsa { n, e } => bare::RsaPublicKeyComponents { n, e }
                .verify(&bare::RSA_PSS_2048_8192_SHA256, message, signature)
                .is_ok(),
            PublicKey::X25519(_) => false,
        });
    }
    let parsed = match &key {
        PublicKey::P256(point) => aws::ParsedPublicKey::new(&aws::ECDSA_P256_SHA256_FIXED, point),
        PublicKey::Ed25519(key) | PublicKey::X25519(key) => aws::ParsedPublicKey::new(&aws::ED25519, key),
        PublicKey::Rsa { n, e } => {
            aws::RsaPublicKeyComponents { n, e }.to_parsed_public_key(&aws::RSA_PSS_2048_8192_SHA256)
        }
    };
    let parsed = parsed.expect("our own key");
    std::rc::Rc::new(move |message, signature| parsed.verify_sig(message, signature).is_ok())
}
