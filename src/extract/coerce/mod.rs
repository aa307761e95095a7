//! Texts of a file become validated values: the only door between what an export says and [`Value`].
//!
//! Separate because every source (CSV, Parquet, constants of a profile) must be judged by the same rules. Which text belongs
//! to which column is the binding's; signs by kind are posting's.

pub mod day;
pub mod number;

use crate::domain::money::{Money, minor_units};
use crate::schema::{ColumnKind, Value};
use day::DayFormat;
use number::{Exact, NumberFault, NumberFormat};
use rust_decimal::Decimal;

/// Why a text was refused: a code of the finding catalogue and the reason in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Code of the finding catalogue.
    pub code: &'static str,
    /// In plain words.
    pub reason: String,
}

/// How days and numbers are written in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Forms {
    /// Days.
    pub days: DayFormat,
    /// Numbers.
    pub numbers: NumberFormat,
}

impl Forms {
    /// As canonical extracts write them.
    pub fn canonical() -> Forms {
        Forms { days: DayFormat::canonical(), numbers: NumberFormat::canonical() }
    }
}

fn refuse<T>(code: &'static str, reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { code, reason: reason.into() })
}

/// The value behind a trimmed, non-empty text.
pub fn value(kind: ColumnKind, text: &str, forms: &Forms) -> Result<Value, Refusal> {
    match kind {
        ColumnKind::Id => identifier(text).map(|t| Value::Text(t.into())),
        ColumnKind::Text => free_text(text).map(|t| Value::Text(t.into())),
        ColumnKind::Currency => currency(text).map(|t| Value::Text(t.into())),
        ColumnKind::Word(words) => word(text, words).map(|t| Value::Text(t.into())),
        ColumnKind::Date => forms.days.parse(text).map(Value::Date),
        ColumnKind::Month => forms.days.parse_month(text).map(Value::Date),
        ColumnKind::Money => money(text, &forms.numbers).map(Value::Money),
        ColumnKind::Rate => rate(text, &forms.numbers).map(Value::Rate),
        ColumnKind::Int => integer(text).map(Value::Int),
    }
}

/// An id as it is without padding: one of digits only loses its leading zeros, any other stays as it is.
pub fn without_zeros(text: &str) -> &str {
    if !text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
        return text;
    }
    let rest = text.trim_start_matches('0');
    if rest.is_empty() { "0" } else { rest }
}

/// An id, kept as written. Invisible characters are refused: two ids that look alike must be alike.
fn identifier(text: &str) -> Result<&str, Refusal> {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if is_plain(text) {
        return Ok(text);
    }
    let bad = text.chars().find(|c| hidden(*c));
    match bad {
        None => Ok(text),
        Some(c) => refuse("text_invalid", format!("the id holds the invisible character U+{:04X}", c as u32)),
    }
}

/// Whether a text holds nothing that could be a control or an invisible character, told by its bytes: in UTF-8 those above U+007F
/// begin with C2, E2 or EF.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] < 0x20 || matches!(bytes[i], 0x7f | 0xc2 | 0xe2 | 0xef) {
            return false;
        }
        i += 1;
    }
    true
}

/// Free text may run over lines; other control characters are refused.
fn free_text(text: &str) -> Result<&str, Refusal> {
    if is_plain(text) {
        return Ok(text);
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    match text.chars().find(|c| control(*c)) {
        None => Ok(text),
        Some(c) => refuse("text_invalid", format!("the text holds the control character U+{:04X}", c as u32)),
    }
}

fn currency(text: &str) -> Result<&str, Refusal> {
    if minor_units(text).is_some() {
        return Ok(text);
    }
    let upper = text.to_ascii_uppercase();
    if minor_units(&upper).is_some() {
        return refuse("currency_unknown", format!("`{text}` is not a currency code; did you mean {upper}?"));
    }
    refuse("currency_unknown", format!("`{text}` is not a currency code this program knows"))
}

fn word<'t>(text: &'t str, words: &[&str]) -> Result<&'t str, Refusal> {
    let mut i = 0;
    while i < words.len() {
        if words[i].len() == text.len() && words[i] == text {
            return Ok(text);
        }
        i += 1;
    }
    refuse("enum_unknown", format!("`{text}` is not one of {}", words.join(", ")))
}

fn exact(text: &str, format: &NumberFormat) -> Result<Exact, Refusal> {
    number::parse(text, format).or_else(|fault| match fault {
        NumberFault::Invalid(reason) => refuse("amount_invalid", reason),
        NumberFault::Range => refuse("amount_range", format!("`{text}` has more digits than this program can hold")),
    })
}

/// An amount, never rounded: at most two decimals are written, whatever their value.
fn money(text: &str, format: &NumberFormat) -> Result<Money, Refusal> {
    let exact = exact(text, format)?;
    if exact.scale > 2 {
        return refuse("amount_decimals", format!("`{text}` has {} decimals; an amount has at most 2 and is never rounded", exact.scale));
    }
    exact
        .units(2)
        .and_then(Money::from_hundredths)
        .map_or_else(|| refuse("amount_range", format!("`{text}` does not fit 16 digits before the point")), Ok)
}

/// Refuses an amount in a currency without cents that has some: checked once the currency of the row is known.
pub fn fits_currency(amount: Money, currency: &str) -> Result<(), Refusal> {
    if amount.hundredths() % 100 == 0 {
        return Ok(());
    }
    match minor_units(currency) {
        Some(0) => refuse("amount_decimals", format!("{amount} has decimals, but {currency} has none; amounts are never rounded")),
        _ => Ok(()),
    }
}

