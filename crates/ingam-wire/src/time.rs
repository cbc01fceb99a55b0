use core::fmt;

use serde::{Deserialize, Serialize};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2, `NumericDate`).
///
/// Below layer 6 no clock is read: whoever calls hands in `now`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The time `seconds` after the epoch.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0
    }

    /// This time, `span` later; stops at the end of the representable range.
    #[must_use]
    pub const fn plus(self, span: Seconds) -> Self {
        Self(self.0.saturating_add_unsigned(span.get()))
    }

    /// This time, `span` earlier; stops at the start of the representable range.
    #[must_use]
    pub const fn minus(self, span: Seconds) -> Self {
        Self(self.0.saturating_sub_unsigned(span.get()))
    }

    /// Seconds from `earlier` to this time; negative when `earlier` is later, and stops at the ends of the range.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The date and time of day in UTC; `None` outside the years 0 to 9999, which RFC 3339 cannot write.
    #[must_use]
    pub fn civil(self) -> Option<Civil> {
        // 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z
        if !(-62_167_219_200..=253_402_300_799).contains(&self.0) {
            return None;
        }
        let (days, second_of_day) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        // Days are counted from 0000-03-01, so that the leap day is the last of its year: 146,097 days are 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Some(Civil {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
            hour: u8::try_from(second_of_day / 3_600).ok()?,
            minute: u8::try_from(second_of_day / 60 % 60).ok()?,
            second: u8::try_from(second_of_day % 60).ok()?,
        })
    }

    /// As RFC 3339 in UTC, for people and logs: `2026-07-01T00:00:00Z`; outside the years 0 to 9999 the plain seconds, `@253402300800`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.civil().map_or_else(|| format!("@{}", self.0), |civil| civil.to_string())
    }
}

/// A date and time of day in UTC.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Civil {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59: Unix time has no leap seconds.
    pub second: u8,
}

impl fmt::Display for Civil {
    /// As RFC 3339.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// A span of time in whole seconds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Seconds(u64);

impl Seconds {
    /// A span of `seconds`.
    #[must_use]
    pub const fn new(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The span in seconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Both spans one after the other; stops at the end of the range.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<std::time::SystemTime> for UnixTime {
    /// The same point in time, whole seconds; before 1970 becomes 1970.
    fn from(time: std::time::SystemTime) -> Self {
        let seconds = time.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self(i64::try_from(seconds).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_as_other_tools_print_them() {
        // `date -u -d @N +%FT%TZ`
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_782_864_000, "2026-07-01T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (253_402_300_800, "@253402300800"),
            (-62_167_219_201, "@-62167219201"),
            (i64::MAX, "@9223372036854775807"),
            (i64::MIN, "@-9223372036854775808"),
        ] {
            assert_eq!(UnixTime::from_secs(seconds).to_rfc3339(), text);
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let (first, last) = (UnixTime::from_secs(i64::MIN), UnixTime::from_secs(i64::MAX));
        assert_eq!(last.plus(Seconds::new(u64::MAX)), last);
        assert_eq!(first.minus(Seconds::new(1)), first);
        assert_eq!(last.since(first), i64::MAX);
        assert_eq!(first.since(last), i64::MIN);
        assert_eq!(UnixTime::from_secs(5).since(UnixTime::from_secs(8)), -3);
        assert_eq!(Seconds::new(u64::MAX).plus(Seconds::new(2)), Seconds::new(u64::MAX));
    }

    proptest! {
        #[test]
        fn a_day_later_is_the_next_day_or_the_first(seconds in -62_167_219_200i64..253_402_214_399) {
            let today = UnixTime::from_secs(seconds).civil().unwrap();
            let tomorrow = UnixTime::from_secs(seconds).plus(Seconds::new(86_400)).civil().unwrap();
            prop_assert!(tomorrow > today);
            prop_assert!(tomorrow.day == today.day + 1 || tomorrow.day == 1);
            prop_assert!((1..=12).contains(&today.month) && (1..=31).contains(&today.day));
            prop_assert_eq!((today.hour, today.minute, today.second), (tomorrow.hour, tomorrow.minute, tomorrow.second));
        }
    }
}
