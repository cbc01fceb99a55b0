//! jsonwebtoken as oracle: it accepts whatever we accept, agrees on every signature, and accepts more; what it accepts
//! that we refuse is the table of docs/decisions/0010-what-jsonwebtoken-accepts.md, which is checked here row by row.
#![cfg(feature = "jsonwebtoken")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::{future::Future, pin::pin, sync::Once, task};

use ingam_jose::{
    Jwk, RingProvider, SignatureAlgorithm, SigningKey, VerifyingKey,
    jwt::{self, Audience, AudienceClaim, Expect, Issuer, Kind, NumericDate, Presented, RegisteredClaims, Typ},
    with_jsonwebtoken::{RING, algorithm, decoding_key, validation},
};
use ingam_wire::{Seconds, UnixTime, base64url::encode};
use jsonwebtoken::{EncodingKey, Header, jwk::ThumbprintHash};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: AudienceClaim,
    exp: NumericDate,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "jwt::present", skip_serializing_if = "Option::is_none")]
    iat: Option<NumericDate>,
}

impl RegisteredClaims for Claims {
    fn issuer(&self) -> Option<&str> {
        Some(&self.iss)
    }

    fn audience(&self) -> Option<&AudienceClaim> {
        Some(&self.aud)
    }

    fn expires(&self) -> Option<UnixTime> {
        Some(self.exp.time())
    }

    fn not_before(&self) -> Option<UnixTime> {
        self.nbf.map(NumericDate::time)
    }

    fn issued_at(&self) -> Option<UnixTime> {
        self.iat.map(NumericDate::time)
    }
}

struct Note;
impl Kind for Note {
    const TYP: Typ = Typ::Required("note+jwt");
    type Claims = Claims;
}

/// Both clocks: ours is handed in, theirs is the system's; all times of these tests are far from both.
const NOW: UnixTime = UnixTime::from_secs(1_795_000_000);
const FINE_HEADER: &str = r#"{"alg":"ES256","typ":"note+jwt"}"#;
const FINE: &str = r#"{"iss":"https://me","aud":"https://you","exp":4102444800}"#;

fn expected() -> Expect<'static> {
    Expect::new(Issuer::Is("https://me"), Audience::Names("https://you"), NOW, Seconds::new(0))
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| RING.install_default().unwrap());
}

fn key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).unwrap()
}

fn token(key: &SigningKey, header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign_now(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(signature))
}

/// What we refuse the token with.
fn our_refusal(token: &str, key: &VerifyingKey) -> Option<&'static str> {
    match Presented::<Note>::parse(token).and_then(|presented| presented.verify(key)) {
        Ok(verified) => verified.meets(&expected()).err().map(|e| e.name()),
        Err(error) => Some(error.name()),
    }
}

fn we_accept(token: &str, key: &VerifyingKey) -> bool {
    our_refusal(token, key).is_none()
}

fn they_accept(token: &str, key: &VerifyingKey) -> bool {
    install();
    jsonwebtoken::decode::<serde_json::Value>(token, &decoding_key(key), &validation(key, &expected())).is_ok()
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(value) => value,
        task::Poll::Pending => panic!("a software key never waits"),
    }
}

#[test]
fn both_accept_what_we_issue_with_every_algorithm() {
    let rsa = ingam_testkit::keys::RSA_2048_PKCS8;
    let rsa = SigningKey::from_pkcs8(rsa, SignatureAlgorithm::Ps256, None, &RingProvider).unwrap();
    let ed25519 = SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).unwrap();
    for key in [key(), ed25519, rsa] {
        let claims: Claims = serde_json::from_str(FINE).unwrap();
        let token = ready(jwt::sign::<Note>(&claims, &key)).unwrap();
        assert!(we_accept(&token, key.public()) && they_accept(&token, key.public()), "{key:?}");
    }
}

