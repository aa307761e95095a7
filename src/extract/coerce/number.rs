//! Exact numbers as exports write them: local decimal mark, thousands, trailing minus, parentheses; never a float, never rounded.
//!
//! Separate because the readers of the query engine's stack cut what does not fit; here what does not fit is refused, and why.

use crate::domain::money::minor_units;
use serde::Deserialize;
use std::sync::Arc;

/// Where a negative number carries its sign. Each accepts the leading minus too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Negative {
    /// `-5`.
    #[default]
    Leading,
    /// `5-`.
    Trailing,
    /// `(5)`.
    Parentheses,
}

/// How numbers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberFormat {
    /// Decimal mark.
    pub decimal: char,
    /// Mark between groups of three digits; `None`: no marks allowed.
    pub thousands: Option<char>,
    /// Place of the sign.
    pub negative: Negative,
    /// What may stand beside the digits; `None`: nothing.
    pub marks: Option<Arc<Marks>>,
}

/// Signs and words that exports write beside the digits of an amount. Only what is declared is taken off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Currency signs and codes, before or after.
    pub currency: Vec<String>,
    /// After a negative amount (`CR`).
    pub credit: Vec<String>,
    /// After a positive amount (`DR`).
    pub debit: Vec<String>,
}

/// A number exactly as written: `mantissa × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    /// All digits, signed.
    pub mantissa: i128,
    /// Digits written after the decimal mark.
    pub scale: u32,
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberFault {
    /// Not written as a number; the reason in plain words.
    Invalid(String),
    /// More digits than fit.
    Range,
}

impl NumberFormat {
    /// As canonical extracts write them: a point, no thousands, leading minus.
    pub const fn canonical() -> NumberFormat {
        NumberFormat { decimal: '.', thousands: None, negative: Negative::Leading, marks: None }
    }
}

