use core::{fmt, str::FromStr};

use ingam_wire::UnixTime;

/// A calendar day `YYYY-MM-DD` of the years 1970 to 9999 (RFC 3339 section 5.6 `full-date`), without a time zone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// The text is no day of the calendar.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a date")]
pub struct InvalidDate;

const DAY: i64 = 86_400;

impl Date {
    /// The day of the Gregorian calendar.
    ///
    /// # Errors
    /// [`InvalidDate`] when there is no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Result<Self, InvalidDate> {
        if year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) {
            Err(InvalidDate)
        } else {
            Ok(Self { year, month, day })
        }
    }

    /// The day of `time` at a place `offset_seconds` east of Greenwich (Korea: 32,400).
    ///
    /// # Errors
    /// [`InvalidDate`] outside the years 1970 to 9999.
    pub fn at(time: UnixTime, offset_seconds: i64) -> Result<Self, InvalidDate> {
        let mut days = time.secs().checked_add(offset_seconds).ok_or(InvalidDate)?.div_euclid(DAY);
        if !(0..=2_932_896).contains(&days) {
            return Err(InvalidDate);
        }
        let mut year: u16 = 1970;
        while days >= days_of(year) {
            days -= days_of(year);
            year = year.saturating_add(1);
        }
        let mut month: u8 = 1;
        while days >= i64::from(days_in(year, month)) {
            days -= i64::from(days_in(year, month));
            month = month.saturating_add(1);
        }
        Self::new(year, month, u8::try_from(days + 1).map_err(|_| InvalidDate)?)
    }

    /// When the day begins at a place `offset_seconds` east of Greenwich.
    #[must_use]
    pub fn begins(&self, offset_seconds: i64) -> UnixTime {
        let years: i64 = (1970..self.year).map(days_of).sum();
        let months: i64 = (1..self.month).map(|month| i64::from(days_in(self.year, month))).sum();
        UnixTime::from_secs((years + months + i64::from(self.day) - 1) * DAY - offset_seconds)
    }

    /// The first second after the day at a place `offset_seconds` east of Greenwich.
    #[must_use]
    pub fn ends(&self, offset_seconds: i64) -> UnixTime {
        UnixTime::from_secs(self.begins(offset_seconds).secs() + DAY)
    }
}

const fn leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of(year: u16) -> i64 {
    if leap(year) { 366 } else { 365 }
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let number = |range: core::ops::Range<usize>| {
            let part = text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse::<u16>().ok()
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(InvalidDate);
        }
        let small = |range| number(range).and_then(|n| u8::try_from(n).ok());
        let (Some(year), Some(month), Some(day)) = (number(0..4), small(5..7), small(8..10)) else {
            return Err(InvalidDate);
        };
        Self::new(year, month, day)
    }
}

impl TryFrom<String> for Date {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for refused in [
            "2025-02-29",
            "2100-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-01-00",
            "2024-04-31",
            "2024-1-1",
            "20240101",
            "+024-01-01",
            "2024-01-01T",
            "1969-12-31",
            "２024-01-1",
            "",
        ] {
            assert_eq!(refused.parse::<Date>(), Err(InvalidDate), "{refused}");
        }
        assert!("2024-02-29".parse::<Date>().is_ok() && "2000-02-29".parse::<Date>().is_ok());
    }

    #[test]
    fn days_and_times_agree() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-03-01", 951_868_800),
            ("2026-11-25", 1_795_564_800),
            ("9999-12-31", 253_402_214_400),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.begins(0).secs(), seconds, "{text}");
            assert_eq!(Date::at(UnixTime::from_secs(seconds), 0), Ok(date));
            assert_eq!(Date::at(UnixTime::from_secs(seconds + 86_399), 0), Ok(date));
            assert_eq!(date.begins(32_400).secs(), seconds - 32_400);
        }
        assert_eq!(Date::at(UnixTime::from_secs(i64::MAX), 1), Err(InvalidDate));
        assert_eq!(Date::at(UnixTime::from_secs(-1), 0), Err(InvalidDate));
    }

    proptest::proptest! {
        #[test]
        fn a_printed_date_is_read_back(seconds in 0i64..253_402_300_800) {
            let date = Date::at(UnixTime::from_secs(seconds), 0).unwrap();
            proptest::prop_assert_eq!(date.to_string().parse::<Date>(), Ok(date));
            proptest::prop_assert!(date.begins(0).secs() <= seconds && seconds < date.ends(0).secs());
        }
    }
}
