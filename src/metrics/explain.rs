//! How a figure came to be: an answer and, column by column, the documents that add up to it.
//!
//! The header of a query says which documents stand behind a column (`inputs`); here they are asked for, added up again and held
//! against what was answered. What is printed of it is left to the command line.

use crate::engine::header::{DefaultValue, Header, Kind, Param};
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// What is to be explained.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The day, or the last one of a period.
    pub as_of: NaiveDate,
    /// First day of a period; without it the first of the month.
    pub from: Option<NaiveDate>,
    /// Other parameters by name.
    pub given: Vec<(String, String)>,
    /// Columns and the value they must have, in the answer and in the documents where these have the column.
    pub only: Vec<(String, String)>,
}

/// An answer with what proves it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Every parameter with its argument; defaults in words of the header.
    pub arguments: Vec<(String, String)>,
    /// The rows of the answer that are wished for.
    pub answer: Rows,
    /// Columns with their documents.
    pub proofs: Vec<Proof>,
}

impl Explanation {
    /// Whether every figure that has documents is their sum.
    pub fn agrees(&self) -> bool {
        self.proofs.iter().all(Proof::agrees)
    }
}

/// Parameters by name with their arguments.
pub fn named(header: &Header, arguments: &[Datum]) -> Vec<(String, String)> {
    let said = |at: usize, param: &Param| match (arguments.get(at), &param.default) {
        (Some(argument), _) => argument.to_string(),
        (None, Some(DefaultValue::Load)) => "the load looked from".to_string(),
        (None, Some(default)) => of_default(default).map_or_else(String::new, |d| d.to_string()),
        (None, None) => String::new(),
    };
    header.params.iter().enumerate().map(|(at, param)| (param.name.clone(), said(at, param))).collect()
}

/// A column of an answer and the documents behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The column.
    pub column: String,
    /// The documents; `value` is amount × rate.
    pub documents: Rows,
    /// One for each row of the answer.
    pub sums: Vec<Sum>,
    /// Documents that belong to no row of the answer, and what they add up to.
    pub stray: Option<(usize, Decimal)>,
}

/// A row of an answer held against its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// What the answer says; nothing where it is empty.
    pub printed: Option<Decimal>,
    /// How many documents it has.
    pub documents: usize,
    /// What they add up to, unrounded.
    pub added: Decimal,
}

impl Sum {
    /// Whether the documents, rounded once as figures are, give what is printed. An empty figure is a sum of nothing.
    pub fn agrees(&self) -> bool {
        let printed = self.printed.unwrap_or_default();
        self.added.round_dp_with_strategy(printed.scale(), RoundingStrategy::MidpointAwayFromZero) == printed
    }
}

impl Proof {
    /// Whether every row is the sum of its documents, and every document belongs to a row.
    pub fn agrees(&self) -> bool {
        self.stray.is_none() && self.sums.iter().all(Sum::agrees)
    }
}

/// The arguments of a query, by what is wished for. Parameters behind the last one given keep their defaults.
///
/// # Errors
/// Usage, if a name is no parameter, a value is none of its kind, or a parameter is neither given nor has a default.
pub fn arguments(header: &Header, wish: &Wish) -> Result<Vec<Datum>> {
    let wrong = |message: String| Error::usage(message).hint(format!("it is called as {}", header.signature()));
    if let Some((name, _)) = wish.given.iter().find(|(name, _)| !header.params.iter().any(|p| p.name == *name)) {
        return Err(wrong(format!("`{}` has no parameter `{name}`", header.name)));
    }
    let given = |p: &Param| wish.given.iter().find(|(name, _)| *name == p.name).map(|(_, value)| value.as_str());
    let last = header.params.iter().rposition(|p| p.default.is_none() || given(p).is_some()).map_or(0, |at| at + 1);
    let first_of_month = || wish.as_of.with_day(1).unwrap_or(wish.as_of);
    header.params[..last]
        .iter()
        .map(|param| match (given(param), param.name.as_str(), &param.default) {
            (Some(text), ..) => {
                datum(param, text).ok_or_else(|| wrong(format!("{} {} cannot be `{text}`", param.name, param.kind.as_str())))
            }
            (None, "as_of" | "to", _) => Ok(Datum::Date(wish.as_of)),
            (None, "from", _) => Ok(Datum::Date(wish.from.unwrap_or_else(first_of_month))),
            (None, _, Some(default)) => of_default(default).ok_or_else(|| wrong(format!("`{}` must be given", param.name))),
            (None, name, None) => Err(wrong(format!("`{name}` must be given"))),
        })
        .collect()
}

