//! What a cell of a sheet says: numbers as the shortest text that means them, days by their calendar; what has no exact text is refused.

use super::super::record::Mark;
use chrono::{Days, NaiveDate};

/// How the value of a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Day,
}

/// Digits that a workbook keeps of a number.
const DIGITS: usize = 15;

const TOO_LONG: &str = "the number has more than the 15 digits that a workbook keeps; enter it as text at the source";
const NO_NUMBER: &str = "the cell should hold a number and does not";
const NO_DAY: &str = "the number shown as a day is no day of the workbook's calendar";

/// A formula without a value.
pub(super) const NEVER_CALCULATED: &str = "the formula was never calculated; open the workbook in a spreadsheet program, and save it";
/// A cell that shows an error.
pub(super) const SHOWS_ERROR: &str = "the cell shows an error instead of a value";

impl Kind {
    pub fn parse(word: &str) -> Kind {
        match word {
            "s" => Kind::Shared,
            "str" | "inlineStr" => Kind::Text,
            "b" => Kind::Boolean,
            "e" => Kind::Error,
            "d" => Kind::Day,
            _ => Kind::Number,
        }
    }
}

/// Writes a stored number as its text.
pub(super) fn number(stored: &str, to: &mut String) -> Mark {
    let digits = stored.bytes().filter(u8::is_ascii_digit).count();
    let simple = stored.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let Ok(value) = stored.parse::<f64>() else { return refused(stored, NO_NUMBER, to) };
    if !value.is_finite() {
        return refused(stored, NO_NUMBER, to);
    }
    if simple && digits <= DIGITS {
        to.push_str(stored);
        return Mark::Number;
    }
    let shortest = value.to_string();
    let significant = |text: &str| text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    if significant(&shortest) <= DIGITS {
        to.push_str(&shortest);
        return Mark::Number;
    }
    // Sums of cents come out a trillionth beside their value: what a workbook itself shows is meant, where that is clear.
    let shown = format!("{value:.*e}", DIGITS - 1).parse::<f64>().map(|v| v.to_string()).unwrap_or_default();
    if significant(&shown) >= DIGITS {
        return refused(stored, TOO_LONG, to);
    }
    to.push_str(&shown);
    Mark::Number
}

fn refused(stored: &str, why: &'static str, to: &mut String) -> Mark {
    to.push_str(stored);
    Mark::Broken(why)
}

/// Writes a stored number that is shown as a day.
pub(super) fn day(stored: &str, from_1904: bool, to: &mut String) -> Mark {
    let Some(value) = stored.parse::<f64>().ok().filter(|v| (0.0..2_958_466.0).contains(v)) else { return refused(stored, NO_DAY, to) };
    let mut whole = value as u64;
    let mut seconds = ((value - value.floor()) * 86_400.0).round() as u64;
    if seconds == 86_400 {
        (whole, seconds) = (whole + 1, 0);
    }
    // The calendar from 1900 has a 29 February 1900 as its day 60, and a day 0.
    let start = match (from_1904, whole) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 0 | 60) => None,
        (false, 1..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    let Some(day) = start.and_then(|s| s.checked_add_days(Days::new(whole))) else { return refused(stored, NO_DAY, to) };
    to.push_str(&day.to_string());
    if seconds > 0 {
        to.push_str(&format!("T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    Mark::Day
}

/// Writes a day stored as text.
pub(super) fn written_day(stored: &str, to: &mut String) -> Mark {
    let midnight = stored.split_once('T').filter(|(_, time)| time.bytes().all(|b| matches!(b, b'0' | b':' | b'.' | b'Z')));
    to.push_str(midnight.map_or(stored, |(day, _)| day));
    Mark::Day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_the_workbook_shows() {
        for (stored, want) in [
            ("1234.56", Some("1234.56")),
            ("1234.5599999999999", Some("1234.56")),
            ("0.30000000000000004", Some("0.3")),
            ("-0.10000000000000001", Some("-0.1")),
            ("1E-3", Some("0.001")),
            ("1.5E+3", Some("1500")),
            ("100001", Some("100001")),
            ("999999999999999", Some("999999999999999")),
            ("9999999999999.99", Some("9999999999999.99")),
            ("1234567890123456", None),
            ("1234567890123450", None),
            ("12345678901234567890", None),
            ("1.2345678901234567E+19", None),
            ("33.333333333333336", None),
            ("99999999999999.98", None),
            ("NaN", None),
            ("inf", None),
            ("1E400", None),
            ("x", None),
        ] {
            let mut text = String::new();
            let mark = number(stored, &mut text);
            match want {
                Some(want) => assert_eq!((text.as_str(), mark), (want, Mark::Number), "{stored}"),
                None => assert!(matches!(mark, Mark::Broken(_)) && text == stored, "{stored}: {text} {mark:?}"),
            }
        }
    }

    #[test]
    fn any_amount_of_fifteen_digits_comes_back() {
        arbtest::arbtest(|u| {
            let cents = u.int_in_range(0..=999_999_999_999_999u64)?;
            let cents = if u.arbitrary()? { cents } else { cents % 1_000_000 };
            let want = format!("{}.{:02}", cents / 100, cents % 100);
            let stored = format!("{:.16e}", want.parse::<f64>().expect("a number"));
            let mut text = String::new();
            assert_eq!(number(&stored, &mut text), Mark::Number, "{want}");
            assert_eq!(text, want.trim_end_matches('0').trim_end_matches('.'), "{stored}");
            Ok(())
        });
    }

    #[test]
    fn days_of_both_calendars() {
        for (stored, from_1904, want) in [
            ("1", false, Some("1900-01-01")),
            ("59", false, Some("1900-02-28")),
            ("60", false, None),
            ("61", false, Some("1900-03-01")),
            ("46027", false, Some("2026-01-05")),
            ("46027.5", false, Some("2026-01-05T12:00:00")),
            ("46026.999999999", false, Some("2026-01-05")),
            ("44565", true, Some("2026-01-05")),
            ("0", true, Some("1904-01-01")),
            ("0", false, None),
            ("-1", false, None),
            ("0.5", false, None),
            ("99999999", false, None),
        ] {
            let mut text = String::new();
            let mark = day(stored, from_1904, &mut text);
            match want {
                Some(want) => assert_eq!((text.as_str(), mark), (want, Mark::Day), "{stored}"),
                None => assert!(matches!(mark, Mark::Broken(_)), "{stored}: {text}"),
            }
        }
    }
}