impl Exact {
    /// In units of `10^-scale`; `None` if that would round or overflow.
    pub fn units(self, scale: u32) -> Option<i128> {
        match scale.checked_sub(self.scale)? {
            0 => Some(self.mantissa),
            more => self.mantissa.checked_mul(10i128.checked_pow(more)?),
        }
    }
    /// The same number without zeros at its end.
    pub fn without_trailing_zeros(mut self) -> Exact {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

/// Reads a trimmed text.
pub fn parse(text: &str, format: &NumberFormat) -> Result<Exact, NumberFault> {
    let (negative, body) = match &format.marks {
        None => split_sign(text, format.negative),
        Some(marks) => marks.split(text, format.negative),
    };
    if let Some(exact) = plain(body, format, negative) {
        return Ok(exact);
    }
    general(text, body, format, negative)
}

/// Reads a number character by character.
fn general(text: &str, body: &str, format: &NumberFormat, negative: bool) -> Result<Exact, NumberFault> {
    let (whole, fraction) = match body.split_once(format.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return Err(NumberFault::Invalid(format!("`{text}` holds no digits")));
    }
    if fraction.is_some_and(str::is_empty) {
        return Err(NumberFault::Invalid(format!("`{text}` ends with its decimal mark")));
    }
    let mut mantissa = 0;
    let mut groups = Groups::default();
    for c in whole.chars() {
        if is_mark(c, format.thousands) {
            groups.mark().ok_or_else(|| grouping(text))?;
        } else {
            groups.digit();
            mantissa = append(mantissa, c, text)?;
        }
    }
    groups.end().ok_or_else(|| grouping(text))?;
    let fraction = fraction.unwrap_or("");
    for c in fraction.chars() {
        mantissa = append(mantissa, c, text)?;
    }
    let scale = u32::try_from(fraction.len()).map_err(|_| NumberFault::Range)?;
    Ok(Exact { mantissa: if negative { -mantissa } else { mantissa }, scale })
}

/// A number of up to 18 bytes in good order: the commonest, read without looking at characters. `None` leaves it to the general way,
/// which also tells what is wrong.
fn plain(body: &str, format: &NumberFormat, negative: bool) -> Option<Exact> {
    let bytes = body.as_bytes();
    if bytes.len() > 18 {
        return None;
    }
    let group = format.thousands.unwrap_or(format.decimal);
    let (mut mantissa, mut point, mut i) = (0u64, None, 0);
    // Digits since the last mark between thousands, and whether there was one.
    let (mut digits, mut grouped) = (0, false);
    while i < bytes.len() {
        let byte = bytes[i];
        if byte.is_ascii_digit() {
            mantissa = mantissa * 10 + u64::from(byte - b'0');
            digits += 1;
        } else if point.is_some() {
            return None;
        } else if byte as char == format.decimal {
            if grouped && digits != 3 {
                return None;
            }
            point = Some(i);
        } else if byte as char == group && byte < 0x80 && digits != 0 && digits <= 3 && (!grouped || digits == 3) {
            (digits, grouped) = (0, true);
        } else {
            return None;
        }
        i += 1;
    }
    // Without digits, or with a mark at the end, it is no number.
    let scale = match point {
        None if !bytes.is_empty() && (!grouped || digits == 3) => 0,
        Some(at) if at + 1 < bytes.len() => bytes.len() - at - 1,
        _ => return None,
    };
    let mantissa = i128::from(mantissa);
    Some(Exact { mantissa: if negative { -mantissa } else { mantissa }, scale: scale as u32 })
}

fn split_sign(text: &str, style: Negative) -> (bool, &str) {
    if let Some(body) = text.strip_prefix('-') {
        return (true, body);
    }
    let body = match style {
        Negative::Leading => None,
        Negative::Trailing => text.strip_suffix('-'),
        Negative::Parentheses => text.strip_prefix('(').and_then(|t| t.strip_suffix(')')),
    };
    body.map_or((false, text), |b| (true, b))
}

impl Marks {
    /// Why these marks cannot be told from the number itself.
    pub(in crate::extract) fn check(&self, decimal: char, thousands: Option<char>) -> Result<(), String> {
        for mark in self.currency.iter().chain(&self.credit).chain(&self.debit) {
            let mut chars = mark.chars();
            let single = chars.next().filter(|_| chars.next().is_none());
            let of_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '(' | ')' | '+');
            if mark.trim() != mark || mark.is_empty() || mark.chars().any(of_number) {
                return Err(format!(
                    "`{mark}` cannot be a mark beside an amount: it is empty, or holds a digit, a sign or a blank at an end"
                ));
            }
            if single.is_some_and(|c| c == decimal || Some(c) == thousands) {
                return Err(format!("`{mark}` is part of the numbers already"));
            }
        }
        match self.credit.iter().find(|c| self.debit.contains(c)) {
            Some(both) => Err(format!("`{both}` cannot mean credit and debit")),
            None => Ok(()),
        }
    }

    /// Takes off one sign or word of it, and a currency on either side.
    fn split<'t>(&self, text: &'t str, style: Negative) -> (bool, &'t str) {
        let before = |body: &'t str| self.currency.iter().find_map(|m| body.trim_start().strip_prefix(m.as_str())).map(str::trim_start);
        let after = |body: &'t str| self.currency.iter().find_map(|m| body.trim_end().strip_suffix(m.as_str())).map(str::trim_end);
        let word = |body: &'t str, words: &[String]| words.iter().find_map(|m| body.trim_end().strip_suffix(m.as_str())).map(str::trim_end);
        let (mut body, mut sign, mut front, mut back) = (text, None, false, false);
        loop {
            let whole = body;
            if sign.is_none() {
                if let Some(rest) = word(body, &self.credit) {
                    (body, sign) = (rest, Some(true));
                } else if let Some(rest) = word(body, &self.debit) {
                    (body, sign) = (rest, Some(false));
                } else if let (true, rest) = split_sign(body, style) {
                    (body, sign) = (rest, Some(true));
                }
            }
            if let (false, Some(rest)) = (front, before(body)) {
                (body, front) = (rest, true);
            }
            if let (false, Some(rest)) = (back, after(body)) {
                (body, back) = (rest, true);
            }
            if body.len() == whole.len() {
                return (sign.unwrap_or(false), body);
            }
        }
    }

    /// The currency code that a text names beside its amount.
    pub(in crate::extract) fn currency_of(&self, text: &str) -> Option<&str> {
        self.currency.iter().map(String::as_str).find(|m| minor_units(m).is_some() && text.contains(m))
    }
}

/// A space as thousands mark stands for the kinds of space that exports use there.
fn is_mark(c: char, thousands: Option<char>) -> bool {
    match thousands {
        None => false,
        Some(' ') => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        Some(mark) => c == mark,
    }
}

fn append(mantissa: i128, c: char, text: &str) -> Result<i128, NumberFault> {
    let Some(digit) = c.to_digit(10) else {
        return Err(NumberFault::Invalid(format!(
            "`{text}` is not a number in the declared format: `{}` is not a digit",
            c.escape_debug()
        )));
    };
    mantissa.checked_mul(10).and_then(|m| m.checked_add(i128::from(digit))).ok_or(NumberFault::Range)
}

fn grouping(text: &str) -> NumberFault {
    NumberFault::Invalid(format!("`{text}` has thousands marks that do not stand between groups of three digits"))
}

/// Digits between thousands marks: one to three first, then always three.
#[derive(Default)]
struct Groups {
    marks: u32,
    digits: u32,
}