fn datum(param: &Param, text: &str) -> Option<Datum> {
    match param.kind {
        Kind::Id | Kind::Text => Some(Datum::Text(text.to_string())),
        Kind::Int => text.parse().ok().map(Datum::Int),
        Kind::Date => crate::domain::days::parse_day(text).map(Datum::Date),
        Kind::Bool => text.parse().ok().map(Datum::Bool),
        Kind::Money | Kind::Rate | Kind::Ratio | Kind::Pct | Kind::Days => text.parse().ok().map(Datum::Decimal),
    }
}

fn of_default(default: &DefaultValue) -> Option<Datum> {
    Some(match default {
        DefaultValue::Load => return None,
        DefaultValue::Null => Datum::Null,
        DefaultValue::Text(text) => Datum::Text(text.clone()),
        DefaultValue::Int(number) => Datum::Int(*number),
        DefaultValue::Decimal(number) => Datum::Decimal(*number),
        DefaultValue::Date(day) => Datum::Date(*day),
        DefaultValue::Bool(yes) => Datum::Bool(*yes),
    })
}

/// Leaves out rows that lack a wished value in a column they have.
pub fn keep(rows: &mut Rows, only: &[(String, String)]) {
    let at: Vec<(usize, &String)> = only.iter().filter_map(|(column, value)| Some((rows.position(column)?, value))).collect();
    rows.rows.retain(|row| at.iter().all(|(i, value)| row[*i].to_string() == **value));
}

/// Refuses a wish that no row of an answer meets although it has rows: a slip of the pen must not read as a figure that agrees.
pub fn check_wish(query: &str, rows: &Rows, only: &[(String, String)]) -> Result<()> {
    const NAMED: usize = 12;
    let mut left = rows.clone();
    keep(&mut left, only);
    if rows.rows.is_empty() || !left.rows.is_empty() {
        return Ok(());
    }
    for (column, value) in only {
        let Some(at) = rows.position(column) else { continue };
        let mut known: Vec<String> = rows.rows.iter().map(|row| row[at].to_string()).collect();
        known.sort_unstable();
        known.dedup();
        if !known.contains(value) {
            let more = if known.len() > NAMED { ", …" } else { "" };
            let listed = known.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::missing(format!("no row of `{query}` has the {column} {value}")).hint(format!("it has {listed}{more}")));
        }
    }
    let all = only.iter().map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(" and ");
    Err(Error::missing(format!("no row of `{query}` has {all}")).hint("ask for one of them alone"))
}

/// Holds a column of an answer against the documents listed for it.
///
/// # Errors
/// If the documents have no column `amount`.
pub fn prove(header: &Header, column: &str, answer: &Rows, mut documents: Rows) -> Result<Proof> {
    let missing = |what: &str| Error::internal(format!("the documents behind {column} of `{}` have no column `{what}`", header.name));
    let amount = documents.position("amount").ok_or_else(|| missing("amount"))?;
    let rate = documents.position("rate");
    let shared: Vec<&String> = header.key.iter().filter(|k| documents.position(k).is_some()).collect();
    let key =
        |of: &Rows, row: &[Datum]| -> Vec<String> { shared.iter().filter_map(|k| of.position(k)).map(|at| row[at].to_string()).collect() };
    let mut added: BTreeMap<Vec<String>, (usize, Decimal)> = BTreeMap::new();
    let mut values = Vec::with_capacity(documents.rows.len());
    for row in &documents.rows {
        let rate = rate.map_or(Some(Decimal::ONE), |at| row[at].decimal());
        let value = row[amount].decimal().zip(rate).map(|(amount, rate)| amount * rate);
        let sum = added.entry(key(&documents, row)).or_default();
        *sum = (sum.0 + 1, sum.1 + value.unwrap_or_default());
        values.push(value.map_or(Datum::Null, |v| Datum::Decimal(v.normalize().max_scale(2))));
    }
    let at = answer.position(column).ok_or_else(|| missing(column))?;
    let sums = answer
        .rows
        .iter()
        .map(|row| {
            let (documents, added) = added.remove(&key(answer, row)).unwrap_or_default();
            Sum { printed: row[at].decimal(), documents, added }
        })
        .collect();
    let stray = added.values().fold((0, Decimal::ZERO), |sum, part| (sum.0 + part.0, sum.1 + part.1));
    if rate.is_some() {
        documents.columns.push(RowsColumn { name: "value".into(), type_name: "decimal".into() });
        documents.rows.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
    }
    let stray = (!stray.1.is_zero()).then_some(stray);
    Ok(Proof { column: column.to_string(), documents, sums, stray })
}

/// At least some decimals, more where they say something.
trait Scaled {
    fn max_scale(self, scale: u32) -> Decimal;
}

