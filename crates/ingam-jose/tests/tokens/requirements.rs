//! The security failures of the field that this crate answers for, by their numbers.

use ingam_jose::{
    JwkError, KeyError, RingProvider, SignatureAlgorithm, SigningKey,
    jwt::{Audience, ClaimError, Expect, Issuer, JwtError, Presented, sign},
};
use ingam_wire::{Seconds, UnixTime, base64url::encode};

use crate::sample::{FINE, HEADER, Note, Proof, claims, key, named_key, read, ready, refusal, set, token};

#[test]
fn sr_01_a_mac_over_a_public_key_is_no_signature() {
    let key = key();
    let jwk = key.public().to_jwk().to_json().to_string();
    for name in ["HS256", "HS384", "HS512"] {
        let signed = format!("{}.{}", encode(format!(r#"{{"alg":"{name}","typ":"note+jwt"}}"#)), encode(FINE));
        let mac = ingam_jose::CryptoProvider::hmac_sha256(&RingProvider, jwk.as_bytes(), &[signed.as_bytes()]);
        let forged = format!("{signed}.{}", encode(mac));
        assert_eq!(read(&forged, key.public()), Err(JwtError::AlgorithmNotAllowed));
    }
}

/// fapi: SP-K-1
#[test]
fn sr_02_no_spelling_of_none_is_an_algorithm() {
    for name in
        ["none", "None", "NONE", "nOnE", "", "RS256", "RS512", "PS384", "PS512", "ES384", "ES512", "ES256K", "Ed448"]
    {
        let header = format!(r#"{{"alg":"{name}","typ":"note+jwt"}}"#);
        assert_eq!(refusal(&header, FINE), JwtError::AlgorithmNotAllowed, "{name}");
        let unsigned = format!("{}.{}.", encode(&header), encode(FINE));
        assert_eq!(read(&unsigned, key().public()), Err(JwtError::AlgorithmNotAllowed), "{name}");
    }
    assert_eq!(refusal(r#"{"typ":"note+jwt"}"#, FINE), JwtError::Malformed);
    let unsigned = format!("{}.{}.", encode(HEADER), encode(FINE));
    assert_eq!(read(&unsigned, key().public()), Err(JwtError::BadSignature));
}

#[test]
fn sr_03_signatures_of_zeros_and_of_the_order_are_bad() {
    let key = key();
    let order: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let one = core::array::from_fn(|at| u8::from(at == 31));
    for (r, s) in
        [([0; 32], [0; 32]), (order, order), ([0; 32], one), (one, [0; 32]), (order, one), (one, order), (one, one)]
    {
        let forged = format!("{}.{}.{}", encode(HEADER), encode(FINE), encode([r, s].concat()));
        assert_eq!(read(&forged, key.public()), Err(JwtError::BadSignature));
    }
}

#[test]
fn sr_04_a_key_that_the_token_brings_is_not_believed() {
    let (ours, attacker) = (key(), key());
    let jwk = attacker.public().to_jwk().to_json();
    for header in [
        format!(r#"{{"alg":"ES256","typ":"note+jwt","jwk":{jwk}}}"#),
        format!(
            r#"{{"alg":"ES256","typ":"note+jwt","jwk":{jwk},"kid":"{}"}}"#,
            attacker.public().thumbprint().to_base64url()
        ),
    ] {
        let token = token(&attacker, &header, FINE);
        let presented = Presented::<Note>::parse(&token).unwrap();
        assert_eq!(presented.embedded_key(), None);
        let refused = presented.verify_with(&set(&[ours.public()])).unwrap_err();
        assert!(matches!(refused, JwtError::UnknownKey | JwtError::BadSignature));
        assert_eq!(
            Presented::<Note>::parse(&token).unwrap().verify_embedded(&RingProvider).unwrap_err(),
            JwtError::UnknownKey
        );
    }
}

/// fapi: SP-K-6
#[test]
fn sr_05_keys_by_reference_are_refused_and_there_is_nothing_that_could_fetch() {
    for member in [r#""jku":"https://evil/jwks""#, r#""x5u":"https://evil""#, r#""x5c":["AA"]"#, r#""jku":null"#] {
        let header = format!(r#"{{"alg":"ES256","typ":"note+jwt",{member}}}"#);
        assert_eq!(refusal(&header, FINE), JwtError::UnsupportedHeader, "{member}");
    }
}

#[test]
fn sr_06_a_kid_is_a_name_and_nothing_else() {
    let key = key();
    let long = "k".repeat(2_000);
    for kid in ["../../dev/null", "' OR 1=1--", "a\\nb", "\\u0000", "", long.as_str()] {
        let header = format!(r#"{{"alg":"ES256","typ":"note+jwt","kid":"{kid}"}}"#);
        let token = token(&key, &header, FINE);
        let refused = Presented::<Note>::parse(&token).unwrap().verify_with(&set(&[key.public()]));
        assert_eq!(refused.unwrap_err(), JwtError::UnknownKey, "{kid}");
    }
    let header = format!(r#"{{"alg":"ES256","typ":"note+jwt","kid":"{}"}}"#, "k".repeat(10_000));
    assert_eq!(refusal(&header, FINE), JwtError::TooLarge);
}

/// fapi: SP-K-1
#[test]
fn sr_07_the_algorithm_is_the_keys_and_not_the_messages() {
    let key = named_key("a");
    for (name, expected) in [
        ("RS256", JwtError::AlgorithmNotAllowed),
        ("PS256", JwtError::KeyAlgorithmMismatch),
        ("EdDSA", JwtError::KeyAlgorithmMismatch),
        ("Ed25519", JwtError::KeyAlgorithmMismatch),
    ] {
        let token = token(&key, &format!(r#"{{"alg":"{name}","typ":"note+jwt","kid":"a"}}"#), FINE);
        let parsed = Presented::<Note>::parse(&token);
        let refused = parsed.and_then(|presented| presented.verify_with(&set(&[key.public()])));
        assert_eq!(refused.unwrap_err(), expected, "{name}");
    }
}

/// fapi: JW-8
/// A MAC key of whatever length is no key here, so none can be too short (see also the doctest of `SignatureAlgorithm`).
#[test]
fn sr_08_a_shared_secret_is_no_key() {
    for length in [0, 1, 31, 32, 64] {
        let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, encode(vec![7; length]));
        let refused = ingam_jose::Jwk::parse(jwk.as_bytes()).unwrap_err();
        assert_eq!(refused, JwkError::PrivateMember, "{length} bytes");
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        let refused = ingam_jose::KeySet::parse_foreign(set.as_bytes(), None, &RingProvider).unwrap_err();
        assert_eq!(refused, ingam_jose::KeySetError::PrivateKey, "{length} bytes");
    }
    let nameless = ingam_jose::Jwk::parse(br#"{"kty":"oct"}"#).unwrap_err();
    assert_eq!(nameless, JwkError::UnsupportedKeyType);
    for name in ["HS256", "HS384", "HS512"] {
        assert_eq!(ingam_jose::KeyAlgorithm::from_name(name), None);
    }
}

#[test]
fn sr_09_and_sr_10_no_extension_is_understood_in_a_jwt() {
    for members in [
        r#""crit":["exp"],"exp":1"#,
        r#""crit":["zzz"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["b64","b64"],"b64":true"#,
        r#""b64":false"#,
        r#""b64":true"#,
    ] {
        let header = format!(r#"{{"alg":"ES256","typ":"note+jwt",{members}}}"#);
        assert_eq!(refusal(&header, FINE), JwtError::UnsupportedCritical, "{members}");
    }
}

#[test]
fn sr_11_and_sr_12_a_time_that_is_none_is_malformed_and_never_absent() {
    for value in [
        "\"2000\"",
        "-1",
        "null",
        "[2000]",
        "{}",
        "true",
        "1e300",
        "1e19",
        "18446744073709551615",
        "9223372036854775807",
        "-9223372036854775808",
        "253402300800",
        "-0.5",
        "99999999999999999999999",
    ] {
        for claim in ["exp", "nbf", "iat"] {
            let rest = if claim == "exp" { "" } else { r#""exp":2000,"# };
            let payload = format!(r#"{{"iss":"me",{rest}"{claim}":{value}}}"#);
            assert_eq!(refusal(HEADER, &payload), JwtError::MalformedClaim, "{claim} {value}");
        }
    }
}

#[test]
fn sr_13_and_sr_14_the_json_serialisation_is_not_read() {
    let key = key();
    let compact = ready(sign::<Note>(&claims(), &key)).unwrap();
    let parts: Vec<&str> = compact.split('.').collect();
    for json in [
        serde_json::json!({ "payload": parts[1], "signatures": [] }),
        serde_json::json!({ "payload": parts[1] }),
        serde_json::json!({ "payload": parts[1], "protected": parts[0], "signature": parts[2] }),
        serde_json::json!({ "payload": parts[1], "header": { "alg": "ES256" }, "signature": parts[2] }),
    ] {
        assert_eq!(read(&json.to_string(), key.public()), Err(JwtError::Malformed));
    }
}

#[test]
fn sr_15_a_megabyte_of_dots_costs_nothing() {
    let dots = ".".repeat(1 << 20);
    assert_eq!(Presented::<Note>::parse(&dots).unwrap_err(), JwtError::TooManySegments);
    let compact = ready(sign::<Note>(&claims(), &key())).unwrap();
    assert_eq!(Presented::<Note>::parse(&format!("{compact}.")).unwrap_err(), JwtError::TooManySegments);
    assert_eq!(Presented::<Note>::parse("").unwrap_err(), JwtError::Malformed);
    assert_eq!(Presented::<Note>::parse("..").unwrap_err(), JwtError::Malformed);
    assert_eq!(Presented::<Note>::parse("a.b").unwrap_err(), JwtError::Malformed);
}

#[test]
fn sr_16_size_is_refused_before_base64_and_json() {
    // '!' is no base64url character, so `TooLarge` shows that nothing was decoded.
    let long_header = format!("{}.AA.AA", "!".repeat(ingam_jose::limits::HEADER + 1));
    assert_eq!(Presented::<Note>::parse(&long_header).unwrap_err(), JwtError::TooLarge);
    let long_token = format!("AA.{}.AA", "!".repeat(ingam_jose::limits::TOKEN));
    assert_eq!(Presented::<Note>::parse(&long_token).unwrap_err(), JwtError::TooLarge);
    assert_eq!(Presented::<Note>::parse(&"!".repeat(1 << 20)).unwrap_err(), JwtError::TooLarge);
}

#[test]
fn sr_17_nesting_is_bounded() {
    let deep = |levels: usize| format!(r#"{{"iss":"me","exp":2000,"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let key = key();
    assert!(read(&token(&key, HEADER, &deep(15)), key.public()).is_ok());
    assert_eq!(refusal(HEADER, &deep(16)), JwtError::TooDeep);
    assert_eq!(refusal(HEADER, &deep(4_000)), JwtError::TooDeep);
    let header = format!(r#"{{"alg":"ES256","typ":"note+jwt","x":{}{}}}"#, "[".repeat(1_000), "]".repeat(1_000));
    assert_eq!(refusal(&header, FINE), JwtError::TooDeep);
}

#[test]
fn sr_18_a_signature_of_another_length_never_reaches_the_primitive() {
    let key = key();
    let signed = format!("{}.{}", encode(HEADER), encode(FINE));
    let signature = key.sign_now(signed.as_bytes()).unwrap();
    let der = [&[0x30, 0x44, 0x02, 0x20], &signature[..32], &[0x02, 0x20], &signature[32..]].concat();
    for bytes in [&signature[..63], &[&signature[..], &[0]].concat(), &der, &[0; 96], &[0; 132], &[], &[0; 512]] {
        let forged = format!("{signed}.{}", encode(bytes));
        assert_eq!(read(&forged, key.public()), Err(JwtError::BadSignature), "{}", bytes.len());
    }
    let forged = format!("{signed}.{}", "A".repeat(10_000));
    assert_eq!(read(&forged, key.public()), Err(JwtError::BadSignature));
}

#[test]
fn sr_18_the_length_of_a_signature_is_checked_before_the_provider_is_asked() {
    let lenient = Odd { source: Source::Zeros, lenient: true };
    let jwk = ingam_jose::Jwk::from_spki(ingam_testkit::keys::P256_SPKI).unwrap();
    let key = ingam_jose::VerifyingKey::from_jwk(&jwk, None, &lenient).unwrap();
    assert!(key.verify(b"m", &[0; 64]).is_ok(), "a test that refuses all proves nothing");
    for length in [0, 63, 65, 70, 71, 72, 96, 132, 21_830] {
        assert!(key.verify(b"m", &vec![0; length]).is_err(), "{length}");
    }
}

#[test]
fn sr_72_both_halves_of_a_key_are_compared_whatever_the_provider_loaded() {
    let lenient = Odd { source: Source::Zeros, lenient: true };
    let mut jwk = key().public().to_jwk().to_json();
    jwk.as_object_mut().unwrap().insert("d".to_owned(), encode([7; 32]).into());
    let refused = SigningKey::from_private_jwk(jwk.to_string().as_bytes(), &lenient).unwrap_err();
    assert_eq!(refused, KeyError::HalvesDiffer);
}

#[test]
fn sr_29_a_wrong_tag_leaves_no_plaintext_behind() {
    use ingam_jose::{CryptoProvider as _, SealError, SealingAlgorithm};
    for algorithm in SealingAlgorithm::ALL {
        let key = vec![7; algorithm.key_length()];
        let mut data = b"content".to_vec();
        RingProvider.seal(algorithm, &key, &[1; 12], b"", &mut data).unwrap();
        let sealed = data.clone();
        for provider in providers() {
            let mut opened = sealed.clone();
            provider.open(algorithm, &key, &[1; 12], b"", &mut opened).unwrap();
            assert_eq!(opened, b"content");
            for position in 0..sealed.len() {
                let mut bent = sealed.clone();
                bent[position] ^= 1;
                assert_eq!(provider.open(algorithm, &key, &[1; 12], b"", &mut bent), Err(SealError));
                assert!(bent.is_empty(), "{algorithm:?} of {}, byte {position}", provider.name());
            }
        }
    }
}

#[test]
fn sr_19_only_exact_base64url_is_read() {
    let key = key();
    let compact = ready(sign::<Note>(&claims(), &key)).unwrap();
    for segment in 0..3 {
        for wrong in ["=", "==", " ", "\n", "\t", "+", "/", "~", "é", "\u{0}"] {
            let mut parts: Vec<String> = compact.split('.').map(str::to_owned).collect();
            parts[segment].push_str(wrong);
            assert_eq!(read(&parts.join("."), key.public()), Err(JwtError::Malformed), "{segment} {wrong:?}");
        }
    }
    // 64 bytes end in a character whose last four bits are unused.
    let last = compact.chars().last().unwrap();
    let stray = if last == 'A' { 'B' } else { char::from(u8::try_from(last).unwrap() + 1) };
    let bent = format!("{}{stray}", &compact[..compact.len() - 1]);
    assert!(read(&bent, key.public()).is_err());
}

#[test]
fn sr_20_a_token_of_one_kind_is_none_of_another() {
    let key = key();
    let note = ready(sign::<Note>(&claims(), &key)).unwrap();
    let proof = ready(sign::<Proof>(&claims(), &key)).unwrap();
    assert_eq!(Presented::<Proof>::parse(&note).unwrap_err(), JwtError::WrongType);
    assert_eq!(Presented::<Note>::parse(&proof).unwrap_err(), JwtError::WrongType);
}

/// fapi: JW-8
#[test]
fn sr_21_no_member_stands_twice_in_any_spelling() {
    for (header, payload) in [
        (r#"{"alg":"ES256","alg":"ES256","typ":"note+jwt"}"#, FINE),
        (r#"{"alg":"ES256","typ":"note+jwt","x":1,"x":1}"#, FINE),
        (r#"{"alg":"ES256","typ":"note+jwt","x":1,"\u0078":1}"#, FINE),
        (r#"{"alg":"ES256","typ":"note+jwt","x":{"y":1,"y":2}}"#, FINE),
        (HEADER, r#"{"iss":"me","exp":2000,"exp":3000}"#),
        (HEADER, r#"{"iss":"me","exp":2000,"scope":"a","scope":"b"}"#),
        (HEADER, r#"{"iss":"me","exp":2000,"scope":"a","sc\u006fpe":"b"}"#),
        (HEADER, r#"{"iss":"me","exp":2000,"x":[{"y":1,"y":2}]}"#),
    ] {
        assert_eq!(refusal(header, payload), JwtError::DuplicateMember, "{header} {payload}");
    }
}

#[test]
fn sr_22_a_verified_token_is_measured_anew_by_each_policy() {
    let key = key();
    let payload = r#"{"iss":"https://a","aud":"https://one","exp":2000}"#;
    let token = token(&key, HEADER, payload);
    let verified = Presented::<Note>::parse(&token).unwrap().verify(key.public()).unwrap();
    let policy = |issuer, audience| Expect::new(issuer, audience, UnixTime::from_secs(1000), Seconds::new(0));
    let one = policy(Issuer::Is("https://a"), Audience::Names("https://one"));
    let other_audience = policy(Issuer::Is("https://a"), Audience::Names("https://two"));
    let other_issuer = policy(Issuer::Is("https://b"), Audience::Names("https://one"));
    assert_eq!(verified.meets(&one), Ok(()));
    assert_eq!(verified.meets(&other_audience), Err(ClaimError::WrongAudience));
    assert_eq!(verified.meets(&other_issuer), Err(ClaimError::WrongIssuer));
    assert_eq!(verified.meets(&one), Ok(()));
}

/// fapi: SP-K-8
#[test]
fn sr_23_issuers_that_share_a_kid_do_not_share_keys() {
    let (one, other) = (named_key("1"), named_key("1"));
    let token = ready(sign::<Note>(&claims(), &one)).unwrap();
    let verify = |key: &SigningKey| Presented::<Note>::parse(&token).unwrap().verify_with(&set(&[key.public()]));
    assert!(verify(&one).is_ok());
    assert_eq!(verify(&other).unwrap_err(), JwtError::BadSignature);
    // FAPI 2.0 section 5.4.3: a kid that stands twice does not end the search.
    let both = set(&[other.public(), one.public()]);
    let verified = Presented::<Note>::parse(&token).unwrap().verify_with(&both).unwrap();
    assert_eq!(verified.key(), one.public());
}

#[test]
fn sr_33_a_source_that_fails_or_gives_zeros_makes_no_key() {
    for source in [Source::Fails, Source::Zeros] {
        let refused = SigningKey::generate(SignatureAlgorithm::Es256, &Odd { source, lenient: false }).unwrap_err();
        assert!(matches!(refused, KeyError::Randomness(_)));
    }
}

#[test]
fn sr_35_an_embedded_key_with_private_members_is_refused() {
    let key = key();
    let public = key.public().to_jwk().to_json();
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut jwk = public.clone();
        jwk.as_object_mut().unwrap().insert(member.to_owned(), "AAAA".into());
        let proof = token(&key, &format!(r#"{{"alg":"ES256","typ":"proof+jwt","jwk":{jwk}}}"#), FINE);
        let refused = Presented::<Proof>::parse(&proof).unwrap_err();
        assert_eq!(refused, JwtError::EmbeddedKey(JwkError::PrivateMember), "{member}");
        let note = format!(r#"{{"alg":"ES256","typ":"note+jwt","jwk":{jwk}}}"#);
        assert_eq!(refusal(&note, FINE), JwtError::UnsupportedHeader, "{member}");
    }
    let secret = r#"{"alg":"ES256","typ":"proof+jwt","jwk":{"kty":"oct"}}"#;
    let refused = Presented::<Proof>::parse(&token(&key, secret, FINE)).unwrap_err();
    assert_eq!(refused, JwtError::EmbeddedKey(JwkError::UnsupportedKeyType));
}

/// Every provider that is compiled in.
fn providers() -> Vec<&'static dyn ingam_jose::CryptoProvider> {
    vec![
        &RingProvider,
        #[cfg(feature = "aws-lc-rs")]
        &ingam_jose::AwsLcProvider,
    ]
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Fails,
    Zeros,
}

impl ingam_wire::Randomness for Source {
    fn fill(&self, out: &mut [u8]) -> Result<(), ingam_wire::RandomnessUnavailable> {
        out.fill(0);
        match self {
            Self::Fails => Err(ingam_wire::RandomnessUnavailable),
            Self::Zeros => Ok(()),
        }
    }
}

/// ring, but with a source of randomness that is none, and, where lenient, with primitives that accept every signature
/// and load one key for all: what this crate checks itself must not lean on its provider.
#[derive(Debug)]
struct Odd {
    source: Source,
    lenient: bool,
}

struct AcceptsAll;
impl ingam_jose::PreparedKey for AcceptsAll {
    fn verify(&self, _: &[u8], _: &[u8]) -> Result<(), ingam_jose::BadSignature> {
        Ok(())
    }
}

impl ingam_jose::CryptoProvider for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }

    fn randomness(&self) -> &dyn ingam_wire::Randomness {
        &self.source
    }

    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        RingProvider.sha256(parts)
    }

    fn sha512(&self, parts: &[&[u8]]) -> [u8; 64] {
        RingProvider.sha512(parts)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
        RingProvider.hmac_sha256(key, parts)
    }

    fn hkdf_sha256(
        &self,
        salt: &[u8],
        secret: &[u8],
        info: &[u8],
        out: &mut [u8],
    ) -> Result<(), ingam_jose::Unsupported> {
        RingProvider.hkdf_sha256(salt, secret, info, out)
    }

    fn prepare(
        &self,
        key: &ingam_jose::Jwk,
        algorithm: SignatureAlgorithm,
    ) -> Result<Box<dyn ingam_jose::PreparedKey>, KeyError> {
        if self.lenient { Ok(Box::new(AcceptsAll)) } else { RingProvider.prepare(key, algorithm) }
    }

    fn load(
        &self,
        pkcs8: &[u8],
        algorithm: SignatureAlgorithm,
    ) -> Result<Box<dyn ingam_jose::SigningMaterial>, KeyError> {
        RingProvider.load(if self.lenient { ingam_testkit::keys::P256_PKCS8 } else { pkcs8 }, algorithm)
    }

    fn generate(&self, algorithm: SignatureAlgorithm) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
        RingProvider.generate(algorithm)
    }

    fn supports(&self, capability: ingam_jose::Capability) -> bool {
        RingProvider.supports(capability)
    }

    fn seal(
        &self,
        algorithm: ingam_jose::SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), ingam_jose::SealError> {
        RingProvider.seal(algorithm, key, nonce, associated, data)
    }

    fn open(
        &self,
        algorithm: ingam_jose::SealingAlgorithm,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<(), ingam_jose::SealError> {
        RingProvider.open(algorithm, key, nonce, associated, data)
    }
}

#[cfg(feature = "aws-lc-rs")]
#[test]
fn sr_28_a_content_key_of_another_length_goes_the_way_of_a_bad_padding() {
    use ingam_jose::{AwsLcProvider, CryptoProvider as _, OpeningKey, SealingAlgorithm, jwe};
    let pkcs8 = AwsLcProvider.generate(SignatureAlgorithm::Ps256).unwrap();
    let key = OpeningKey::from_pkcs8(&pkcs8, None, &AwsLcProvider).unwrap();
    let carried = AwsLcProvider.key_encryption(key.public().to_jwk().public_key()).unwrap().encrypt(&[1; 16]).unwrap();
    // Sealed under the key that this source would put in its place: it opens, so that way was taken.
    let header = encode(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#);
    let mut content = b"content".to_vec();
    RingProvider.seal(SealingAlgorithm::A256Gcm, &[0; 32], &[0; 12], header.as_bytes(), &mut content).unwrap();
    let (content, tag) = content.split_at(7);
    let token = [header, encode(&carried), encode([0; 12]), encode(content), encode(tag)].join(".");
    let odd = Odd { source: Source::Zeros, lenient: false };
    let opened = jwe::Presented::parse(&token).unwrap().open(&key, &odd).unwrap();
    assert_eq!(opened.content(), b"content");
    let refused = jwe::Presented::parse(&token).unwrap().open(&key, &RingProvider);
    assert_eq!(refused.unwrap_err(), jwe::JweError::DecryptionFailed);
}

#[test]
fn a_key_for_which_anybody_can_sign_proves_nothing() {
    // R is the identity and s zero: the equation holds for one message in eight, or for all.
    let mut signature = [0; 64];
    signature[0] = 1;
    let mut identity = [0; 32];
    identity[0] = 1;
    let (mut second_spelling, zero) = ([0xff; 32], [0; 32]);
    (second_spelling[0], second_spelling[31]) = (0xee, 0x7f);
    for key in [identity, second_spelling, zero] {
        let header = format!(
            r#"{{"alg":"EdDSA","typ":"proof+jwt","jwk":{{"kty":"OKP","crv":"Ed25519","x":"{}"}}}}"#,
            encode(key)
        );
        let token = format!("{}.{}.{}", encode(header), encode(FINE), encode(signature));
        for provider in providers() {
            let refused =
                Presented::<Proof>::parse(&token).and_then(|proof| proof.verify_embedded(provider)).unwrap_err();
            assert_eq!(refused, JwtError::EmbeddedKey(JwkError::NotOnCurve), "{}", provider.name());
        }
    }
}

#[test]
fn claims_are_parsed_only_after_the_signature() {
    // A token whose claims are malformed and whose signature is bad is refused for the signature.
    let (key, other) = (key(), key());
    let token = token(&key, HEADER, r#"{"iss":5}"#);
    assert_eq!(read(&token, other.public()), Err(JwtError::BadSignature));
    assert_eq!(read(&token, key.public()), Err(JwtError::MalformedClaim));
}
