use ingam_jose::{
    Curve, Jwk, RingProvider, SealingKeyError,
    hpke::{HpkeError, Receiver, RecipientKey, RecipientPublicKey, Sender, Suite, open, seal},
};

use crate::sample::{key, opening_key};

fn recipient() -> RecipientKey {
    let scalar = RecipientKey::generate_scalar(Curve::X25519, &RingProvider, &RingProvider).unwrap();
    RecipientKey::from_scalar(Curve::X25519, &scalar, &RingProvider).unwrap()
}

const SUITE: Suite = Suite::X25519_AES256;

#[test]
fn a_message_opens_with_the_same_key_purpose_and_context_only() {
    let (key, other) = (recipient(), recipient());
    let sealed = seal(SUITE, key.public(), b"info", b"aad", b"content", &RingProvider, &RingProvider);
    let (encapsulated, sealed) = sealed.unwrap();
    let read = |key: &RecipientKey, encapsulated: &[u8], info: &[u8], aad: &[u8], sealed: &[u8]| {
        open(SUITE, encapsulated, key, info, aad, sealed, &RingProvider).map(|content| content.to_vec())
    };
    assert_eq!(read(&key, &encapsulated, b"info", b"aad", &sealed).unwrap(), b"content");
    let failed = Err(HpkeError::DecryptionFailed);
    assert_eq!(read(&other, &encapsulated, b"info", b"aad", &sealed), failed);
    assert_eq!(read(&key, &encapsulated, b"inf0", b"aad", &sealed), failed);
    assert_eq!(read(&key, &encapsulated, b"info", b"aae", &sealed), failed);
    assert_eq!(read(&key, &encapsulated, b"info", b"aad", &sealed[1..]), failed);
    assert_eq!(read(&key, &encapsulated, b"info", b"aad", b""), failed);
    let mut bent = encapsulated.clone();
    bent[0] ^= 1;
    assert_eq!(read(&key, &bent, b"info", b"aad", &sealed), failed);
    // sr_32: an encapsulated key of small order, and one of another length.
    assert_eq!(read(&key, &[0; 32], b"info", b"aad", &sealed), Err(HpkeError::InvalidKey));
    assert_eq!(read(&key, &encapsulated[1..], b"info", b"aad", &sealed), Err(HpkeError::InvalidKey));
    assert_eq!(read(&key, &[4; 65], b"info", b"aad", &sealed), Err(HpkeError::InvalidKey));
}

#[test]
fn suites_and_keys_that_do_not_fit_are_refused() {
    for ids in [(0x0020, 1, 1), (0x0020, 1, 0xffff), (0x0020, 3, 2), (0x0021, 1, 2), (0x0012, 1, 2), (0, 0, 0)] {
        assert_eq!(Suite::from_ids(ids.0, ids.1, ids.2), Err(HpkeError::AlgorithmNotAllowed), "{ids:?}");
    }
    assert_eq!(Suite::from_ids(0x0020, 1, 2), Ok(SUITE));
    let p256 = Suite::from_ids(0x0010, 1, 2).unwrap();
    assert_eq!(p256.ids(), (0x0010, 1, 2));
    let key = recipient();
    let refused = Sender::new(p256, key.public(), b"", &RingProvider, &RingProvider).unwrap_err();
    assert_eq!(refused, HpkeError::WrongCurve);
    let refused = Receiver::new(p256, &[4; 65], &key, b"", &RingProvider).unwrap_err();
    assert_eq!(refused, HpkeError::WrongCurve);
    let refused = RecipientKey::from_scalar(Curve::P256, &[1; 32], &RingProvider).unwrap_err();
    assert!(matches!(refused, SealingKeyError::Unsupported(_)));
    let zeros = |out: &mut [u8]| out.fill(0);
    let refused = Sender::new(SUITE, key.public(), b"", &RingProvider, &zeros).unwrap_err();
    assert!(matches!(refused, HpkeError::Randomness(_)), "sr_33");
}

#[test]
fn sr_27_a_key_with_another_algorithm_is_no_recipient() {
    let mismatch = Some(SealingKeyError::KeyUseMismatch);
    assert_eq!(RecipientPublicKey::from_jwk(opening_key().public().to_jwk()).err(), mismatch);
    assert_eq!(RecipientPublicKey::from_jwk(key().public().to_jwk()).err(), mismatch);
    let x25519 = ingam_testkit::vectors("jose-cookbook", "curve25519/ecdh-es")["input"]["key"].clone();
    let private = RecipientKey::from_private_jwk(x25519.to_string().as_bytes(), &RingProvider).unwrap();
    let mut public = x25519.clone();
    public.as_object_mut().unwrap().remove("d");
    let public = RecipientPublicKey::from_jwk(&Jwk::parse(public.to_string().as_bytes()).unwrap()).unwrap();
    assert_eq!(private.public(), &public);
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn both_providers_open_what_the_other_sealed() {
    use ingam_jose::{AwsLcProvider, CryptoProvider, hpke::HpkeAead};
    for aead in [HpkeAead::Aes256Gcm, HpkeAead::ChaCha20Poly1305] {
        let suite = Suite { kem: Curve::X25519, aead };
        let pairs: [(&dyn CryptoProvider, &dyn CryptoProvider); 2] =
            [(&RingProvider, &AwsLcProvider), (&AwsLcProvider, &RingProvider)];
        for (sender, receiver) in pairs {
            let key = RecipientKey::from_scalar(Curve::X25519, &[9; 32], receiver).unwrap();
            let (encapsulated, sealed) =
                seal(suite, key.public(), b"i", b"a", b"content", sender, sender.randomness()).unwrap();
            let content = open(suite, &encapsulated, &key, b"i", b"a", &sealed, receiver).unwrap();
            assert_eq!(*content, b"content");
        }
        let suite = Suite { kem: Curve::P256, aead };
        let key = RecipientKey::from_scalar(Curve::P256, &[9; 32], &AwsLcProvider).unwrap();
        let (encapsulated, sealed) =
            seal(suite, key.public(), b"i", b"a", b"content", &AwsLcProvider, &AwsLcProvider).unwrap();
        let read = |encapsulated: &[u8]| open(suite, encapsulated, &key, b"i", b"a", &sealed, &AwsLcProvider);
        assert_eq!(*read(&encapsulated).unwrap(), b"content");
        let mut bent = encapsulated.clone();
        bent[64] ^= 1;
        assert_eq!(read(&bent).unwrap_err(), HpkeError::InvalidKey, "sr_31: off the curve");
    }
}
