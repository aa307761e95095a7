//! Days by declared formats, never guessed: a text that fits none wholly, or two with different days, is refused.
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
    /// Further formats, where an export mixes them.
    others: Vec<DayFormat>,
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
        DayFormat { pattern: "%Y-%m-%d".to_string(), shape: Shape::Iso, others: Vec::new() }
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
        let format = DayFormat { pattern: pattern.to_string(), shape, others: Vec::new() };
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

    /// Several formats; the reason if one of them cannot tell every day.
    pub fn several(patterns: &[String]) -> Result<DayFormat, String> {
        let mut formats = patterns.iter().map(|p| DayFormat::new(p)).collect::<Result<Vec<_>, _>>()?;
        if let Some(twice) = patterns.iter().enumerate().find(|(n, p)| patterns[..*n].contains(p)) {
            return Err(format!("the date format `{}` stands twice", twice.1));
        }
        if formats.is_empty() {
            return Err("an empty list of date formats; write e.g. [\"%d/%m/%Y\", \"%Y-%m-%d\"]".to_string());
        }
        let mut first = formats.remove(0);
        first.others = formats;
        Ok(first)
    }

    /// The day behind a trimmed text.
    pub fn parse(&self, text: &str) -> Result<NaiveDate, Refusal> {
        if self.others.is_empty() { self.by_this(text) } else { self.by_all(text) }
    }

    /// The one day that the formats give.
    fn by_all(&self, text: &str) -> Result<NaiveDate, Refusal> {
        let mut found: Option<(&DayFormat, NaiveDate)> = None;
        let mut outside = None;
        for format in std::iter::once(self).chain(&self.others) {
            match (format.by_this(text), found) {
                (Ok(day), Some((other, known))) if day != known => {
                    return refuse("date_invalid", format!("`{text}` is {known} as {} and {day} as {}", other.pattern, format.pattern));
                }
                (Ok(day), None) => found = Some((format, day)),
                (Err(refusal), _) if format.day(text).is_some() => outside = Some(refusal),
                _ => {}
            }
        }
        match (found, outside) {
            (Some((_, day)), _) => Ok(day),
            (None, Some(refusal)) => Err(refusal),
            (None, None) => refuse("date_invalid", format!("`{text}` is not a day written as {}", self.patterns())),
        }
    }

    /// All formats in words.
    fn patterns(&self) -> String {
        std::iter::once(self).chain(&self.others).map(|f| f.pattern.as_str()).collect::<Vec<_>>().join(" or ")
    }

    fn by_this(&self, text: &str) -> Result<NaiveDate, Refusal> {
        match self.day(text) {
            Some(day) if YEARS.contains(&day.year()) => Ok(day),
            Some(day) => refuse("date_invalid", format!("`{text}` is in the year {}, outside 1900 to 2199", day.year())),
            None => refuse("date_invalid", format!("`{text}` is not a day written as {}", self.pattern)),
        }
    }

    fn day(&self, text: &str) -> Option<NaiveDate> {
        match self.shape {
            Shape::Iso => iso(text),
            Shape::Compact => compact(text),
            Shape::DayMonthYear(mark) => full(text, mark, 0).or_else(|| self.general(text)),
            Shape::MonthDayYear(mark) => full(text, mark, 3).or_else(|| self.general(text)),
            Shape::Other => self.general(text),
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
            r.reason = format!("`{text}` is not a month written YYYY-MM, nor a day written as {}", self.patterns());
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
    fn of_several_formats_a_text_fits_one() {
        let several = |patterns: &[&str]| DayFormat::several(&patterns.iter().map(|p| p.to_string()).collect::<Vec<_>>());
        let mixed = several(&["%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%m/%d/%Y"]).unwrap();
        for (text, want) in [
            ("31/01/2024", "2024-01-31"),
            ("01/31/2024", "2024-01-31"),
            ("2024-01-05", "2024-01-05"),
            ("2024-01-05 00:00:00", "2024-01-05"),
            ("07/07/2024", "2024-07-07"),
        ] {
            assert_eq!(mixed.parse(text).map(|d| d.to_string()), Ok(want.to_string()), "{text}");
        }
        let why = |text: &str| mixed.parse(text).unwrap_err().reason;
        assert_eq!(why("05/06/2024"), "`05/06/2024` is 2024-06-05 as %d/%m/%Y and 2024-05-06 as %m/%d/%Y");
        assert!(why("31.01.2024").ends_with("%d/%m/%Y or %Y-%m-%d %H:%M:%S or %Y-%m-%d or %m/%d/%Y"), "{}", why("31.01.2024"));
        assert!(why("9999-12-31").contains("the year 9999"), "{}", why("9999-12-31"));
        assert!(mixed.parse_month("x").unwrap_err().reason.contains(" or %Y-%m-%d "));
        for (bad, word) in [(&[][..], "empty list"), (&["%d/%m"], "does not tell"), (&["%Y%m%d", "%Y%m%d"], "stands twice")] {
            assert!(several(bad).unwrap_err().contains(word), "{bad:?}");
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
