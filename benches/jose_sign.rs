//! Issuing an access key against the bare signature over the same bytes, key parsed once (performance goal P6).
#![expect(clippy::expect_used, reason = "a bench that cannot sign must stop")]

use std::process::ExitCode;

use aws_lc_rs::{rand::SystemRandom as AwsRandom, rsa as aws_rsa, signature as aws};
use ingam_benches::{
    Goal, INPUTS, Table,
    access_key::{AccessKey, claims, ready, tokens},
    input,
};
use ingam_jose::{AwsLcProvider, CryptoProvider, RingProvider, SignatureAlgorithm, SigningKey, jwt};
use ring::{rand::SystemRandom, rsa, signature as bare};

fn main() -> ExitCode {
    let mut table = Table::new("P6: sign an access key, claims in, token out");
    let providers: [&dyn CryptoProvider; 2] = [&RingProvider, &AwsLcProvider];
    for provider in providers {
        for (algorithm, goal) in
            [(SignatureAlgorithm::Es256, 1.05), (SignatureAlgorithm::EdDsa, 1.05), (SignatureAlgorithm::Ps256, 1.01)]
        {
            let pkcs8 = match algorithm {
                SignatureAlgorithm::Ps256 => ingam_testkit::keys::RSA_2048_PKCS8.to_vec(),
                _ => provider.generate(algorithm).expect("the provider makes keys").to_vec(),
            };
            let key = SigningKey::from_pkcs8(&pkcs8, algorithm, None, provider).expect("the provider's own key");
            let tokens = tokens(INPUTS, &key);
            let signed = |number: usize| {
                let token = input(&tokens, number);
                token.rsplit_once('.').expect("a compact token").0.as_bytes()
            };
            let all: Vec<_> = (0..INPUTS).map(claims).collect();
            let ours =
                |number: usize| ready(jwt::sign::<AccessKey>(input(&all, number), &key)).expect("a software key signs");
            let sign = bare_sign(&pkcs8, algorithm, provider.name());
            let name = format!("{}, {}", algorithm.name(), provider.name());
            table.compare(&name, Goal::ratio(goal), |number| sign(signed(number)), ours);
        }
    }
    table.finish()
}

type Sign = std::rc::Rc<dyn Fn(&[u8]) -> Vec<u8>>;

/// The bare primitive, key parsed.
fn bare_sign(pkcs8: &[u8], algorithm: SignatureAlgorithm, provider: &str) -> Sign {
    let why = "the provider's own key";
    match (algorithm, provider.starts_with("ring")) {
        (SignatureAlgorithm::Es256, true) => {
            let random = SystemRandom::new();
            let pair =
                bare::EcdsaKeyPair::from_pkcs8(&bare::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random).expect(why);
            std::rc::Rc::new(move |message| pair.sign(&random, message).expect(why).as_ref().to_vec())
        }
        (SignatureAlgorithm::Es256, false) => {
            let pair = aws::EcdsaKeyPair::from_pkcs8(&aws::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).expect(why);
            std::rc::Rc::new(move |message| pair.sign(&AwsRandom::new(), message).expect(why).as_ref().to_vec())
        }
        (SignatureAlgorithm::EdDsa, true) => {
            let pair = bare::Ed25519KeyPair::from_pkcs8(pkcs8).expect(why);
            std::rc::Rc::new(move |message| pair.sign(message).as_ref().to_vec())
        }
        (SignatureAlgorithm::EdDsa, false) => {
            let pair = aws::Ed25519KeyPair::from_pkcs8(pkcs8).expect(why);
            std::rc::Rc::new(move |message| pair.sign(message).as_ref().to_vec())
        }
        (SignatureAlgorithm::Ps256, true) => {
            let pair = rsa::KeyPair::from_pkcs8(pkcs8).expect(why);
            std::rc::Rc::new(move |message| {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&bare::RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).expect(why);
                signature
            })
        }
        (SignatureAlgorithm::Ps256, false) => {
            let pair = aws_rsa::KeyPair::from_pkcs8(pkcs8).expect(why);
            std::rc::Rc::new(move |message| {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&aws::RSA_PSS_SHA256, &AwsRandom::new(), message, &mut signature).expect(why);
                signature
            })
        }
    }
}
