//! Distinguished names as text, RFC 4514: the form in which `tls_client_auth_subject_dn` is registered
//! (RFC 8705 section 2.1.2).

use core::fmt::Write as _;

use x509_parser::{
    asn1_rs::{Any, Tag, ToDer as _},
    x509::{AttributeTypeAndValue, X509Name},
};

use super::InvalidPeer;

/// Attribute types with a registered short name: RFC 4514 section 3, RFC 4519, and e-mail as everybody prints it.
const DESCRIPTORS: [(&str, &str); 14] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.4", "SN"),
    ("2.5.4.42", "GN"),
    ("2.5.4.12", "title"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// The name, most specific part first (RFC 4514 section 2.1).
pub(super) fn rfc4514(name: &X509Name<'_>) -> Result<String, InvalidPeer> {
    let mut out = String::new();
    let parts: Vec<_> = name.iter_rdn().collect();
    for (position, part) in parts.into_iter().rev().enumerate() {
        if position > 0 {
            out.push(',');
        }
        // Section 2.2 leaves the order within a part open; OpenSSL's is the one people register.
        let attributes: Vec<_> = part.iter().collect();
        for (position, attribute) in attributes.into_iter().rev().enumerate() {
            if position > 0 {
                out.push('+');
            }
            write_attribute(attribute, &mut out)?;
        }
    }
    Ok(out)
}

fn write_attribute(attribute: &AttributeTypeAndValue<'_>, out: &mut String) -> Result<(), InvalidPeer> {
    let oid = attribute.attr_type().to_id_string();
    let descriptor = DESCRIPTORS.iter().find(|(known, _)| *known == oid).map(|(_, descriptor)| *descriptor);
    match (descriptor, text(attribute.attr_value())) {
        (Some(descriptor), Some(value)) => {
            out.push_str(descriptor);
            out.push('=');
            escape(&value, out);
        }
        // RFC 4514 section 2.4: a dotted type, or a value that is no string, is printed as its BER in hexadecimal.
        (descriptor, _) => {
            out.push_str(descriptor.unwrap_or(&oid));
            out.push_str("=#");
            write_ber(attribute.attr_value(), out)?;
        }
    }
    Ok(())
}

/// The text of a directory string; `None` where the value is of another kind.
pub(super) fn text(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            core::str::from_utf8(value.data).ok().map(str::to_owned)
        }
        Tag::BmpString => {
            let (pairs, rest) = value.data.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            if rest.is_empty() { String::from_utf16(&units).ok() } else { None }
        }
        _ => None,
    }
}

/// RFC 4514 section 2.4; control characters too, so that a name is always one line of a log.
fn escape(value: &str, out: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (position, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => out.extend(['\\', c]),
            ' ' if position == 0 || position == last => out.extend(['\\', c]),
            '#' if position == 0 => out.extend(['\\', c]),
            c if c.is_ascii_control() => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _infallible = write!(out, "\\{byte:02X}");
                }
            }
            c => out.push(c),
        }
    }
}

/// The value's DER, rebuilt from tag, length and content.
fn write_ber(value: &Any<'_>, out: &mut String) -> Result<(), InvalidPeer> {
    let header = value.header.to_der_vec().map_err(|_| InvalidPeer::Malformed)?;
    for byte in header.iter().chain(value.data) {
        let _infallible = write!(out, "{byte:02x}");
    }
    Ok(())
}