impl Scaled for Decimal {
    fn max_scale(mut self, scale: u32) -> Decimal {
        if self.scale() < scale {
            self.rescale(scale);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "-- name: q\n-- answers: ?\n-- grain: one row per company_id\n-- params: from date, to date, grain text of a b = 'a', n int = 2\n\
        -- reads: none\n-- columns: company_id id | open_amount money\n-- order: company_id\n-- unit: money\n-- source: test\nselect 1\n";

    fn header() -> Header {
        Header::parse("q/q.sql", FILE).unwrap()
    }
    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn rows(columns: &[&str], rows: &[&[&str]]) -> Rows {
        let datum = |text: &&str| text.parse().map_or(Datum::Text((*text).to_string()), Datum::Decimal);
        let column = |name: &&str| RowsColumn { name: (*name).into(), type_name: "text".into() };
        Rows { columns: columns.iter().map(column).collect(), rows: rows.iter().map(|r| r.iter().map(datum).collect()).collect() }
    }

    #[test]
    fn a_wish_that_no_row_meets_is_refused() {
        let answer = rows(&["company_id", "currency"], &[&["MX01", "MXN"], &["US01", "USD"], &["MX01", "EUR"]]);
        let check = |only: &[(&str, &str)]| {
            let only: Vec<(String, String)> = only.iter().map(|(c, v)| (c.to_string(), v.to_string())).collect();
            check_wish("q", &answer, &only).map_err(|e| e.to_string())
        };
        assert!(check(&[]).is_ok() && check(&[("company_id", "MX01"), ("currency", "EUR")]).is_ok());
        let said = check(&[("company_id", "MX99")]).unwrap_err();
        assert!(said.contains("no row of `q` has the company_id MX99") && said.contains("it has MX01, US01"), "{said}");
        assert!(check(&[("company_id", "US01"), ("currency", "EUR")]).unwrap_err().contains("company_id US01 and currency EUR"));
        assert!(check_wish("q", &rows(&["company_id"], &[]), &[("company_id".into(), "MX99".into())]).is_ok());
    }

    #[test]
    fn arguments_come_from_days_names_and_defaults() {
        let wish = Wish { as_of: day("2026-10-15"), ..Wish::default() };
        assert_eq!(arguments(&header(), &wish).unwrap(), [Datum::Date(day("2026-10-01")), Datum::Date(day("2026-10-15"))]);
        let wish = Wish { from: Some(day("2026-01-01")), given: vec![("n".into(), "7".into())], ..wish };
        let said = arguments(&header(), &wish).unwrap();
        assert_eq!(said[0], Datum::Date(day("2026-01-01")));
        assert_eq!(said[2..], [Datum::Text("a".into()), Datum::Int(7)]);
        for (name, value, says) in [("m", "1", "no parameter `m`"), ("n", "x", "n int cannot be `x`")] {
            let error = arguments(&header(), &Wish { given: vec![(name.into(), value.into())], ..wish.clone() }).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn documents_are_added_up_by_row_and_rounded_once() {
        let answer = rows(&["company_id", "open_amount"], &[&["A", "0.67"], &["B", "5.00"]]);
        let documents =
            rows(&["company_id", "document_id", "amount", "rate"], &[&["A", "X-1", "1.00", "0.333"], &["A", "X-2", "1.00", "0.333"]]);
        let proof = prove(&header(), "open_amount", &answer, documents.clone()).unwrap();
        assert_eq!((proof.sums[0].documents, proof.sums[0].added, proof.sums[0].agrees()), (2, "0.666".parse().unwrap(), true));
        assert!(!proof.sums[1].agrees() && !proof.agrees());
        assert_eq!(proof.documents.rows[0].last(), Some(&Datum::Decimal("0.333".parse().unwrap())));
        let only_a = rows(&["company_id", "open_amount"], &[&["A", "0.67"]]);
        assert!(prove(&header(), "open_amount", &only_a, documents.clone()).unwrap().agrees());
        let none = prove(&header(), "open_amount", &rows(&["company_id", "open_amount"], &[]), documents).unwrap();
        assert_eq!(none.stray, Some((2, "0.666".parse().unwrap())));
        assert!(prove(&header(), "open_amount", &only_a, rows(&["company_id"], &[])).is_err());
    }

    #[test]
    fn what_is_not_wished_is_left_out() {
        let mut answer = rows(&["company_id", "open_amount"], &[&["A", "1.00"], &["B", "2.00"]]);
        keep(&mut answer, &[("company_id".into(), "B".into()), ("elsewhere".into(), "x".into())]);
        assert_eq!(answer.rows.len(), 1);
    }
}
