//! Secrets that must never be printed.

use core::fmt::Debug;

/// A secret text that no log, error or `Debug` may show.
pub const CANARY_TEXT: &str = "canary-7Zq3vYt0-must-never-be-printed";

/// The same as bytes.
pub const CANARY_BYTES: &[u8] = CANARY_TEXT.as_bytes();

/// Further secrets of other shapes: a password, a Korean one, a code, and one that escapes would change.
pub const CANARIES: [&str; 5] = [
    CANARY_TEXT,
    "canary correct horse battery",
    "카나리아-비밀-번호",
    "canary.c0de.9f8e7d6c5b4a",
    "canary\"\\\n\u{1f}",
];

/// Asserts that neither `{:?}` nor `{:#?}` of `value` shows `secret` as text, as an escape, as a list of numbers, in hex, or any eight
/// characters of it in a row.
///
/// # Panics
/// When it does.
pub fn assert_hidden(value: &impl Debug, secret: &str) {
    let numbers = |separator: &str| secret.bytes().take(6).map(|b| b.to_string()).collect::<Vec<_>>().join(separator);
    let hex: String = secret.bytes().take(8).map(|b| format!("{b:02x}")).collect();
    let characters: Vec<char> = secret.chars().collect();
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        let flat: String = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        let shows = printed.contains(secret)
            || printed.contains(&secret.escape_debug().to_string())
            || characters.windows(8).any(|window| printed.contains(&window.iter().collect::<String>()))
            || flat.contains(&numbers(", "))
            || printed.to_lowercase().contains(&hex);
        assert!(!shows, "a secret is printed: {printed}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_hides_its_secret_passes() {
        assert_hidden(&"Secret(..)", CANARY_TEXT);
    }

    #[test]
    fn text_bytes_and_hex_are_found() {
        let hex: String = CANARY_BYTES.iter().map(|b| format!("{b:02x}")).collect();
        for found in [
            std::panic::catch_unwind(|| assert_hidden(&CANARY_TEXT, CANARY_TEXT)),
            std::panic::catch_unwind(|| assert_hidden(&CANARY_BYTES, CANARY_TEXT)),
            std::panic::catch_unwind(|| assert_hidden(&hex, CANARY_TEXT)),
            std::panic::catch_unwind(|| assert_hidden(&CANARIES, "canary\"\\\n\u{1f}")),
        ] {
            assert!(found.is_err());
        }
    }
}
