//! The two providers against each other: what one makes the other reads, and what one lacks it says.
#![cfg(feature = "aws-lc-rs")]

use ingam_jose::{
    ALGORITHMS, AwsLcProvider, Capability, CryptoProvider, Curve, InvalidPeerKey, Jwk, KeyError, OpeningKeyError,
    PublicKey, RingProvider, RsaPssSha512Key, SealError, SealingAlgorithm, SignatureAlgorithm, SigningKey, Support,
    Unsupported, VerifyingKey,
};

const PROVIDERS: [&dyn CryptoProvider; 2] = [&RingProvider, &AwsLcProvider];

fn pairs() -> impl Iterator<Item = (&'static dyn CryptoProvider, &'static dyn CryptoProvider)> {
    PROVIDERS.into_iter().flat_map(|one| PROVIDERS.into_iter().map(move |other| (one, other)))
}

#[test]
fn what_one_signs_the_other_verifies() {
    for algorithm in SignatureAlgorithm::ALL {
        for (maker, user) in pairs() {
            let maker = if maker.supports(Capability::Generate(algorithm)) { maker } else { &AwsLcProvider };
            let pkcs8 = maker.generate(algorithm).unwrap();
            let key = SigningKey::from_pkcs8(&pkcs8, algorithm, None, user).unwrap();
            for (signer, verifier) in pairs() {
                let signing = SigningKey::from_pkcs8(&pkcs8, algorithm, None, signer).unwrap();
                assert_eq!(signing.public(), key.public());
                let signature = signing.sign_now(b"message").unwrap();
                let text = key.public().to_jwk().to_json().to_string();
                let jwk = Jwk::parse(text.as_bytes()).unwrap();
                let public = VerifyingKey::from_jwk(&jwk, None, verifier).unwrap();
                assert_eq!(public.verify(b"message", &signature), Ok(()), "{algorithm:?} {signer:?} {verifier:?}");
                assert!(public.verify(b"massage", &signature).is_err(), "{algorithm:?} {signer:?} {verifier:?}");
                let mut bent = signature.clone();
                bent[10] ^= 1;
                assert!(public.verify(b"message", &bent).is_err(), "{algorithm:?} {signer:?} {verifier:?}");
                assert!(public.verify(b"message", &signature[1..]).is_err());
                assert!(public.verify(b"message", &[]).is_err());
            }
        }
    }
}

#[test]
fn what_one_seals_the_other_opens() {
    for algorithm in SealingAlgorithm::ALL {
        let key = vec![7; algorithm.key_length()];
        for (sealer, opener) in pairs() {
            let mut data = b"content".to_vec();
            sealer.seal(algorithm, &key, &[1; 12], b"for", &mut data).unwrap();
            assert_eq!(data.len(), 7 + 16);
            let mut opened = data.clone();
            opener.open(algorithm, &key, &[1; 12], b"for", &mut opened).unwrap();
            assert_eq!(opened, b"content");
            for position in 0..data.len() {
                let mut bent = data.clone();
                bent[position] ^= 1;
                assert_eq!(opener.open(algorithm, &key, &[1; 12], b"for", &mut bent), Err(SealError));
                assert!(bent.is_empty(), "sr_29: nothing is left of the plaintext");
            }
            assert_eq!(opener.open(algorithm, &key, &[1; 12], b"four", &mut data.clone()), Err(SealError));
            assert_eq!(opener.open(algorithm, &key, &[2; 12], b"for", &mut data.clone()), Err(SealError));
            assert_eq!(opener.open(algorithm, &key[1..], &[1; 12], b"for", &mut data.clone()), Err(SealError));
            assert_eq!(sealer.seal(algorithm, &key[1..], &[1; 12], b"for", &mut data), Err(SealError));
        }
    }
}

#[test]
fn hashes_and_derived_keys_are_the_same() {
    let parts: [&[u8]; 3] = [b"one", b"", b"two"];
    assert_eq!(RingProvider.sha256(&parts), AwsLcProvider.sha256(&[b"onetwo"]));
    assert_eq!(RingProvider.sha512(&parts), AwsLcProvider.sha512(&[b"onetwo"]));
    assert_eq!(RingProvider.hmac_sha256(b"k", &parts), AwsLcProvider.hmac_sha256(b"k", &[b"onetwo"]));
    for length in [0, 1, 32, 33, 8_160] {
        let (mut left, mut right) = (vec![0; length], vec![0; length]);
        RingProvider.hkdf_sha256(b"salt", b"secret", b"info", &mut left).unwrap();
        AwsLcProvider.hkdf_sha256(b"salt", b"secret", b"info", &mut right).unwrap();
        assert_eq!(left, right);
    }
    for provider in PROVIDERS {
        assert!(provider.hkdf_sha256(b"salt", b"secret", b"info", &mut vec![0; 8_161]).is_err());
        let (mut one, mut two) = ([0; 32], [0; 32]);
        provider.randomness().fill(&mut one).unwrap();
        provider.randomness().fill(&mut two).unwrap();
        assert_ne!(one, two);
    }
}

