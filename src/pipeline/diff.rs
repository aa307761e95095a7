//! The change between two closes: the bridges of the key figures and the documents behind each of their lines.
//!
//! Apart from the command line because what was known of the first close, and whether the parts add up, is no matter of printing.

use super::answers::Figures;
use super::pack::known_before;
use super::project::Project;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::ledger::store::standing;
use crate::metrics::explain;
use crate::report::Answers;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Which two closes, as known when, of whom.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// Day of the first close.
    pub from: NaiveDate,
    /// Day of the second.
    pub to: NaiveDate,
    /// Load at which the first was known; `None`: the last of extracts up to its day, or that of the second where there is none.
    pub known_from: Option<i32>,
    /// Load to look from; `None`: the newest.
    pub known_to: Option<i32>,
    /// Rows by company, customer and so on.
    pub grain: String,
    /// Only this company's rows, or `group`.
    pub company: Option<String>,
    /// Only this figure.
    pub measure: Option<String>,
}

/// Two closes compared.
#[derive(Debug, Clone)]
pub struct Diff {
    /// Load at which the first close was known.
    pub known_from: i32,
    /// Load looked from.
    pub known_to: i32,
    /// The answer of `changes`: opening, lines, closing of each figure and member.
    pub bridges: Rows,
    /// The answer of `change_items`: the documents behind the lines.
    pub documents: Rows,
}

/// Compares two closes.
pub fn diff(project: &Project, request: &DiffRequest) -> Result<Diff> {
    let figures = Figures::open(project, request.known_to)?;
    figures.reaches(&[Datum::Date(request.from)])?;
    let known_to = figures.load_id();
    let records = project.store.records()?;
    let known_from = match request.known_from {
        Some(load) if !(1..=known_to).contains(&load) => {
            let what = format!("the first close cannot be known at load {load}: the second is at load {known_to}");
            return Err(Error::usage(what).hint("`cartera loads` lists them; --known-from is at most --known-to"));
        }
        Some(load) => load,
        // A sealed month as it was sealed; else what was known on the day, not what an old folder loaded later says of it.
        None => {
            let closes = project.store.closes()?;
            let seal = standing(&closes, &request.from.format("%Y-%m").to_string()).filter(|c| c.record.facts.as_of == request.from);
            let then = || request.from.succ_opt().and_then(|next| known_before(&records, next));
            seal.map(|c| c.record.facts.load_id).or_else(then).unwrap_or(known_to).min(known_to)
        }
    };
    let known = Datum::Int(known_from.into());
    let arguments = [Datum::Date(request.from), Datum::Date(request.to), Datum::Text(request.grain.clone()), known];
    figures.prepare(["changes", "change_items"].map(|query| (query.to_string(), arguments.to_vec())), &mut |_, _| {});
    let only: Vec<(String, String)> = [("company_id", &request.company), ("measure", &request.measure)]
        .into_iter()
        .filter_map(|(column, value)| Some((column.to_string(), value.clone()?)))
        .collect();
    let ask = |query: &str| {
        figures.ask(query, &arguments).map(|mut rows| {
            explain::keep(&mut rows, &only);
            rows
        })
    };
    let (bridges, documents) = (ask("changes")?, ask("change_items")?);
    if let (Some(company), true) = (&request.company, bridges.rows.is_empty()) {
        return Err(Error::missing(format!("nothing is known of `{company}` at either close")).hint("name a company_id, or `group`"));
    }
    Ok(Diff { known_from, known_to, bridges, documents })
}

/// Columns a figure stands in: money, days or points.
const VALUES: [&str; 4] = ["amount", "days", "pct", "points"];

/// What a row says, whatever it is counted in; `None`: the figure has no value.
pub fn value(rows: &Rows, row: &[Datum]) -> Option<Decimal> {
    VALUES.iter().find_map(|column| row[rows.position(column)?].decimal())
}

/// The words of a row in some columns.
fn words(rows: &Rows, row: &[Datum], columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| rows.position(c).map_or_else(String::new, |at| row[at].to_string())).collect()
}

/// Whose figure a row is of.
const FIGURE: [&str; 4] = ["measure", "scope", "company_id", "member_id"];

impl Diff {
    /// The figures that are not the sum of their lines, or have a line that is not the sum of its documents; none is good.
    pub fn unproven(&self) -> Vec<String> {
        let mut left: BTreeMap<Vec<String>, Option<Decimal>> = BTreeMap::new();
        let mut lines: BTreeMap<Vec<String>, Decimal> = BTreeMap::new();
        for row in &self.bridges.rows {
            let figure = words(&self.bridges, row, &FIGURE);
            let line = words(&self.bridges, row, &["line"]).concat();
            let amount = value(&self.bridges, row);
            let sum = left.entry(figure.clone()).or_insert(Some(Decimal::ZERO));
            *sum = sum.zip(amount).map(|(sum, amount)| if line == "closing" { sum - amount } else { sum + amount });
            if !["opening", "sales", "collectable", "closing"].contains(&line.as_str()) {
                *lines.entry([figure, vec![line]].concat()).or_default() += amount.unwrap_or_default();
            }
        }
        for row in &self.documents.rows {
            let line = words(&self.documents, row, &[&FIGURE[..], &["line"]].concat());
            *lines.entry(line).or_default() -= value(&self.documents, row).unwrap_or_default();
        }
        let off = |(figure, rest): (&Vec<String>, Decimal)| (!rest.is_zero()).then(|| format!("{}: {rest} is left over", figure.join(" ")));
        left.iter().filter_map(|(figure, rest)| off((figure, (*rest)?))).chain(lines.iter().filter_map(|(l, r)| off((l, *r)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rows::RowsColumn;

    fn rows(columns: &[&str], rows: &[&[&str]]) -> Rows {
        let datum = |text: &&str| text.parse().map_or_else(|_| Datum::Text(text.to_string()), Datum::Decimal);
        Rows {
            columns: columns.iter().map(|c| RowsColumn { name: c.to_string(), type_name: "text".into() }).collect(),
            rows: rows.iter().map(|row| row.iter().map(datum).collect()).collect(),
        }
    }

    fn diff(closing: &str, document: &str) -> Diff {
        let columns = ["measure", "scope", "company_id", "member_id", "line", "amount"];
        let bridges = [
            &["open", "company", "A", "A", "opening", "100.00"][..],
            &["open", "company", "A", "A", "collections", "-40.00"],
            &["open", "company", "A", "A", "closing", closing],
        ];
        let documents = [&["open", "company", "A", "A", "collections", document][..]];
        Diff { known_from: 1, known_to: 2, bridges: rows(&columns, &bridges), documents: rows(&columns, &documents) }
    }

    #[test]
    fn lines_add_up_and_documents_too() {
        assert!(diff("60.00", "-40.00").unproven().is_empty());
        assert_eq!(diff("60.01", "-40.00").unproven(), ["open company A A: -0.01 is left over"]);
        assert_eq!(diff("60.00", "-39.00").unproven(), ["open company A A collections: -1.00 is left over"]);
    }
}
