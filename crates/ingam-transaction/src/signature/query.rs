use super::component::ComponentError;

/// Appends the value of the query parameter `name`, decoded as a form and encoded again (RFC 9421 section 2.2.8).
///
/// `name` is compared in its encoded form; a parameter that occurs twice is refused.
pub(crate) fn write_parameter(query: &str, name: &str, out: &mut String) -> Result<(), ComponentError> {
    let mut found = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (pair_name, pair_value) = pair.split_once('=').unwrap_or((pair, ""));
        if encoded(pair_name)? != name {
            continue;
        }
        if found.replace(pair_value).is_some() {
            return Err(ComponentError::QueryParameterRepeated);
        }
    }
    out.push_str(&encoded(found.ok_or(ComponentError::ComponentMissing)?)?);
    Ok(())
}

/// Form-decodes (a broken escape stands for itself), then percent-encodes all but the characters a form leaves alone.
fn encoded(text: &str) -> Result<String, ComponentError> {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let decoded = decode(text.as_bytes());
    // The decoded text of a form is UTF-8; anything else would be replaced, and two texts would look the same.
    core::str::from_utf8(&decoded).map_err(|_| ComponentError::ValueNotAscii)?;
    let mut out = String::with_capacity(text.len());
    for byte in decoded {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 0xf].iter().filter_map(|nibble| HEX.get(usize::from(*nibble))));
        }
    }
    Ok(out)
}

fn decode(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rest.len());
    loop {
        rest = match rest {
            [] => return out,
            [b'+', tail @ ..] => {
                out.push(b' ');
                tail
            }
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
        };
    }
}

const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}
