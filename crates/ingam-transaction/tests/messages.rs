//! Messages signed as one JWS: both halves against each other, and every way of being wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use ingam_jose::{KeySet, SignatureAlgorithm, Signer as _};
use ingam_transaction::{
    message::{self, Context, MessageCoverage, MessageRefused, SignedMessage, VerifiedMessage},
    policy::{ClaimNames, Content, DETACHED_JWS, JWT_BODY, MessagePolicy, Payload, Shape},
    request::Sender,
};
use ingam_wire::{Seconds, UnixTime, base64url};
use rooms::*;
use serde_json::{Value, json};

const REQUEST: Context<'_> =
    Context { issuer: "fintech-1", audience: "https://bank.example/payments", method: Some("POST"), in_reply_to: None };

/// The two rows, and rows as other regimes would have them: data, no code.
fn policies() -> Vec<MessagePolicy> {
    let uk = MessagePolicy {
        name: "like-uk",
        shape: Shape::Detached { field: "x-jws-signature", payload: Payload::Encoded },
        claims: ClaimNames {
            issuer: "http://openbanking.org.uk/iss",
            issued: "http://openbanking.org.uk/iat",
            audience: None,
            id: None,
            expires: None,
            method: None,
            in_reply_to: None,
        },
        constants: &[("http://openbanking.org.uk/tan", "openbanking.org.uk")],
        algorithms: &[SignatureAlgorithm::Ps256, SignatureAlgorithm::Es256],
        ..DETACHED_JWS
    };
    let brazil = MessagePolicy {
        name: "like-brazil",
        shape: Shape::Jwt { media_type: "application/jwt", content: Content::Beside },
        typ: Some("JWT"),
        claims: ClaimNames { method: None, in_reply_to: None, expires: None, ..JWT_BODY.claims },
        ..JWT_BODY
    };
    vec![DETACHED_JWS, JWT_BODY, uk, brazil]
}

fn signed(party: &Party, policy: &MessagePolicy, context: &Context<'_>) -> SignedMessage {
    let body = Bytes::from_static(PAYMENT);
    ready(message::sign(body, context, &party.key, policy, PROVIDER.randomness(), NOW)).unwrap()
}

fn headers(message: &SignedMessage) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(message.media_type().unwrap_or("application/json")));
    if let Some((name, value)) = message.field() {
        headers.insert(name, value.clone());
    }
    headers
}

fn check(
    party: &Party,
    policy: &MessagePolicy,
    context: &Context<'_>,
    headers: &HeaderMap,
    body: &Bytes,
    now: UnixTime,
) -> Result<VerifiedMessage, MessageRefused> {
    let sender = Sender { fintech: &party.id, keys: &party.keys };
    message::check(body.clone(), headers, context, sender, policy, &PROVIDER, now).map(settled)
}

#[test]
fn x1149_3_1_17_2_a_message_of_each_profile_is_accepted_with_the_bytes_that_were_signed() {
    let party = Party::new("fintech-1");
    for policy in policies() {
        let message = signed(&party, &policy, &REQUEST);
        let read = check(&party, &policy, &REQUEST, &headers(&message), message.body(), NOW).unwrap();
        match policy.shape {
            Shape::Jwt { content: Content::Beside, .. } => {
                let claims: Value = serde_json::from_slice(read.body()).unwrap();
                assert_eq!(claims["payee"], "Kim", "{}", policy.name);
            }
            _ => assert_eq!(read.body(), PAYMENT, "{}", policy.name),
        }
        assert_eq!(read.id(), message.id());
        assert!(read.coverage().body);
        assert_eq!(read.coverage().audience, policy.claims.audience.is_some());
        assert_eq!(read.coverage().method, policy.claims.method.is_some());
        assert!(!read.coverage().request);
    }
}

