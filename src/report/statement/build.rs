//! One statement out of the book: sections by currency, items in the order in which they fall due, activity with its running balance.

use super::book::{Book, ItemRow, Key, MoveRow};
use super::words::{concept, item_concept};
use super::{Activity, Fact, Item, Line, Party, Section, Statement, Step, Style};
use crate::config::{Account, Payee};
use crate::domain::digest::hex;
use crate::error::{Error, Result};
use crate::report::text::Text;
use crate::report::words::bucket;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Digits of a digest that are printed.
const SHOWN: usize = 12;
/// Longest id that stands in a statement's number as it is, and digits of the digest that stands for any other.
const LONGEST: usize = 20;
const DIGITS: usize = 10;

impl Book {
    /// The statement of a customer.
    pub fn statement(&self, key: &Key) -> Result<Statement> {
        let place = |e: Error| e.context(format!("the statement of customer {} of {}", key.1, key.0));
        self.built(key).map_err(place)
    }

    fn built(&self, key: &Key) -> Result<Statement> {
        let recipient =
            self.parties().get(key).ok_or_else(|| Error::missing(format!("there is no customer {} in company {}", key.1, key.0)))?;
        let lang = self.lang(recipient);
        let (text, words) = self.texts.get(lang.code()).ok_or_else(|| Error::internal("a language without texts"))?;
        let request = &self.request;
        let load = &request.load;
        let payee = request.payees.get(&key.0);
        let (items, moves) = (by_currency(self.items(key), |i| &i.currency), by_currency(self.moves(key), |m| &m.currency));
        let currencies: BTreeSet<&str> = items.keys().chain(moves.keys()).copied().collect();
        let none: (&[&ItemRow], &[&MoveRow]) = (&[], &[]);
        let section = |currency: &&str| {
            let items = items.get(currency).map_or(none.0, Vec::as_slice);
            let moves = moves.get(currency).map_or(none.1, Vec::as_slice);
            self.section(currency, items, moves, payee, text)
        };
        let sections = currencies.iter().map(section).collect::<Result<Vec<_>>>()?;
        let movements = lang.number(load.movement_count.into(), 0);
        let digest = load.movements_digest.get(..SHOWN).unwrap_or(&load.movements_digest);
        let (as_of, load_id) = (lang.day(request.as_of), load.load_id.to_string());
        let proof = [("as_of", as_of.as_str()), ("load", &load_id), ("movements", &movements), ("digest", digest)];
        Ok(Statement {
            number: number(key, request.as_of, load.load_id),
            lang,
            style: if request.from.is_some() { Style::BalanceForward } else { Style::OpenItem },
            company: Party { id: key.0.clone(), name: recipient.company_name.clone(), tax_id: recipient.company_tax_id.clone() },
            customer: Party { id: key.1.clone(), name: recipient.name.clone(), tax_id: recipient.tax_id.clone() },
            as_of: request.as_of,
            from: request.from,
            sections,
            contact: payee.and_then(|p| p.contact.clone()).unwrap_or_default(),
            proof: text.fill("statement.proof", &proof)?,
            words: Arc::clone(words),
        })
    }

    fn section(&self, currency: &str, items: &[&ItemRow], moves: &[&MoveRow], payee: Option<&Payee>, text: &Text) -> Result<Section> {
        let sum = |amounts: Vec<Decimal>| -> Result<Decimal> {
            let added = amounts.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add);
            added.ok_or_else(|| Error::data(format!("a total in {currency} leaves the range of money")))
        };
        let balance = sum(items.iter().map(|i| i.open).collect())?;
        let late = |i: &&&ItemRow| i.is_due && i.days_late > 0;
        let mut ageing = Vec::new();
        for step in &self.buckets {
            let amount = sum(items.iter().filter(|i| i.bucket_order == step.order).map(|i| i.open).collect())?;
            if step.is_due || !amount.is_zero() {
                ageing.push(Step { bucket: step.name.clone(), label: bucket(&step.name, text)?, amount, is_due: step.is_due });
            }
        }
        if sum(ageing.iter().map(|step| step.amount).collect())? != balance {
            return Err(Error::internal(format!("the ages of {currency} do not add up to its balance")));
        }
        let activity = self.request.from.map(|_| activity(moves, text)).transpose()?;
        if let Some(activity) = activity.as_ref().filter(|a| a.closing != balance) {
            let said = format!("opening and activity of {currency} add up to {}, its open items to {balance}", activity.closing);
            return Err(Error::internal(said));
        }
        Ok(Section {
            currency: currency.to_string(),
            balance,
            past_due: sum(items.iter().filter(late).map(|i| i.open).collect())?,
            disputed: sum(items.iter().map(|i| i.disputed).collect())?,
            items: listed(items, text)?,
            activity,
            ageing,
            pay_to: payee.map(|p| pay_to(p.account(currency), text)).transpose()?.unwrap_or_default(),
        })
    }
}

