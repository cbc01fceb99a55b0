//! JSON as RFC 8259 has it, within limits, without duplicates.

use std::borrow::Cow;

use ingam_wire::json::{self, JsonError, Limits};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

const WIDE: Limits = Limits { bytes: 1 << 24, depth: 127, members: 1 << 22 };

fn check(text: &str) -> Result<(), JsonError> {
    json::check(text.as_bytes(), &WIDE)
}

#[test]
fn what_is_json_passes() {
    for text in [
        "0",
        "-0",
        "1.5e3",
        "1E-2",
        "1e+2",
        "0.0",
        "-12.25",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\"",
        "[]",
        "{}",
        " \t\r\n[ ] \n",
        "[1,2]",
        "[ 1 , 2 ]",
        "[[],[[]]]",
        "{\"a\":{\"a\":{\"a\":[{\"a\":1}]}}}",
        r#""\"\\\/\b\f\n\r\t\u0041\uD834\uDD1E""#,
        "\"\u{7f}\"",
        "\"한글 12345678 한글\"",
        "\"12345678\"",
        "\"1234567\"",
        "{\"a\":1,\"b\":2,\"A\":3,\"\":4}",
        "[{\"a\":1},{\"a\":1}]",
        "{\"a\":{\"b\":1},\"b\":2}",
        "{\"b\":{\"a\":1},\"a\":2}",
        "1e308",
        "{\"same-prefix-1\":1,\"same-prefix-2\":2}",
        "{\"aaaaaaa\":1,\"aaaaaaaa\":1,\"aaaaaaaaa\":1}",
        "\"\\u0000\"",
        "{\"\\u0000\":1,\"\":2}",
    ] {
        assert_eq!(check(text), Ok(()), "{text}");
        assert!(serde_json::from_str::<Value>(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused_where_it_goes_wrong() {
    for (text, at) in [
        ("", 0),
        (" ", 1),
        ("\u{feff}{}", 0),
        ("01", 1),
        ("-", 1),
        ("-01", 2),
        ("+1", 0),
        (".5", 0),
        ("1.", 2),
        ("1.e1", 2),
        ("1e", 2),
        ("1e+", 3),
        ("0x1", 1),
        ("1_0", 1),
        ("NaN", 0),
        ("Infinity", 0),
        ("-Infinity", 1),
        ("nul", 3),
        ("nulL", 3),
        ("True", 0),
        ("truex", 4),
        ("[", 1),
        ("[1", 2),
        ("[1,", 3),
        ("[1,]", 3),
        ("[,]", 1),
        ("[1 2]", 3),
        ("[1}", 2),
        ("{", 1),
        ("{]", 1),
        ("{\"a\"", 4),
        ("{\"a\":", 5),
        ("{\"a\" 1}", 5),
        ("{\"a\":}", 5),
        ("{\"a\":1", 6),
        ("{\"a\":1,", 7),
        ("{\"a\":1,}", 7),
        ("{\"a\":1]", 6),
        ("{,}", 1),
        ("{1:2}", 1),
        ("{a:1}", 1),
        ("{'a':1}", 1),
        ("{}{}", 2),
        ("{} x", 3),
        ("1 1", 2),
        ("\"", 1),
        ("\"abc", 4),
        ("\"\\", 2),
        ("\"\\x\"", 2),
        ("\"\\u12\"", 5),
        ("\"\\u12G4\"", 5),
        ("\"\\U0041\"", 2),
        ("\"a\nb\"", 2),
        ("\"\u{1f}\"", 1),
        ("\"ab\ncdefghijklmnop\"", 3),
        ("\"12345678ab\u{1f}cdefghijklm\"", 11),
        ("\"12345678\u{0}\"", 9),
        ("\"\\ud800\"", 7),
        ("\"\\ud800x\"", 7),
        ("\"\\ud800\\n\"", 8),
        ("\"\\ud800\\u0041\"", 9),
        ("\"\\ud800\\ud800\"", 9),
        ("\"\\udc00\"", 7),
        ("\"\\udc00\\ud800\"", 7),
        ("// c\n1", 0),
        ("/**/1", 0),
        ("[1]//", 3),
        ("\u{a0}1", 0),
        ("1\u{0}", 1),
        ("\u{b}1", 0),
        ("1e400", 0),
        ("[-1e999]", 1),
    ] {
        assert_eq!(check(text), Err(JsonError::Malformed { at }), "{text:?}");
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_number_beyond_a_double_is_refused_with_and_without_an_exponent() {
    let digits = |count| "9".repeat(count);
    assert_eq!(check(&digits(308)), Ok(()));
    assert_eq!(check(&digits(310)), Err(JsonError::Malformed { at: 0 }));
    assert_eq!(check(&format!("[1,-{}]", digits(310))), Err(JsonError::Malformed { at: 3 }));
    assert_eq!(check(&format!("0.{}", digits(400))), Ok(()));
    assert!(serde_json::from_str::<Value>(&digits(310)).is_err());
}

/// fapi: JW-5
#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    for (text, at) in [
        (&b"\"\xff\""[..], 1),
        (b"\"\xc0\xaf\"", 1),         // overlong
        (b"\"\xed\xa0\x80\"", 1),     // a surrogate
        (b"\"\xf4\x90\x80\x80\"", 1), // above U+10FFFF
        (b"\"\xe2\x82", 1),           // cut off
        (b"{} \xff", 3),
        (b"[1,,\xff", 3),       // the syntax went wrong before
        (b"\xef\xbb\xbf{}", 0), // a byte order mark is UTF-8, and no JSON
        (b"\xff\xfe{\0}\0", 0), // UTF-16
    ] {
        assert_eq!(json::check(text, &WIDE), Err(JsonError::Malformed { at }), "{text:?}");
    }
}

#[test]
fn sr_21_a_member_twice_is_refused_however_it_is_written() {
    let many: String = (0..100).map(|n| format!("\"n{n}\":1,")).collect();
    let escaped_many: String = (0..100).map(|n| format!("\"\\u006e{n}\":1,")).collect();
    for text in [
        r#"{"a":1,"a":1}"#.to_owned(),
        r#"{"a":1,"\u0061":1}"#.to_owned(),
        r#"{"\u0061":1,"a":1}"#.to_owned(),
        r#"{"\u0061":1,"\u0061":1}"#.to_owned(),
        r#"{"/":1,"\/":1}"#.to_owned(),
        r#"{"\n":1,"\u000a":1}"#.to_owned(),
        r#"{"\b\f\r\t\"\\":1,"\u0008\u000C\u000d\u0009\u0022\u005c":1}"#.to_owned(),
        r#"{"𝄞":1,"\ud834\udd1e":1}"#.to_owned(),
        r#"{"":1,"":1}"#.to_owned(),
        r#"{"a":{"a":1},"a":1}"#.to_owned(),
        r#"{"x":[{"a":1,"b":[],"a":1}]}"#.to_owned(),
        r#"{"a":1,"b":{},"c":[{}],"a":1}"#.to_owned(),
        r#"{"access-key-of-some-length":1,"access-key-of-some-length":1}"#.to_owned(),
        format!("{{{many}\"n7\":1}}"),
        format!("{{\"n99\":1,{many}\"z\":1}}"),
        format!("{{{many}\"\\u006e7\":1}}"),
        format!("{{{escaped_many}\"n7\":1}}"),
        format!("{{\"outer\":{{{many}\"z\":1}},\"outer\":1}}"),
        format!("[{{{many}\"z\":1}},{{\"a\":1,\"a\":1}}]"),
    ] {
        assert_eq!(check(&text), Err(JsonError::DuplicateMember), "{text}");
    }
    for text in [
        format!("{{{many}\"z\":1}}"),
        format!("{{{escaped_many}\"z\":1}}"),
        format!("{{\"n1\":{{{many}\"z\":{{\"n1\":1}}}},\"n2\":1}}"),
    ] {
        assert_eq!(check(&text), Ok(()), "{text}");
    }
}

#[test]
fn limits_hold_exactly() {
    let limits = Limits { bytes: 20, depth: 2, members: 3 };
    let check = |text: &str| json::check(text.as_bytes(), &limits);
    assert_eq!(check(&" ".repeat(19).replacen(' ', "1", 1)), Ok(()));
    assert_eq!(check(&format!("1{}", " ".repeat(19))), Ok(()));
    assert_eq!(check(&format!("1{}", " ".repeat(20))), Err(JsonError::TooLarge { limit: 20 }));
    assert_eq!(check("[[1]]"), Ok(()));
    assert_eq!(check("[[[]]]"), Err(JsonError::TooDeep { limit: 2 }));
    assert_eq!(check("[{\"a\":{}}]"), Err(JsonError::TooDeep { limit: 2 }));
    assert_eq!(check("[1,2,3]"), Ok(()));
    assert_eq!(check("[1,2,3,4]"), Err(JsonError::TooManyMembers { limit: 3 }));
    assert_eq!(check("[[1],[2]]"), Err(JsonError::TooManyMembers { limit: 3 }));
    assert_eq!(check("{\"a\":[1,2]}"), Ok(()));
    assert_eq!(check("{\"a\":[1,2,3]}"), Err(JsonError::TooManyMembers { limit: 3 }));
    assert_eq!(json::check(b"[]", &Limits { depth: 0, ..limits }), Err(JsonError::TooDeep { limit: 0 }));
    assert_eq!(json::check(b"[]", &Limits { members: 0, ..limits }), Ok(()));
}

#[test]
fn sr_17_a_hundred_thousand_levels_are_refused_and_no_limit_opens_more_than_127() {
    let generous = Limits { depth: usize::MAX, ..WIDE };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert_eq!(json::check(nested(100_000).as_bytes(), &generous), Err(JsonError::TooDeep { limit: 127 }));
        assert_eq!(json::check(nested(128).as_bytes(), &generous), Err(JsonError::TooDeep { limit: 127 }));
        assert_eq!(json::check(nested(127).as_bytes(), &generous), Ok(()));
        assert!(serde_json::from_str::<Value>(&nested(127)).is_ok());
    }
}

#[test]
fn a_megabyte_of_names_costs_no_square() {
    let names: String = (0..90_000).map(|n| format!("\"{n:06}\":1,")).collect();
    let started = std::time::Duration::from_secs(5);
    let (done, finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(check(&format!("{{{names}\"z\":1}}"))));
    assert_eq!(finished.recv_timeout(started).expect("five seconds are plenty"), Ok(()));
}

#[test]
fn a_wrong_shape_is_told_from_what_is_no_json() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Claims<'a> {
        iss: &'a str,
        #[serde(borrow)]
        sub: Cow<'a, str>,
        exp: i64,
    }
    let parse = |text: &'static str| json::parse_borrowed::<Claims<'_>>(text.as_bytes(), &WIDE);
    let read = parse(r#"{"iss":"a","sub":"b\n","exp":1,"unknown":[1]}"#).unwrap();
    assert_eq!(read, Claims { iss: "a", sub: "b\n".into(), exp: 1 });
    assert_eq!(parse(r#"{"iss":"a","exp":1}"#), Err(JsonError::WrongShape));
    assert_eq!(parse(r#"{"iss":1,"sub":"b","exp":1}"#), Err(JsonError::WrongShape));
    assert_eq!(parse(r#"{"iss":"a","sub":"b","exp":1.5}"#), Err(JsonError::WrongShape));
    assert_eq!(parse(r#"{"iss":"a","sub":"b","exp":1"#), Err(JsonError::Malformed { at: 28 }));
    assert_eq!(parse(r#"{"iss":"a","sub":"b","exp":1,"exp":2}"#), Err(JsonError::DuplicateMember));
    assert_eq!(json::parse::<Vec<u8>>(b"[1,2]", &WIDE), Ok(vec![1, 2]));
    assert_eq!(json::parse::<Vec<u8>>(b"[1,256]", &WIDE), Err(JsonError::WrongShape));
}

/// A JSON value, its names at times written with escapes.
fn json_text() -> impl Strategy<Value = String> {
    let name =
        prop_oneof!["[a-c]{0,2}", Just("\\u0061".to_owned()), Just("\\\"".to_owned()), "[가-힣]{1,3}", "[a-z]{7,10}"];
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        any::<String>().prop_map(|s| Value::String(s).to_string()),
        Just("true".to_owned()),
        Just("null".to_owned()),
    ];
    leaf.prop_recursive(5, 60, 40, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(" , "))),
            proptest::collection::vec((name.clone(), inner), 0..40).prop_map(|members| {
                let members: Vec<_> = members.into_iter().map(|(name, value)| format!("\"{name}\" :{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// Whether any object holds a name twice, found in another way: each object read as a list of pairs.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Distinct;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
                let mut names = std::collections::HashSet::new();
                while let Some((name, Distinct)) = map.next_entry::<String, Distinct>()? {
                    if !names.insert(name) {
                        return Err(serde::de::Error::custom("twice"));
                    }
                }
                Ok(Distinct)
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Distinct, A::Error> {
                while seq.next_element::<Distinct>()?.is_some() {}
                Ok(Distinct)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
                Ok(Distinct)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
                Ok(Distinct)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
                Ok(Distinct)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
                Ok(Distinct)
            }
            fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
                Ok(Distinct)
            }
            fn visit_unit<E>(self) -> Result<Distinct, E> {
                Ok(Distinct)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

fn agrees(text: &[u8]) -> Result<(), TestCaseError> {
    let expected = if serde_json::from_slice::<Distinct>(text).is_ok() {
        Ok(())
    } else if serde_json::from_slice::<Value>(text).is_ok() {
        Err("DuplicateMember")
    } else {
        Err("Malformed")
    };
    match (json::check(text, &WIDE), expected) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(error), Err(name)) if error.name() == name => Ok(()),
        // A text that is both: whichever comes first in it is named.
        (Err(JsonError::DuplicateMember), Err("Malformed")) => Ok(()),
        (got, expected) => {
            Err(TestCaseError::fail(format!("{got:?} but {expected:?}: {:?}", String::from_utf8_lossy(text))))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn it_agrees_with_serde_json_on_json(text in json_text()) {
        agrees(text.as_bytes())?;
    }

    #[test]
    fn it_agrees_with_serde_json_on_json_with_one_byte_changed(text in json_text(), at: prop::sample::Index, byte in prop_oneof![any::<u8>(), "[\\[\\]{}\",:0-9eE.\\\\u -]".prop_map(|s| s.as_bytes()[0])]) {
        let mut text = text.into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        agrees(&text)?;
        text.truncate(at);
        agrees(&text)?;
    }

    #[test]
    fn it_agrees_with_serde_json_on_noise(text in "[\\[\\]{}\",:0-9eE.\\\\u+ntrfalse -]{0,24}") {
        agrees(text.as_bytes())?;
    }

    #[test]
    fn it_agrees_with_serde_json_on_numbers(text in "-?[0-9]{0,3}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,4})?") {
        agrees(text.as_bytes())?;
    }
}