#[test]
fn no_byte_of_a_message_can_be_changed() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let party = Party::with("fintech-1", algorithm);
        for policy in policies().into_iter().filter(|policy| policy.algorithms.contains(&algorithm)) {
            let message = signed(&party, &policy, &REQUEST);
            let good = headers(&message);
            let mut flips = 0;
            let mut refuse = |headers: &HeaderMap, body: &Bytes| {
                assert!(check(&party, &policy, &REQUEST, headers, body, NOW).is_err(), "{}", policy.name);
                flips += 1;
            };
            for index in 0..message.body().len() {
                for flip in [1, 0x20] {
                    let mut body = message.body().to_vec();
                    body[index] ^= flip;
                    refuse(&good, &body.into());
                }
            }
            refuse(&good, &message.body().slice(..message.body().len() - 1));
            refuse(&good, &Bytes::new());
            if let Some((name, value)) = message.field() {
                for index in 0..value.len() {
                    for flip in [1, 0x20] {
                        let mut value = value.as_bytes().to_vec();
                        value[index] ^= flip;
                        let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
                        let mut headers = good.clone();
                        headers.insert(name, value);
                        refuse(&headers, message.body());
                    }
                }
                let mut headers = good.clone();
                headers.append(name, value.clone());
                assert_eq!(
                    check(&party, &policy, &REQUEST, &headers, message.body(), NOW).unwrap_err().name(),
                    "SeveralSignatures"
                );
                headers.remove(name);
                assert_eq!(
                    check(&party, &policy, &REQUEST, &headers, message.body(), NOW).unwrap_err().name(),
                    "SignatureMissing"
                );
            }
            assert!(flips > 500, "{flips}");
        }
    }
}

#[test]
fn what_the_receiver_knows_otherwise_is_refused() {
    let party = Party::new("fintech-1");
    for policy in [DETACHED_JWS, JWT_BODY] {
        let message = signed(&party, &policy, &REQUEST);
        let as_read = |context: Context<'_>, now: UnixTime| {
            check(&party, &policy, &context, &headers(&message), message.body(), now)
                .map_or_else(|error| error.name(), |_| "accepted")
        };
        assert_eq!(as_read(Context { issuer: "fintech-2", ..REQUEST }, NOW), "WrongIssuer");
        let elsewhere = "https://bank.example/transfers";
        assert_eq!(as_read(Context { audience: elsewhere, ..REQUEST }, NOW), "WrongAudience");
        assert_eq!(as_read(Context { method: Some("PUT"), ..REQUEST }, NOW), "WrongMethod");
        assert_eq!(as_read(Context { method: None, ..REQUEST }, NOW), "WrongMethod", "a request is no answer");
        assert_eq!(as_read(Context { in_reply_to: Some("x"), ..REQUEST }, NOW), "ClaimMissing");
        assert_eq!(as_read(REQUEST, NOW.plus(Seconds::new(60))), "accepted");
        assert_eq!(as_read(REQUEST, NOW.plus(Seconds::new(61))), "TooOld");
        assert_eq!(as_read(REQUEST, NOW.minus(Seconds::new(10))), "accepted");
        assert_eq!(as_read(REQUEST, NOW.minus(Seconds::new(11))), "IssuedInFuture");
    }
}

#[test]
fn sr_67_an_answer_names_the_message_it_answers() {
    let (fintech, operator) = (Party::new("fintech-1"), Party::new("operator"));
    for policy in [DETACHED_JWS, JWT_BODY] {
        let (one, other) = (signed(&fintech, &policy, &REQUEST), signed(&fintech, &policy, &REQUEST));
        let answer_to = |id: Option<&str>| {
            let context = Context { issuer: "operator", audience: "fintech-1", method: None, in_reply_to: id };
            ready(message::sign(
                Bytes::from_static(b"{\"status\":\"Completed\"}"),
                &context,
                &operator.key,
                &policy,
                PROVIDER.randomness(),
                NOW,
            ))
        };
        let answer = answer_to(one.id()).unwrap();
        let read_as = |id: Option<&str>| {
            let context = Context { issuer: "operator", audience: "fintech-1", method: None, in_reply_to: id };
            check(&operator, &policy, &context, &headers(&answer), answer.body(), NOW)
        };
        assert!(read_as(one.id()).unwrap().coverage().request);
        assert_eq!(read_as(other.id()).unwrap_err().name(), "ResponseNotBound");
        assert_eq!(read_as(None).unwrap_err().name(), "ResponseNotBound");
        assert_eq!(answer_to(None).unwrap_err(), message::MessageSigningError::MethodMissing);
    }
}

