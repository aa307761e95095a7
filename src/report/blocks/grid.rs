//! An answer laid out as columns and lines, plainly or pivoted, before totals and cuts.
//!
//! Each line remembers in what its figures are counted, so that whoever adds lines can refuse unlike currencies.

use super::trends::Trend;
use crate::engine::rows::Datum;
use crate::error::Result;
use crate::report::answers::{Answer, Unit};
use crate::report::context::Context;
use crate::report::figures::cell;
use crate::report::pack::{Cell, Column, ColumnKind as Kind};
use crate::report::spec::{PivotSpec, TableSpec};
use crate::report::words;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// Columns and lines.
pub(super) struct Grid {
    pub columns: Vec<Column>,
    pub lines: Vec<Line>,
    /// Positions of the columns that a pivot made.
    pub pivoted: std::ops::Range<usize>,
}

/// A line.
#[derive(Clone)]
pub(super) struct Line {
    pub cells: Vec<Cell>,
    /// In what each cell is counted.
    pub units: Vec<Unit>,
    /// Words of the columns that totals and splits go by, as the data has them.
    pub by: BTreeMap<String, String>,
}

impl Line {
    /// The words of some of those columns.
    pub(super) fn group(&self, by: &[String]) -> Vec<String> {
        by.iter().map(|name| self.by.get(name).cloned().unwrap_or_default()).collect()
    }
}

/// Where the cells of a column come from: the answer's own column, or small lines of another source.
enum Place<'t> {
    Own(usize),
    Trend(&'t Trend),
}

impl Place<'_> {
    fn cell(&self, name: &str, answer: &Answer, row: &[Datum], context: &Context) -> Result<Cell> {
        match self {
            Place::Own(i) => cell(answer, row, *i, name, context),
            Place::Trend(trend) => Ok(trend.cell(row)),
        }
    }

    fn unit(&self, answer: &Answer, row: &[Datum], context: &Context) -> Unit {
        match self {
            Place::Own(i) => answer.unit(row, *i, &context.request.group_currency),
            Place::Trend(_) => Unit::Plain,
        }
    }
}

/// Lays an answer out.
pub(super) fn lay_out(spec: &TableSpec, answer: &Answer, trends: &[Trend], context: &Context) -> Result<Grid> {
    match &spec.pivot {
        Some(pivot) => pivoted(spec, pivot, answer, trends, context),
        None => plain(spec, answer, trends, context),
    }
}

fn plain(spec: &TableSpec, answer: &Answer, trends: &[Trend], context: &Context) -> Result<Grid> {
    let places = places(&spec.columns, answer, trends)?;
    let mut lines = Vec::with_capacity(answer.rows().len());
    for row in answer.rows() {
        let cells: Result<Vec<Cell>> =
            places.iter().zip(&spec.columns).map(|(place, name)| place.cell(name, answer, row, context)).collect();
        let units = places.iter().map(|place| place.unit(answer, row, context)).collect();
        lines.push(Line { cells: cells?, units, by: groups(spec, answer, row)? });
    }
    let columns = columns(spec, &places, answer, context)?;
    let end = columns.len();
    Ok(Grid { columns, lines, pivoted: end..end })
}

