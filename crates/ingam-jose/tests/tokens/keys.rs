use ingam_jose::{
    Jwk, JwkError, KeyAlgorithm, KeyError, KeyId, KeyManagement, KeySet, KeySetError, OpeningKey, PublicKey,
    RingProvider, SignatureAlgorithm, SigningKey, Thumbprint, VerifyingKey,
};
use ingam_testkit::{CANARY_TEXT, assert_hidden, keys};
use ingam_wire::base64url::encode;
use serde_json::{Value, json};

use crate::sample::key;

const X: &str = "KSexBRK64-3c_kZ4KBKLrSkDJpkZ9whgacjE32xzKDg";
const Y: &str = "x3h5ZOqsAOWSH7FJimD0YGdms9loUAFVjRqXTnNBUT4";

/// The key of RFC 8037 appendix A.2.
const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// No point of Ed25519 has this y.
const NO_POINT: [u8; 32] = {
    let mut y = [0; 32];
    y[0] = 2;
    y
};

fn p256() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y })
}

fn with(member: &str, value: Value) -> Value {
    let mut jwk = p256();
    jwk.as_object_mut().unwrap().insert(member.to_owned(), value);
    jwk
}

fn parse(jwk: &Value) -> Result<Jwk, JwkError> {
    Jwk::parse(jwk.to_string().as_bytes())
}

#[test]
fn a_public_key_is_read_and_printed_alike() {
    let key = key();
    let printed = key.public().to_jwk().to_json().to_string();
    let read = Jwk::parse(printed.as_bytes()).unwrap();
    assert_eq!(&read, key.public().to_jwk());
    assert_eq!(read.algorithm(), Some(KeyAlgorithm::Signature(SignatureAlgorithm::Es256)));
    let again = VerifyingKey::from_jwk(&read, None, &RingProvider).unwrap();
    assert_eq!(again.thumbprint(), key.public().thumbprint());
    let text = again.thumbprint().to_base64url();
    assert_eq!(Thumbprint::from_base64url(&text), Some(again.thumbprint()));
    assert_eq!(Thumbprint::from_base64url(&format!("{text}=")), None);
    assert_eq!(Thumbprint::from_base64url(&text[1..]), None);
}

