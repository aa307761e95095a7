//! How an item gives up its company value as it is settled: pro rata, the last one takes the rest (POSTING 4).

use crate::domain::money::Money;
use crate::error::{Error, Result};

/// The open state of one item (document and instalment), amounts turned so that settling is positive.
#[derive(Debug, Clone)]
pub(super) struct Carrying {
    /// +1 for debits, −1 for credits.
    sign: i64,
    /// Original amount, never negative.
    whole: Money,
    /// Original company value, in the same turn.
    company_whole: Money,
    /// Settled so far.
    settled: Money,
    /// Company value booked against it so far.
    booked: Money,
    /// Whether the ERP gave values of its own, so that only the remainder is ours to generate.
    given: bool,
}

fn out_of_range() -> Error {
    Error::data("an amount leaves the range of (18,2)")
}

impl Carrying {
    /// A fresh item from its signed amounts.
    pub fn new(amount: Money, company_amount: Money, sign_of_empty: i64) -> Carrying {
        let sign = if amount.is_zero() { sign_of_empty } else { amount.hundredths().signum() };
        let turn = |m: Money| if sign < 0 { -m } else { m };
        Carrying { sign, whole: turn(amount), company_whole: turn(company_amount), settled: Money::ZERO, booked: Money::ZERO, given: false }
    }
    fn turn(&self, value: Money) -> Money {
        if self.sign < 0 { -value } else { value }
    }
    /// Company value that `settled` of the item carries.
    fn carried(&self, settled: Money) -> Result<Money> {
        if settled == self.whole {
            return Ok(self.company_whole);
        }
        if self.whole.is_zero() {
            return Ok(settled);
        }
        self.company_whole.pro_rata(settled, self.whole).ok_or_else(out_of_range)
    }
    /// What is still open, positive while it is not over-applied.
    pub fn open(&self) -> Money {
        self.whole.checked_sub(self.settled).unwrap_or_default()
    }
    /// Whether more was settled than the item is worth.
    pub fn is_overapplied(&self) -> bool {
        self.settled > self.whole || self.settled.is_negative()
    }
    /// Marks that the ERP gave company values for this item.
    pub fn note_given(&mut self) {
        self.given = true;
    }
    /// Whether the ERP gave company values for this item.
    pub fn is_given(&self) -> bool {
        self.given
    }
    /// Company value (signed as a movement) that a movement of `amount` relieves, without booking it.
    pub fn relief(&self, amount: Money) -> Result<Money> {
        let part = -self.turn(amount);
        let after = self.settled.checked_add(part).ok_or_else(out_of_range)?;
        let value = self.carried(after)?.checked_sub(self.carried(self.settled)?).ok_or_else(out_of_range)?;
        Ok(-self.turn(value))
    }
    /// Books a movement; returns what is missing to keep a closed item closed in company currency (signed as a movement).
    pub fn book(&mut self, amount: Money, company_amount: Money) -> Result<Money> {
        self.settled = self.settled.checked_sub(self.turn(amount)).ok_or_else(out_of_range)?;
        self.booked = self.booked.checked_sub(self.turn(company_amount)).ok_or_else(out_of_range)?;
        if self.settled != self.whole {
            return Ok(Money::ZERO);
        }
        let rest = self.company_whole.checked_sub(self.booked).ok_or_else(out_of_range)?;
        self.booked = self.company_whole;
        Ok(-self.turn(rest))
    }
}