fn pivoted(spec: &TableSpec, pivot: &PivotSpec, answer: &Answer, trends: &[Trend], context: &Context) -> Result<Grid> {
    let keys = places(&spec.columns, answer, trends)?;
    let [word, order, value] = [answer.position(&pivot.column)?, answer.position(&pivot.order)?, answer.position(&pivot.value)?];
    let kind = answer.kind(value);
    let heads = heads(answer, word, order);
    let mut columns = columns(spec, &keys, answer, context)?;
    for head in &heads {
        let label = words::word(&pivot.column, head, &context.text)?.unwrap_or_else(|| head.clone());
        columns.push(Column { key: slug(head), label, kind });
    }
    if pivot.total {
        columns.push(Column { key: "total".into(), label: context.say("table.total")?, kind });
    }

    let mut known: HashMap<Vec<String>, usize> = HashMap::new();
    let mut lines: Vec<(Line, Unit, Vec<Decimal>)> = Vec::new();
    for row in answer.rows() {
        let own = keys.iter().filter_map(|place| if let Place::Own(i) = place { Some(*i) } else { None });
        let key: Vec<String> = own.map(|i| row[i].to_string()).collect();
        let unit = answer.unit(row, value, &context.request.group_currency);
        let place = match known.get(&key) {
            Some(place) => *place,
            None => {
                let cells: Result<Vec<Cell>> =
                    keys.iter().zip(&spec.columns).map(|(place, name)| place.cell(name, answer, row, context)).collect();
                let line = Line { cells: cells?, units: vec![Unit::Plain; keys.len()], by: groups(spec, answer, row)? };
                // Zeros with the scale of the column, where a word has no row.
                lines.push((line, unit.clone(), vec![zero(kind); heads.len()]));
                known.insert(key, lines.len() - 1);
                lines.len() - 1
            }
        };
        let (_, line_unit, amounts) = &mut lines[place];
        line_unit.must_equal(&unit, &pivot.value)?;
        let head = heads.iter().position(|h| *h == row[word].to_string());
        if let (Some(head), Some(amount)) = (head, row[value].decimal()) {
            amounts[head] += amount;
        }
    }
    let start = keys.len();
    let end = columns.len();
    let lines = lines.into_iter().map(|(mut line, unit, mut amounts)| {
        if pivot.total {
            amounts.push(amounts.iter().sum());
        }
        line.units.extend(vec![unit; amounts.len()]);
        line.cells.extend(amounts.into_iter().map(Cell::Number));
        line
    });
    Ok(Grid { lines: lines.collect(), columns, pivoted: start..end })
}

/// The words of a column that become columns or series, in the order that another column gives them.
pub(super) fn heads(answer: &Answer, word: usize, order: usize) -> Vec<String> {
    let mut heads: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in answer.rows() {
        heads.entry(row[word].to_string()).or_insert_with(|| row[order].decimal().unwrap_or_default());
    }
    let mut heads: Vec<(String, Decimal)> = heads.into_iter().collect();
    heads.sort_by_key(|head| head.1);
    heads.into_iter().map(|(word, _)| word).collect()
}

/// Zero, written as the kind is.
pub(super) fn zero(kind: Kind) -> Decimal {
    if kind == Kind::Money { Decimal::new(0, 2) } else { Decimal::ZERO }
}

/// A word as key: lower-case letters and digits, the rest `_`.
pub(super) fn slug(word: &str) -> String {
    let slug: String = word.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if slug.is_empty() { "_".to_string() } else { slug }
}

fn places<'t>(names: &[String], answer: &Answer, trends: &'t [Trend]) -> Result<Vec<Place<'t>>> {
    let place = |name: &String| match trends.iter().find(|trend| trend.column == *name) {
        Some(trend) => Ok(Place::Trend(trend)),
        None => answer.position(name).map(Place::Own),
    };
    names.iter().map(place).collect()
}

fn columns(spec: &TableSpec, places: &[Place<'_>], answer: &Answer, context: &Context) -> Result<Vec<Column>> {
    let column = |(name, place): (&String, &Place<'_>)| -> Result<Column> {
        let kind = match place {
            Place::Own(i) => answer.kind(*i),
            Place::Trend(_) => Kind::Trend,
        };
        Ok(Column { key: name.clone(), label: context.say(&format!("column.{}", spec.head(name)))?, kind })
    };
    spec.columns.iter().zip(places).map(column).collect()
}

fn groups(spec: &TableSpec, answer: &Answer, row: &[Datum]) -> Result<BTreeMap<String, String>> {
    let sums = spec.total.iter().chain(&spec.subtotal).flat_map(|sum| &sum.by);
    sums.chain(&spec.split).map(|name| Ok((name.clone(), row[answer.position(name)?].to_string()))).collect()
}
