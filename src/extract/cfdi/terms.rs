//! The due day that free-text payment conditions state, where they state one number of days and nothing else that looks like one.
//!
//! Separate from rows because it reads people's words: whatever it is not sure of stays unread, and the customer's terms decide.

use chrono::{Days, NaiveDate};

/// Nobody sells on longer terms; larger numbers are years, folios, accounts.
const LONGEST: u64 = 365;

/// `30 DIAS`, `Crédito a 45 días`, `NET 60`, `contado`: the day it falls due.
pub(super) fn due_day(conditions: &str, issued: NaiveDate) -> Option<NaiveDate> {
    issued.checked_add_days(Days::new(days(conditions)?))
}

fn days(conditions: &str) -> Option<u64> {
    let text = conditions.to_lowercase().replace('í', "i").replace('é', "e");
    let mut numbers = Vec::new();
    let mut words = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let letters = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &word[..word.len() - letters.len()];
        if !digits.is_empty() {
            numbers.push(digits.parse::<u64>().ok()?);
        }
        if !letters.is_empty() {
            words.push(letters);
        }
    }
    match numbers[..] {
        [days] if days <= LONGEST => {
            let says_so = |w: &&str| matches!(*w, "d" | "dia" | "dias" | "day" | "days" | "net" | "neto" | "netos" | "credito");
            (words.is_empty() || words.iter().any(says_so)).then_some(days)
        }
        [] => words.iter().any(|w| matches!(*w, "contado" | "inmediato")).then_some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_of_days_or_none() {
        for (text, want) in [
            ("30 DIAS", Some(30)),
            ("Crédito a 45 días", Some(45)),
            ("NET 60", Some(60)),
            ("30", Some(30)),
            ("30d", Some(30)),
            ("CONTADO", Some(0)),
            ("Pago de contado.", Some(0)),
            ("2/10 net 30", None),
            ("30/60/90 días", None),
            ("según contrato 2024", None),
            ("contrato 30", None),
            ("400 dias", None),
            ("99999999999999999999 dias", None),
            ("", None),
            ("al entregar", None),
        ] {
            assert_eq!(days(text), want, "{text}");
        }
    }
}
