//! Money: exact hundredths, never a float. Rates: exact decimals of eight places.
//!
//! `Money` is the value behind every `Decimal128(18,2)` of the store; arithmetic that leaves that range is an error, not a wrap.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in hundredths of its currency's unit. Shape: |value| < 10^18 hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Money(i64);

/// Largest absolute value of `Decimal128(18,2)`, in hundredths.
const LIMIT: i64 = 999_999_999_999_999_999;

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// From hundredths; `None` outside `Decimal128(18,2)`.
    #[inline]
    pub fn from_hundredths(value: i128) -> Option<Money> {
        i64::try_from(value).ok().filter(|v| v.abs() <= LIMIT).map(Money)
    }
    /// The hundredths.
    #[inline]
    pub fn hundredths(self) -> i64 {
        self.0
    }
    /// Whether it is exactly nothing.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// Whether it is below nothing.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
    /// Sum; `None` outside the range.
    #[inline]
    pub fn checked_add(self, other: Money) -> Option<Money> {
        Money::from_hundredths(i128::from(self.0) + i128::from(other.0))
    }
    /// Difference; `None` outside the range.
    #[inline]
    pub fn checked_sub(self, other: Money) -> Option<Money> {
        Money::from_hundredths(i128::from(self.0) - i128::from(other.0))
    }
    /// The amount without its sign.
    #[inline]
    pub fn abs(self) -> Money {
        Money(self.0.abs())
    }
    /// Times a rate, rounded half away from zero to hundredths.
    pub fn times_rate(self, rate: Decimal) -> Option<Money> {
        Money::from_decimal(self.to_decimal().checked_mul(rate)?)
    }
    /// `self × part / whole`, rounded half away from zero; `None` if `whole` is zero.
    pub fn pro_rata(self, part: Money, whole: Money) -> Option<Money> {
        if whole.0 == 0 {
            return None;
        }
        let numerator = i128::from(self.0) * i128::from(part.0);
        let whole = i128::from(whole.0);
        let sign = if (numerator < 0) == (whole < 0) { 1 } else { -1 };
        let (n, w) = (numerator.abs(), whole.abs());
        Money::from_hundredths(sign * ((2 * n + w) / (2 * w)))
    }
    /// As a decimal of two places.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
    /// From a decimal, rounded half away from zero to hundredths.
    pub fn from_decimal(value: Decimal) -> Option<Money> {
        let rounded = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let mut scaled = rounded;
        scaled.rescale(2);
        Money::from_hundredths(scaled.mantissa())
    }
}

impl std::ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let value = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", value / 100, value % 100)
    }
}

/// Sum of many amounts, wide enough that no realistic ledger overflows while adding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Total(i128);

impl Total {
    /// Adds one amount.
    #[inline]
    pub fn add(&mut self, money: Money) {
        self.0 += i128::from(money.0);
    }
    /// Adds another total.
    #[inline]
    pub fn merge(&mut self, other: Total) {
        self.0 += other.0;
    }
    /// As a single amount; `None` outside the range of money.
    pub fn money(self) -> Option<Money> {
        Money::from_hundredths(self.0)
    }
    /// The hundredths.
    pub fn hundredths(self) -> i128 {
        self.0
    }
}

/// Places after the point that a currency's amounts may have; `None` for a currency we do not know.
/// Source: ISO 4217 minor units, for the currencies this program accepts.
pub fn minor_units(currency: &str) -> Option<u32> {
    Some(match currency {
        "CLP" | "JPY" | "KRW" | "PYG" | "ISK" | "VND" | "XAF" | "XOF" => 0,
        "MXN" | "USD" | "EUR" | "CAD" | "GBP" | "BRL" | "COP" | "PEN" | "ARS" | "CHF" | "CNY" | "GTQ" | "CRC" | "DOP" | "UYU" | "BOB"
        | "HNL" | "NIO" | "PAB" | "SEK" | "NOK" | "DKK" | "PLN" | "CZK" | "HUF" | "RON" | "AUD" | "NZD" | "INR" | "SGD" | "HKD" | "ZAR"
        | "TRY" | "ILS" | "THB" | "MYR" | "IDR" | "PHP" | "TWD" | "AED" | "SAR" => 2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m(hundredths: i128) -> Money {
        Money::from_hundredths(hundredths).unwrap()
    }

    #[test]
    fn rounds_half_away_from_zero() {
        assert_eq!(m(5).times_rate(Decimal::new(5, 1)).unwrap(), m(3));
        assert_eq!(m(-5).times_rate(Decimal::new(5, 1)).unwrap(), m(-3));
        assert_eq!(m(100).pro_rata(m(1), m(3)).unwrap(), m(33));
        assert_eq!(m(-100).pro_rata(m(1), m(200)).unwrap(), m(-1));
    }

    #[test]
    fn leaves_the_range_as_none() {
        assert!(Money::from_hundredths(i128::from(LIMIT) + 1).is_none());
        assert!(m(i128::from(LIMIT)).checked_add(m(1)).is_none());
        assert_eq!(m(-7).to_string(), "-0.07");
    }
}
