use core::fmt;

use crate::Currency;

/// An amount of money, never negative: minor units (won, cents) and their currency.
///
/// On the wire `{"currency":"USD","amount":"123.50"}`: digits and at most one point, as many decimals as the
/// currency has at most; never a number, a sign, an exponent or a separator. Which way money goes is said by a
/// [`crate::usage::Direction`] beside the amount.
#[doc(alias = "금액")]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "OnTheWire", into = "OnTheWire")]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

/// Why a text is no amount of its currency.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidAmount {
    /// Not an active ISO 4217 code.
    #[error("unknown currency")]
    Currency,
    /// Not digits with at most one decimal point between them.
    #[error("not a decimal number")]
    Syntax,
    /// More decimals than the currency has (none for KRW).
    #[error("more decimals than the currency has")]
    TooManyDecimals,
    /// More than 13 digits before the point.
    #[error("too large")]
    TooLarge,
    /// Zero where something must be paid.
    #[error("zero")]
    Zero,
}

impl InvalidAmount {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Currency => "Currency",
            Self::Syntax => "Syntax",
            Self::TooManyDecimals => "TooManyDecimals",
            Self::TooLarge => "TooLarge",
            Self::Zero => "Zero",
        }
    }
}

/// Digits before the point: ISO 20022 allows 18 in all; 13 with at most 4 decimals stay far inside an `i64`.
const MAX_WHOLE_DIGITS: usize = 13;

/// The greatest number of minor units that prints with [`MAX_WHOLE_DIGITS`].
const fn greatest(currency: Currency) -> i64 {
    match currency.exponent() {
        0 => 9_999_999_999_999,
        1 => 99_999_999_999_999,
        2 => 999_999_999_999_999,
        3 => 9_999_999_999_999_999,
        _ => 99_999_999_999_999_999,
    }
}

impl Amount {
    /// `minor` units of `currency`.
    ///
    /// # Errors
    /// `Syntax` for a negative number, `TooLarge` above 13 digits before the point.
    pub const fn from_minor(minor: i64, currency: Currency) -> Result<Self, InvalidAmount> {
        if minor < 0 {
            Err(InvalidAmount::Syntax)
        } else if minor > greatest(currency) {
            Err(InvalidAmount::TooLarge)
        } else {
            Ok(Self { minor, currency })
        }
    }

    /// Reads decimal text such as `12000` or `123.50`.
    ///
    /// # Errors
    /// The first [`InvalidAmount`] that applies.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, InvalidAmount> {
        let (whole, decimals) = match text.split_once('.') {
            None => (text, ""),
            Some((_, "")) => return Err(InvalidAmount::Syntax),
            Some(parts) => parts,
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(decimals) {
            return Err(InvalidAmount::Syntax);
        }
        let exponent = usize::from(currency.exponent());
        if decimals.len() > exponent {
            return Err(InvalidAmount::TooManyDecimals);
        }
        if whole.len() > MAX_WHOLE_DIGITS {
            return Err(InvalidAmount::TooLarge);
        }
        let minor = format!("{whole}{decimals:0<exponent$}").parse().map_err(|_| InvalidAmount::TooLarge)?;
        Self::from_minor(minor, currency)
    }

    /// This amount, if something is to be paid at all.
    ///
    /// # Errors
    /// [`InvalidAmount::Zero`].
    pub const fn positive(self) -> Result<Self, InvalidAmount> {
        if self.minor > 0 { Ok(self) } else { Err(InvalidAmount::Zero) }
    }

    /// In minor units.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The decimal text of the wire: `12000`, `123.50`.
    #[must_use]
    pub fn to_decimal(&self) -> String {
        let (whole, decimals) = self.parts();
        if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") }
    }

    /// For people, in Korean: `12,000원`, else as [`Display`](fmt::Display).
    #[must_use]
    pub fn to_korean(&self) -> String {
        if self.currency == Currency::KRW { format!("{}원", self.grouped()) } else { self.to_string() }
    }

    /// Digits before and after the point.
    fn parts(&self) -> (String, String) {
        let exponent = usize::from(self.currency.exponent());
        let digits = format!("{:0>width$}", self.minor, width = exponent + 1);
        let (whole, decimals) = digits.split_at_checked(digits.len() - exponent).unwrap_or((&digits, ""));
        (whole.to_owned(), decimals.to_owned())
    }

    /// Thousands separated by commas.
    fn grouped(&self) -> String {
        let (whole, decimals) = self.parts();
        let mut text = String::with_capacity(whole.len() * 2);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if decimals.is_empty() { text } else { format!("{text}.{decimals}") }
    }
}

impl fmt::Display for Amount {
    /// For people: `12,000 KRW`, `1,234.50 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.grouped(), self.currency)
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct OnTheWire {
    currency: String,
    amount: String,
}

impl TryFrom<OnTheWire> for Amount {
    type Error = InvalidAmount;

