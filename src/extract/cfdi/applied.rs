//! What each document paid takes of a payment, in the payment's currency.
//!
//! Separate because it is the arithmetic of the complement alone: the equivalence is printed with few decimals, so that amounts
//! divided by it miss the payment by cents or pesos. The tax authority's own check is a band around each quotient; inside it the
//! payment was used up, and the largest quotient takes the difference.

use super::document::{Paid, Payment};
use crate::domain::money::Money;
use rust_decimal::Decimal;

/// Amounts in the payment's currency for the documents paid in another one; `None` where the currencies are the same, or where the
/// amounts leave their range.
pub(super) fn from_amounts(payment: &Payment) -> Vec<Option<Money>> {
    let mut amounts: Vec<Option<Money>> = payment.paid.iter().map(|paid| foreign(payment, paid).map(|f| f.amount)).collect();
    let bands: Option<Vec<Band>> = payment.paid.iter().map(|paid| band(payment, paid)).collect();
    let (Some(bands), Some(largest)) =
        (bands, (0..amounts.len()).filter(|i| amounts[*i].is_some()).max_by_key(|i| (amounts[*i], usize::MAX - i)))
    else {
        return amounts;
    };
    let sum = |pick: fn(&Band) -> Decimal| bands.iter().try_fold(Decimal::ZERO, |sum, b| sum.checked_add(pick(b)));
    let (Some(low), Some(used), Some(high)) = (sum(|b| b.low), sum(|b| b.amount), sum(|b| b.high)) else { return amounts };
    let all = payment.amount.to_decimal();
    if all >= low && all <= high {
        let corrected = amounts[largest].map(|a| a.to_decimal() + all - used).and_then(Money::from_decimal);
        if corrected.is_some_and(|c| !c.is_negative() && !c.is_zero()) {
            amounts[largest] = corrected;
        }
    }
    amounts
}

struct Foreign {
    amount: Money,
}

/// Between which amounts what was paid lies, given how it is printed.
struct Band {
    low: Decimal,
    amount: Decimal,
    high: Decimal,
}

fn foreign(payment: &Payment, paid: &Paid) -> Option<Foreign> {
    if paid.currency == payment.currency {
        return None;
    }
    let (rate, _) = paid.equivalence?;
    Money::from_decimal(paid.amount.to_decimal().checked_div(rate)?).map(|amount| Foreign { amount })
}

fn band(payment: &Payment, paid: &Paid) -> Option<Band> {
    if paid.currency == payment.currency {
        let amount = paid.amount.to_decimal();
        return Some(Band { low: amount, amount, high: amount });
    }
    let (rate, decimals) = paid.equivalence?;
    let half_cent = Decimal::new(5, 3);
    let half_digit = Decimal::new(5, decimals + 1);
    let amount = paid.amount.to_decimal();
    let low = (amount - half_cent).checked_div(rate + half_digit)?;
    let high = (amount + half_cent).checked_div(rate - half_digit).filter(|h| *h > Decimal::ZERO)?;
    // Cents are not divided: a quotient may be off by half a cent by itself.
    Some(Band { low: low - half_cent, amount: foreign(payment, paid)?.amount.to_decimal(), high: high + half_cent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::days::parse_day;
    use crate::extract::cfdi::document::Spot;

    fn m(text: &str) -> Money {
        Money::from_decimal(text.parse().unwrap()).unwrap()
    }

    fn paid(currency: &str, amount: &str, rate: Option<&str>) -> Paid {
        let equivalence = rate.map(|r| (r.parse().unwrap(), r.split_once('.').map_or(0, |(_, d)| d.len() as u32)));
        let document = "D".into();
        Paid {
            at: Spot::default(),
            document,
            currency: currency.into(),
            equivalence,
            instalment: None,
            previous: None,
            amount: m(amount),
            outstanding: None,
        }
    }

    fn shown(currency: &str, amount: &str, all: Vec<Paid>) -> Vec<String> {
        let day = parse_day("2024-05-02").unwrap();
        let payment = Payment { at: Spot::default(), day, form: None, currency: currency.into(), rate: None, amount: m(amount), paid: all };
        from_amounts(&payment).iter().map(|a| a.map_or("-".into(), |a| a.to_string())).collect()
    }

    #[test]
    fn an_equivalence_of_few_decimals_uses_the_payment_up() {
        // 1,000 / 0.052632 = 18,999.85, but 19,000.00 were paid.
        assert_eq!(shown("MXN", "19000.00", vec![paid("USD", "1000.00", Some("0.052632"))]), ["19000.00"]);
        // The exact equivalence needs no help.
        assert_eq!(shown("MXN", "19000.00", vec![paid("USD", "1000.00", Some("0.0526315789"))]), ["19000.00"]);
        // More was paid than was applied: the rest stays on the receipt.
        assert_eq!(shown("MXN", "20000.00", vec![paid("USD", "1000.00", Some("0.052632"))]), ["18999.85"]);
        // USD for euros and for dollars; the euros take the difference.
        let both = vec![paid("USD", "50.00", None), paid("EUR", "100.00", Some("0.9091")), paid("EUR", "10.00", Some("0.9091"))];
        assert_eq!(shown("USD", "171.00", both), ["-", "110.00", "11.00"]);
        // The same currency needs no amount of its own.
        assert_eq!(shown("MXN", "100.00", vec![paid("MXN", "60.00", Some("1")), paid("MXN", "40.00", None)]), ["-", "-"]);
    }
}