/// A well-signed message whose header and payload are as given: what our own sender would never send.
fn forged(party: &Party, policy: &MessagePolicy, header: &Value, payload: &Value) -> (HeaderMap, Bytes) {
    let head = base64url::encode(header.to_string());
    let mut headers = HeaderMap::new();
    match policy.shape {
        Shape::Detached { field, .. } => {
            let body = Bytes::from_static(PAYMENT);
            let input = [head.as_bytes(), b".", &body].concat();
            let signature = base64url::encode(party.key.sign_now(&input).unwrap());
            headers.insert(field, format!("{head}..{signature}").parse().unwrap());
            (headers, body)
        }
        Shape::Jwt { media_type, .. } => {
            let input = format!("{head}.{}", base64url::encode(payload.to_string()));
            let signature = base64url::encode(party.key.sign_now(input.as_bytes()).unwrap());
            headers.insert("content-type", media_type.parse().unwrap());
            (headers, format!("{input}.{signature}").into())
        }
    }
}

fn good(party: &Party, policy: &MessagePolicy) -> (Value, Value) {
    let claims = json!({
        "iss": "fintech-1", "aud": "https://bank.example/payments", "iat": NOW.secs(), "jti": "id-1", "htm": "POST",
    });
    let mut header = json!({ "alg": "ES256", "kid": party.key.key_id().as_str(), "typ": policy.typ });
    let mut payload = claims.clone();
    payload["message"] = json!({ "payee": "Kim" });
    if matches!(policy.shape, Shape::Detached { .. }) {
        header.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        header["b64"] = json!(false);
        header["crit"] = json!(["b64", "iss", "aud", "iat", "jti", "htm"]);
    }
    (header, payload)
}

#[test]
fn every_header_that_must_not_be_is_refused() {
    let party = Party::new("fintech-1");
    for policy in [DETACHED_JWS, JWT_BODY] {
        let (header, payload) = good(&party, &policy);
        let with = |change: &dyn Fn(&mut Value)| {
            let mut header = header.clone();
            change(&mut header);
            let (headers, body) = forged(&party, &policy, &header, &payload);
            check(&party, &policy, &REQUEST, &headers, &body, NOW).map_or_else(|error| error.name(), |_| "accepted")
        };
        assert_eq!(with(&|_| {}), "accepted", "{}", policy.name);
        for alg in ["none", "HS256", "RS256", "ES384", "es256", ""] {
            assert_eq!(with(&|header| header["alg"] = json!(alg)), "AlgorithmNotAllowed", "{alg}");
        }
        assert_eq!(with(&|header| header["alg"] = json!("EdDSA")), "KeyAlgorithmMismatch");
        assert_eq!(with(&|header| header["alg"] = json!(1)), "Malformed");
        assert_eq!(with(&|header| header["kid"] = json!("nobody")), "UnknownKey");
        assert_eq!(with(&|header| header["kid"] = json!(7)), "Malformed");
        for name in ["jku", "jwk", "x5u", "x5c", "zip", "enc"] {
            assert_eq!(with(&|header| header[name] = json!("x")), "UnsupportedHeader", "{name}");
        }
        for typ in [json!("at+jwt"), json!("dpop+jwt"), json!("JWT"), json!(null), json!("")] {
            assert_eq!(with(&|header| header["typ"] = typ.clone()), "WrongType", "{typ}");
        }
        let long = format!("APPLICATION/{}", policy.typ.unwrap());
        assert_eq!(with(&|header| header["typ"] = json!(long)), "accepted");
        for crit in [json!([]), json!("b64"), json!(null), json!(["unknown"]), json!(["exp"]), json!([1])] {
            assert_eq!(with(&|header| header["crit"] = crit.clone()), "UnsupportedCritical", "{crit}");
        }
    }
}

