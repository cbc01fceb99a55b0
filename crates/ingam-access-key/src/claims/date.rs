//! `NumericDate` (RFC 7519 section 2): a JSON number, whole or fractional, never text, never negative.

use core::fmt;

use ingam_wire::UnixTime;
use serde::{Deserializer, de};

/// The last second of the year 9999; a date beyond it is an attempt to overflow, not a date.
const LATEST: i64 = 253_402_300_799;

struct NumericDate;

impl de::Visitor<'_> for NumericDate {
    type Value = UnixTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds since 1970")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<UnixTime, E> {
        i64::try_from(value).map_err(|_| E::custom("date out of range")).and_then(|value| self.visit_i64(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<UnixTime, E> {
        if (0..=LATEST).contains(&value) { Ok(UnixTime::from_secs(value)) } else { Err(E::custom("date out of range")) }
    }

    /// fapi: JW-9
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<UnixTime, E> {
        if !(0.0..=253_402_300_799.0).contains(&value) {
            return Err(E::custom("date out of range"));
        }
        let whole = format!("{:.0}", value.trunc());
        whole.parse().map_err(|_| E::custom("date out of range")).and_then(|value| self.visit_i64(value))
    }
}

/// Reads a date that must be there.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    deserializer.deserialize_any(NumericDate)
}

/// Reads a date that may be left out; `null` is malformed, never "left out".
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixTime>, D::Error> {
    required(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Both {
        #[serde(deserialize_with = "required")]
        exp: UnixTime,
        #[serde(default, deserialize_with = "optional")]
        iat: Option<UnixTime>,
    }

    /// fapi: JW-9
    #[test]
    fn a_fractional_date_is_read_and_a_missing_one_is_missing() {
        let both: Both = serde_json::from_str(r#"{"exp":1300819380.9}"#).unwrap();
        assert_eq!(both.exp, UnixTime::from_secs(1_300_819_380));
        assert_eq!(both.iat, None);
    }

    #[test]
    fn sr_11_a_date_of_another_type_is_malformed_never_absent() {
        for iat in [r#""1""#, "null", "[1]", "-1", "1e300", "-0.5", "true", "{}"] {
            let text = format!(r#"{{"exp":1,"iat":{iat}}}"#);
            assert!(serde_json::from_str::<Both>(&text).is_err(), "{iat}");
        }
    }

    #[test]
    fn sr_12_a_date_at_the_end_of_its_type_is_malformed() {
        for exp in ["18446744073709551615", "-9223372036854775808", "9223372036854775807", "253402300800"] {
            assert!(serde_json::from_str::<Both>(&format!(r#"{{"exp":{exp}}}"#)).is_err(), "{exp}");
        }
    }
}
