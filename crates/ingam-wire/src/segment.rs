//! Any text as one segment of a path (RFC 3986 sections 2.1 and 3.3), and back.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but the unreserved characters (section 2.3): whatever could end the segment, or mean something in it.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text is no segment: a broken escape, or not UTF-8.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an escaped path segment")]
pub struct NotASegment;

/// `text` as one segment.
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The text that `segment` stands for.
///
/// # Errors
/// [`NotASegment`].
pub fn decode(segment: &str) -> Result<String, NotASegment> {
    let escaped = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !segment.split('%').skip(1).all(escaped) {
        return Err(NotASegment);
    }
    percent_decode_str(segment).decode_utf8().map(Into::into).map_err(|_| NotASegment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_path_is_escaped() {
        for (text, segment) in
            [("a-._~Z9", "a-._~Z9"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("+ %", "%2B%20%25"), ("계좌", "%EA%B3%84%EC%A2%8C")]
        {
            assert_eq!(encode(text), segment);
            assert_eq!(decode(segment).as_deref(), Ok(text));
        }
        assert_eq!(decode("a+b%2f").as_deref(), Ok("a+b/"), "either case of a digit, and a plus is a plus");
        for broken in ["%", "a%2", "%+f", "%g0", "%2 ", "%ff", "%%25"] {
            assert_eq!(decode(broken), Err(NotASegment), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_reads_back_as_one_segment(text in "\\PC{0,40}") {
            let segment = encode(&text);
            prop_assert!(!segment.contains(['/', '?', '#', ' ']));
            prop_assert_eq!(decode(&segment), Ok(text));
        }
    }
}
