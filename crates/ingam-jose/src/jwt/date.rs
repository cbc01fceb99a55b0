use core::fmt;

use ingam_wire::UnixTime;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};

use crate::limits;

/// A `NumericDate` (RFC 7519 section 2): seconds since the epoch, a fraction is cut off.
///
/// Strings, negative numbers, `null`, and anything after the year 9999 are refused, never taken for absent.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct NumericDate(UnixTime);

impl NumericDate {
    /// The date as time.
    #[must_use]
    pub const fn time(self) -> UnixTime {
        self.0
    }
}

impl From<UnixTime> for NumericDate {
    fn from(time: UnixTime) -> Self {
        Self(time)
    }
}

impl From<NumericDate> for UnixTime {
    fn from(date: NumericDate) -> Self {
        date.0
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    type Value = NumericDate;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seconds since the epoch, before the year 10000")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<NumericDate, E> {
        let seconds = i64::try_from(seconds).map_err(|_| E::custom("beyond the year 9999"))?;
        self.visit_i64(seconds)
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<NumericDate, E> {
        match (0..=limits::LAST_SECOND).contains(&seconds) {
            true => Ok(NumericDate(UnixTime::from_secs(seconds))),
            false => Err(E::custom("out of range")),
        }
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<NumericDate, E> {
        // The limit is below 2^53, so the bound is exact and the cast only cuts off the fraction.
        if !(0.0..253_402_300_800.0).contains(&seconds) {
            return Err(E::custom("out of range"));
        }
        #[expect(clippy::as_conversions, reason = "a float has no other way into an integer; the range was checked")]
        let whole = seconds as i64;
        self.visit_i64(whole)
    }
}

/// For an optional claim that must not be `null`: `#[serde(default, deserialize_with = "ingam_jose::jwt::present")]`.
///
/// serde reads `null` into an `Option` as absent, and an attacker's `"exp":null` is not an absent `exp`.
///
/// # Errors
/// Those of `T`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
