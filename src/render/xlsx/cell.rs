//! How one cell is written: number formats by column kind, the looks of heads, details and totals, numbers at the door to floats.
//!
//! Separate because it is the one place where a decimal becomes the float that a spreadsheet stores.

use crate::domain::lang::Lang;
use crate::render::cells::{self, clean};
use crate::render::theme;
use crate::report::pack::{Cell, ColumnKind, RowKind};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder, FormatUnderline, Worksheet, XlsxError};

/// Longest text of a cell, with room for the sign that says it was cut.
const TEXT_CHARS: usize = 32_000;
/// Longest alternative text of a drawing.
const ALTERNATIVE_CHARS: usize = 255;

/// A theme colour.
pub fn color(hex: &str) -> Color {
    Color::from(hex)
}

/// The sheet's or the cover's title.
pub fn title() -> Format {
    Format::new().set_font_size(16).set_bold().set_font_color(color(theme::INK)).set_align(FormatAlign::VerticalCenter)
}

/// A section's message.
pub fn message() -> Format {
    Format::new().set_font_size(12).set_font_color(color(theme::INK)).set_text_wrap().set_align(FormatAlign::Top)
}

/// Title of a block.
pub fn heading() -> Format {
    Format::new().set_font_size(12).set_bold().set_font_color(color(theme::ACCENT))
}

/// A link to another sheet.
pub fn link() -> Format {
    Format::new().set_font_color(color(theme::ACCENT)).set_underline(FormatUnderline::Single)
}

/// A paragraph or a remark.
pub fn prose() -> Format {
    Format::new().set_text_wrap().set_align(FormatAlign::Top).set_font_color(color(theme::INK))
}

/// Quiet text.
pub fn quiet() -> Format {
    Format::new().set_font_color(color(theme::MUTED)).set_align(FormatAlign::Top)
}

/// Head of a column.
pub fn head(right: bool) -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_font_color(color(theme::INK))
        .set_background_color(color(theme::WASH))
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(color(theme::INK))
        .set_align(if right { FormatAlign::Right } else { FormatAlign::Left })
        .set_align(FormatAlign::Top)
}

/// Body of a grid: hairline below, text at the top.
pub fn body() -> Format {
    Format::new()
        .set_align(FormatAlign::Top)
        .set_font_color(color(theme::INK))
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(color(theme::RULE))
}

/// A left-aligned cell set apart from figures that end at its left edge.
pub fn apart(format: Format, after_figure: bool) -> Format {
    if after_figure { format.set_indent(1) } else { format }
}

/// A cell of a table's row.
pub fn of_row(kind: ColumnKind, row: RowKind, lang: Lang) -> Format {
    let format = match row {
        RowKind::Detail => body(),
        RowKind::Subtotal => body().set_bold().set_background_color(color(theme::WASH)),
        RowKind::Total => Format::new()
            .set_align(FormatAlign::Top)
            .set_font_color(color(theme::INK))
            .set_bold()
            .set_border_top(FormatBorder::Thin)
            .set_border_top_color(color(theme::INK)),
    };
    match kind {
        ColumnKind::Text | ColumnKind::Trend => format.set_align(FormatAlign::Left),
        ColumnKind::Date => format.set_align(FormatAlign::Left).set_num_format(day_format(lang)),
        _ => format.set_align(FormatAlign::Right).set_num_format(number_format(kind)),
    }
}

/// The number format of a column kind.
pub fn number_format(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Money => "#,##0.00;[Red]-#,##0.00",
        ColumnKind::Count => "#,##0",
        ColumnKind::Percent => "#,##0.0\"%\"",
        ColumnKind::Days => "#,##0.0",
        ColumnKind::Rate => "#,##0.0000##",
        ColumnKind::Text | ColumnKind::Date | ColumnKind::Trend => "General",
    }
}

/// The number format of so many places.
pub fn places_format(places: u32) -> String {
    match places {
        0 => "#,##0".to_string(),
        n => format!("#,##0.{}", "0".repeat(n as usize)),
    }
}

/// How days are written: day first in Mexico, month first in the United States.
pub fn day_format(lang: Lang) -> &'static str {
    match lang {
        Lang::Es => "dd/mm/yyyy",
        Lang::En => "mm/dd/yyyy",
    }
}

/// A day as the file stores it.
pub fn day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let year = u16::try_from(day.year()).map_err(|_| XlsxError::DateTimeRangeError(day.to_string()))?;
    ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)
}

/// The float nearest to a decimal. Spreadsheets keep 15 digits: amounts below 10^13 keep their cents.
pub fn float(value: Decimal) -> f64 {
    // Reading the digits rounds once and correctly; arithmetic on the parts would round twice.
    value.to_string().parse().unwrap_or_default()
}

