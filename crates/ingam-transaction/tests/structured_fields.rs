//! The parser under both kinds of fields, held to the HTTP working group's own tests (RFC 9651).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

use serde_json::Value;
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, Key, List, ListEntry, Parameters, Parser};

#[test]
fn the_working_groups_tests_pass() {
    let (mut parsed, mut refused, mut printed) = (0, 0, 0);
    for file in ingam_testkit::vector_files("structured-fields") {
        for case in ingam_testkit::vectors("structured-fields", &file).as_array().unwrap() {
            let name = format!("{file}: {}", case["name"]);
            if file.starts_with("serialisation-tests") {
                print_only(case, &name);
                printed += 1;
                continue;
            }
            let lines: Vec<_> = case["raw"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            let raw = lines.join(", ");
            let canonical = case["canonical"].as_array().map_or_else(
                || raw.clone(),
                |lines| lines.iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join(", "),
            );
            let got = match case["header_type"].as_str().unwrap() {
                "item" => Parser::new(&raw).parse::<Item>().ok().map(|value| {
                    assert!(case["must_fail"] == true || value == item(&case["expected"]), "{name}");
                    value.serialize()
                }),
                "list" => Parser::new(&raw).parse::<List>().ok().map(|value| {
                    assert!(case["must_fail"] == true || value == list(&case["expected"]), "{name}");
                    value.serialize().unwrap_or_default()
                }),
                _ => Parser::new(&raw).parse::<Dictionary>().ok().map(|value| {
                    assert!(case["must_fail"] == true || value == dictionary(&case["expected"]), "{name}");
                    value.serialize().unwrap_or_default()
                }),
            };
            match got {
                Some(text) => {
                    assert_ne!(case["must_fail"], true, "{name} must fail");
                    assert_eq!(text, canonical, "{name}");
                    parsed += 1;
                }
                None => {
                    assert!(case["must_fail"] == true || case["can_fail"] == true, "{name} must parse");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(parsed + refused + printed, 1069);
    assert!(parsed > 300 && refused > 300 && printed > 30, "{parsed} {refused} {printed}");
}

/// A value that is to be printed, or cannot be built at all.
fn print_only(case: &Value, name: &str) {
    let expected = &case["expected"];
    let text = match case["header_type"].as_str().unwrap() {
        "item" => try_item(expected).map(|value| value.serialize()),
        "list" => try_list(expected).map(|value| value.serialize().unwrap_or_default()),
        _ => try_dictionary(expected).map(|value| value.serialize().unwrap_or_default()),
    };
    match text {
        Some(text) => assert_eq!(Some(text.as_str()), case["canonical"][0].as_str(), "{name}"),
        None => assert_eq!(case["must_fail"], true, "{name}"),
    }
}

fn item(value: &Value) -> Item {
    try_item(value).unwrap()
}

fn list(value: &Value) -> List {
    try_list(value).unwrap()
}

fn dictionary(value: &Value) -> Dictionary {
    try_dictionary(value).unwrap()
}

fn try_item(value: &Value) -> Option<Item> {
    Some(Item::with_params(bare(&value[0])?, parameters(&value[1])?))
}

fn try_entry(value: &Value) -> Option<ListEntry> {
    Some(match value[0].as_array() {
        Some(items) => {
            let items = items.iter().map(try_item).collect::<Option<Vec<_>>>()?;
            ListEntry::InnerList(InnerList::with_params(items, parameters(&value[1])?))
        }
        None => ListEntry::Item(try_item(value)?),
    })
}

fn try_list(value: &Value) -> Option<List> {
    value.as_array().unwrap().iter().map(try_entry).collect()
}

fn try_dictionary(value: &Value) -> Option<Dictionary> {
    let pairs = value.as_array().unwrap().iter();
    pairs.map(|pair| Some((key(&pair[0])?, try_entry(&pair[1])?))).collect()
}

fn parameters(value: &Value) -> Option<Parameters> {
    let pairs = value.as_array().unwrap().iter();
    pairs.map(|pair| Some((key(&pair[0])?, bare(&pair[1])?))).collect()
}

fn key(value: &Value) -> Option<Key> {
    Key::from_string(value.as_str().unwrap().to_owned()).ok()
}

fn bare(value: &Value) -> Option<BareItem> {
    Some(match value {
        Value::Bool(flag) => BareItem::Boolean(*flag),
        Value::Number(number) if number.is_f64() => BareItem::Decimal(number.as_f64()?.try_into().ok()?),
        Value::Number(number) => BareItem::Integer(number.as_i64()?.try_into().ok()?),
        Value::String(text) => BareItem::String(sfv::String::from_string(text.clone()).ok()?),
        typed => match typed["__type"].as_str()? {
            "token" => BareItem::Token(sfv::Token::from_string(typed["value"].as_str()?.to_owned()).ok()?),
            "binary" => BareItem::ByteSequence(base32(typed["value"].as_str()?)),
            "date" => BareItem::Date(sfv::Date::from_unix_seconds(typed["value"].as_i64()?.try_into().ok()?)),
            _ => BareItem::DisplayString(typed["value"].as_str()?.to_owned()),
        },
    })
}

/// RFC 4648 section 6.
fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        held = held << 5 | u32::try_from(digit).unwrap();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}
