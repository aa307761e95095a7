//! `[statement.<company>]` of `cartera.toml`: how a company's customers pay it and whom they ask.
//!
//! Separate from the rest of the configuration because a wrong digit here sends money elsewhere: CLABE and SWIFT are checked by
//! their own rules before anything is printed.

use crate::domain::email;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a company prints on its statements besides figures. What is not given is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payee {
    /// The account for currencies without one of their own.
    pub account: Account,
    /// Accounts by currency; each stands alone, nothing is taken from the general one.
    pub by_currency: BTreeMap<String, Account>,
    /// Whom to ask: a name, a telephone, an address.
    pub contact: Option<String>,
    /// Address that statements are mailed from.
    pub from: Option<String>,
}

/// A bank account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Bank.
    pub bank: Option<String>,
    /// Account number at the bank.
    pub account: Option<String>,
    /// CLABE, 18 digits.
    pub clabe: Option<String>,
    /// SWIFT (BIC), 8 or 11 signs.
    pub swift: Option<String>,
}

impl Payee {
    /// The account to pay a currency into.
    pub fn account(&self, currency: &str) -> &Account {
        self.by_currency.get(currency).unwrap_or(&self.account)
    }
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    bank: Option<String>,
    account: Option<String>,
    clabe: Option<String>,
    swift: Option<String>,
    contact: Option<String>,
    from: Option<String>,
    #[serde(default)]
    currency: BTreeMap<String, Account>,
}

/// Checks what is written.
pub(super) fn resolve(written: BTreeMap<String, Written>) -> Result<BTreeMap<String, Payee>> {
    let payee = |(company, written): (String, Written)| {
        let account = Account { bank: written.bank, account: written.account, clabe: written.clabe, swift: written.swift };
        let place = format!("statement.{company}");
        checked(&account, &place)?;
        for (currency, account) in &written.currency {
            let place = format!("{place}.currency.{currency}");
            if crate::domain::money::minor_units(currency).is_none() {
                return Err(Error::usage(format!("{place}: `{currency}` is not a known currency")).hint("use an ISO 4217 code such as USD"));
            }
            checked(account, &place)?;
        }
        if let Some(from) = &written.from
            && !email::is_address(from)
        {
            return Err(Error::usage(format!("{place}.from is not an e-mail address")).hint("write it as name@company.com"));
        }
        Ok((company, Payee { account, by_currency: written.currency, contact: written.contact, from: written.from }))
    };
    written.into_iter().map(payee).collect()
}

fn checked(account: &Account, place: &str) -> Result<()> {
    if let Some(clabe) = &account.clabe
        && !is_clabe(clabe)
    {
        return Err(Error::usage(format!("{place}.clabe `{clabe}` is no CLABE: it has 18 digits, the last of which checks the others"))
            .hint("compare it with the bank's own paper"));
    }
    if let Some(swift) = &account.swift
        && !is_swift(swift)
    {
        return Err(Error::usage(format!("{place}.swift `{swift}` is no SWIFT code: it has 8 or 11 capital letters and digits"))
            .hint("compare it with the bank's own paper"));
    }
    Ok(())
}

/// 18 digits; each of the first 17 times 3, 7, 1 in turn, the last figure of each product; their sum and the last digit are a ten.
fn is_clabe(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter(|c| *c != ' ').filter_map(|c| c.to_digit(10)).collect();
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == ' ');
    plain && digits.len() == 18 && {
        let sum: u32 = digits[..17].iter().zip([3, 7, 1].iter().cycle()).map(|(d, weight)| d * weight % 10).sum();
        (10 - sum % 10) % 10 == digits[17]
    }
}

fn is_swift(text: &str) -> bool {
    let signs = text.as_bytes();
    matches!(signs.len(), 8 | 11)
        && signs[..6].iter().all(u8::is_ascii_uppercase)
        && signs[6..].iter().all(|s| s.is_ascii_uppercase() || s.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_clabe_with_a_wrong_digit_is_refused() {
        // The worked example of the banks' own rule.
        assert!(is_clabe("032180000118359719") && is_clabe("032 180 00011835971 9"));
        for wrong in ["032180000118359718", "032180000181359719", "03218000011835971", "032180000118359719x", ""] {
            assert!(!is_clabe(wrong), "{wrong}");
        }
    }

    #[test]
    fn payees_are_read_and_checked() {
        let project = |more: &str| Config::parse(&format!("[group]\nname='G'\ncurrency='MXN'\n{more}"));
        let config = project(
            "[statement.MX01]\nbank='B'\naccount='1'\ncontact='C'\nfrom='a@b.mx'\n[statement.MX01.currency.USD]\nbank='U'\nswift='ABCDMXMM'",
        )
        .unwrap();
        let payee = &config.payees["MX01"];
        assert_eq!(payee.account("MXN").bank.as_deref(), Some("B"));
        assert_eq!((payee.account("USD").bank.as_deref(), payee.account("USD").account.as_deref()), (Some("U"), None));
        for bad in ["clabe='123'", "swift='x'", "from='a b@c'", "iban='1'", "[statement.MX01.currency.XXX]\nbank='b'"] {
            assert!(project(&format!("[statement.MX01]\n{bad}")).unwrap_err().is_usage(), "{bad}");
        }
    }
}
