//! Answers out of literal tables: `name type | …` as header, then rows; `-` is NULL.

use cartera::engine::rows::{Datum, Rows, RowsColumn};
use cartera::error::{Error, Result};
use cartera::report::{Answers, QueryColumn, QueryDefinition};
use chrono::NaiveDate;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Literal answers by query, or by query and arguments; counts what is asked.
#[derive(Default)]
pub struct Fake {
    tables: BTreeMap<String, String>,
    pub asked: RefCell<Vec<String>>,
}

impl Fake {
    /// With a query's answer; `name` is `query` or `query(2026-09-30)`.
    pub fn with(mut self, name: &str, table: &str) -> Fake {
        self.tables.insert(name.to_string(), table.to_string());
        self
    }
}

impl Answers for Fake {
    fn ask(&self, query: &str, arguments: &[Datum]) -> Result<Rows> {
        let call = format!("{query}({})", arguments.iter().map(Datum::to_string).collect::<Vec<_>>().join(", "));
        self.asked.borrow_mut().push(call.clone());
        let table = self.tables.get(&call).or_else(|| self.tables.get(query));
        let table = table.ok_or_else(|| Error::internal(format!("the test has no answer for {call}")))?;
        if let Some(message) = table.strip_prefix("error: ") {
            return Err(Error::data(message));
        }
        Ok(rows(table))
    }

    fn define(&self, query: &str) -> Option<QueryDefinition> {
        let table = self.tables.get(query)?;
        Some(QueryDefinition {
            name: query.to_string(),
            title_es: format!("{query} en español"),
            title_en: format!("{query} in English"),
            answers_es: "¿Cuánto?".to_string(),
            answers_en: "How much?".to_string(),
            formula_es: "a / b".to_string(),
            formula_en: "a / b".to_string(),
            grain: "one row".to_string(),
            source: "METRICS".to_string(),
            digest: "0123456789abcdef".to_string(),
            parameters: Vec::new(),
            columns: header(table).into_iter().map(|(name, type_name)| QueryColumn { name, type_name }).collect(),
        })
    }
}

fn header(table: &str) -> Vec<(String, String)> {
    let first = table.trim().lines().next().unwrap_or("");
    first
        .split('|')
        .map(|column| {
            let (name, kind) = column.trim().split_once(' ').expect("a column has a name and a type");
            (name.to_string(), kind.to_string())
        })
        .collect()
}

fn rows(table: &str) -> Rows {
    let header = header(table);
    let lines = table.trim().lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
    let rows: Vec<Vec<Datum>> = lines
        .map(|line| {
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            assert_eq!(fields.len(), header.len(), "{line}");
            fields.iter().zip(&header).map(|(field, (_, kind))| datum(field, kind)).collect()
        })
        .collect();
    Rows { columns: header.into_iter().map(|(name, type_name)| RowsColumn { name, type_name }).collect(), rows }
}

fn datum(field: &str, kind: &str) -> Datum {
    match kind {
        _ if field == "-" => Datum::Null,
        "int" => Datum::Int(field.parse().expect(field)),
        "money" | "pct" | "days" | "rate" => Datum::Decimal(field.parse().expect(field)),
        "date" => Datum::Date(NaiveDate::parse_from_str(field, "%Y-%m-%d").expect(field)),
        _ => Datum::Text(field.to_string()),
    }
}
