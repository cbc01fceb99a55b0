//! Distinguished names as RFC 4514 strings, compared as names: attribute for attribute, whatever the printer's habits.

/// One `type=value` of a name, after unescaping.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Attribute {
    kind: String,
    value: Vec<u8>,
}

/// Whether two RFC 4514 strings are the same name. The type's spelling (`CN`, `cn`, `2.5.4.3`) and space around
/// separators do not matter; values are compared exactly. Text that is no name equals nothing.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) => !left.is_empty() && left == right,
        _ => false,
    }
}

/// The relative names in order, each a sorted set of attributes.
fn parse(text: &str) -> Option<Vec<Vec<Attribute>>> {
    let mut names = Vec::new();
    for relative in split(text, &[',']) {
        let mut attributes = Vec::new();
        for attribute in split(relative, &['+']) {
            let (kind, value) = attribute.split_once('=')?;
            attributes.push(Attribute { kind: canonical(kind.trim())?, value: unescape(trim(value))? });
        }
        attributes.sort();
        names.push(attributes);
    }
    Some(names)
}

/// Splits at unescaped, unquoted separators.
fn split<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if separators.contains(&c) {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + c.len_utf8();
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Without the space that stands around a value, but with an escaped one at its end.
fn trim(value: &str) -> &str {
    let value = value.trim_start();
    let end = value.trim_end();
    // An odd number of backslashes before the end escapes the first space that was cut off.
    let backslashes = end.bytes().rev().take_while(|b| *b == b'\\').count();
    if backslashes % 2 == 1 { value.get(..end.len() + 1).unwrap_or(end) } else { end }
}

fn unescape(value: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let first = bytes.next()?;
        let Some(high) = hex(first) else {
            out.push(first);
            continue;
        };
        out.push(high * 16 + hex(bytes.next()?)?);
    }
    Some(out)
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The type as object identifier, where it has a short name (RFC 4514 section 3, RFC 4519, X.520).
fn canonical(kind: &str) -> Option<String> {
    if kind.is_empty() {
        return None;
    }
    let upper = kind.to_ascii_uppercase();
    let known = SHORT_NAMES.iter().find(|(name, _)| *name == upper);
    Some(known.map_or(upper, |(_, oid)| (*oid).to_owned()))
}

const SHORT_NAMES: &[(&str, &str)] = &[
    ("CN", "2.5.4.3"),
    ("COMMONNAME", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("S", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("BUSINESSCATEGORY", "2.5.4.15"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("E", "1.2.840.113549.1.9.1"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

#[cfg(test)]
mod tests {
    use super::same_name;

    #[test]
    fn names_are_compared_as_names() {
        let same = [
            ("CN=acme,O=Acme\\, Inc.,C=KR", "cn=acme, o=Acme\\2c Inc., 2.5.4.6=KR"),
            ("CN=a+OU=b,O=c", "OU=b+CN=a,O=c"),
            ("CN=에이크미", "CN=\\EC\\97\\90\\EC\\9D\\B4\\ED\\81\\AC\\EB\\AF\\B8"),
            ("CN=a\\ ", "CN=a\\20"),
        ];
        for (left, right) in same {
            assert!(same_name(left, right), "{left} and {right}");
        }
        let other = [
            ("CN=acme,O=Acme", "O=Acme,CN=acme"),
            ("CN=acme", "CN=acme,O=Acme"),
            ("CN=acme", "CN=Acme"),
            ("CN=acme", "O=acme"),
            ("CN=a,O=b", "CN=a\\,O=b"),
            ("", ""),
            ("acme", "acme"),
            ("CN=a\\", "CN=a\\"),
        ];
        for (left, right) in other {
            assert!(!same_name(left, right), "{left} and {right}");
        }
    }
}
