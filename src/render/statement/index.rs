//! The index of a run: who got which statement, over how much, in which file with which digest. No e-mail address stands in it.

use super::{guarded, page, records_csv};
use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::render::cells::clean;
use crate::render::html::style;
use crate::report::statement::Words;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

const PAGE: &str = include_str!("../../../reports/templates/statement_index.html");
const RULES: &str = include_str!("../../../reports/templates/statement.css");

/// The index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Language of its HTML.
    pub lang: Lang,
    /// Words in that language.
    pub words: Arc<Words>,
    /// The as-of day.
    pub as_of: NaiveDate,
    /// The load looked from.
    pub load_id: i32,
    /// Formats, the first being the one that `file` names.
    pub formats: Vec<String>,
    /// The statements, by company and customer.
    pub entries: Vec<Entry>,
    /// Customers known on the day that got none.
    pub left_out: usize,
}

/// A statement of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Company.
    pub company_id: String,
    /// Customer.
    pub customer_id: String,
    /// Its name.
    pub customer_name: String,
    /// The statement's number.
    pub number: String,
    /// Its language.
    pub lang: Lang,
    /// Whether the customer has an e-mail address.
    pub has_email: bool,
    /// Currency, balance, past due and items.
    pub totals: Vec<(String, Decimal, Decimal, usize)>,
    /// Path beside the index and SHA-256 of each file, in the order of the formats.
    pub files: Vec<(String, String)>,
    /// Path of the message, where one was written.
    pub message: String,
}

/// The index for machines: a row a statement and currency.
pub fn index_csv(index: &Index) -> Result<Vec<u8>> {
    let fixed = [
        "company_id",
        "customer_id",
        "customer_name",
        "statement",
        "language",
        "has_email",
        "currency",
        "open_amount",
        "past_due_amount",
        "items",
    ];
    let mut head: Vec<String> = fixed.map(str::to_string).to_vec();
    for (i, format) in index.formats.iter().enumerate() {
        head.extend(if i == 0 { ["file".into(), "sha256".into()] } else { [format!("{format}_file"), format!("{format}_sha256")] });
    }
    head.push("message".into());
    let mut records = vec![head];
    for entry in &index.entries {
        for (currency, balance, past_due, items) in &entry.totals {
            let mut record = vec![
                guarded(&entry.company_id),
                guarded(&entry.customer_id),
                guarded(&entry.customer_name),
                entry.number.clone(),
                entry.lang.code().to_string(),
                if entry.has_email { "yes" } else { "no" }.to_string(),
                currency.clone(),
                balance.to_string(),
                past_due.to_string(),
                items.to_string(),
            ];
            record.extend(entry.files.iter().flat_map(|(path, digest)| [path.clone(), digest.clone()]));
            record.push(entry.message.clone());
            records.push(record);
        }
    }
    records_csv(&records)
}

/// The index for people: totals by currency, then every statement with a link to its first file.
pub fn index_html(index: &Index) -> Result<String> {
    let words = &index.words;
    let money = |amount: Decimal| index.lang.number(amount, 2);
    let mut totals: BTreeMap<&str, (usize, Decimal, Decimal)> = BTreeMap::new();
    for (currency, balance, past_due, _) in index.entries.iter().flat_map(|e| &e.totals) {
        let total = totals.entry(currency).or_default();
        let range = || Error::data(format!("a total in {currency} leaves the range of money"));
        *total = (total.0 + 1, total.1.checked_add(*balance).ok_or_else(range)?, total.2.checked_add(*past_due).ok_or_else(range)?);
    }
    let totals: Vec<[String; 4]> = totals
        .into_iter()
        .map(|(currency, (count, balance, past_due))| {
            [clean(currency), index.lang.number(Decimal::from(count), 0), money(balance), money(past_due)]
        })
        .collect();
    let rows: Vec<minijinja::Value> = index
        .entries
        .iter()
        .flat_map(|entry| {
            entry.totals.iter().map(move |(currency, balance, past_due, items)| {
                let (path, digest) = entry.files.first().cloned().unwrap_or_default();
                minijinja::context! {
                    company => clean(&entry.company_id), id => clean(&entry.customer_id), name => clean(&entry.customer_name),
                    number => clean(&entry.number), lang => entry.lang.code(),
                    email => if entry.has_email { &words.yes } else { &words.no }, has_email => entry.has_email,
                    currency => clean(currency), balance => money(*balance), past_due => money(*past_due),
                    is_late => *past_due > Decimal::ZERO, item_count => *items, path, digest,
                }
            })
        })
        .collect();
    let count = |n: usize| index.lang.number(Decimal::from(n), 0);
    let without_email = index.entries.iter().filter(|e| !e.has_email).count();
    let facts = [
        (words.index_count.clone(), count(index.entries.len())),
        (words.index_left_out.clone(), count(index.left_out)),
        (words.index_without_email.clone(), count(without_email)),
    ];
    let note = words.index_note.replace("{as_of}", &index.lang.day(index.as_of)).replace("{load}", &index.load_id.to_string());
    let heads = [
        &words.company,
        &words.customer_id,
        &words.customer,
        &words.number,
        &words.language,
        &words.has_email,
        &words.currency,
        &words.balance,
        &words.past_due,
        &words.item_count,
        &words.file,
        &words.sha256,
    ]
    .map(String::clone);
    let total_heads = [&words.currency, &words.index_count, &words.balance, &words.past_due].map(String::clone);
    let values = minijinja::context! {
        lang => index.lang.code(), title => &words.index, note, facts, heads, total_heads, totals, rows,
        style => [style::ground(), RULES.to_string()].concat(),
    };
    page("statement_index.html", PAGE, values)
}
