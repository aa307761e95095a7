//! How a cell reads: decimals by column kind, numbers and days in the reader's language, text without control characters.
//!
//! Separate because every readable format must show the same figure for the same cell. Machine formats do not use it.

use crate::domain::lang::Lang;
use crate::report::pack::{Cell, ColumnKind};
use rust_decimal::Decimal;

/// Places of a rate before its digits decide.
const RATE_PLACES: u32 = 4;
/// Amounts of this many units and more lose their cents in a strip of figures.
const LARGE: i64 = 100_000;

/// Whether a column is set right, in figures.
pub fn is_figure(kind: ColumnKind) -> bool {
    !matches!(kind, ColumnKind::Text | ColumnKind::Date | ColumnKind::Trend)
}

/// Places after the point of a number in a column of a kind.
pub fn places(kind: ColumnKind, value: Decimal) -> u32 {
    match kind {
        ColumnKind::Money => 2,
        ColumnKind::Percent | ColumnKind::Days => 1,
        ColumnKind::Rate => value.normalize().scale().clamp(RATE_PLACES, 6),
        ColumnKind::Count => 0,
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Trend => value.scale().min(2),
    }
}

/// A cell of a column as a reader sees it.
pub fn text(cell: &Cell, kind: ColumnKind, lang: Lang) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Undefined(text) => clean(text),
        Cell::Date(day) => lang.day(*day),
        Cell::Trend(values) => trend(values, lang),
        Cell::Number(value) => {
            let number = lang.number(*value, places(kind, *value));
            if kind == ColumnKind::Percent { format!("{number}%") } else { number }
        }
    }
}

/// A small line in words: from its first value to its last.
fn trend(values: &[Option<Decimal>], lang: Lang) -> String {
    let known = || values.iter().flatten();
    let places = known().map(|v| v.scale()).max().unwrap_or(0).min(2);
    match (known().next(), known().next_back()) {
        (Some(first), Some(last)) => format!("{} → {}", lang.number(*first, places), lang.number(*last, places)),
        _ => String::new(),
    }
}

/// Places after the point of a figure in a strip: its own, at most two, none for large amounts of money.
pub fn strip_places(value: Decimal, unit: &str) -> u32 {
    let money = unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase());
    match unit {
        _ if money && value.abs() >= Decimal::from(LARGE) => 0,
        _ if money => 2,
        "%" => 1,
        _ => value.scale().min(2),
    }
}

/// A figure of a strip as a reader sees it, without its unit.
pub fn strip_text(cell: &Cell, unit: &str, lang: Lang) -> String {
    match cell {
        Cell::Number(value) => lang.number(*value, strip_places(*value, unit)),
        other => text(other, ColumnKind::Text, lang),
    }
}

/// Text without control characters (a tab or line break becomes a space) and without the signs that turn the reading direction,
/// which let a name show as another one.
pub fn clean(text: &str) -> String {
    let unwanted =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    if !text.contains(unwanted) {
        return text.to_string();
    }
    let spaced = |c: char| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c };
    text.chars().map(spaced).filter(|c| !unwanted(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_reads_by_its_kind() {
        let number = |n, s| Cell::Number(Decimal::new(n, s));
        assert_eq!(text(&number(-123_456_785, 3), ColumnKind::Money, Lang::Es), "\u{2212}123,456.79");
        assert_eq!(text(&number(1234, 2), ColumnKind::Percent, Lang::En), "12.3%");
        assert_eq!(text(&number(184_125, 4), ColumnKind::Rate, Lang::En), "18.4125");
        assert_eq!(text(&number(20, 0), ColumnKind::Rate, Lang::En), "20.0000");
        let line = Cell::Trend(vec![None, Some(Decimal::new(1250, 2)), Some(Decimal::TEN), None]);
        assert_eq!(text(&line, ColumnKind::Trend, Lang::Es), "12.50 → 10.00");
        assert_eq!(text(&Cell::Text("a\u{0}b\nc\u{202E}".into()), ColumnKind::Text, Lang::En), "ab c");
    }

    #[test]
    fn a_strip_shows_what_fits() {
        let number = |n, s| Cell::Number(Decimal::new(n, s));
        assert_eq!(strip_text(&number(12_845_678_912, 2), "MXN", Lang::Es), "128,456,789");
        assert_eq!(strip_text(&number(5, 1), "MXN", Lang::Es), "0.50");
        assert_eq!(strip_text(&number(452, 1), "días", Lang::Es), "45.2");
        assert_eq!(strip_text(&number(8, 0), "%", Lang::Es), "8.0");
    }
}