#[test]
fn a_detached_signature_says_what_is_critical() {
    let party = Party::new("fintech-1");
    let (header, payload) = good(&party, &DETACHED_JWS);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut header = header.clone();
        change(&mut header);
        let (headers, body) = forged(&party, &DETACHED_JWS, &header, &payload);
        check(&party, &DETACHED_JWS, &REQUEST, &headers, &body, NOW).map_or_else(|error| error.name(), |_| "accepted")
    };
    for crit in [
        json!(["iss", "aud", "iat", "jti", "htm"]),
        json!(["b64"]),
        json!(["b64", "b64", "iss", "aud", "iat", "jti", "htm"]),
        json!(["b64", "iss", "aud", "iat", "jti", "htm", "in_reply_to"]),
    ] {
        assert_eq!(with(&|header| header["crit"] = crit.clone()), "UnsupportedCritical", "{crit}");
    }
    for b64 in [json!(true), json!("false"), json!(null)] {
        assert_eq!(with(&|header| header["b64"] = b64.clone()), "UnsupportedCritical", "{b64}");
    }
    let remove = |name: &'static str| {
        move |header: &mut Value| {
            header.as_object_mut().unwrap().remove(name);
            header["crit"].as_array_mut().unwrap().retain(|named| named != name);
        }
    };
    for name in ["iss", "aud", "iat", "jti", "htm"] {
        assert_eq!(with(&remove(name)), "ClaimMissing", "{name}");
    }
    assert_eq!(with(&remove("b64")), "UnsupportedCritical");
}

#[test]
fn every_claim_of_a_jwt_body_is_asked_for_and_typed() {
    let party = Party::new("fintech-1");
    let (header, payload) = good(&party, &JWT_BODY);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut payload = payload.clone();
        change(&mut payload);
        let (headers, body) = forged(&party, &JWT_BODY, &header, &payload);
        check(&party, &JWT_BODY, &REQUEST, &headers, &body, NOW).map_or_else(|error| error.name(), |_| "accepted")
    };
    assert_eq!(with(&|payload| payload["unknown"] = json!(1)), "accepted", "RFC 7519 section 4");
    for name in ["iss", "aud", "iat", "jti", "htm", "message"] {
        let remove = |payload: &mut Value| drop(payload.as_object_mut().unwrap().remove(name));
        assert_eq!(with(&remove), "ClaimMissing", "{name}");
    }
    for name in ["iss", "aud", "jti", "htm", "iat"] {
        assert_eq!(with(&|payload| payload[name] = json!(["x"])), "ClaimMissing", "{name}");
    }
    assert_eq!(with(&|payload| payload["iat"] = json!(1.5)), "ClaimMissing");
    assert_eq!(with(&|payload| payload["exp"] = json!(NOW.secs())), "Expired");
    assert_eq!(with(&|payload| payload["exp"] = json!(NOW.secs() + 1)), "accepted");
    assert_eq!(with(&|payload| payload["nbf"] = json!(NOW.secs() + 11)), "IssuedInFuture");
    let (mut headers, body) = forged(&party, &JWT_BODY, &header, &payload);
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let refused = check(&party, &JWT_BODY, &REQUEST, &headers, &body, NOW).unwrap_err();
    assert_eq!(refused, MessageRefused::SignatureMissing, "a body of another type is no signed message");
}

#[test]
fn text_that_is_no_jws_is_refused() {
    let party = Party::new("fintech-1");
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/jwt"));
    let deep = format!("{}1{}", "[".repeat(9000), "]".repeat(9000));
    let twice = base64url::encode(r#"{"alg":"ES256","alg":"ES256"}"#);
    for text in
        ["", ".", "..", "...", "a.b", "a.b.c.d", "e30.e30.", "\u{ac00}.b.c", &format!("{twice}.e30.AAAA"), &deep]
    {
        let body = Bytes::from(text.to_owned());
        let refused = check(&party, &JWT_BODY, &REQUEST, &headers, &body, NOW).unwrap_err();
        assert!(matches!(refused, MessageRefused::Malformed | MessageRefused::TooLarge), "{text}: {refused}");
        if let Ok(value) = HeaderValue::from_str(text) {
            let mut headers = HeaderMap::new();
            headers.insert("x-jws-signature", value);
            let refused = check(&party, &DETACHED_JWS, &REQUEST, &headers, &body, NOW).unwrap_err();
            assert!(matches!(refused, MessageRefused::Malformed | MessageRefused::TooLarge), "{text}: {refused}");
        }
    }
    // A detached signature that brings its payload along says two things.
    let message = signed(&party, &DETACHED_JWS, &REQUEST);
    let (name, value) = message.field().unwrap();
    let attached = value.to_str().unwrap().replace("..", ".e30.");
    let mut with_payload = HeaderMap::new();
    with_payload.insert(name, attached.parse().unwrap());
    let refused = check(&party, &DETACHED_JWS, &REQUEST, &with_payload, message.body(), NOW).unwrap_err();
    assert_eq!(refused, MessageRefused::Malformed);
    let long = Bytes::from(format!("{}.e30.AAAA", "A".repeat(5000)));
    assert_eq!(check(&party, &JWT_BODY, &REQUEST, &headers, &long, NOW).unwrap_err(), MessageRefused::TooLarge);
    let huge = Bytes::from(vec![b'a'; ingam_transaction::limits::BODY + 1]);
    assert_eq!(check(&party, &JWT_BODY, &REQUEST, &headers, &huge, NOW).unwrap_err(), MessageRefused::BodyTooLarge);
    headers.insert("content-length", HeaderValue::from_static("3"));
    let lying = Bytes::from_static(b"e30.e30.");
    assert_eq!(check(&party, &JWT_BODY, &REQUEST, &headers, &lying, NOW).unwrap_err(), MessageRefused::LengthMismatch);
}

#[test]
fn a_body_that_cannot_stand_in_a_jwt_is_not_signed() {
    let party = Party::new("fintech-1");
    let beside = policies().pop().unwrap();
    let sign = |body: &'static [u8], policy: &MessagePolicy| {
        ready(message::sign(Bytes::from_static(body), &REQUEST, &party.key, policy, PROVIDER.randomness(), NOW)).is_ok()
    };
    assert!(!sign(b"not json", &JWT_BODY));
    assert!(!sign(b"", &JWT_BODY));
    assert!(!sign(b"{\"a\":1,\"a\":2}", &JWT_BODY));
    assert!(sign(b" [1,2] ", &JWT_BODY));
    assert!(!sign(b"[1,2]", &beside), "no members to stand beside the claims");
    assert!(!sign(b"{\"iss\":\"me\"}", &beside), "a member with the name of a claim");
    assert!(sign(b"{}", &beside));
}