/// fapi: SP-K-3, JW-3
#[test]
fn every_malformed_key_is_refused_by_its_name() {
    let zeros = "A".repeat(43);
    for (jwk, expected) in [
        (json!([]), JwkError::Malformed),
        (json!({}), JwkError::Malformed),
        (json!({ "kty": "EC" }), JwkError::Malformed),
        (json!({ "kty": "EC", "crv": "P-256", "x": X }), JwkError::Malformed),
        (json!({ "kty": 5 }), JwkError::Malformed),
        (with("kid", json!(5)), JwkError::Malformed),
        (with("kid", json!("")), JwkError::Malformed),
        (with("kid", json!("a\nb")), JwkError::Malformed),
        (with("kid", json!("a".repeat(129))), JwkError::Malformed),
        (with("x", json!(null)), JwkError::Malformed),
        (with("x", json!(X.replace('-', "+"))), JwkError::Malformed),
        (with("x", json!(format!("{X}="))), JwkError::WrongSize),
        (with("x", json!(&X[..42])), JwkError::WrongSize),
        (with("y", json!(X)), JwkError::NotOnCurve),
        (with("y", json!(zeros)), JwkError::NotOnCurve),
        (with("crv", json!("P-384")), JwkError::UnsupportedKeyType),
        (with("crv", json!("secp256k1")), JwkError::UnsupportedKeyType),
        (with("kty", json!("ec")), JwkError::UnsupportedKeyType),
        (with("kty", json!("oct")), JwkError::UnsupportedKeyType),
        (json!({ "kty": "OKP", "crv": "Ed448", "x": zeros }), JwkError::UnsupportedKeyType),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": zeros }), JwkError::NotOnCurve),
        (json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(NO_POINT) }), JwkError::NotOnCurve),
        (json!({ "kty": "AKP", "alg": "ML-DSA-65", "pub": zeros, "priv": zeros }), JwkError::PrivateMember),
        (json!({ "kty": "oct", "k": zeros }), JwkError::PrivateMember),
        (with("d", json!(zeros)), JwkError::PrivateMember),
        (with("d", json!(null)), JwkError::PrivateMember),
        (with("oth", json!([])), JwkError::PrivateMember),
        (with("alg", json!("RS256")), JwkError::AlgorithmNotAllowed),
        (with("alg", json!("ES384")), JwkError::AlgorithmNotAllowed),
        (with("alg", json!("none")), JwkError::AlgorithmNotAllowed),
        (with("alg", json!("EdDSA")), JwkError::Contradiction),
        (with("alg", json!("RSA-OAEP-256")), JwkError::Contradiction),
        (with("use", json!("other")), JwkError::Contradiction),
        (with("use", json!(["sig"])), JwkError::Malformed),
        (with("key_ops", json!("verify")), JwkError::Malformed),
        (with("key_ops", json!([])), JwkError::Contradiction),
        (with("key_ops", json!(["sign"])), JwkError::Contradiction),
        (with("key_ops", json!(["verify", "verify"])), JwkError::DuplicateMember),
        (with("key_ops", json!(["verify", "encrypt"])), JwkError::Contradiction),
        (with("key_ops", json!(["verify", 5])), JwkError::Malformed),
    ] {
        assert_eq!(parse(&jwk), Err(expected), "{jwk}");
    }
    let both = |a: &str, b: Value, c: &str, d: Value| {
        let mut jwk = with(a, b);
        jwk.as_object_mut().unwrap().insert(c.to_owned(), d);
        parse(&jwk)
    };
    assert_eq!(both("alg", json!("ES256"), "use", json!("enc")), Err(JwkError::Contradiction));
    assert_eq!(both("use", json!("enc"), "key_ops", json!(["verify"])), Err(JwkError::Contradiction));
    assert_eq!(both("alg", json!("ECDH-ES"), "key_ops", json!(["verify"])), Err(JwkError::Contradiction));
    let x25519 = json!({ "kty": "OKP", "crv": "X25519", "x": zeros, "use": "sig" });
    assert_eq!(parse(&x25519), Err(JwkError::Contradiction));
    let twice = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","y":"{Y}"}}"#);
    assert_eq!(Jwk::parse(twice.as_bytes()), Err(JwkError::DuplicateMember));
    let unknown_twice = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","a":1,"\u0061":1}}"#);
    assert_eq!(Jwk::parse(unknown_twice.as_bytes()), Err(JwkError::DuplicateMember));
    assert_eq!(Jwk::parse(&[b' '; 20_000]), Err(JwkError::TooLarge));
    assert_eq!(Jwk::parse(b"\xff"), Err(JwkError::Malformed));
    assert!(parse(&with("x5u", json!("https://never.fetched"))).is_ok(), "unknown members are ignored");
    assert!(parse(&with("key_ops", json!(["verify", "juggle"]))).is_ok(), "unknown operations are ignored");
}

/// fapi: SP-K-2
#[test]
fn rsa_keys_have_their_sizes() {
    let jwk = Jwk::from_spki(keys::RSA_2048_SPKI).unwrap();
    let PublicKey::Rsa { n, e } = jwk.public_key() else { panic!("an RSA key") };
    assert_eq!(jwk.public_key().strength(), 112);
    assert!(VerifyingKey::from_jwk(&jwk, None, &RingProvider).is_ok());
    let rsa = |n: &[u8], e: &[u8]| PublicKey::rsa(n.to_vec(), e.to_vec()).err();
    assert_eq!(rsa(n, e), None);
    let small = Some(JwkError::WrongSize);
    assert_eq!(rsa(&n[1..], e), small, "2,040 bits");
    assert_eq!(rsa(&[&[0], &n[..]].concat(), e), small, "a leading zero");
    assert_eq!(rsa(&[&[1; 257], &n[..]].concat(), e), small, "more than 4,096 bits");
    assert_eq!(rsa(&[], e), small);
    for exponent in [&[1][..], &[3], &[1, 0, 0], &[0, 1, 0, 1], &[1, 0, 0, 0, 1], &[]] {
        assert_eq!(rsa(n, exponent), small, "{exponent:?}");
    }
    let mut even = n.to_vec();
    *even.last_mut().unwrap() ^= 1;
    assert_eq!(rsa(&even, e), small);
}

