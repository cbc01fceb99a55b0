//! How claims become plain values: dates as [`UnixTime`], `null` never read as "left out" (CVE-2026-25537).

use ingam_jose::jwt::NumericDate;
use ingam_wire::UnixTime;
use serde::{Deserialize as _, Deserializer};

/// Reads a date that must be there.
///
/// fapi: JW-9
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    NumericDate::deserialize(deserializer).map(NumericDate::time)
}

/// Reads a date that may be left out.
pub(crate) fn optional_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixTime>, D::Error> {
    date(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Both {
        #[serde(deserialize_with = "date")]
        exp: UnixTime,
        #[serde(default, deserialize_with = "optional_date")]
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
        for iat in [r#""1""#, "null", "[1]", "-1", "1e300", "true", "{}"] {
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
