//! Whatever claims a client signs, an assertion passes only as what this client says to this operator now.
#![cfg_attr(fuzzing, no_main)]
use ingam_access_key::{AccessKeyPolicy, AssertionCheck};
use ingam_jose::{KeySet, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_wire::{UnixTime, base64url};
fn law(data: &[u8]) {
    let (key, now) =
        (SigningKey::generate(SignatureAlgorithm::EdDsa, &RingProvider).expect("randomness"), 1_800_000_000);
    let signed = format!("{}.{}", base64url::encode(br#"{"alg":"EdDSA"}"#), base64url::encode(data));
    let token = format!("{signed}.{}", base64url::encode(key.sign_now(signed.as_bytes()).expect("randomness")));
    let (operator, client) = ("https://op.example".parse().expect("an issuer"), "client-1".parse().expect("an id"));
    let policy = AccessKeyPolicy::fapi2_security();
    let check = AssertionCheck { operator: &operator, policy: &policy, provider: &RingProvider };
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    if check.check(&token, &client, &keys, UnixTime::from_secs(now)).is_ok() {
        let claims: serde_json::Value = serde_json::from_slice(data).expect("what passes is JSON");
        let text = |name| claims.get(name).and_then(serde_json::Value::as_str);
        assert_eq!([text("iss"), text("sub")], [Some("client-1"); 2]);
        assert_eq!(text("aud"), Some("https://op.example"));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(br#"{"iss":"client-1","sub":"client-1","aud":"https://op.example","jti":"1","exp":1800000060}"#);
}
