//! RFC 9530's own examples.

mod rooms;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use ingam_transaction::digest::{DigestAlgorithm, DigestError, Digests, field_value, wanted};
use rooms::PROVIDER;

#[test]
fn every_digest_of_the_rfc_is_checked_and_made_again() {
    let vectors = ingam_testkit::vectors("digest", "rfc9530");
    let mut count = 0;
    for case in vectors["examples"].as_array().unwrap() {
        let text = |member: &str| case[member].as_str().unwrap();
        let bytes = STANDARD.decode(text("bytes_b64")).unwrap();
        let algorithm = match text("algorithm") {
            "sha-256" => DigestAlgorithm::Sha256,
            _ => DigestAlgorithm::Sha512,
        };
        let digests = Digests::parse(text("value").as_bytes()).unwrap();
        assert_eq!(digests.check(&bytes, &PROVIDER), Ok(()), "{}", case["section"]);
        assert_eq!(field_value(&bytes, algorithm, &PROVIDER), text("value"), "{}", case["section"]);
        let mut other = bytes.clone();
        other.push(b'\n');
        assert_eq!(digests.check(&other, &PROVIDER), Err(DigestError::Mismatch), "{}", case["section"]);
        if case["printed_value_is_a_valid_byte_sequence"] == false {
            let printed = Digests::parse(text("value_as_printed").as_bytes());
            assert_eq!(printed, Err(DigestError::Malformed), "{}", case["section"]);
        }
        count += 1;
    }
    assert_eq!(count, 21);
}

#[test]
fn only_the_active_algorithms_of_appendix_d_count() {
    let vectors = ingam_testkit::vectors("digest", "rfc9530");
    let samples = vectors["sample_digests"].as_object().unwrap();
    let bytes = STANDARD.decode(samples["bytes_b64"].as_str().unwrap()).unwrap();
    for (key, value) in samples {
        let field = format!("{key}=:{}:", value.as_str().unwrap());
        match key.as_str() {
            "bytes_b64" | "note" => {}
            "sha-256" | "sha-512" => {
                assert_eq!(Digests::parse(field.as_bytes()).unwrap().check(&bytes, &PROVIDER), Ok(()), "{key}");
            }
            _ => assert_eq!(Digests::parse(field.as_bytes()), Err(DigestError::NoActiveAlgorithm), "{key}"),
        }
    }
}

#[test]
fn wishes_are_read_best_first() {
    let vectors = ingam_testkit::vectors("digest", "rfc9530");
    for case in vectors["want"].as_array().unwrap() {
        let name: HeaderName = case["field"].as_str().unwrap().to_ascii_lowercase().parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(&name, HeaderValue::from_str(case["value"].as_str().unwrap()).unwrap());
        let wanted = wanted(&headers, &name).unwrap();
        for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
            let expected = case["parsed"][algorithm.name()].as_u64();
            assert_eq!(wanted.weight(algorithm).map(u64::from), expected, "{}", case["value"]);
        }
        assert_eq!(wanted.preferred(), Some(DigestAlgorithm::Sha256), "{}", case["value"]);
    }
}

#[test]
fn a_wish_outside_its_range_or_of_another_type_is_malformed() {
    for value in ["sha-256=11", "sha-256=-1", "sha-256=1.0", "sha-256=\"1\"", "sha-256", "sha-256=(1)", "sha-256=="] {
        let name = HeaderName::from_static("want-content-digest");
        let mut headers = HeaderMap::new();
        headers.insert(&name, HeaderValue::from_static(value));
        assert_eq!(wanted(&headers, &name), Err(DigestError::Malformed), "{value}");
    }
}

#[test]
fn a_wish_of_weight_zero_is_no_preference() {
    let name = HeaderName::from_static("want-content-digest");
    let mut headers = HeaderMap::new();
    headers.insert(&name, HeaderValue::from_static("sha-256=0, md5=10"));
    assert_eq!(wanted(&headers, &name).unwrap().preferred(), None);
}

#[test]
fn a_digest_field_that_could_be_read_in_two_ways_is_refused() {
    let good = field_value(b"x", DigestAlgorithm::Sha256, &PROVIDER);
    let good = good.to_str().unwrap();
    let wrong = field_value(b"y", DigestAlgorithm::Sha256, &PROVIDER);
    let wrong = wrong.to_str().unwrap();
    let twice = format!("{good}, {wrong}");
    assert_eq!(Digests::parse(twice.as_bytes()), Err(DigestError::DuplicateAlgorithm));
    assert_eq!(Digests::parse(b"sha-256=:AAAA:"), Err(DigestError::Malformed), "too short");
    assert_eq!(Digests::parse(b"sha-256=\"x\""), Err(DigestError::Malformed), "no byte sequence");
    assert_eq!(Digests::parse(b"sha-256=(:AAAA:)"), Err(DigestError::Malformed), "an inner list");
    assert_eq!(Digests::parse(b"sha-256"), Err(DigestError::Malformed), "a bare key");
    assert_eq!(Digests::parse(b"SHA-256=:AAAA:"), Err(DigestError::Malformed), "upper case");
    assert_eq!(Digests::parse(b""), Err(DigestError::NoActiveAlgorithm), "empty");
    assert_eq!(Digests::parse(&[b'a'; 4096]), Err(DigestError::Malformed), "too long");
    // Every active digest counts: a right one does not excuse a wrong one beside it.
    let other = field_value(b"y", DigestAlgorithm::Sha512, &PROVIDER);
    let both = format!("{good}, {}", other.to_str().unwrap());
    assert_eq!(Digests::parse(both.as_bytes()).unwrap().check(b"x", &PROVIDER), Err(DigestError::Mismatch));
}
