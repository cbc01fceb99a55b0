//! Profiles are rows: each is complete, dated, named once, and says what it asks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{Request, Response};
use ingam_jose::SignatureAlgorithm;
use ingam_transaction::{
    policy::{KOREA_REQUEST, KOREA_RESPONSE},
    profile::{self, KOREA, PROFILES, Protection, UnknownProfile},
    request::{self, Coverage, PresentedRequest},
    response,
    signature::SigningError,
};
use ingam_wire::{Seconds, UnixTime};
use rooms::*;

#[test]
fn every_profile_is_found_by_its_name_and_no_other_is() {
    for profile in PROFILES {
        assert_eq!(profile::named(profile.name).unwrap(), *profile);
        assert!(profile.in_force(NOW));
        assert!(!profile.in_force(profile.from.minus(Seconds::new(1))));
    }
    assert_eq!(profile::named("fapi-3"), Err(UnknownProfile));
    let ended = profile::Profile { until: Some(NOW), ..KOREA };
    assert!(ended.in_force(NOW.minus(Seconds::new(1))));
    assert!(!ended.in_force(NOW));
}

#[test]
fn every_report_states_algorithms_coverage_skew_replay_window_and_errors() {
    for profile in PROFILES {
        let report = profile.report();
        for direction in [&report.request, &report.response] {
            assert!(!direction.algorithms.is_empty() && direction.coverage.len() >= 3, "{report}");
            assert!(direction.window > Seconds::new(0) && direction.skew > Seconds::new(0), "{report}");
        }
        assert!(report.request.replay > report.request.window.plus(report.request.skew), "{report}");
        let text = report.to_string();
        for word in
            ["algorithms", "covers", "accepted from", "ids remembered", "errors signed", "unsigned", profile.name]
        {
            assert!(text.contains(word), "{word} in {text}");
        }
    }
    let text = profile::FAPI_2_HTTP_SIGNATURES.report().to_string();
    assert!(text.contains("from 2025-09-23T00:00:00Z until further notice"), "{text}");
    assert!(text.contains("signature-input;req if present"), "{text}");
}

#[test]
fn korea_admits_what_its_list_names() {
    for protection in [&KOREA.request, &KOREA.response] {
        let Protection::Fields(policy) = protection else { unreachable!() };
        assert!(!policy.algorithms.contains(&SignatureAlgorithm::EdDsa));
    }
    let fintech = Party::with("fintech-1", SignatureAlgorithm::EdDsa);
    let signed = ready(request::sign(balance(), &fintech.key, &KOREA_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW));
    assert_eq!(signed.unwrap_err(), SigningError::AlgorithmNotAllowed);
}

/// As the Korean network documents it: a bearer token, a JSON body, Korean text in the body.
fn balance() -> Request<Bytes> {
    Request::post("https://bank.example/v2.0/account/balance/fin_num")
        .header("authorization", "Bearer abc.def.ghi")
        .header("content-type", "application/json; charset=UTF-8")
        .header("x-api-tran-id", "M202511250001AAAAAAA")
        .body(Bytes::from(r#"{"bank_tran_id":"M202300001U4BC34239Z","user_name":"홍길동"}"#))
        .unwrap()
}

#[test]
fn a_korean_call_keeps_its_body_and_a_peer_that_ignores_us_still_answers() {
    let (fintech, bank) = (Party::new("fintech-1"), Party::new("bank"));
    let plain = balance();
    let (signed, sent) =
        ready(request::sign(balance(), &fintech.key, &KOREA_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW)).unwrap();
    assert_eq!((signed.body(), signed.method(), signed.uri()), (plain.body(), plain.method(), plain.uri()));
    for (name, value) in plain.headers() {
        assert_eq!(signed.headers().get(name), Some(value), "{name} is untouched");
    }
    assert_eq!(signed.headers().len(), plain.headers().len() + 3, "our three fields and no more");
    let verified = checked(on_the_wire(signed.clone()), &fintech, &KOREA_REQUEST, NOW).unwrap();
    assert_eq!(verified.header("x-api-tran-id").unwrap(), "M202511250001AAAAAAA");

    // The peer ignores us: its plain answer passes, and is shown as unsigned.
    let plain = Response::new(Bytes::from_static(b"{}"));
    let ignored = response::verify(&sent, plain.clone(), &bank.keys, &KOREA_RESPONSE, &PROVIDER, NOW).unwrap();
    assert_eq!(ignored.coverage(), &Coverage::Unsigned);
    // Once it is known to sign, it is held to it.
    let strict = KOREA_RESPONSE.refusing_unsigned();
    let refused = response::verify(&sent, plain.clone(), &bank.keys, &strict, &PROVIDER, NOW).unwrap_err();
    assert_eq!(refused.name(), "SignatureMissing");
    // And the peer that does sign is bound to the request.
    let received = PresentedRequest::new(on_the_wire(signed), &origin()).unwrap().received();
    let answer = ready(response::answer(&received, plain, &bank.key, &KOREA_RESPONSE, &PROVIDER, NOW)).unwrap();
    assert!(response::verify(&sent, answer, &bank.keys, &strict, &PROVIDER, NOW).is_ok());
}

#[test]
fn no_part_of_a_korean_call_can_be_dropped_or_changed() {
    let fintech = Party::new("fintech-1");
    let sign = |request| {
        let signed = request::sign(request, &fintech.key, &KOREA_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW);
        on_the_wire(ready(signed).unwrap().0)
    };
    let good = sign(balance());
    let strict = KOREA_REQUEST.refusing_unsigned();
    for (name, value) in good.headers() {
        let mut without = good.clone();
        without.headers_mut().remove(name);
        assert!(checked(without, &fintech, &strict, NOW).is_err(), "{name}");
        for index in 0..value.len() {
            let mut bytes = value.as_bytes().to_vec();
            bytes[index] ^= 1;
            let mut changed = good.clone();
            changed.headers_mut().insert(name, http::HeaderValue::from_bytes(&bytes).unwrap());
            assert!(checked(changed, &fintech, &KOREA_REQUEST, NOW).is_err(), "{name} {index}");
        }
    }
    for index in 0..good.body().len() {
        let mut body = good.body().to_vec();
        body[index] ^= 1;
        let mut changed = good.clone();
        *changed.body_mut() = body.into();
        assert_eq!(checked(changed, &fintech, &KOREA_REQUEST, NOW).unwrap_err().name(), "DigestMismatch");
    }
    let mut reordered = good.clone();
    let field = good.headers()["signature-input"].to_str().unwrap();
    let swapped = field.replacen(r#""@method" "@target-uri""#, r#""@target-uri" "@method""#, 1);
    reordered.headers_mut().insert("signature-input", swapped.parse().unwrap());
    assert_eq!(checked(reordered, &fintech, &KOREA_REQUEST, NOW).unwrap_err().name(), "BadSignature");
    let old = UnixTime::from_secs(NOW.secs() + 61);
    assert_eq!(checked(good, &fintech, &KOREA_REQUEST, old).unwrap_err().name(), "TooOld");
}
