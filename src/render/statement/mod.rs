//! A customer statement as PDF, HTML, CSV and JSON; a run's index as CSV and HTML.
//!
//! PDF and HTML show the same texts, made once in [`sheet`]. CSV is for spreadsheets, so texts that one would take for formulas are
//! guarded; JSON is the statement itself.

mod columns;
mod index;
mod sheet;

pub use index::{Entry, Index, index_csv, index_html};

use super::html::{broken, style};
use super::pdf::{Page, world};
use crate::error::{Error, Result};
use crate::report::statement::Statement;
use minijinja::{Environment, UndefinedBehavior, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;

const PAGE: &str = include_str!("../../../reports/templates/statement.html");
const RULES: &str = include_str!("../../../reports/templates/statement.css");

/// Statements after which layout that none of them used is forgotten. What all share (heads, words, the template) stays.
const REMEMBERED: usize = 8;

/// The statement as PDF: US Letter, upright, tagged, the same bytes for the same statement.
pub fn pdf(statement: &Statement) -> Result<Vec<u8>> {
    let page = Page {
        template: &world::STATEMENT,
        data: sheet::sheet(statement)?,
        ident: format!("{} {}", statement.number, statement.proof),
        day: statement.as_of,
        tagged: true,
    };
    let done = page.set();
    typst::comemo::evict(REMEMBERED);
    done.map_err(|e| e.context(format!("the PDF of statement {}", statement.number)))
}

/// The statement as one HTML file that opens anywhere.
pub fn html(statement: &Statement) -> Result<String> {
    static STYLE: OnceLock<String> = OnceLock::new();
    let style = STYLE.get_or_init(|| [style::ground(), RULES.to_string()].concat());
    let values = minijinja::context! { statement => value(&sheet::sheet(statement)?), style };
    page("statement.html", PAGE, values)
}

/// JSON as a value of a template; its numbers are sizes, which only paper needs.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(yes) => Value::from(*yes),
        serde_json::Value::Number(number) => Value::from(number.to_string()),
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => items.iter().map(value).collect(),
        serde_json::Value::Object(fields) => {
            Value::from(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect::<BTreeMap<String, Value>>())
        }
    }
}

fn page(name: &'static str, template: &'static str, values: Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template(name, template).map_err(broken)?;
    environment.get_template(name).and_then(|template| template.render(values)).map_err(broken)
}

/// The statement as indented JSON: fields in the order of their declaration, decimals and days as text.
pub fn json(statement: &Statement) -> Result<String> {
    let text =
        serde_json::to_string_pretty(statement).map_err(|e| Error::internal("a statement could not be written as JSON").caused_by(e))?;
    Ok(text + "\n")
}

const ITEM_HEAD: [&str; 14] = [
    "statement",
    "company_id",
    "customer_id",
    "currency",
    "kind",
    "document_id",
    "instalment",
    "reference",
    "document_date",
    "due_date",
    "days_late",
    "original_amount",
    "open_amount",
    "disputed_amount",
];
const LINE_HEAD: [&str; 10] =
    ["statement", "company_id", "customer_id", "currency", "posting_date", "kind", "document_id", "reference", "amount", "balance"];

/// The lines of a statement as CSV: its items, or on a balance-forward statement its opening, activity and closing.
pub fn csv(statement: &Statement) -> Result<Vec<u8>> {
    let common =
        |currency: &str| [statement.number.clone(), guarded(&statement.company.id), guarded(&statement.customer.id), currency.to_string()];
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |d| d.to_string());
    let is_forward = statement.from.is_some();
    let mut records: Vec<Vec<String>> =
        vec![if is_forward { LINE_HEAD.map(str::to_string).to_vec() } else { ITEM_HEAD.map(str::to_string).to_vec() }];
    for section in &statement.sections {
        let mut add = |rest: Vec<String>| records.push(common(&section.currency).into_iter().chain(rest).collect());
        if let Some(activity) = &section.activity {
            let edge = |when, kind: &str, balance: rust_decimal::Decimal| {
                vec![day(when), kind.to_string(), String::new(), String::new(), String::new(), balance.to_string()]
            };
            add(edge(statement.from, "opening_balance", activity.opening));
            for line in &activity.lines {
                add(vec![
                    line.day.to_string(),
                    line.kind.clone(),
                    guarded(&line.document),
                    guarded(&line.reference),
                    line.amount.to_string(),
                    line.balance.to_string(),
                ]);
            }
            add(edge(Some(statement.as_of), "closing_balance", activity.closing));
            continue;
        }
        for item in &section.items {
            add(vec![
                item.kind.clone(),
                guarded(&item.document),
                item.instalment.to_string(),
                guarded(&item.reference),
                item.document_date.to_string(),
                day(item.due_date),
                item.days_late.map_or_else(String::new, |d| d.to_string()),
                item.original.to_string(),
                item.open.to_string(),
                item.disputed.to_string(),
            ]);
        }
    }
    records_csv(&records)
}

fn records_csv(records: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(|e| Error::internal("a row could not be written").caused_by(e))?;
    }
    writer.into_inner().map_err(|e| Error::internal("the rows could not be written").caused_by(e.into_error()))
}

/// A text that a spreadsheet would run or read as a number gets an apostrophe, which it takes for a sign of text.
fn guarded(text: &str) -> String {
    let clean = super::cells::clean(text);
    let runs = clean.trim_start().starts_with(['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}']);
    if runs { format!("'{clean}") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn formulas_are_guarded() {
        for text in ["=1+1", " =cmd", "+1", "-5", "@a", "\t=1"] {
            assert!(guarded(text).starts_with('\''), "{text}");
        }
        assert_eq!(guarded("F-1 = 2"), "F-1 = 2");
    }
}
