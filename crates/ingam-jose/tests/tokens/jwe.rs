use ingam_jose::{
    AgreementKey, Curve, InvalidPeerKey, Jwk, JwkError, KeyManagement, OpeningKey, PublicKey, RingProvider, SealingKey,
    SealingKeyError,
    jwe::{self, ContentEncryption, JweError, Presented, SealJweError, Sealing},
    jwt,
};
use ingam_wire::base64url::{decode, encode};

use crate::sample::{Note, claims, key, opening_key, ready, set};

fn sealed(key: &SealingKey, content: &[u8], content_type: Option<&str>) -> String {
    let how = Sealing { key, enc: ContentEncryption::A256Gcm, content_type };
    jwe::seal(content, &how, &RingProvider, &RingProvider).unwrap()
}

fn open(token: &str, key: &OpeningKey) -> Result<Vec<u8>, JweError> {
    Ok(Presented::parse(token)?.open(key, &RingProvider)?.content().to_vec())
}

#[test]
fn what_is_sealed_to_a_key_opens_with_it_and_no_other() {
    let (key, other) = (opening_key(), opening_key());
    for enc in [ContentEncryption::A256Gcm, ContentEncryption::A128Gcm] {
        for content in [b"".as_slice(), b"content", &[7; 70_000]] {
            let how = Sealing { key: key.public(), enc, content_type: None };
            let token = jwe::seal(content, &how, &RingProvider, &RingProvider).unwrap();
            assert_eq!(open(&token, &key).as_deref(), Ok(content));
            assert_eq!(open(&token, &other), Err(JweError::DecryptionFailed));
            let presented = Presented::parse(&token).unwrap();
            assert_eq!(presented.key_id(), key.public().key_id().map(|id| id.as_str()));
        }
    }
    let one = sealed(key.public(), b"content", None);
    assert_ne!(one, sealed(key.public(), b"content", None), "each message has its own ephemeral key");
}

#[test]
fn every_changed_byte_of_a_sealed_message_is_noticed() {
    let key = opening_key();
    let token = sealed(key.public(), b"content", None);
    for position in 0..token.len() {
        let mut bent = token.clone().into_bytes();
        bent[position] = if bent[position] == b'A' { b'B' } else { b'A' };
        assert!(open(std::str::from_utf8(&bent).unwrap(), &key).is_err(), "byte {position}");
    }
}

#[test]
fn a_token_is_signed_and_then_sealed_in_one_step_and_back() {
    let (signer, other, opening) = (key(), key(), opening_key());
    let sealing = ready(jwe::seal_signed::<Note>(
        &claims(),
        &signer,
        opening.public(),
        ContentEncryption::A256Gcm,
        &RingProvider,
        &RingProvider,
    ));
    let token = sealing.unwrap();
    let verified = jwe::open_signed::<Note>(&token, &opening, &set(&[signer.public()]), &RingProvider).unwrap();
    assert_eq!((verified.claims(), verified.key()), (&claims(), signer.public()));
    let refused = jwe::open_signed::<Note>(&token, &opening, &set(&[other.public()]), &RingProvider);
    assert_eq!(refused.unwrap_err(), JweError::Nested(jwt::JwtError::UnknownKey));
}