#[test]
fn the_algorithm_is_fixed_when_the_key_is_loaded() {
    let load = |jwk: Value, registered| VerifyingKey::from_jwk(&parse(&jwk).unwrap(), registered, &RingProvider);
    use SignatureAlgorithm::{EdDsa, Es256};
    assert_eq!(load(p256(), None).unwrap().algorithm(), Es256);
    assert_eq!(load(p256(), Some(Es256)).unwrap().algorithm(), Es256);
    assert_eq!(load(p256(), Some(EdDsa)).unwrap_err(), KeyError::NoAlgorithm);
    assert_eq!(load(with("alg", json!("ES256")), Some(EdDsa)).unwrap_err(), KeyError::NoAlgorithm);
    // sr_27
    assert_eq!(load(with("use", json!("enc")), None).unwrap_err(), KeyError::KeyUseMismatch);
    assert_eq!(load(with("alg", json!("ECDH-ES")), None).unwrap_err(), KeyError::KeyUseMismatch);
    let x25519 = json!({ "kty": "OKP", "crv": "X25519", "x": X });
    assert_eq!(load(x25519, None).unwrap_err(), KeyError::KeyUseMismatch);
    let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519, "alg": "Ed25519" });
    assert_eq!(load(ed25519, None).unwrap().algorithm(), EdDsa, "the name of RFC 9864");
}

#[test]
fn a_foreign_set_keeps_what_can_be_used_and_reports_the_rest() {
    let fine = with("kid", json!("fine"));
    let foreign = json!({ "keys": [
        { "kty": "RSA", "kid": "small", "n": "AQAB", "e": "AQAB" },
        fine,
        { "kty": "new", "kid": "new" },
        { "kty": "EC", "crv": "P-256", "x": 5, "kid": "odd\n" },
        with("use", json!("enc")),
    ], "more": 1 });
    let (keys, skipped) = KeySet::parse_foreign(foreign.to_string().as_bytes(), None, &RingProvider).unwrap();
    assert_eq!(keys.keys().len(), 1);
    assert!(keys.knows("fine") && !keys.knows("small"));
    let reasons: Vec<_> = skipped.iter().map(|s| (s.key_id.as_ref().map(KeyId::as_str), s.reason.name())).collect();
    let expected = [
        (Some("small"), "WrongSize"),
        (Some("new"), "UnsupportedKeyType"),
        (None, "Malformed"),
        (None, "KeyUseMismatch"),
    ];
    assert_eq!(reasons, expected);

    let refused = |text: &str| KeySet::parse_foreign(text.as_bytes(), None, &RingProvider).unwrap_err();
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[5]}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(refused(text), KeySetError::Malformed, "{text}");
    }
    assert_eq!(refused(&json!({ "keys": vec![p256(); 101] }).to_string()), KeySetError::Malformed);
    assert_eq!(refused(&json!({ "keys": [p256(), with("d", json!(X))] }).to_string()), KeySetError::PrivateKey);
    assert_eq!(refused(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#), KeySetError::PrivateKey);
    assert_eq!(refused(r#"{"keys":[{"kty":"AKP","priv":"AAAA"}]}"#), KeySetError::PrivateKey);
    let no_point = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": encode(NO_POINT) }] }).to_string();
    let (_, skipped) = KeySet::parse_foreign(no_point.as_bytes(), None, &RingProvider).unwrap();
    assert_eq!(skipped[0].reason, KeyError::Jwk(JwkError::NotOnCurve));
    let head = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
    let spki = [&head[..], &NO_POINT].concat();
    assert_eq!(Jwk::from_spki(&spki), Err(JwkError::NotOnCurve));
    let (_, body) = keys::P256_SPKI.split_at(2);
    for head in [&[0x30, 0x81, 0x59][..], &[0x30, 0x82, 0, 0x59], &[0x30, 0x80]] {
        assert_eq!(Jwk::from_spki(&[head, body].concat()), Err(JwkError::Malformed), "a length in another spelling");
    }
}

/// fapi: SP-K-7
#[test]
fn our_own_set_is_strict_and_a_kid_may_return_for_another_algorithm() {
    let own = |keys: Value| KeySet::parse_own(json!({ "keys": keys }).to_string().as_bytes(), &RingProvider);
    let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519, "kid": "a" });
    let keys = own(json!([with("kid", json!("a")), ed25519])).unwrap();
    assert_eq!(keys.select(Some("a"), SignatureAlgorithm::Es256).count(), 1);
    assert_eq!(keys.select(Some("b"), SignatureAlgorithm::Es256).count(), 0);
    assert_eq!(keys.select(None, SignatureAlgorithm::EdDsa).count(), 1);
    let again = KeySet::parse_own(keys.to_json().to_string().as_bytes(), &RingProvider).unwrap();
    assert_eq!(again.keys(), keys.keys());
    assert_eq!(own(json!([p256(), p256()])).unwrap_err(), KeySetError::SameKeyId);
    let weak = own(json!([{ "kty": "new" }])).unwrap_err();
    assert_eq!(weak, KeySetError::Key(KeyError::Jwk(JwkError::UnsupportedKeyType)));
}

#[test]
fn key_files_of_openssl_are_read_and_their_halves_match() {
    for (pkcs8, spki, algorithm) in [
        (keys::P256_PKCS8, keys::P256_SPKI, SignatureAlgorithm::Es256),
        (keys::ED25519_PKCS8, keys::ED25519_SPKI, SignatureAlgorithm::EdDsa),
        (keys::RSA_2048_PKCS8, keys::RSA_2048_SPKI, SignatureAlgorithm::Ps256),
    ] {
        let public = Jwk::from_spki(spki).unwrap();
        let key = SigningKey::from_pkcs8(pkcs8, algorithm, None, &RingProvider).unwrap();
        assert_eq!(key.public().to_jwk().public_key(), public.public_key());
        let verifying = VerifyingKey::from_jwk(&public, None, &RingProvider).unwrap();
        assert_eq!(verifying.verify(b"m", &key.sign_now(b"m").unwrap()), Ok(()));

        let from_pem = SigningKey::from_pem(&pem("PRIVATE KEY", pkcs8), None, &RingProvider).unwrap();
        assert_eq!(from_pem.public(), key.public());
        let pem_public = Jwk::from_pem(&pem("PUBLIC KEY", spki)).unwrap();
        assert_eq!(pem_public, public);
        assert_eq!(Jwk::from_pem(&pem("PRIVATE KEY", pkcs8)), Err(JwkError::PrivateMember));
        for other in SignatureAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let refused = SigningKey::from_pkcs8(pkcs8, other, None, &RingProvider).unwrap_err();
            assert_eq!(refused, KeyError::Malformed { expected: other });
        }
        for length in 0..pkcs8.len() {
            let cut = pkcs8.get(..length).unwrap();
            assert!(SigningKey::from_pkcs8(cut, algorithm, None, &RingProvider).is_err(), "{length}");
            assert!(SigningKey::from_pem(&pem("PRIVATE KEY", cut), None, &RingProvider).is_err());
        }
        for length in 0..spki.len() {
            assert!(Jwk::from_spki(spki.get(..length).unwrap()).is_err(), "{length}");
        }
        assert!(Jwk::from_spki(&[spki, &[0]].concat()).is_err(), "something behind the key");
    }
}