#[test]
fn we_accept_what_they_issue() {
    install();
    for (pkcs8, algorithm_, encoding) in [
        (
            ingam_testkit::keys::P256_PKCS8,
            SignatureAlgorithm::Es256,
            EncodingKey::from_ec_der(ingam_testkit::keys::P256_PKCS8),
        ),
        (
            ingam_testkit::keys::ED25519_PKCS8,
            SignatureAlgorithm::EdDsa,
            EncodingKey::from_ed_der(ingam_testkit::keys::ED25519_PKCS8),
        ),
        (
            ingam_testkit::keys::RSA_2048_PKCS8,
            SignatureAlgorithm::Ps256,
            EncodingKey::from_rsa_der(ingam_testkit::keys::RSA_2048_PKCS8),
        ),
        // RSAPrivateKey (PKCS#1), as its own PEM reader keeps it: what stands behind the 26 bytes of PKCS#8's head.
        (
            ingam_testkit::keys::RSA_2048_PKCS8,
            SignatureAlgorithm::Ps256,
            EncodingKey::from_rsa_der(ingam_testkit::keys::RSA_2048_PKCS8.get(26..).unwrap()),
        ),
    ] {
        let key = SigningKey::from_pkcs8(pkcs8, algorithm_, None, &RingProvider).unwrap();
        let mut header = Header::new(algorithm(algorithm_));
        header.typ = Some("note+jwt".to_owned());
        let claims: serde_json::Value = serde_json::from_str(FINE).unwrap();
        let token = jsonwebtoken::encode(&header, &claims, &encoding).unwrap();
        assert!(we_accept(&token, key.public()), "{algorithm_:?}");
    }
}

#[test]
fn thumbprints_are_the_same_and_do_not_panic() {
    install();
    let key = key();
    let text = key.public().to_jwk().to_json().to_string();
    let theirs: jsonwebtoken::jwk::Jwk = serde_json::from_str(&text).unwrap();
    assert_eq!(theirs.thumbprint(ThumbprintHash::SHA256).unwrap(), key.public().thumbprint().to_base64url());
    assert!(theirs.thumbprint(ThumbprintHash::SHA512).is_ok());
    let encoding = EncodingKey::from_ec_der(ingam_testkit::keys::P256_PKCS8);
    let made = jsonwebtoken::jwk::Jwk::from_encoding_key(&encoding, jsonwebtoken::Algorithm::ES256).unwrap();
    let made = Jwk::parse(serde_json::to_string(&made).unwrap().as_bytes()).unwrap();
    assert_eq!(made.public_key(), Jwk::from_spki(ingam_testkit::keys::P256_SPKI).unwrap().public_key());
}