fn by_currency<T>(rows: &[T], currency: impl Fn(&T) -> &String) -> BTreeMap<&str, Vec<&T>> {
    let mut found: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    for row in rows {
        found.entry(currency(row).as_str()).or_default().push(row);
    }
    found
}

/// What is due by its due day, then what is owed to the customer by its own.
fn listed(items: &[&ItemRow], text: &Text) -> Result<Vec<Item>> {
    let mut sorted = items.to_vec();
    sorted.sort_by_key(|i| if i.is_due { (0, i.due_date, i.document_date) } else { (i.bucket_order, i.document_date, i.due_date) });
    let instalments = |document: &str| items.iter().filter(|i| i.document == document).count();
    let item = |row: &&ItemRow| {
        let mut concept = item_concept(&row.kind, text)?;
        if row.instalment > 1 || instalments(&row.document) > 1 {
            concept = text.fill("statement.instalment", &[("concept", &concept), ("n", &row.instalment.to_string())])?;
        }
        Ok(Item {
            kind: row.kind.clone(),
            concept,
            document: row.document.clone(),
            instalment: row.instalment,
            reference: row.reference.clone(),
            document_date: row.document_date,
            due_date: row.is_due.then_some(row.due_date),
            days_late: (row.is_due && row.days_late > 0).then_some(row.days_late),
            original: row.original,
            open: row.open,
            disputed: row.disputed,
        })
    };
    sorted.iter().map(item).collect()
}

fn activity(moves: &[&MoveRow], text: &Text) -> Result<Activity> {
    let range = || Error::data("a balance leaves the range of money");
    let opening = moves.iter().filter(|m| m.is_opening).map(|m| m.amount).sum();
    let mut balance: Decimal = opening;
    let mut lines = Vec::new();
    for row in moves.iter().filter(|m| !m.is_opening) {
        balance = balance.checked_add(row.amount).ok_or_else(range)?;
        let mut said = concept(&row.kind, text);
        if row.is_undone {
            said = text.fill("statement.undone", &[("concept", &said)])?;
        }
        lines.push(Line {
            day: row.day,
            kind: row.kind.clone(),
            concept: said,
            document: row.document.clone(),
            reference: row.reference.clone(),
            amount: row.amount,
            balance,
        });
    }
    Ok(Activity { opening, lines, closing: balance })
}

fn pay_to(account: &Account, text: &Text) -> Result<Vec<Fact>> {
    let facts = [
        ("statement.bank", &account.bank),
        ("statement.account", &account.account),
        ("statement.clabe", &account.clabe),
        ("statement.swift", &account.swift),
    ];
    let known = facts.into_iter().filter_map(|(key, value)| value.as_ref().map(|v| (key, v)));
    known.map(|(key, value)| Ok(Fact { label: text.get(key)?.to_string(), text: value.clone() })).collect()
}

/// `MX01/C0042/20261031/2`: an id that is long or has other signs than letters, digits, point, dash and underscore stands as its digest.
fn number(key: &Key, as_of: chrono::NaiveDate, load: i32) -> String {
    let part = |id: &str| {
        let is_plain =
            !id.is_empty() && id.len() <= LONGEST && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if is_plain { id.to_string() } else { format!("~{}", &hex(&Sha256::digest(id.as_bytes()))[..DIGITS]) }
    };
    format!("{}/{}/{}/{load}", part(&key.0), part(&key.1), as_of.format("%Y%m%d"))
}

impl Statement {
    /// An amount as its reader writes it.
    pub fn money(&self, amount: Decimal) -> String {
        self.lang.number(amount, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_tell_ids_apart_and_hold_nothing_strange() {
        let day = crate::domain::days::parse_day("2026-10-31").unwrap();
        let number = |company: &str, customer: &str| number(&(company.into(), customer.into()), day, 2);
        assert_eq!(number("MX01", "C0042"), "MX01/C0042/20261031/2");
        let strange = ["a/b", "a", "b", "", "é", "=1+1", "\u{202E}x", &"x".repeat(200), "a b"];
        let mut all: Vec<String> = strange.iter().flat_map(|a| strange.iter().map(move |b| number(a, b))).collect();
        assert!(all.iter().all(|n| n.len() <= 36 && n.chars().all(|c| c.is_ascii_alphanumeric() || "/~".contains(c))), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), strange.len() * strange.len());
    }
}
