use ingam_jose::{
    jws::{self, Placement, Presented},
    jwt::{JwtError, Typ},
};
use ingam_wire::base64url::encode;

use crate::sample::{key, ready, set, token};

const TYP: Typ = Typ::Required("receipt");

#[test]
fn a_payload_in_the_token_or_beside_it_is_signed_and_comes_out_of_the_check() {
    let (key, other) = (key(), key());
    let payload = "a payload. with dots, 한글 and \u{0} zero".as_bytes();
    let attached = ready(jws::sign(payload, TYP, Placement::Attached, &key)).unwrap();
    let verified = Presented::compact(&attached, TYP).unwrap().verify(key.public()).unwrap();
    assert_eq!(verified.payload(), payload);
    for placement in [Placement::Detached, Placement::DetachedUnencoded] {
        let token = ready(jws::sign(payload, TYP, placement, &key)).unwrap();
        let keys = set(&[other.public(), key.public()]);
        let verified = Presented::detached(&token, payload, TYP).unwrap().verify_with(&keys).unwrap();
        assert_eq!((verified.payload(), verified.key()), (payload, key.public()));
        let changed = Presented::detached(&token, b"another", TYP).unwrap().verify(key.public());
        assert_eq!(changed.unwrap_err(), JwtError::BadSignature);
        let stranger = Presented::detached(&token, payload, TYP).unwrap().verify(other.public());
        assert_eq!(stranger.unwrap_err(), JwtError::BadSignature);
        let wrong = Presented::detached(&token, payload, Typ::Required("note")).unwrap_err();
        assert_eq!(wrong, JwtError::WrongType);
    }
    assert_eq!(Presented::detached(&attached, payload, TYP).unwrap_err(), JwtError::Malformed);
}

#[test]
fn encoded_and_unencoded_payloads_are_not_confused() {
    let key = key();
    let payload = b"amount=1";
    let encoded = ready(jws::sign(payload, TYP, Placement::Detached, &key)).unwrap();
    let text = encode(payload);
    let refused = Presented::detached(&encoded, text.as_bytes(), TYP).unwrap().verify(key.public());
    assert_eq!(refused.unwrap_err(), JwtError::BadSignature);
    let plain = ready(jws::sign(encode(payload).as_bytes(), TYP, Placement::DetachedUnencoded, &key)).unwrap();
    let refused = Presented::detached(&plain, payload, TYP).unwrap().verify(key.public());
    assert_eq!(refused.unwrap_err(), JwtError::BadSignature);
}

#[test]
fn sr_09_and_sr_10_critical_members_are_understood_or_refused() {
    let key = key();
    let refused = |header: &str, detached: bool| {
        let token = token(&key, header, if detached { "" } else { "payload" });
        let read =
            if detached { Presented::detached(&token, b"p", Typ::Any) } else { Presented::compact(&token, Typ::Any) };
        read.unwrap_err()
    };
    for header in [
        r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":null}"#,
        r#"{"alg":"ES256","crit":"b64","b64":false}"#,
        r#"{"alg":"ES256","crit":["b64"]}"#,
        r#"{"alg":"ES256","crit":["b64","b64"],"b64":false}"#,
        r#"{"alg":"ES256","crit":["b64","exp"],"b64":false,"exp":1}"#,
        r#"{"alg":"ES256","b64":false}"#,
        r#"{"alg":"ES256","b64":true}"#,
    ] {
        assert_eq!(refused(header, true), JwtError::UnsupportedCritical, "{header}");
        assert_eq!(refused(header, false), JwtError::UnsupportedCritical, "{header}");
    }
    let understood = r#"{"alg":"ES256","crit":["b64"],"b64":false}"#;
    assert_eq!(refused(understood, false), JwtError::UnsupportedCritical, "not with the payload in the token");
    assert_eq!(refused(r#"{"alg":"ES256","crit":["b64"],"b64":"false"}"#, true), JwtError::Malformed);
    let token = token(&key, r#"{"alg":"ES256","crit":["b64"],"b64":true}"#, "");
    assert!(Presented::detached(&token, b"", Typ::Any).unwrap().verify(key.public()).is_ok());
}