fn rate(text: &str, format: &NumberFormat) -> Result<Decimal, Refusal> {
    let exact = exact(text, format)?.without_trailing_zeros();
    if exact.scale > 8 {
        return refuse("amount_decimals", format!("`{text}` has {} decimals; a rate has at most 8 and is never rounded", exact.scale));
    }
    let units = exact.units(8).filter(|u| u.abs() < 10i128.pow(18));
    let Some(units) = units else {
        return refuse("amount_range", format!("`{text}` does not fit 10 digits before the point"));
    };
    if units <= 0 {
        return refuse("amount_range", format!("`{text}`: a rate is above zero"));
    }
    Ok(Decimal::from_i128_with_scale(units, 8).normalize())
}

fn integer(text: &str) -> Result<i32, Refusal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return refuse("integer_invalid", format!("`{text}` is not a whole number"));
    }
    text.parse().or_else(|_| refuse("integer_invalid", format!("`{text}` is too large")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(kind: ColumnKind, text: &str) -> &'static str {
        value(kind, text, &Forms::canonical()).map_or_else(|r| r.code, |_| "")
    }

    #[test]
    fn each_kind_refuses_with_its_own_code() {
        for (kind, text, want) in [
            (ColumnKind::Id, "00012", ""),
            (ColumnKind::Id, "a\u{7}b", "text_invalid"),
            (ColumnKind::Id, "a\u{200b}b", "text_invalid"),
            (ColumnKind::Id, "a\nb", "text_invalid"),
            (ColumnKind::Text, "a\nb", ""),
            (ColumnKind::Text, "a\0b", "text_invalid"),
            (ColumnKind::Currency, "MXN", ""),
            (ColumnKind::Currency, "mxn", "currency_unknown"),
            (ColumnKind::Currency, "XXX", "currency_unknown"),
            (ColumnKind::Word(&["call"]), "Call", "enum_unknown"),
            (ColumnKind::Date, "2024-02-29", ""),
            (ColumnKind::Date, "2023-02-29", "date_invalid"),
            (ColumnKind::Month, "2024-02", ""),
            (ColumnKind::Money, "100.010", "amount_decimals"),
            (ColumnKind::Money, "9999999999999999.99", ""),
            (ColumnKind::Money, "10000000000000000.00", "amount_range"),
            (ColumnKind::Money, "1e5", "amount_invalid"),
            (ColumnKind::Rate, "17.1234567800", ""),
            (ColumnKind::Rate, "17.123456789", "amount_decimals"),
            (ColumnKind::Rate, "0", "amount_range"),
            (ColumnKind::Rate, "-1", "amount_range"),
            (ColumnKind::Int, "007", ""),
            (ColumnKind::Int, "1.0", "integer_invalid"),
            (ColumnKind::Int, "2147483648", "integer_invalid"),
        ] {
            assert_eq!(code(kind, text), want, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn only_ids_of_digits_lose_their_zeros() {
        for (text, want) in [
            ("0000100001", "100001"),
            ("100001", "100001"),
            ("000", "0"),
            ("0", "0"),
            ("", ""),
            ("00A1", "00A1"),
            ("0-1", "0-1"),
            ("1000", "1000"),
            ("0 1", "0 1"),
            ("٠١", "٠١"),
        ] {
            assert_eq!(without_zeros(text), want, "{text}");
        }
    }

    #[test]
    fn a_currency_without_cents_takes_none() {
        let m = |h| Money::from_hundredths(h).unwrap();
        assert!(fits_currency(m(10_000), "JPY").is_ok());
        assert_eq!(fits_currency(m(10_050), "JPY").unwrap_err().code, "amount_decimals");
        assert!(fits_currency(m(10_050), "MXN").is_ok());
    }

    /// Any amount that money can hold.
    fn any_money(u: &mut arbtest::arbitrary::Unstructured<'_>) -> arbtest::arbitrary::Result<Money> {
        let hundredths = u.int_in_range(-999_999_999_999_999_999i64..=999_999_999_999_999_999)?;
        // Small amounts too: they have their own leading zeros.
        let hundredths = if u.arbitrary()? { hundredths } else { hundredths % 1000 };
        Ok(Money::from_hundredths(i128::from(hundredths)).expect("in range"))
    }

    #[test]
    fn money_printed_reads_back() {
        arbtest::arbtest(|u| {
            let printed = any_money(u)?;
            assert_eq!(money(&printed.to_string(), &NumberFormat::canonical()), Ok(printed));
            Ok(())
        });
    }

    #[test]
    fn money_in_a_local_format_reads_back() {
        arbtest::arbtest(|u| {
            let want = any_money(u)?;
            let value = want.hundredths().unsigned_abs();
            let mut grouped = (value / 100).to_string();
            let mut at = grouped.len();
            while at > 3 {
                at -= 3;
                grouped.insert(at, '.');
            }
            let format = NumberFormat { decimal: ',', thousands: Some('.'), negative: number::Negative::Trailing, marks: None };
            let sign = if want.is_negative() { "-" } else { "" };
            assert_eq!(money(&format!("{grouped},{:02}{sign}", value % 100), &format), Ok(want));
            Ok(())
        });
    }

    #[test]
    fn no_text_makes_a_reader_panic() {
        let patterns = ["%d/%m/%Y", "%Y%m%d", "%d-%b-%y"].map(|p| DayFormat::new(p).expect("a format"));
        arbtest::arbtest(|u| {
            let text: &str = u.arbitrary()?;
            for kind in [ColumnKind::Id, ColumnKind::Text, ColumnKind::Money, ColumnKind::Rate, ColumnKind::Month, ColumnKind::Int] {
                let _ = value(kind, text, &Forms::canonical());
            }
            for pattern in &patterns {
                let _ = pattern.parse(text);
            }
            Ok(())
        });
    }
}
