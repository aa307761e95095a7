//! Days and months: calendar dates only, no time of day anywhere in a calculation.

use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};

/// Parses `YYYY-MM-DD` exactly; `None` for anything else, including days that do not exist.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        bytes[range].iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
    };
    let year = i32::try_from(digits(0..4)?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(5..7)?, digits(8..10)?)
}

/// A day typed by a user: `YYYY-MM-DD`, or `YYYY-MM` for the last day of that month.
pub fn day_or_month_end(text: &str) -> Result<NaiveDate> {
    if let Some(day) = parse_day(text) {
        return Ok(day);
    }
    if text.len() == 7
        && let Some(first) = parse_day(&format!("{text}-01"))
    {
        return Ok(month_end(first));
    }
    Err(Error::usage(format!("`{text}` is not a day")).hint("write it as YYYY-MM-DD, or YYYY-MM for a month's last day"))
}

/// First day of the month of `day`.
pub fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// Last day of the month of `day`.
pub fn month_end(day: NaiveDate) -> NaiveDate {
    let (year, month) = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1).and_then(|d| d.pred_opt()).expect("a month has a last day")
}

/// The first day of the month `months` before (negative: after) the month of `day`.
pub fn months_before(day: NaiveDate, months: i32) -> NaiveDate {
    let index = day.year() * 12 + i32::try_from(day.month0()).expect("month fits") - months;
    let month = u32::try_from(index.rem_euclid(12)).expect("month fits") + 1;
    NaiveDate::from_ymd_opt(index.div_euclid(12), month, 1).expect("a first day exists")
}

/// Days since 1970-01-01, the store's form of a day.
#[inline]
pub fn epoch_day(day: NaiveDate) -> i32 {
    day.to_epoch_days()
}

/// The day behind the store's form.
pub fn from_epoch_day(days: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(days).expect("stored days are valid")
}

/// Serde form of a day: ISO text for readers (`pack.json`), days since 1970-01-01 in compact staging files.
pub mod serde_day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the day.
    pub fn serialize<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(day) } else { super::epoch_day(*day).serialize(serializer) }
    }

    /// Reads the day.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            super::parse_day(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a day")))
        } else {
            NaiveDate::from_epoch_days(i32::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("day out of range"))
        }
    }
}

/// Serde form of an optional day; see [`serde_day`].
pub mod serde_day_opt {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Day(#[serde(with = "super::serde_day")] NaiveDate);

    /// Writes the day, or nothing.
    pub fn serialize<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        day.map(Day).serialize(serializer)
    }

    /// Reads the day, or nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
        Ok(Option::<Day>::deserialize(deserializer)?.map(|d| d.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_ends_do_not_drift() {
        let day = parse_day("2024-02-10").unwrap();
        assert_eq!(month_end(day).to_string(), "2024-02-29");
        assert_eq!(months_before(day, 2).to_string(), "2023-12-01");
        assert_eq!(months_before(day, -11).to_string(), "2025-01-01");
        assert_eq!(from_epoch_day(epoch_day(day)), day);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for bad in ["2024-02-30", "2024-13-01", "24-01-01", "2024/01/01", "2024-1-01", "+024-01-01"] {
            assert!(parse_day(bad).is_none(), "{bad}");
        }
        assert_eq!(day_or_month_end("2023-02").unwrap().to_string(), "2023-02-28");
    }
}
