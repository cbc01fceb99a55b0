use crate::text::text_type;

/// The text is not an identifier of this kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {0}")]
pub struct InvalidId(pub &'static str);

const fn id_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

text_type! {
    /// A fintech at an operator: OAuth's `client_id` (RFC 6749 section 2.2), 1 to 255 printable ASCII characters.
    #[doc(alias = "client_id")]
    ClientId, InvalidId, "client_id", 1..=255, |b| matches!(b, 0x21..=0x7e)
}
text_type! {
    /// A user at an operator: the `sub` of access keys, 1 to 255 printable ASCII characters (RFC 9068 section 2.2).
    #[doc(alias = "sub")]
    UserId, InvalidId, "user id", 1..=255, |b| matches!(b, 0x21..=0x7e)
}
text_type! {
    /// An account as the operator names it to fintechs: 1 to 64 letters, digits, `-`, `_`, `.`.
    AccountId, InvalidId, "account id", 1..=64, id_char
}
text_type! {
    /// A bank behind the operator: 1 to 32 letters, digits, `-`, `_`, `.` (in Korea the three digits of `bank_code_std`).
    #[doc(alias = "은행")]
    BankId, InvalidId, "bank id", 1..=32, id_char
}
text_type! {
    /// A grant: what a user consented to, for which fintech; not a secret, 1 to 64 letters, digits, `-`, `_`, `.`.
    #[doc(alias = "grant_id")]
    GrantId, InvalidId, "grant id", 1..=64, id_char
}
text_type! {
    /// A payment at the operator: 1 to 64 letters, digits, `-`, `_`, `.`.
    PaymentId, InvalidId, "payment id", 1..=64, id_char
}
text_type! {
    /// A transaction of an account: 1 to 64 letters, digits, `-`, `_`, `.`.
    TransactionId, InvalidId, "transaction id", 1..=64, id_char
}
text_type! {
    /// What makes a repeated payment the same payment: 1 to 64 printable ASCII characters, no `"`, no `\`, no space.
    IdempotencyKey, InvalidId, "idempotency key", 1..=64, crate::text::nqchar
}

impl IdempotencyKey {
    /// The field that carries it.
    pub const HEADER: &'static str = "idempotency-key";
}

/// Joins one exchange's logs on both sides: the UUID in `x-fapi-interaction-id`, echoed unchanged.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct InteractionId(Box<str>);

impl InteractionId {
    /// The field that carries it.
    pub const HEADER: &'static str = "x-fapi-interaction-id";

    /// A version 4 UUID (RFC 9562 section 5.4) made of 16 random bytes.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        let bits = (u128::from_be_bytes(random) & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62);
        let hex = format!("{bits:032x}");
        let mut text = String::with_capacity(36);
        for (at, digit) in hex.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(digit);
        }
        Self(text.into())
    }

    /// The UUID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for InteractionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = text.len() == 36
            && text.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            });
        if well_formed { Ok(Self(text.into())) } else { Err(InvalidId("UUID")) }
    }
}

impl core::fmt::Display for InteractionId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}