impl Groups {
    fn digit(&mut self) {
        self.digits += 1;
    }
    fn mark(&mut self) -> Option<()> {
        let right = if self.marks == 0 { (1..=3).contains(&self.digits) } else { self.digits == 3 };
        self.marks += 1;
        self.digits = 0;
        right.then_some(())
    }
    fn end(&self) -> Option<()> {
        (self.marks == 0 || self.digits == 3).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_table() {
        let point = NumberFormat::canonical();
        let comma = &NumberFormat { decimal: ',', thousands: Some('.'), negative: Negative::Trailing, marks: None };
        let mexico = &NumberFormat { decimal: '.', thousands: Some(','), negative: Negative::Parentheses, marks: None };
        let spaced = &NumberFormat { decimal: ',', thousands: Some(' '), negative: Negative::Leading, marks: None };
        let swiss = &NumberFormat { decimal: '.', thousands: Some('\''), negative: Negative::Leading, marks: None };
        let words = |list: &[&str]| list.iter().map(|w| w.to_string()).collect::<Vec<_>>();
        let marks = Marks { currency: words(&["$", "MXN", "€"]), credit: words(&["CR"]), debit: words(&["DR"]) };
        let marked = &NumberFormat { marks: Some(Arc::new(marks.clone())), ..mexico.clone() };
        let trailing = &NumberFormat { marks: Some(Arc::new(marks)), ..comma.clone() };
        let point = &point;
        for (text, format, want) in [
            ("0", point, Some((0, 0))),
            ("-0.00", point, Some((0, 2))),
            ("100.010", point, Some((100_010, 3))),
            (".50", point, Some((50, 2))),
            ("-1234.56", point, Some((-123_456, 2))),
            ("5.", point, None),
            (".", point, None),
            ("", point, None),
            ("-", point, None),
            ("--5", point, None),
            ("+5", point, None),
            ("- 5", point, None),
            ("1e5", point, None),
            ("NaN", point, None),
            ("inf", point, None),
            ("0x10", point, None),
            ("1_000", point, None),
            ("1,000.00", point, None),
            ("1.2.3", point, None),
            ("5-", point, None),
            ("(5)", point, None),
            ("$5", point, None),
            ("٣", point, None),
            ("1.234.567,89", comma, Some((123_456_789, 2))),
            ("1234567,89", comma, Some((123_456_789, 2))),
            ("1.234,56-", comma, Some((-123_456, 2))),
            ("-1.234,56", comma, Some((-123_456, 2))),
            ("-1,5-", comma, None),
            ("1.23,45", comma, None),
            ("1234.567,00", comma, None),
            ("12.34", comma, None),
            (".234,00", comma, None),
            ("1,234.56", mexico, Some((123_456, 2))),
            ("(1,234.56)", mexico, Some((-123_456, 2))),
            ("(-5)", mexico, None),
            ("(5", mexico, None),
            ("()", mexico, None),
            ("1,,234", mexico, None),
            ("1 234,5", spaced, Some((12_345, 1))),
            ("1\u{a0}234,5", spaced, Some((12_345, 1))),
            ("1\u{202f}234\u{202f}567", spaced, Some((1_234_567, 0))),
            ("1 23", spaced, None),
            ("1'234'567.89", swiss, Some((123_456_789, 2))),
            ("1'23", swiss, None),
            ("$1,234.56", marked, Some((123_456, 2))),
            ("$ 1,234.56 MXN", marked, Some((123_456, 2))),
            ("-$1,234.56", marked, Some((-123_456, 2))),
            ("$-1,234.56", marked, Some((-123_456, 2))),
            ("($1,234.56)", marked, Some((-123_456, 2))),
            ("$(1,234.56)", marked, Some((-123_456, 2))),
            ("1,234.56 CR", marked, Some((-123_456, 2))),
            ("MXN 1,234.56CR", marked, Some((-123_456, 2))),
            ("1,234.56 DR", marked, Some((123_456, 2))),
            ("-1.00 CR", marked, None),
            ("-1.00 DR", marked, None),
            ("1.00 CR CR", marked, None),
            ("$$5", marked, None),
            ("$", marked, None),
            ("CR", marked, None),
            ("USD 5.00", marked, None),
            ("- 5", marked, None),
            ("1.234,56- €", trailing, Some((-123_456, 2))),
            ("€ 1.234,56-", trailing, Some((-123_456, 2))),
        ] {
            let got = parse(text, format).ok().map(|e| (e.mantissa, e.scale));
            assert_eq!(got, want, "{text:?} under {format:?}");
        }
        assert_eq!(parse(&"9".repeat(60), point), Err(NumberFault::Range));
    }

    #[test]
    fn the_short_way_agrees_with_the_general_one() {
        let formats = [('.', None), ('.', Some(',')), (',', Some('.')), (',', Some(' ')), ('.', Some('’'))]
            .map(|(decimal, thousands)| NumberFormat { decimal, thousands, ..NumberFormat::canonical() });
        arbtest::arbtest(|u| {
            let mut text = String::new();
            for _ in 0..u.int_in_range(0..=12)? {
                text.push(*u.choose(&['0', '1', '7', '9', '5', '3', '.', ',', ' ', '’'])?);
            }
            for format in &formats {
                if let Some(exact) = plain(&text, format, false) {
                    assert_eq!(general(&text, &text, format, false), Ok(exact), "{text:?} under {format:?}");
                }
            }
            Ok(())
        });
    }
}
