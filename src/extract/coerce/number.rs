//! Exact numbers as exports write them: local decimal mark, thousands, trailing minus, parentheses; never a float, never rounded.
//!
//! Separate because the readers of the query engine's stack cut what does not fit; here what does not fit is refused, and why.

use serde::Deserialize;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberFormat {
    /// Decimal mark.
    pub decimal: char,
    /// Mark between groups of three digits; `None`: no marks allowed.
    pub thousands: Option<char>,
    /// Place of the sign.
    pub negative: Negative,
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
        NumberFormat { decimal: '.', thousands: None, negative: Negative::Leading }
    }
}

impl Exact {
    /// In units of `10^-scale`; `None` if that would round or overflow.
    pub fn units(self, scale: u32) -> Option<i128> {
        if self.scale <= scale { self.mantissa.checked_mul(10i128.checked_pow(scale - self.scale)?) } else { None }
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
    let (negative, body) = split_sign(text, format.negative);
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
        let comma = NumberFormat { decimal: ',', thousands: Some('.'), negative: Negative::Trailing };
        let mexico = NumberFormat { decimal: '.', thousands: Some(','), negative: Negative::Parentheses };
        let spaced = NumberFormat { decimal: ',', thousands: Some(' '), negative: Negative::Leading };
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
        ] {
            let got = parse(text, &format).ok().map(|e| (e.mantissa, e.scale));
            assert_eq!(got, want, "{text:?} under {format:?}");
        }
        assert_eq!(parse(&"9".repeat(60), &point), Err(NumberFault::Range));
    }
}