#[test]
fn a_sec1_file_of_openssl_is_read() {
    // The inner OCTET STRING of PKCS#8 is the SEC 1 structure itself.
    let sec1 = keys::P256_PKCS8.get(29..).unwrap();
    let key = SigningKey::from_pem(&pem("EC PRIVATE KEY", sec1), None, &RingProvider).unwrap();
    let spki = Jwk::from_spki(keys::P256_SPKI).unwrap();
    assert_eq!(key.public().to_jwk().public_key(), spki.public_key());
}

#[test]
fn pem_texts_that_are_not_one_section_are_refused() {
    let fine = pem("PUBLIC KEY", keys::P256_SPKI);
    assert!(Jwk::from_pem(&format!("a comment before\n{fine}")).is_ok());
    for text in [
        String::new(),
        format!("{fine}{fine}"),
        fine.replace("END PUBLIC", "END PRIVATE"),
        fine.replace("PUBLIC KEY", "CERTIFICATE"),
        fine.replace('M', "-"),
        fine.replace('M', "=M"),
        " ".repeat(20_000) + &fine,
    ] {
        assert!(Jwk::from_pem(&text).is_err(), "{text}");
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = encode(der).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}{padding}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn private_jwks_are_read_strictly_and_both_halves_must_be_one_key() {
    let example = ingam_testkit::vectors("jose-rfc", "rfc8037")["examples"][0]["jwk"].clone();
    let read = |jwk: &Value| SigningKey::from_private_jwk(jwk.to_string().as_bytes(), &RingProvider);
    let key = read(&example).unwrap();
    assert_eq!(key.public().thumbprint().to_base64url(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let changed = |member: &str, value: Value| {
        let mut jwk = example.clone();
        jwk.as_object_mut().unwrap().insert(member.to_owned(), value);
        read(&jwk).unwrap_err()
    };
    let expected = SignatureAlgorithm::EdDsa;
    assert_eq!(changed("x", json!(X)), KeyError::Malformed { expected });
    assert_eq!(changed("d", json!("AAAA")), KeyError::Jwk(JwkError::WrongSize));
    assert_eq!(changed("d", json!(5)), KeyError::Jwk(JwkError::Malformed));
    assert_eq!(changed("k", json!("AAAA")), KeyError::Jwk(JwkError::UnsupportedKeyType));
    assert_eq!(changed("use", json!("enc")), KeyError::Jwk(JwkError::Contradiction));
    assert_eq!(changed("key_ops", json!(["verify"])), KeyError::Jwk(JwkError::Contradiction));
    assert_eq!(read(&p256()).unwrap_err(), KeyError::Jwk(JwkError::Malformed), "no private member");
    let x25519 = ingam_testkit::vectors("jose-cookbook", "curve25519/ecdh-es")["input"]["key"].clone();
    assert_eq!(read(&x25519).unwrap_err(), KeyError::KeyUseMismatch);
    let opening = OpeningKey::from_private_jwk(x25519.to_string().as_bytes(), &RingProvider).unwrap();
    assert_eq!(opening.public().algorithm(), KeyManagement::EcdhEs);
}

#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let example = ingam_testkit::vectors("jose-rfc", "rfc8037")["examples"][0]["jwk"].clone();
    let secret = example["d"].as_str().unwrap();
    let key = SigningKey::from_private_jwk(example.to_string().as_bytes(), &RingProvider).unwrap();
    assert_hidden(&key, secret);
    let x25519 = ingam_testkit::vectors("jose-cookbook", "curve25519/ecdh-es")["input"]["key"].clone();
    let opening = OpeningKey::from_private_jwk(x25519.to_string().as_bytes(), &RingProvider).unwrap();
    assert_hidden(&opening, x25519["d"].as_str().unwrap());
    use ingam_jose::jwe::{self, ContentEncryption, Presented, Sealing};
    let how = Sealing { key: opening.public(), enc: ContentEncryption::A256Gcm, content_type: None };
    let token = jwe::seal(CANARY_TEXT.as_bytes(), &how, &RingProvider, &RingProvider).unwrap();
    assert_hidden(&Presented::parse(&token).unwrap().open(&opening, &RingProvider).unwrap(), CANARY_TEXT);
    let token =
        crate::sample::token(&crate::sample::key(), crate::sample::HEADER, &format!(r#"{{"iss":"{CANARY_TEXT}"}}"#));
    assert_hidden(&ingam_jose::jwt::Presented::<crate::sample::Note>::parse(&token).unwrap(), &token);
    assert_hidden(&ingam_jose::jws::Presented::compact(&token, ingam_jose::jwt::Typ::Any).unwrap(), CANARY_TEXT);
    let bad = example.to_string().replace("OKP", "OKQ");
    let refused = SigningKey::from_private_jwk(bad.as_bytes(), &RingProvider).unwrap_err();
    assert_hidden(&refused, secret);
}

#[test]
fn a_private_key_leaves_sealed_and_comes_back_the_same() {
    let opening = crate::sample::opening_key();
    for (pkcs8, algorithm) in [
        (keys::P256_PKCS8, SignatureAlgorithm::Es256),
        (keys::ED25519_PKCS8, SignatureAlgorithm::EdDsa),
        (keys::RSA_2048_PKCS8, SignatureAlgorithm::Ps256),
    ] {
        let key_id: KeyId = "kept \"so\"".parse().unwrap();
        let seal = |pkcs8: &[u8]| {
            let id = Some(key_id.clone());
            SigningKey::seal_to(pkcs8, algorithm, id, opening.public(), &RingProvider, &RingProvider)
        };
        let sealed = seal(pkcs8).unwrap();
        let back = SigningKey::from_sealed(&sealed, &opening, &RingProvider).unwrap();
        let same = SigningKey::from_pkcs8(pkcs8, algorithm, Some(key_id.clone()), &RingProvider).unwrap();
        assert_eq!(back.public(), same.public());
        assert_eq!(same.public().verify(b"m", &back.sign_now(b"m").unwrap()), Ok(()));
        let stranger = SigningKey::from_sealed(&sealed, &crate::sample::opening_key(), &RingProvider);
        assert_eq!(stranger.unwrap_err().name(), "DecryptionFailed");
        assert_eq!(seal(&pkcs8[1..]).unwrap_err().name(), "Malformed");
    }
}
