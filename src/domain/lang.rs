//! Languages of the reader, and how each writes numbers and days (es-MX, en-US).

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A language of packs and statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Spanish of Mexico.
    #[default]
    Es,
    /// English of the United States.
    En,
}

const MONTHS_ES: [&str; 12] = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];
const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Lang {
    /// The code: `es`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Es => "es",
            Lang::En => "en",
        }
    }
    /// From the code.
    pub fn parse(code: &str) -> Option<Lang> {
        match code {
            "es" => Some(Lang::Es),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
    /// A day for tables: `31 oct 2026`, `Oct 31, 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        match self {
            Lang::Es => format!("{} {} {}", day.day(), MONTHS_ES[day.month0() as usize], day.year()),
            Lang::En => format!("{} {}, {}", MONTHS_EN[day.month0() as usize], day.day(), day.year()),
        }
    }
    /// A day for axes, without its year: `26 oct`, `Oct 26`.
    pub fn short_day(self, day: NaiveDate) -> String {
        match self {
            Lang::Es => format!("{} {}", day.day(), MONTHS_ES[day.month0() as usize]),
            Lang::En => format!("{} {}", MONTHS_EN[day.month0() as usize], day.day()),
        }
    }
    /// A month for axes: `oct 26`, `Oct 26`.
    pub fn month(self, day: NaiveDate) -> String {
        let names = match self {
            Lang::Es => MONTHS_ES,
            Lang::En => MONTHS_EN,
        };
        format!("{} {:02}", names[day.month0() as usize], day.year().rem_euclid(100))
    }
    /// A number with thousands marks and `decimals` places, rounded half away from zero; minus is U+2212.
    pub fn number(self, value: Decimal, decimals: u32) -> String {
        let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        let text = format!("{:.*}", decimals as usize, rounded.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::with_capacity(text.len() + 8);
        if rounded.is_sign_negative() && !rounded.is_zero() {
            out.push('\u{2212}');
        }
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days() {
        assert_eq!(Lang::Es.number(Decimal::new(-123_456_785, 3), 2), "\u{2212}123,456.79");
        assert_eq!(Lang::En.number(Decimal::new(0, 0), 2), "0.00");
        assert_eq!(Lang::En.number(Decimal::new(-4, 3), 2), "0.00");
        assert_eq!(Lang::Es.number(Decimal::new(999_999, 1), 0), "100,000");
        let day = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();
        assert_eq!(Lang::Es.day(day), "31 oct 2026");
        assert_eq!(Lang::En.month(day), "Oct 26");
    }
}
