//! Columns of small lines: for each row of a table the values of another source over its points.

use super::chart::{adds_up, in_time, label, points, same_unit};
use super::grid::zero;
use crate::engine::rows::Datum;
use crate::error::Result;
use crate::report::answers::{Answer, Unit};
use crate::report::context::Context;
use crate::report::pack::Cell;
use crate::report::spec::{Spec, TrendSpec};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// In what a line is counted, and its values, one a point.
type UnitAndLine = (Option<Unit>, Vec<Option<Decimal>>);

/// A column of small lines.
pub(super) struct Trend {
    /// Its name among the table's columns.
    pub column: String,
    /// Labels of its points.
    pub points: Vec<String>,
    /// Positions of the key in the table's answer.
    key: Vec<usize>,
    lines: HashMap<Vec<String>, Vec<Option<Decimal>>>,
}

impl Trend {
    /// The lines for the rows of a table's answer.
    pub(super) fn of(spec: &TrendSpec, table: &Answer, pack: &Spec, context: &Context) -> Result<Trend> {
        let answer = context.ask(pack, &spec.from)?;
        let (x, value) = (answer.position(&spec.x)?, answer.position(&spec.value)?);
        let positions = |answer: &Answer| spec.key.iter().map(|name| answer.position(name)).collect::<Result<Vec<usize>>>();
        let own = positions(&answer)?;
        let mut points = points(&answer, x);
        in_time(&mut points);
        let kind = answer.kind(value);
        let blank = adds_up(kind).then(|| zero(kind));
        let mut lines: HashMap<Vec<String>, UnitAndLine> = HashMap::new();
        for row in answer.rows() {
            let key: Vec<String> = own.iter().map(|i| row[*i].to_string()).collect();
            let (unit, line) = lines.entry(key).or_insert_with(|| (None, vec![blank; points.len()]));
            same_unit(unit, &answer, row, value, &spec.value, context)?;
            let Some(point) = points.iter().position(|p| **p == row[x]) else { continue };
            line[point] = row[value].decimal().map(|amount| line[point].unwrap_or_default() + amount);
        }
        let labels: Result<Vec<String>> = points.iter().map(|point| label(point, &spec.x, context)).collect();
        Ok(Trend {
            column: spec.column.clone(),
            points: labels?,
            key: positions(table)?,
            lines: lines.into_iter().map(|(key, (_, line))| (key, line)).collect(),
        })
    }

    /// The line of a row of the table; nothing where the source knows nothing of it.
    pub(super) fn cell(&self, row: &[Datum]) -> Cell {
        let key: Vec<String> = self.key.iter().map(|i| row[*i].to_string()).collect();
        self.lines.get(&key).map_or(Cell::Empty, |line| Cell::Trend(line.clone()))
    }
}