#[test]
fn both_agree_on_every_signature_of_wycheproof() {
    install();
    let mut seen = 0;
    for (file, name) in [
        ("ecdsa_secp256r1_sha256_p1363_test", SignatureAlgorithm::Es256),
        ("ed25519_test", SignatureAlgorithm::EdDsa),
        ("rsa_pss_2048_sha256_mgf1_32_test", SignatureAlgorithm::Ps256),
        ("rsa_pss_3072_sha256_mgf1_32_test", SignatureAlgorithm::Ps256),
    ] {
        let content = ingam_testkit::vectors("wycheproof", file);
        for group in content["testGroups"].as_array().unwrap() {
            let jwk = Jwk::from_spki(&unhex(&group["publicKeyDer"])).unwrap();
            let key = VerifyingKey::from_jwk(&jwk, Some(name), &RingProvider).unwrap();
            for test in group["tests"].as_array().unwrap() {
                let (message, signature) = (unhex(&test["msg"]), unhex(&test["sig"]));
                let ours = key.verify(&message, &signature).is_ok();
                let text = encode(&signature);
                let theirs =
                    jsonwebtoken::crypto::verify(&text, &message, &decoding_key(&key), algorithm(name)).unwrap();
                assert_eq!(
                    (ours, theirs),
                    (test["result"] == "valid", test["result"] == "valid"),
                    "{file} {}",
                    test["tcId"]
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

fn unhex(value: &serde_json::Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap()).collect()
}

/// Rows of the decision: a properly signed token, whether they accept it; we accept none of them.
const ROWS: [(&str, &str, &str, bool); 24] = [
    ("another typ", r#"{"alg":"ES256","typ":"at+jwt"}"#, FINE, true),
    ("no typ", r#"{"alg":"ES256"}"#, FINE, true),
    ("unknown crit", r#"{"alg":"ES256","typ":"note+jwt","crit":["zzz"],"zzz":1}"#, FINE, true),
    ("empty crit", r#"{"alg":"ES256","typ":"note+jwt","crit":[]}"#, FINE, true),
    ("b64 false", r#"{"alg":"ES256","typ":"note+jwt","crit":["b64"],"b64":false}"#, FINE, true),
    ("zip", r#"{"alg":"ES256","typ":"note+jwt","zip":"DEF"}"#, FINE, true),
    ("enc", r#"{"alg":"ES256","typ":"note+jwt","enc":"A256GCM"}"#, FINE, true),
    ("jku", r#"{"alg":"ES256","typ":"note+jwt","jku":"https://evil"}"#, FINE, true),
    ("header member twice", r#"{"alg":"ES256","typ":"note+jwt","x":1,"x":2}"#, FINE, true),
    (
        "private key in the header",
        r#"{"alg":"ES256","typ":"note+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}}"#,
        FINE,
        true,
    ),
    ("alg twice", r#"{"alg":"ES256","alg":"ES256","typ":"note+jwt"}"#, FINE, false),
    (
        "scope twice",
        FINE_HEADER,
        r#"{"iss":"https://me","aud":"https://you","exp":4102444800,"scope":"a","scope":"b"}"#,
        true,
    ),
    ("exp twice", FINE_HEADER, r#"{"iss":"https://me","aud":"https://you","exp":1,"exp":4102444800}"#, false),
    ("iss is a number", FINE_HEADER, r#"{"iss":5,"aud":"https://you","exp":4102444800}"#, false),
    (
        "iss is an array",
        FINE_HEADER,
        r#"{"iss":["https://evil","https://me"],"aud":"https://you","exp":4102444800}"#,
        true,
    ),
    ("no iss", FINE_HEADER, r#"{"aud":"https://you","exp":4102444800}"#, false),
    ("no aud", FINE_HEADER, r#"{"iss":"https://me","exp":4102444800}"#, false),
    ("another aud", FINE_HEADER, r#"{"iss":"https://me","aud":"https://other","exp":4102444800}"#, false),
    ("exp far beyond", FINE_HEADER, r#"{"iss":"https://me","aud":"https://you","exp":18000000000000000000}"#, true),
    (
        "iat in the future",
        FINE_HEADER,
        r#"{"iss":"https://me","aud":"https://you","exp":4102444800,"iat":4102444700}"#,
        true,
    ),
    ("iat is a string", FINE_HEADER, r#"{"iss":"https://me","aud":"https://you","exp":4102444800,"iat":"now"}"#, true),
    (
        "nbf in the future",
        FINE_HEADER,
        r#"{"iss":"https://me","aud":"https://you","exp":4102444800,"nbf":4102444700}"#,
        false,
    ),
    ("expired", FINE_HEADER, r#"{"iss":"https://me","aud":"https://you","exp":1}"#, false),
    ("RFC 9864 name with another key", r#"{"alg":"Ed25519","typ":"note+jwt"}"#, FINE, false),
];

#[test]
fn the_table_of_the_decision_holds() {
    let key = key();
    let fine = token(&key, FINE_HEADER, FINE);
    assert!(
        we_accept(&fine, key.public()) && they_accept(&fine, key.public()),
        "a test that refuses all proves nothing"
    );
    let decision = include_str!("../../../docs/decisions/0010-what-jsonwebtoken-accepts.md");
    let mut lacking = Vec::new();
    for (name, header, payload, theirs) in ROWS {
        let token = token(&key, header, payload);
        let ours = our_refusal(&token, key.public()).unwrap();
        assert_eq!(they_accept(&token, key.public()), theirs, "{name}");
        let row = format!("| {name} | {} | {ours} |", if theirs { "accepted" } else { "refused" });
        println!("{row}");
        lacking.extend((!decision.contains(&row)).then_some(row));
    }
    assert!(lacking.is_empty(), "the decision lacks {lacking:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever we accept they accept: any members, any order, any bytes changed after signing.
    #[test]
    fn they_accept_whatever_we_accept(
        member in "[a-z]{1,3}",
        value in prop_oneof![Just("1"), Just("null"), Just("\"x\""), Just("[]"), Just("{\"a\":[1.5e3]}"), Just("-0.0")],
        typ in prop_oneof![Just("note+jwt"), Just("NOTE+jwt"), Just("application/note+jwt"), Just("JWT")],
        exp in prop_oneof![Just("4102444800"), Just("4102444800.5"), Just("4.1024448e9"), Just("1"), Just("-1"), Just("\"1\"")],
        aud in prop_oneof![Just(r#""https://you""#), Just(r#"["a","https://you"]"#), Just("[]"), Just(r#""x""#)],
        flip in proptest::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        let key = key();
        let header = format!(r#"{{"alg":"ES256","{member}":{value},"typ":"{typ}"}}"#);
        let payload = format!(r#"{{"{member}":{value},"iss":"https://me","aud":{aud},"exp":{exp}}}"#);
        let mut token = token(&key, &header, &payload).into_bytes();
        if let Some(place) = flip {
            let place = place.index(token.len());
            let byte = token.get_mut(place).unwrap();
            *byte = if *byte == b'A' { b'Q' } else { b'A' };
        }
        let token = String::from_utf8(token).unwrap();
        if we_accept(&token, key.public()) {
            prop_assert!(they_accept(&token, key.public()), "{header} {payload}");
        }
    }
}