#[test]
fn an_identifier_is_claimed_for_a_day_and_a_message_without_one_by_its_bytes() {
    let party = Party::new("fintech-1");
    for policy in policies().iter().take(3) {
        let claims = |message: &SignedMessage| {
            let sender = Sender { fintech: &party.id, keys: &party.keys };
            let unclaimed =
                message::check(message.body().clone(), &headers(message), &REQUEST, sender, policy, &PROVIDER, NOW);
            claims_of(unclaimed.unwrap())
        };
        let message = signed(&party, policy, &REQUEST);
        let claim = claims(&message);
        assert_eq!(claim.len(), 1);
        assert_eq!(claim[0].expires, NOW.plus(Seconds::new(86_400)), "{}", policy.name);
        assert_eq!(claim, claims(&message));
        let again = claims(&signed(&party, policy, &REQUEST));
        assert_eq!(claim[0].digest == again[0].digest, policy.claims.id.is_none(), "{}", policy.name);
    }
}

#[test]
fn a_key_is_found_among_many_of_other_algorithms() {
    let party = Party::with("fintech-1", SignatureAlgorithm::EdDsa);
    let mut keys: Vec<_> = (0..5).map(|_| Party::new("fintech-1").key.verifying_key().clone()).collect();
    keys.push(party.key.verifying_key().clone());
    let keys = KeySet::new(keys);
    for policy in [&DETACHED_JWS, &JWT_BODY] {
        let (mut header, payload) = good(&party, policy);
        header["alg"] = json!("EdDSA");
        header.as_object_mut().unwrap().remove("kid");
        let (headers, body) = forged(&party, policy, &header, &payload);
        let sender = Sender { fintech: &party.id, keys: &keys };
        let checked = message::check(body, &headers, &REQUEST, sender, policy, &PROVIDER, NOW);
        assert!(checked.is_ok(), "{:?}", checked.err());
    }
}

#[test]
fn an_unsigned_message_passes_only_where_the_policy_says_so() {
    let party = Party::new("fintech-1");
    for policy in [DETACHED_JWS, JWT_BODY] {
        let body = Bytes::from_static(PAYMENT);
        let refused = check(&party, &policy, &REQUEST, &HeaderMap::new(), &body, NOW).unwrap_err();
        assert_eq!(refused, MessageRefused::SignatureMissing);
        let permitting = policy.permitting_unsigned();
        let passed = check(&party, &permitting, &REQUEST, &HeaderMap::new(), &body, NOW).unwrap();
        assert_eq!(passed.coverage(), MessageCoverage::UNSIGNED);
    }
}
