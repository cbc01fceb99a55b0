use ingam_jose::{
    KeySet, RingProvider, SignatureAlgorithm, SigningKey,
    jwt::{self, Audience, AudienceClaim, ClaimError, Expect, Issuer, JwtError, Kind, NumericDate, Presented, Typ},
};
use ingam_wire::{Seconds, UnixTime};

use crate::sample::{Claims, FINE, HEADER, Note, Proof, claims, key, read, ready, refusal, set, token};

#[test]
fn what_is_signed_verifies_with_its_key_and_no_other() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let key = SigningKey::generate(algorithm, &RingProvider).unwrap();
        let other = SigningKey::generate(algorithm, &RingProvider).unwrap();
        let token = ready(jwt::sign::<Note>(&claims(), &key)).unwrap();
        let keys = set(&[other.public(), key.public()]);
        let verified = Presented::<Note>::parse(&token).unwrap().verify_with(&keys).unwrap();
        assert_eq!(verified.claims(), &claims());
        assert_eq!(verified.key(), key.public());
        assert_eq!(read(&token, other.public()), Err(JwtError::BadSignature));
        let refused = Presented::<Note>::parse(&token).unwrap().verify_with(&set(&[other.public()]));
        assert_eq!(refused.unwrap_err(), JwtError::UnknownKey);
        let refused = Presented::<Note>::parse(&token).unwrap().verify_with(&KeySet::default());
        assert_eq!(refused.unwrap_err(), JwtError::UnknownKey);
    }
}

#[test]
fn a_token_without_kid_is_tried_with_each_key_of_its_algorithm_up_to_a_bound() {
    let keys: Vec<_> = (0..9).map(|_| key()).collect();
    let all = set(&keys.iter().map(SigningKey::public).collect::<Vec<_>>());
    let verify = |key: &SigningKey| {
        let token = token(key, HEADER, FINE);
        Presented::<Note>::parse(&token).unwrap().verify_with(&all).map(|verified| verified.key().clone())
    };
    assert_eq!(verify(&keys[7]).as_ref(), Ok(keys[7].public()));
    assert_eq!(verify(&keys[8]), Err(JwtError::BadSignature), "the ninth is not tried");
}

#[test]
fn every_changed_byte_is_noticed() {
    let key = key();
    let token = ready(jwt::sign::<Note>(&claims(), &key)).unwrap();
    for position in 0..token.len() {
        let mut bent = token.clone().into_bytes();
        bent[position] = if bent[position] == b'A' { b'B' } else { b'A' };
        let bent = String::from_utf8(bent).unwrap();
        assert!(read(&bent, key.public()).is_err(), "byte {position}");
    }
}