/// fapi: JW-4
#[test]
fn sr_24_and_sr_30_what_must_not_be_opened_is_refused_by_its_name() {
    let key = opening_key();
    let token = sealed(key.public(), b"content", None);
    let segments: Vec<&str> = token.split('.').collect();
    let header = String::from_utf8(decode(segments[0]).unwrap()).unwrap();
    let with_header = |header: &str| {
        let mut segments = segments.clone();
        let header = encode(header);
        segments[0] = &header;
        open(&segments.join("."), &key).unwrap_err()
    };
    let with_member = |member: &str| with_header(&header.replacen('{', &format!("{{{member},"), 1));
    // sr_24: zip; sr_05: keys by reference; sr_09: crit.
    assert_eq!(with_member(r#""zip":"DEF""#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""zip":null"#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""jku":"https://a""#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""x5u":"https://a""#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""x5c":[]"#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""b64":false"#), JweError::UnsupportedHeader);
    assert_eq!(with_member(r#""crit":["b64"]"#), JweError::UnsupportedCritical);
    assert_eq!(with_member(r#""alg":"ECDH-ES""#), JweError::DuplicateMember);
    // sr_30: RSA1_5 has no name here.
    for name in ["RSA1_5", "RSA-OAEP", "dir", "A256KW", "A256GCMKW", "none", "ecdh-es", "ECDH-ES+A128KW"] {
        assert_eq!(with_header(&header.replace("ECDH-ES", name)), JweError::AlgorithmNotAllowed, "{name}");
    }
    for name in ["A128CBC-HS256", "A192GCM", "a256gcm", "C20P"] {
        assert_eq!(with_header(&header.replace("A256GCM", name)), JweError::AlgorithmNotAllowed, "{name}");
    }
    assert_eq!(with_header(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#), JweError::KeyAlgorithmMismatch);
    assert_eq!(with_header(r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#), JweError::Malformed);
}

/// An iteration count that would take minutes; no key and no provider is at hand where it is refused.
#[test]
fn sr_25_a_password_is_no_key_and_its_iterations_are_never_run() {
    for name in ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        let header = format!(r#"{{"alg":"{name}","enc":"A256GCM","p2s":"AAAAAAAAAAA","p2c":2147483648}}"#);
        let token = format!("{}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", encode(header));
        assert_eq!(Presented::parse(&token).unwrap_err(), JweError::AlgorithmNotAllowed, "{name}");
    }
}

#[test]
fn sr_28_every_broken_nonce_content_or_tag_gives_one_error() {
    let key = opening_key();
    let token = sealed(key.public(), b"content", None);
    let segments: Vec<&str> = token.split('.').collect();
    for (position, replacement) in [(2, ""), (2, "AAAA"), (4, ""), (4, "AAAA"), (4, segments[2]), (3, ""), (3, "AAAA")]
    {
        let mut bent = segments.clone();
        bent[position] = replacement;
        assert_eq!(open(&bent.join("."), &key), Err(JweError::DecryptionFailed), "{position} {replacement}");
    }
    let mut direct = segments.clone();
    direct[1] = "AAAA";
    assert_eq!(open(&direct.join("."), &key), Err(JweError::Malformed), "agreed directly, there is no encrypted key");
    assert_eq!(open(&segments[..4].join("."), &key), Err(JweError::Malformed));
    assert_eq!(open(&format!("{token}.AA"), &key), Err(JweError::TooManySegments));
    assert_eq!(open(&".".repeat(1_000_000), &key), Err(JweError::TooManySegments));
    assert_eq!(open(&format!("{}....", "A".repeat(5_000)), &key), Err(JweError::TooLarge));
    assert_eq!(open(&format!("A...{}.A", "A".repeat(2_000_000)), &key), Err(JweError::TooLarge));
}

/// fapi: JW-2
#[test]
fn sr_26_sealed_content_that_is_not_signed_is_nobodys() {
    let (signer, key) = (key(), opening_key());
    let jws = ready(jwt::sign::<Note>(&claims(), &signer)).unwrap();
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none","typ":"note+jwt"}"#), encode(crate::sample::FINE));
    let refused = |content: &str, content_type| {
        let token = sealed(key.public(), content.as_bytes(), content_type);
        jwe::open_signed::<Note>(&token, &key, &set(&[signer.public()]), &RingProvider).unwrap_err()
    };
    assert_eq!(refused(&unsigned, Some("JWT")), JweError::NestedSignatureRequired);
    assert_eq!(refused(crate::sample::FINE, Some("JWT")), JweError::NestedSignatureRequired);
    assert_eq!(refused("", Some("JWT")), JweError::NestedSignatureRequired);
    assert_eq!(refused(&jws, None), JweError::NestedSignatureRequired, "without cty it is not said to be a JWT");
    let forged = unsigned + "AA";
    assert_eq!(refused(&forged, Some("JWT")), JweError::Nested(jwt::JwtError::AlgorithmNotAllowed));
}

#[test]
fn sr_27_a_key_seals_or_signs_but_not_both() {
    let ed25519 = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let jwk = Jwk::parse(ed25519.as_bytes()).unwrap();
    let refused = SealingKey::from_jwk(&jwk, None, &RingProvider).unwrap_err();
    assert_eq!(refused, SealingKeyError::KeyUseMismatch);
    let signing = key();
    let refused = SealingKey::from_jwk(signing.public().to_jwk(), None, &RingProvider).unwrap_err();
    assert_eq!(refused, SealingKeyError::KeyUseMismatch);
}

#[test]
fn sr_27_what_use_alone_says_is_believed() {
    let mut jwk = Jwk::from_spki(ingam_testkit::keys::P256_SPKI).unwrap().to_json();
    jwk.as_object_mut().unwrap().insert("use".to_owned(), "sig".into());
    let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
    let refused = SealingKey::from_jwk(&jwk, None, &RingProvider).unwrap_err();
    assert_eq!(refused, SealingKeyError::KeyUseMismatch);
}

#[test]
fn sr_31_an_ephemeral_key_that_is_no_key_is_refused() {
    let key = opening_key();
    let refused = |epk: &str| {
        let header = format!(r#"{{"alg":"ECDH-ES","enc":"A256GCM","epk":{epk}}}"#);
        let token = format!("{}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA", encode(header));
        open(&token, &key).unwrap_err()
    };
    let zeros = "A".repeat(43);
    let invalid = |epk: &str| assert!(matches!(refused(epk), JweError::InvalidKey(_)), "{epk}");
    invalid(&format!(r#"{{"kty":"OKP","crv":"X25519","x":"{zeros}"}}"#));
    invalid(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{zeros}","y":"{zeros}"}}"#));
    invalid(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{zeros}"}}"#));
    invalid(&format!(r#"{{"kty":"OKP","crv":"X25519","x":"{zeros}","d":"{zeros}"}}"#));
    invalid(r#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#);
    invalid("{}");
}

#[test]
fn sr_33_without_randomness_nothing_is_sealed_and_no_key_is_made() {
    let key = opening_key();
    let how = Sealing { key: key.public(), enc: ContentEncryption::A256Gcm, content_type: None };
    let zeros = |out: &mut [u8]| out.fill(0);
    let refused = jwe::seal(b"content", &how, &RingProvider, &zeros).unwrap_err();
    assert!(matches!(refused, SealJweError::Randomness(_)));
    let refused = jwe::seal(b"content", &how, &RingProvider, &Broken).unwrap_err();
    assert!(matches!(refused, SealJweError::Randomness(_)));
    let sources: [&dyn ingam_wire::Randomness; 2] = [&zeros, &Broken];
    for source in sources {
        let refused = OpeningKey::generate_scalar(Curve::X25519, &RingProvider, source).unwrap_err();
        assert!(matches!(refused, SealingKeyError::Randomness(_)));
    }
}

struct Broken;
impl ingam_wire::Randomness for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), ingam_wire::RandomnessUnavailable> {
        Err(ingam_wire::RandomnessUnavailable)
    }
}

/// A private half that lies elsewhere.
struct Elsewhere(Box<dyn AgreementKey>);

impl AgreementKey for Elsewhere {
    fn public(&self) -> PublicKey {
        self.0.public()
    }

    fn agree(&self, peer: &PublicKey) -> Result<zeroize::Zeroizing<[u8; 32]>, InvalidPeerKey> {
        self.0.agree(peer)
    }
}

#[test]
fn a_private_half_that_lies_elsewhere_opens() {
    use ingam_jose::{CryptoProvider as _, hpke};
    let elsewhere = || Box::new(Elsewhere(RingProvider.agreement_key(Curve::X25519, &[7; 32]).unwrap()));
    let from = |algorithm| OpeningKey::from_agreement_key(elsewhere(), algorithm, None, &RingProvider);
    let key = from(KeyManagement::EcdhEs).unwrap();
    assert_eq!(open(&sealed(key.public(), b"content", None), &key), Ok(b"content".to_vec()));
    let wraps = from(KeyManagement::EcdhEsA256Kw).unwrap_err();
    assert!(matches!(wraps, SealingKeyError::Unsupported(_)), "ring wraps no keys");
    assert!(matches!(from(KeyManagement::RsaOaep256), Err(SealingKeyError::Jwk(JwkError::Contradiction))));

    let key = hpke::RecipientKey::from_agreement_key(elsewhere()).unwrap();
    let suite = hpke::Suite::X25519_AES256;
    let (encapsulated, sealed) =
        hpke::seal(suite, key.public(), b"info", b"aad", b"content", &RingProvider, &RingProvider).unwrap();
    let opened = hpke::open(suite, &encapsulated, &key, b"info", b"aad", &sealed, &RingProvider).unwrap();
    assert_eq!(*opened, b"content");
}

#[test]
fn content_beyond_the_limit_is_not_sealed() {
    let key = opening_key();
    let how = Sealing { key: key.public(), enc: ContentEncryption::A256Gcm, content_type: None };
    let most = vec![1; ingam_jose::limits::SEALED_CONTENT];
    let token = jwe::seal(&most, &how, &RingProvider, &RingProvider).unwrap();
    assert_eq!(open(&token, &key).as_deref(), Ok(most.as_slice()));
    let refused = jwe::seal(&[most, vec![1]].concat(), &how, &RingProvider, &RingProvider);
    assert_eq!(refused.unwrap_err(), SealJweError::TooLarge);
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn what_only_the_second_provider_has_works_there_and_is_refused_at_construction_elsewhere() {
    use ingam_jose::{AwsLcProvider, Capability, CryptoProvider, Curve, KeyManagement};

    let scalar = |curve| OpeningKey::generate_scalar(curve, &AwsLcProvider, &AwsLcProvider).unwrap();
    let rsa = AwsLcProvider.generate(ingam_jose::SignatureAlgorithm::Ps256).unwrap();
    let mut keys = vec![OpeningKey::from_pkcs8(&rsa, None, &AwsLcProvider).unwrap()];
    for curve in [Curve::P256, Curve::X25519] {
        for algorithm in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
            keys.push(OpeningKey::from_scalar(curve, &scalar(curve), algorithm, None, &AwsLcProvider).unwrap());
        }
    }
    for key in &keys {
        for enc in [ContentEncryption::A256Gcm, ContentEncryption::A128Gcm] {
            let how = Sealing { key: key.public(), enc, content_type: None };
            let token = jwe::seal(b"content", &how, &AwsLcProvider, &AwsLcProvider).unwrap();
            let opened = Presented::parse(&token).unwrap().open(key, &AwsLcProvider).unwrap();
            assert_eq!(opened.content(), b"content");
            // A wrong encrypted key and a wrong tag are one error.
            let mut segments: Vec<&str> = token.split('.').collect();
            if !segments[1].is_empty() {
                let other = encode(vec![1; decode(segments[1]).unwrap().len()]);
                segments[1] = &other;
                let bent = segments.join(".");
                let refused = Presented::parse(&bent).unwrap().open(key, &AwsLcProvider);
                assert_eq!(refused.unwrap_err(), JweError::DecryptionFailed);
            }
        }
        let algorithm = key.public().algorithm();
        let text = key.public().to_jwk().to_json().to_string();
        let jwk = Jwk::parse(text.as_bytes()).unwrap();
        let on_ring = SealingKey::from_jwk(&jwk, None, &RingProvider);
        let ring_has_it = algorithm == KeyManagement::EcdhEs
            && jwk.public_key().agreement_curve().is_some_and(|curve| RingProvider.supports(Capability::Agree(curve)));
        match on_ring {
            Ok(sealing) => {
                assert!(ring_has_it);
                let token = sealed(&sealing, b"from ring", None);
                let opened = Presented::parse(&token).unwrap().open(key, &AwsLcProvider).unwrap();
                assert_eq!(opened.content(), b"from ring");
            }
            Err(error) => assert!(!ring_has_it && matches!(error, SealingKeyError::Unsupported(_)), "{error:?}"),
        }
    }
}
