//! Forms as OAuth uses them.

use ingam_testkit::{CANARIES, assert_hidden, vectors};
use ingam_wire::form::{Form, FormError, Limits};
use proptest::prelude::*;

const LIMITS: Limits = Limits { bytes: 4_096, parameters: 20 };

fn parse(text: impl AsRef<[u8]>) -> Result<Vec<(String, String)>, FormError> {
    let form = Form::parse(text.as_ref(), &LIMITS)?;
    Ok(form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[test]
fn what_is_read() {
    for (text, expected) in [
        ("", &[][..]),
        ("a=1", &[("a", "1")]),
        ("a=1&b=2&A=3", &[("a", "1"), ("b", "2"), ("A", "3")]),
        ("&a=1&&b=2&", &[("a", "1"), ("b", "2")]),
        ("a=&b=2&c", &[("b", "2")]),
        ("a=b=c", &[("a", "b=c")]),
        ("a=x+y%20z%2B", &[("a", "x y z+")]),
        ("a=%ec%9d%B8%EA%B0%90", &[("a", "인감")]),
        ("a=인감 b", &[("a", "인감 b")]),
        ("%61%3d=1", &[("a=", "1")]),
        ("a=1;b=2", &[("a", "1;b=2")]),
        ("a=%00%0A", &[("a", "\0\n")]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(parse(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_refused() {
    for (text, error) in [
        (&b"a=1&a=1"[..], FormError::DuplicateParameter),
        (b"a=1&a=2", FormError::DuplicateParameter),
        (b"a=&a=1", FormError::DuplicateParameter),
        (b"a=1&a=", FormError::DuplicateParameter),
        (b"a&a", FormError::DuplicateParameter),
        (b"a=1&b=2&%61=3", FormError::DuplicateParameter),
        (b"a=%", FormError::Malformed),
        (b"a=%4", FormError::Malformed),
        (b"a=%4&b=1", FormError::Malformed),
        (b"a=%G1", FormError::Malformed),
        (b"a=%1G", FormError::Malformed),
        (b"a=%%41", FormError::Malformed),
        (b"a=%+1", FormError::Malformed),
        (b"%=1", FormError::Malformed),
        (b"a=%ff", FormError::Malformed),
        (b"a=%c0%af", FormError::Malformed),
        (b"a=%ed%a0%80", FormError::Malformed),
        (b"a=\xff", FormError::Malformed),
        (b"\xff=1", FormError::Malformed),
        (b"=1", FormError::Malformed),
        (b"=", FormError::Malformed),
        (b"a=1\n", FormError::Malformed),
        (b"a=1\r\n&b=2", FormError::Malformed),
        (b"a=\0", FormError::Malformed),
        (b"a=\x7f", FormError::Malformed),
    ] {
        assert_eq!(parse(text), Err(error), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn limits_hold_exactly() {
    let twenty: Vec<_> = (0..20).map(|n| format!("p{n}=")).collect();
    assert_eq!(parse(twenty.join("&")), Ok(vec![]));
    assert_eq!(parse(format!("{}&q", twenty.join("&"))), Err(FormError::TooManyParameters { limit: 20 }));
    assert!(parse(format!("a={}", "x".repeat(4_094))).is_ok());
    assert_eq!(parse(format!("a={}", "x".repeat(4_095))), Err(FormError::TooLarge { limit: 4_096 }));
    assert_eq!(
        Form::parse(b"a", &Limits { bytes: 9, parameters: 0 }).err(),
        Some(FormError::TooManyParameters { limit: 0 })
    );
}

#[test]
fn a_resource_may_repeat_where_the_caller_says_so() {
    let form = Form::parse_repeating(b"resource=a&x=1&resource=b&resource=", &LIMITS, &["resource"]).unwrap();
    assert_eq!(form.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((form.get("resource"), form.get("x"), form.get("y"), form.len()), (Some("a"), Some("1"), None, 3));
    let twice = Form::parse_repeating(b"resource=a&x=1&resource=b&x=2", &LIMITS, &["resource"]);
    assert_eq!(twice.err(), Some(FormError::DuplicateParameter));
}

#[test]
fn the_pushed_requests_of_rfc_9126_are_read() {
    let mut read = 0;
    let examples = vectors("oauth", "rfc9126");
    let mut bodies = vec![&examples];
    while let Some(value) = bodies.pop() {
        match value {
            serde_json::Value::Array(items) => bodies.extend(items),
            serde_json::Value::Object(members) => bodies.extend(members.values()),
            serde_json::Value::String(text) if text.contains("response_type=code") && !text.contains("HTTP/1.1") => {
                let form = Form::parse(text.as_bytes(), &Limits { bytes: 1 << 16, parameters: 20 }).unwrap();
                assert_eq!(form.get("response_type"), Some("code"));
                read += 1;
            }
            _ => {}
        }
    }
    assert!(read >= 1, "the RFC's bodies were not found");
}

#[test]
fn sr_76_debug_prints_names_only() {
    for canary in CANARIES {
        let form = Form::default().with("code", canary);
        assert_hidden(&form, canary);
        assert_eq!(format!("{form:?}"), "[\"code\"]");
        assert_hidden(&Form::parse(form.encode().as_bytes(), &LIMITS), canary);
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(pairs in proptest::collection::btree_map(".{1,5}", ".{0,9}", 0..8)) {
        let form = pairs.iter().fold(Form::default(), |form, (name, value)| form.with(name, value));
        let expected: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        prop_assert_eq!(parse(form.encode()), Ok(expected));
    }

    #[test]
    fn whatever_reads_prints_what_reads_the_same(text in "[ab%=&+4F0-2\u{e9}\u{1}]{0,20}") {
        if let Ok(form) = Form::parse(text.as_bytes(), &LIMITS) {
            let again = parse(form.encode()).unwrap();
            prop_assert!(form.iter().eq(again.iter().map(|(n, v)| (n.as_str(), v.as_str()))));
        }
    }
}