#[test]
fn a_proof_brings_its_key() {
    let key = key();
    let token = ready(jwt::sign::<Proof>(&claims(), &key)).unwrap();
    let presented = Presented::<Proof>::parse(&token).unwrap();
    assert_eq!(presented.key_id(), None);
    assert_eq!(presented.embedded_key().unwrap().public_key(), key.public().to_jwk().public_key());
    let verified = presented.verify_embedded(&RingProvider).unwrap();
    assert_eq!(verified.key().thumbprint(), key.public().thumbprint());
    assert_eq!(Presented::<Note>::parse(&token).unwrap_err(), JwtError::WrongType);
    let note = ready(jwt::sign::<Note>(&claims(), &key)).unwrap();
    assert_eq!(
        Presented::<Note>::parse(&note).unwrap().verify_embedded(&RingProvider).unwrap_err(),
        JwtError::UnknownKey
    );
    let without = self::token(&key, r#"{"alg":"ES256","typ":"proof+jwt"}"#, FINE);
    assert_eq!(Presented::<Proof>::parse(&without).unwrap_err(), JwtError::UnknownKey);
}

#[test]
fn a_known_header_spares_the_reading_and_never_the_signature() {
    let (holder, thief) = (key(), key());
    let sign = |key: &SigningKey| ready(jwt::sign::<Proof>(&claims(), key)).unwrap();
    let first = Presented::<Proof>::parse(&sign(&holder)).unwrap().verify_embedded_known(&RingProvider).unwrap();
    let (verified, Some(known)) = first else { panic!("a header met for the first time is new") };
    assert_eq!(verified.key().thumbprint(), holder.public().thumbprint());

    let again = sign(&holder);
    let presented = Presented::parse_known(&again, Some(&known)).unwrap();
    assert_eq!(presented.algorithm(), holder.public().algorithm());
    assert_eq!(presented.embedded_key().unwrap().public_key(), holder.public().to_jwk().public_key());
    let (verified, new) = presented.verify_embedded_known(&RingProvider).unwrap();
    assert_eq!((verified.key().thumbprint(), new.is_none()), (holder.public().thumbprint(), true));

    let other = sign(&thief);
    let (verified, new) =
        Presented::parse_known(&other, Some(&known)).unwrap().verify_embedded_known(&RingProvider).unwrap();
    assert_eq!(
        (verified.key().thumbprint(), new.is_some()),
        (thief.public().thumbprint(), true),
        "another header is read"
    );

    let (header, _) = again.split_once('.').unwrap();
    let (_, rest) = other.split_once('.').unwrap();
    let mixed = format!("{header}.{rest}");
    let refused = Presented::parse_known(&mixed, Some(&known)).unwrap().verify_embedded(&RingProvider).unwrap_err();
    assert_eq!(refused, JwtError::BadSignature);
    for position in 0..again.len() {
        let mut bent = again.clone().into_bytes();
        bent[position] = if bent[position] == b'A' { b'B' } else { b'A' };
        let bent = String::from_utf8(bent).unwrap();
        let verify = |known| Presented::<Proof>::parse_known(&bent, known)?.verify_embedded(&RingProvider).map(drop);
        assert_eq!(verify(Some(&known)), verify(None), "byte {position}");
        assert!(verify(Some(&known)).is_err(), "byte {position}");
    }
}

#[test]
fn the_header_and_the_claims_are_refused_by_rule() {
    for (header, payload, expected) in [
        (r#"{"typ":"note+jwt"}"#, FINE, JwtError::Malformed),
        (r#"{"alg":null,"typ":"note+jwt"}"#, FINE, JwtError::Malformed),
        (r#"{"alg":5,"typ":"note+jwt"}"#, FINE, JwtError::Malformed),
        (r#"{"alg":"es256","typ":"note+jwt"}"#, FINE, JwtError::AlgorithmNotAllowed),
        (r#"{"alg":"ES256","typ":5}"#, FINE, JwtError::Malformed),
        (r#"{"alg":"ES256","typ":null}"#, FINE, JwtError::Malformed),
        (r#"{"alg":"ES256","typ":"note+jwt","kid":5}"#, FINE, JwtError::Malformed),
        (r#"{"alg":"ES256"}"#, FINE, JwtError::WrongType),
        (r#"{"alg":"ES256","typ":"JWT"}"#, FINE, JwtError::WrongType),
        (r#"{"alg":"EdDSA","typ":"note+jwt"}"#, FINE, JwtError::KeyAlgorithmMismatch),
        ("[]", FINE, JwtError::Malformed),
        ("", FINE, JwtError::Malformed),
        (HEADER, r#"{"iss":"me"}"#, JwtError::MalformedClaim),
        (HEADER, r#"{"exp":2000}"#, JwtError::MalformedClaim),
        (HEADER, r#"["me"]"#, JwtError::MalformedClaim),
        (HEADER, "{", JwtError::Malformed),
        (HEADER, "", JwtError::Malformed),
    ] {
        assert_eq!(refusal(header, payload), expected, "{header} {payload}");
    }
    let key = key();
    for typ in ["note+jwt", "NOTE+JWT", "application/note+jwt", "Application/Note+JWT"] {
        let header = format!(r#"{{"alg":"ES256","typ":"{typ}","unknown":1}}"#);
        assert!(read(&token(&key, &header, FINE), key.public()).is_ok(), "{typ}");
    }
    for typ in ["application/x/note+jwt", "text/note+jwt", "note+jwt ", "application/", ""] {
        assert_eq!(refusal(&format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#), FINE), JwtError::WrongType, "{typ}");
    }
}

#[test]
fn a_type_that_may_be_absent_is_still_compared_when_it_is_there() {
    const KIND: Typ = Typ::OneOfOrAbsent(&["", "JWT", "client-authentication+jwt"]);
    for (typ, admitted) in [
        (None, true),
        (Some("JWT"), true),
        (Some("jwt"), true),
        (Some("client-authentication+jwt"), true),
        (Some(""), false),
        (Some("at+jwt"), false),
    ] {
        assert_eq!(KIND.admits(typ), admitted, "{typ:?}");
    }
    assert!(!Typ::Exact("dpop+jwt").admits(Some("DPoP+JWT")));
    assert!(!Typ::Exact("dpop+jwt").admits(Some("application/dpop+jwt")));
    assert!(!Typ::Exact("dpop+jwt").admits(None));
    struct Plain;
    impl Kind for Plain {
        const TYP: Typ = KIND;
        type Claims = Claims;
    }
    let key = key();
    let token = ready(jwt::sign::<Plain>(&claims(), &key)).unwrap();
    assert!(Presented::<Plain>::parse(&token).unwrap().verify(key.public()).is_ok());
    assert_eq!(Presented::<Note>::parse(&token).unwrap_err(), JwtError::WrongType, "no typ was printed");
}

#[test]
fn claims_before_the_signature_are_for_lookup_only() {
    let key = key();
    let token = token(&key, HEADER, r#"{"iss":"someone","exp":1}"#);
    let presented = Presented::<Note>::parse(&token).unwrap();
    let claimed = presented.claimed::<Claims>().unwrap();
    assert_eq!(claimed.for_lookup().iss, "someone");
    assert_eq!(presented.claimed::<u8>().unwrap_err(), JwtError::MalformedClaim);
}

#[test]
fn a_numeric_date_is_cut_to_the_second_and_printed_whole() {
    for (text, seconds) in [("0", 0), ("1.999", 1), ("1e3", 1000), ("253402300799.9", 253_402_300_799), ("-0.0", 0)] {
        let date: NumericDate = serde_json::from_str(text).unwrap();
        assert_eq!(date.time(), UnixTime::from_secs(seconds), "{text}");
        assert_eq!(serde_json::to_string(&date).unwrap(), seconds.to_string());
    }
}

fn expect<'a>(issuer: Issuer<'a>, audience: Audience<'a>, now: i64, leeway: u64) -> Expect<'a> {
    Expect::new(issuer, audience, UnixTime::from_secs(now), Seconds::new(leeway))
}

#[test]
fn times_are_compared_to_the_second_and_the_leeway_counts_on_each_side() {
    let claims: Claims = serde_json::from_str(r#"{"iss":"me","exp":2000,"nbf":1000,"iat":1000}"#).unwrap();
    let at = |now, leeway| expect(Issuer::Any, Audience::Any, now, leeway).check(&claims);
    let time = UnixTime::from_secs;
    assert_eq!(at(1000, 0), Ok(()));
    assert_eq!(at(1999, 0), Ok(()));
    assert_eq!(at(2000, 0), Err(ClaimError::Expired { expired: time(2000), now: time(2000) }));
    assert_eq!(at(2009, 10), Ok(()));
    assert_eq!(at(2010, 10), Err(ClaimError::Expired { expired: time(2000), now: time(2010) }));
    assert_eq!(at(990, 10), Ok(()));
    assert_eq!(at(989, 10), Err(ClaimError::NotYetValid { from: time(1000), now: time(989) }));
    let issued: Claims = serde_json::from_str(r#"{"iss":"me","exp":2000,"iat":1000}"#).unwrap();
    let refused = expect(Issuer::Any, Audience::Any, 989, 10).check(&issued);
    assert_eq!(refused, Err(ClaimError::IssuedInFuture { issued: time(1000), now: time(989) }));
    assert_eq!(at(i64::MAX - 1, u64::MAX), Ok(()), "saturates and does not wrap");
    assert_eq!(at(i64::MIN, 0), Err(ClaimError::NotYetValid { from: time(1000), now: time(i64::MIN) }));
}

#[test]
fn an_audience_is_a_string_or_an_array_of_strings_and_nothing_else() {
    let read = serde_json::from_str::<AudienceClaim>;
    assert_eq!(read(r#""\u0061""#).unwrap(), AudienceClaim::One("a".to_owned()));
    assert_eq!(read(r#"["a","b"]"#).unwrap(), AudienceClaim::Many(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(read("[]").unwrap(), AudienceClaim::Many(Vec::new()));
    for aud in ["null", "5", "true", "{}", r#"{"One":"a"}"#, "[1]", r#"["a",null]"#, r#"[["a"]]"#] {
        assert!(read(aud).is_err(), "{aud}");
    }
}

#[test]
fn issuer_and_audience_are_compared_exactly() {
    let with = |aud: &str| -> Claims {
        serde_json::from_str(&format!(r#"{{"iss":"https://me","exp":2000,"aud":{aud}}}"#)).unwrap()
    };
    let (one, many, single) = (with(r#""a""#), with(r#"["a","b"]"#), with(r#"["a"]"#));
    let none = claims();
    let check = |claims, audience| expect(Issuer::Any, audience, 0, 0).check(claims);
    assert_eq!(check(&one, Audience::Names("a")), Ok(()));
    assert_eq!(check(&many, Audience::Names("b")), Ok(()));
    assert_eq!(check(&many, Audience::NamesOneOf(&["c", "b"])), Ok(()));
    assert_eq!(check(&one, Audience::Only("a")), Ok(()));
    assert_eq!(check(&single, Audience::Only("a")), Err(ClaimError::WrongAudience), "an array of one");
    for audience in [Audience::Names("c"), Audience::Names("A"), Audience::NamesOneOf(&[]), Audience::Only("b")] {
        assert_eq!(check(&many, audience), Err(ClaimError::WrongAudience));
    }
    assert_eq!(check(&none, Audience::Names("a")), Err(ClaimError::WrongAudience));
    assert_eq!(check(&none, Audience::Any), Ok(()));
    for issuer in ["https://me/", "https://ME", ""] {
        let refused = expect(Issuer::Is(issuer), Audience::Any, 0, 0).check(&one);
        assert_eq!(refused, Err(ClaimError::WrongIssuer), "{issuer}");
    }
    assert_eq!(expect(Issuer::Is("https://me"), Audience::Any, 0, 0).check(&one), Ok(()));
}
