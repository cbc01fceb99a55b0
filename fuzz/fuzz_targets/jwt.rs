//! Without the key nothing verifies, whatever the bytes; what is not exactly three segments is refused.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_jose::{
        Jwk, KeySet, RingProvider, VerifyingKey,
        jwt::{Kind, Presented, Typ},
    };
    struct Any;
    impl Kind for Any {
        const TYP: Typ = Typ::OneOfOrAbsent(&["JWT", "at+jwt"]);
        type Claims = serde_json::Value;
    }
    // The key of RFC 8037 appendix A.2, whose private half no corpus signs with.
    const KEY: &[u8] = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let Ok(token) = core::str::from_utf8(data) else { return };
    let key = VerifyingKey::from_jwk(&Jwk::parse(KEY).expect("a key"), None, &RingProvider).expect("a key");
    if let Ok(presented) = Presented::<Any>::parse(token) {
        assert_eq!(token.matches('.').count(), 2);
        assert!(presented.verify_with(&KeySet::new(vec![key])).is_err());
    }
});
#[cfg(not(fuzzing))]
fn main() {}