    fn try_from(wire: OnTheWire) -> Result<Self, InvalidAmount> {
        Self::parse(&wire.amount, wire.currency.parse().map_err(|_| InvalidAmount::Currency)?)
    }
}

impl From<Amount> for OnTheWire {
    fn from(amount: Amount) -> Self {
        Self { currency: amount.currency.into(), amount: amount.to_decimal() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn what_is_no_amount_is_refused_by_its_rule() {
        let table = [
            ("KRW", "12.30", InvalidAmount::TooManyDecimals),
            ("KRW", "12.0", InvalidAmount::TooManyDecimals),
            ("USD", "1.234", InvalidAmount::TooManyDecimals),
            ("USD", "", InvalidAmount::Syntax),
            ("USD", ".5", InvalidAmount::Syntax),
            ("USD", "5.", InvalidAmount::Syntax),
            ("USD", "1.2.3", InvalidAmount::Syntax),
            ("USD", "-1", InvalidAmount::Syntax),
            ("USD", "+1", InvalidAmount::Syntax),
            ("USD", "1e3", InvalidAmount::Syntax),
            ("USD", "1,000", InvalidAmount::Syntax),
            ("USD", " 1", InvalidAmount::Syntax),
            ("USD", "١", InvalidAmount::Syntax),
            ("USD", "0x10", InvalidAmount::Syntax),
            ("USD", "NaN", InvalidAmount::Syntax),
            ("USD", "99999999999999", InvalidAmount::TooLarge),
            ("KRW", "99999999999999999999999999", InvalidAmount::TooLarge),
        ];
        for (code, text, reason) in table {
            assert_eq!(Amount::parse(text, currency(code)), Err(reason), "{text} {code}");
        }
    }

    #[test]
    fn amounts_are_read_by_the_exponent_of_their_currency() {
        for (code, text, minor, printed) in [
            ("KRW", "12000", 12_000, "12000"),
            ("USD", "123.5", 12_350, "123.50"),
            ("USD", "123", 12_300, "123.00"),
            ("USD", "0.05", 5, "0.05"),
            ("KWD", "1.234", 1_234, "1.234"),
            ("CLF", "9999999999999.9999", 99_999_999_999_999_999, "9999999999999.9999"),
        ] {
            let amount = Amount::parse(text, currency(code)).unwrap();
            assert_eq!(amount.minor(), minor);
            assert_eq!(amount.to_decimal(), printed);
        }
    }

    #[test]
    fn zero_is_an_amount_but_not_a_payment() {
        assert_eq!(Amount::parse("0", Currency::KRW).unwrap().positive(), Err(InvalidAmount::Zero));
        assert!(Amount::parse("1", Currency::KRW).unwrap().positive().is_ok());
    }

    #[test]
    fn people_read_thousands() {
        let shown = |code, minor| Amount::from_minor(minor, currency(code)).unwrap();
        assert_eq!(shown("KRW", 12_000).to_string(), "12,000 KRW");
        assert_eq!(shown("KRW", 12_000).to_korean(), "12,000원");
        assert_eq!(shown("KRW", 999).to_korean(), "999원");
        assert_eq!(shown("KRW", 1_234_567).to_string(), "1,234,567 KRW");
        assert_eq!(shown("USD", 123_456).to_korean(), "1,234.56 USD");
        assert_eq!(shown("USD", 7).to_string(), "0.07 USD");
    }

    #[test]
    fn json_holds_text_and_nothing_else() {
        let amount = Amount::parse("123.50", Currency::EUR).unwrap();
        let json = r#"{"currency":"EUR","amount":"123.50"}"#;
        assert_eq!(serde_json::to_string(&amount).unwrap(), json);
        assert_eq!(serde_json::from_str::<Amount>(json).unwrap(), amount);
        for refused in [
            r#"{"currency":"EUR","amount":123.5}"#,
            r#"{"currency":"EUR"}"#,
            r#"{"currency":"EUR","amount":"1","unit":"minor"}"#,
            r#"{"currency":"XXX","amount":"1"}"#,
            r#""123.50""#,
        ] {
            assert!(serde_json::from_str::<Amount>(refused).is_err(), "{refused}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_is_read_back(minor in 0i64..=9_999_999_999_999, code in "KRW|USD|KWD|CLF|JPY|EUR") {
            let amount = Amount::from_minor(minor, currency(&code)).unwrap();
            proptest::prop_assert_eq!(Amount::parse(&amount.to_decimal(), amount.currency()), Ok(amount));
            let json = serde_json::to_vec(&amount).unwrap();
            proptest::prop_assert_eq!(serde_json::from_slice::<Amount>(&json).unwrap(), amount);
        }
    }
}
