//! base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict in both directions.

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// The text is not base64url: a foreign character, padding, white space, stray trailing bits, or not the length asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not base64url")]
pub struct NotBase64Url;

/// `bytes` as base64url text without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The bytes that `text` stands for.
///
/// # Errors
/// [`NotBase64Url`] unless `text` is exactly what [`encode`] prints for some bytes.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD.decode_to_vec(text).map_err(|_| NotBase64Url)
}

/// The `N` bytes that `text` stands for, without an allocation: digests, coordinates, signatures.
///
/// # Errors
/// [`NotBase64Url`] unless `text` is exactly what [`encode`] prints for some `N` bytes.
pub fn decode_array<const N: usize>(text: impl AsRef<[u8]>) -> Result<[u8; N], NotBase64Url> {
    let mut bytes = [0; N];
    match decode_into(text, &mut bytes)?.len() == N {
        true => Ok(bytes),
        false => Err(NotBase64Url),
    }
}

/// The bytes that `text` stands for, written to the front of `buffer`.
///
/// # Errors
/// [`NotBase64Url`] unless `text` is exactly what [`encode`] prints for some bytes that `buffer` has room for.
pub fn decode_into(text: impl AsRef<[u8]>, buffer: &mut [u8]) -> Result<&[u8], NotBase64Url> {
    let text = text.as_ref();
    let length = URL_SAFE_NO_PAD.decoded_length(text).map_err(|_| NotBase64Url)?;
    let bytes = buffer.get_mut(..length).ok_or(NotBase64Url)?;
    URL_SAFE_NO_PAD.decode(text, Out::from_slice(bytes)).map(|bytes| &*bytes).map_err(|_| NotBase64Url)
}

/// Appends `bytes` as base64url text to `out`, for tokens that are written into one buffer.
pub fn encode_append(bytes: impl AsRef<[u8]>, out: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// Appends the bytes that `text` stands for to `out`.
///
/// # Errors
/// [`NotBase64Url`] as [`decode`]; what `out` holds behind its former end is then unspecified.
pub fn decode_append(text: impl AsRef<[u8]>, out: &mut Vec<u8>) -> Result<(), NotBase64Url> {
    URL_SAFE_NO_PAD.decode_append(text, out).map_err(|_| NotBase64Url)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sr_19_what_encode_does_not_print_is_refused() {
        for (text, why) in [
            ("AA==", "padding"),
            ("AA=", "half a padding"),
            ("A", "six bits are no byte"),
            ("AAAAA", "a last character alone"),
            ("AB", "trailing bits"),
            ("AAB", "trailing bits after two bytes"),
            ("A+AA", "the other alphabet"),
            ("A/AA", "the other alphabet"),
            (" AAAA", "white space"),
            ("AAAA\n", "a line end"),
            ("AA\r\nAA", "a line end within"),
            ("AA.A", "a dot"),
            ("ÄAAA", "not ASCII"),
            ("AA\0A", "NUL"),
        ] {
            assert_eq!(decode(text), Err(NotBase64Url), "{why}");
            assert_eq!(decode_into(text, &mut [0; 64]), Err(NotBase64Url), "{why}");
        }
    }

    #[test]
    fn sr_19_a_foreign_byte_is_refused_wherever_it_stands() {
        // Longer than what is decoded at once, so that each place in a block and the rest behind the blocks have their turn.
        let text = encode([0xa5; 75]).into_bytes();
        for position in 0..text.len() {
            for byte in 0..=u8::MAX {
                let mut bent = text.clone();
                bent[position] = byte;
                let known = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                assert_eq!(decode(&bent).is_ok(), known, "byte {byte} at {position}");
            }
        }
    }

    #[test]
    fn an_array_has_exactly_its_length() {
        assert_eq!(decode_array::<3>("AQID"), Ok([1, 2, 3]));
        assert_eq!(decode_array::<2>("AQID"), Err(NotBase64Url));
        assert_eq!(decode_array::<4>("AQID"), Err(NotBase64Url));
        assert_eq!(decode_array::<0>(""), Ok([]));
        assert_eq!(decode_array::<32>(encode([9; 32])), Ok([9; 32]));
        assert_eq!(decode_array::<32>(encode([9; 31])), Err(NotBase64Url));
        assert_eq!(decode_array::<32>(encode([9; 33])), Err(NotBase64Url));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_and_nothing_else_reads(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[A-Za-z0-9_-]{0,12}") {
            prop_assert_eq!(decode(encode(&bytes)), Ok(bytes));
            if let Ok(read) = decode(&text) {
                prop_assert_eq!(encode(read), text);
            }
        }
    }
}
