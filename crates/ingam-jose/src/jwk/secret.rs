use ingam_wire::base64url::NotBase64Url;
use zeroize::Zeroizing;

/// The bytes of a secret base64url text, decoded without a table or a branch that depends on a character, so that
/// neither the time nor the cache says anything about a private key (RUSTSEC-2026-0045 and its kind).
pub(super) fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, NotBase64Url> {
    // The exact size at once: a vector that grew would leave a copy of the secret in freed memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut wrong = 0_i16;
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0_i32;
        for position in 0..4 {
            let value = group.get(position).map_or(0, |character| sextet(*character));
            wrong |= value;
            bits = (bits << 6) | i32::from(value & 0x3f);
        }
        let [_, first, second, third] = bits.to_be_bytes();
        // What a shorter last group leaves over must be zero.
        let stray = match group.len() {
            4 => 0,
            3 => third,
            _ => second | third,
        };
        wrong |= i16::from(stray).wrapping_neg();
        bytes.push(first);
        if group.len() > 2 {
            bytes.push(second);
        }
        if group.len() > 3 {
            bytes.push(third);
        }
    }
    // Negative when any character was none of the alphabet or any stray bit was set; lengths are no secret.
    if wrong < 0 || text.len() % 4 == 1 { Err(NotBase64Url) } else { Ok(bytes) }
}

/// The six bits of a character, −1 for one outside the alphabet.
const fn sextet(character: u8) -> i16 {
    const fn within(value: i16, first: i16, last: i16) -> i16 {
        // All ones when first ≤ value ≤ last, else zero: both differences are then negative.
        ((first - 1 - value) & (value - last - 1)) >> 8
    }
    #[expect(clippy::as_conversions, reason = "a u8 fits an i16, and From is not const")]
    let value = character as i16;
    let mut bits = -1;
    bits += within(value, 65, 90) & (value - 65 + 1);
    bits += within(value, 97, 122) & (value - 97 + 26 + 1);
    bits += within(value, 48, 57) & (value - 48 + 52 + 1);
    bits += within(value, 45, 45) & (62 + 1);
    bits += within(value, 95, 95) & (63 + 1);
    bits
}

#[cfg(test)]
mod tests {
    use ingam_wire::base64url;
    use proptest::prelude::*;

    #[test]
    fn sr_71_each_character_decodes_as_in_the_public_decoder() {
        for first in 0..=u8::MAX {
            for second in [b'A', b'Q', b'g', b'w', b'B', first] {
                let bytes = [first, second];
                let Ok(text) = std::str::from_utf8(&bytes) else { continue };
                let public = base64url::decode(text);
                assert_eq!(super::decode(text).map(|bytes| bytes.to_vec()), public, "{text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn sr_71_secrets_decode_as_in_the_public_decoder(text in "[A-Za-z0-9_=+/ -]{0,90}", bytes: Vec<u8>) {
            prop_assert_eq!(super::decode(&text).map(|bytes| bytes.to_vec()), base64url::decode(&text));
            let text = base64url::encode(&bytes);
            prop_assert_eq!(super::decode(&text).map(|bytes| bytes.to_vec()), Ok(bytes));
        }
    }
}