#[test]
fn both_agree_on_x25519_and_refuse_the_empty_secret() {
    for (left, right) in pairs() {
        let one = left.agreement_key(Curve::X25519, &[1; 32]).unwrap();
        let two = right.agreement_key(Curve::X25519, &[2; 32]).unwrap();
        assert_eq!(*one.agree(&two.public()).unwrap(), *two.agree(&one.public()).unwrap());
        // sr_32: points of small order give an all-zero secret.
        let mut order_four = [0; 32];
        order_four[0] = 1;
        for low in [[0; 32], order_four] {
            assert_eq!(one.agree(&PublicKey::X25519(low)).unwrap_err(), InvalidPeerKey);
        }
        let foreign = SigningKey::generate(SignatureAlgorithm::Es256, right).unwrap();
        let point = foreign.public().to_jwk().public_key().clone();
        assert_eq!(one.agree(&point).unwrap_err(), InvalidPeerKey);
    }
}

#[test]
fn aws_lc_agrees_on_p256_wraps_keys_and_encrypts_to_rsa() {
    let one = AwsLcProvider.agreement_key(Curve::P256, &[1; 32]).unwrap();
    let two = AwsLcProvider.agreement_key(Curve::P256, &[2; 32]).unwrap();
    assert_eq!(*one.agree(&two.public()).unwrap(), *two.agree(&one.public()).unwrap());
    let PublicKey::P256(mut point) = two.public() else { panic!("a P-256 key") };
    point[64] ^= 1;
    assert_eq!(one.agree(&PublicKey::P256(point)).unwrap_err(), InvalidPeerKey, "sr_31: off the curve");
    assert_eq!(one.agree(&PublicKey::X25519([9; 32])).unwrap_err(), InvalidPeerKey);
    for scalar in [[0; 32], [0xff; 32]] {
        assert!(AwsLcProvider.agreement_key(Curve::P256, &scalar).is_err());
    }

    let wrapped = AwsLcProvider.wrap_key(&[3; 32], &[4; 32]).unwrap();
    assert_eq!(*AwsLcProvider.unwrap_key(&[3; 32], &wrapped).unwrap(), [4; 32]);
    assert!(AwsLcProvider.unwrap_key(&[5; 32], &wrapped).is_err());

    let pkcs8 = AwsLcProvider.generate(SignatureAlgorithm::Ps256).unwrap();
    let private = AwsLcProvider.key_decryption(&pkcs8).unwrap();
    let sealed = AwsLcProvider.key_encryption(&private.public()).unwrap().encrypt(&[6; 32]).unwrap();
    assert_eq!(*private.decrypt(&sealed).unwrap(), [6; 32]);
    assert!(private.decrypt(&sealed[1..]).is_err());
}

#[test]
fn what_ring_lacks_it_says_when_a_key_is_built() {
    let rsa = SigningKey::generate(SignatureAlgorithm::Ps256, &RingProvider);
    assert_eq!(rsa.unwrap_err(), KeyError::Unsupported(SignatureAlgorithm::Ps256));
    let p256 = RingProvider.agreement_key(Curve::P256, &[1; 32]).err().unwrap();
    assert!(matches!(p256, OpeningKeyError::Unsupported(_)));
    assert!(matches!(RingProvider.wrap_key(&[0; 32], &[0; 32]), Err(Unsupported(_))));
    assert!(RingProvider.unwrap_key(&[0; 32], &[0; 40]).is_err());
    assert!(RingProvider.key_decryption(b"").is_err());
    assert!(RingProvider.key_encryption(&PublicKey::Ed25519([0; 32])).is_err());
    for provider in PROVIDERS {
        assert!(RsaPssSha512Key::new(&PublicKey::Ed25519([0; 32]), provider).is_err());
    }
}

#[test]
fn the_table_says_what_the_providers_do() {
    for algorithm in SignatureAlgorithm::ALL {
        for (provider, support) in PROVIDERS.into_iter().zip([algorithm.row().ring, algorithm.row().aws_lc]) {
            let made = provider.generate(algorithm).is_ok();
            assert_eq!(made, support == Support::Full, "{algorithm:?} {provider:?}");
            assert_eq!(made, provider.supports(Capability::Generate(algorithm)));
        }
    }
    let names: Vec<_> = ALGORITHMS.iter().map(|row| row.name()).collect();
    assert_eq!(
        names,
        [
            "ES256",
            "EdDSA",
            "PS256",
            "",
            "ECDH-ES",
            "ECDH-ES",
            "ECDH-ES+A256KW",
            "RSA-OAEP-256",
            "A256GCM",
            "A128GCM",
            ""
        ]
    );
    for curve in [Curve::X25519, Curve::P256] {
        for provider in PROVIDERS {
            assert_eq!(provider.agreement_key(curve, &[1; 32]).is_ok(), provider.supports(Capability::Agree(curve)));
        }
    }
    assert_eq!(SignatureAlgorithm::from_name("Ed25519"), Some(SignatureAlgorithm::EdDsa));
    assert_eq!(SignatureAlgorithm::from_http_name("ecdsa-p256-sha256"), Some(SignatureAlgorithm::Es256));
    assert_eq!(SignatureAlgorithm::from_http_name("rsa-pss-sha512"), None);
    assert_eq!(SignatureAlgorithm::Ps256.http_name(), None);
}
