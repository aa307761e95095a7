//! Days by one declared format, never guessed: a text that does not fit it wholly is refused.
//!
//! Separate because the date library reads more than it is asked for (signs, blanks, years of any length); the guards are here.

use super::{Refusal, refuse};
use crate::domain::days::{month_start, parse_day};
use chrono::format::{Item, StrftimeItems};
use chrono::{Datelike, NaiveDate};

/// How days are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFormat {
    pattern: String,
    shape: Shape,
}

/// The commonest patterns are read without the general parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Iso,
    Compact,
    /// `%d/%m/%Y` with any mark of one byte.
    DayMonthYear(u8),
    MonthDayYear(u8),
    Other,
}

/// Years a ledger can speak of; outside them a year was misread (two digits under `%Y`, a placeholder such as 9999).
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

impl DayFormat {
    /// `YYYY-MM-DD`.
    pub fn canonical() -> DayFormat {
        DayFormat { pattern: "%Y-%m-%d".to_string(), shape: Shape::Iso }
    }

    /// A format in the date library's language (`%d/%m/%Y`); the reason if it cannot tell every day.
    pub fn new(pattern: &str) -> Result<DayFormat, String> {
        if StrftimeItems::new(pattern).any(|i| matches!(i, Item::Error)) {
            return Err(format!("`{pattern}` is not a date format; write e.g. %d/%m/%Y"));
        }
        let shape = match pattern {
            "%Y-%m-%d" => Shape::Iso,
            "%Y%m%d" => Shape::Compact,
            _ => match pattern.as_bytes() {
                [b'%', b'd', a, b'%', b'm', b, b'%', b'Y'] if a == b && a.is_ascii_punctuation() => Shape::DayMonthYear(*a),
                [b'%', b'm', a, b'%', b'd', b, b'%', b'Y'] if a == b && a.is_ascii_punctuation() => Shape::MonthDayYear(*a),
                _ => Shape::Other,
            },
        };
        let format = DayFormat { pattern: pattern.to_string(), shape };
        // A day that no two fields share: day 23 is no month, 45 is no day.
        let sample = NaiveDate::from_ymd_opt(2045, 11, 23).expect("a day");
        let mut written = String::new();
        use std::fmt::Write;
        let told = write!(written, "{}", sample.and_hms_opt(0, 0, 0).expect("midnight").format(pattern)).is_ok();
        if !told || format.parse(&written).ok() != Some(sample) {
            return Err(format!("the date format `{pattern}` does not tell day, month and year"));
        }
        Ok(format)
    }

    /// The day behind a trimmed text.
    pub fn parse(&self, text: &str) -> Result<NaiveDate, Refusal> {
        let day = match self.shape {
            Shape::Iso => iso(text),
            Shape::Compact => compact(text),
            Shape::DayMonthYear(mark) => full(text, mark, 0).or_else(|| self.general(text)),
            Shape::MonthDayYear(mark) => full(text, mark, 3).or_else(|| self.general(text)),
            Shape::Other => self.general(text),
        };
        match day {
            Some(day) if YEARS.contains(&day.year()) => Ok(day),
            Some(day) => refuse("date_invalid", format!("`{text}` is in the year {}, outside 1900 to 2199", day.year())),
            None => refuse("date_invalid", format!("`{text}` is not a day written as {}", self.pattern)),
        }
    }

    /// The first day of the month behind `YYYY-MM` or any day of it.
    pub fn parse_month(&self, text: &str) -> Result<NaiveDate, Refusal> {
        if text.len() == 7
            && let Some(day) = parse_day(&format!("{text}-01"))
            && YEARS.contains(&day.year())
        {
            return Ok(day);
        }
        self.parse(text).map(month_start).map_err(|mut r| {
            r.reason = format!("`{text}` is not a month written YYYY-MM, nor a day written as {}", self.pattern);
            r
        })
    }

    fn general(&self, text: &str) -> Option<NaiveDate> {
        // The library skips blanks before numbers and takes signed years.
        let blanks = |s: &str| s.chars().filter(|c| c.is_whitespace()).count();
        if blanks(text) > blanks(&self.pattern) || text.contains('+') {
            return None;
        }
        NaiveDate::parse_from_str(text, &self.pattern).ok()
    }
}

/// A day of ten characters, `mark` between its parts; the day of the month stands at `day_at`.
fn full(text: &str, mark: u8, day_at: usize) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[2] != mark || bytes[5] != mark {
        return None;
    }
    NaiveDate::from_ymd_opt((two(bytes, 6)? * 100 + two(bytes, 8)?) as i32, two(bytes, 3 - day_at)?, two(bytes, day_at)?)
}

/// A day written `YYYY-MM-DD`.
fn iso(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    NaiveDate::from_ymd_opt((two(bytes, 0)? * 100 + two(bytes, 2)?) as i32, two(bytes, 5)?, two(bytes, 8)?)
}

/// The number of two digits.
fn two(bytes: &[u8], at: usize) -> Option<u32> {
    let (a, b) = (bytes[at].wrapping_sub(b'0'), bytes[at + 1].wrapping_sub(b'0'));
    if a > 9 || b > 9 {
        return None;
    }
    Some(u32::from(a) * 10 + u32::from(b))
}

fn compact(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 8 {
        return None;
    }
    NaiveDate::from_ymd_opt((two(bytes, 0)? * 100 + two(bytes, 2)?) as i32, two(bytes, 4)?, two(bytes, 6)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_table() {
        for (pattern, text, want) in [
            ("%Y-%m-%d", "2024-02-29", Some("2024-02-29")),
            ("%Y-%m-%d", "2024-2-29", None),
            ("%Y-%m-%d", "9999-12-31", None),
            ("%Y%m%d", "20240229", Some("2024-02-29")),
            ("%Y%m%d", "20240230", None),
            ("%Y%m%d", "00000000", None),
            ("%Y%m%d", "2024022", None),
            ("%m/%d/%Y", "1/2/2013", Some("2013-01-02")),
            ("%m/%d/%Y", "13/2/2013", None),
            ("%m/%d/%Y", "1/2/13", None),
            ("%m/%d/%Y", "1/ 2/2013", None),
            ("%m/%d/%Y", "1/2/+2013", None),
            ("%m/%d/%Y", "1/2/2013 x", None),
            ("%d/%m/%Y", "31/02/2024", None),
            ("%d/%m/%Y", "31/01/2024", Some("2024-01-31")),
            ("%d.%m.%Y", "01.12.2024", Some("2024-12-01")),
            ("%d/%m/%y", "01/12/24", Some("2024-12-01")),
            ("%Y-%m-%d %H:%M:%S", "2024-01-05 00:00:00", Some("2024-01-05")),
        ] {
            let got = DayFormat::new(pattern).unwrap().parse(text).ok().map(|d| d.to_string());
            assert_eq!(got.as_deref(), want, "{text} as {pattern}");
        }
    }

    #[test]
    fn formats_that_do_not_tell_a_day_are_refused() {
        for bad in ["", "%Q", "%Y-%m", "%d/%m", "%H:%M", "dd/mm/yyyy"] {
            assert!(DayFormat::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn months_are_their_first_day() {
        let iso = DayFormat::canonical();
        assert_eq!(iso.parse_month("2024-02").unwrap().to_string(), "2024-02-01");
        assert_eq!(iso.parse_month("2024-02-29").unwrap().to_string(), "2024-02-01");
        assert!(iso.parse_month("2024-13").is_err());
    }
}