/// Text fit for a cell.
pub fn fit(text: &str) -> String {
    let mut fit: String = clean(text);
    if fit.chars().count() > TEXT_CHARS {
        fit = fit.chars().take(TEXT_CHARS).chain(std::iter::once('…')).collect();
    }
    // The writer takes a text in these tags for its own markup and would write it raw.
    if fit.starts_with("<r>") && fit.ends_with("</r>") {
        fit.push(' ');
    }
    fit
}

/// Alternative text of a drawing: spreadsheets take no longer one, so a longer is cut after a whole word.
pub fn alternative(text: &str) -> String {
    let fit = fit(text);
    if fit.chars().count() <= ALTERNATIVE_CHARS {
        return fit;
    }
    let most: String = fit.chars().take(ALTERNATIVE_CHARS - 1).collect();
    // A word that the cut falls into goes with it; one endless word is cut where it must be.
    let whole = match fit.chars().nth(ALTERNATIVE_CHARS - 1) {
        Some(next) if !next.is_whitespace() => most.rfind(char::is_whitespace).map_or(most.as_str(), |at| &most[..at]),
        _ => most.as_str(),
    };
    format!("{}…", whole.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':')))
}

/// Writes a cell of a table. Texts are always texts: nothing that begins with `=` becomes a formula.
pub fn write(sheet: &mut Worksheet, at: (u32, u16), cell: &Cell, kind: ColumnKind, format: &Format, lang: Lang) -> Result<(), XlsxError> {
    let (row, column) = at;
    match cell {
        // A small line is drawn in its cell, which is empty.
        Cell::Empty | Cell::Trend(_) => sheet.write_blank(row, column, format)?,
        Cell::Text(text) => {
            let wraps = text.chars().count() > super::sheet::WIDEST;
            let format = if wraps { format.clone().set_text_wrap() } else { format.clone() };
            sheet.write_string_with_format(row, column, fit(text), &format)?
        }
        Cell::Number(value) => sheet.write_number_with_format(row, column, float(*value), format)?,
        // Days before 1900 are outside the format's calendar.
        Cell::Date(date) if date.year() < 1900 => sheet.write_string_with_format(row, column, date.to_string(), format)?,
        Cell::Date(date) => sheet.write_datetime_with_format(row, column, day(*date)?, &format.clone().set_num_format(day_format(lang)))?,
        Cell::Undefined(reason) => {
            let quiet = format.clone().set_italic().set_font_color(color(theme::MUTED));
            let quiet = if cells::is_figure(kind) { quiet.set_align(FormatAlign::Right) } else { quiet };
            sheet.write_string_with_format(row, column, fit(reason), &quiet)?
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_survive_below_ten_trillion() {
        // A walk over magnitudes with awkward cents; what a spreadsheet shows must be what the ledger holds.
        for magnitude in 0..13 {
            for cents in [1, 5, 7, 10, 29, 57, 99] {
                let value = Decimal::new(10_i64.pow(magnitude) * 100 - 100 + cents, 2);
                for value in [value, -value] {
                    assert_eq!(format!("{:.2}", float(value)), format!("{value:.2}"));
                }
            }
        }
        let largest = Decimal::new(999_999_999_999_999, 2);
        assert_eq!(format!("{:.2}", float(largest)), "9999999999999.99");
    }

    #[test]
    fn alternative_texts_end_with_a_whole_word() {
        assert_eq!(alternative("De 1.5 a 6.2."), "De 1.5 a 6.2.");
        // As long as may be; one more; the cut in a word, after a word, and in a text without any.
        assert_eq!(alternative(&"ñ".repeat(255)), "ñ".repeat(255));
        let words = "sube; ".repeat(50);
        let cut = alternative(&words);
        assert!(cut.chars().count() <= 255 && cut.ends_with("sube…") && words.starts_with(cut.trim_end_matches('…')), "{cut}");
        let after = format!("{} fin", "x".repeat(254));
        assert_eq!(alternative(&after), format!("{}…", "x".repeat(254)));
        assert_eq!(alternative(&"ñ".repeat(256)), format!("{}…", "ñ".repeat(254)));
    }

    #[test]
    fn text_is_made_fit() {
        assert_eq!(fit("a\u{1}b\u{FFFE}"), "ab");
        assert_eq!(fit("<r>&</r>"), "<r>&</r> ");
        assert_eq!(fit(&"x".repeat(40_000)).chars().count(), TEXT_CHARS + 1);
    }
}
