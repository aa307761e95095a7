//! Totals, subtotals and the line of those left out: sums of lines, never of unlike currencies.

use super::grid::{Grid, Line, zero};
use crate::error::{Error, Result};
use crate::report::context::Context;
use crate::report::pack::{Cell, ColumnKind, Row, RowKind};
use crate::report::spec::{SumSpec, TableSpec};
use rust_decimal::Decimal;

/// The rows of a table out of its lines: cut, with subtotals and totals. Totals are over all lines, also those cut.
/// Second value: the lines left out.
pub(super) fn rows(spec: &TableSpec, grid: &Grid, lines: &[Line], context: &Context) -> Result<(Vec<Row>, Vec<Row>)> {
    let shown = spec.limit.unwrap_or(usize::MAX).min(lines.len());
    let mut rows = Vec::new();
    let mut run: Vec<&Line> = Vec::new();
    for (i, line) in lines[..shown].iter().enumerate() {
        rows.push(Row { kind: RowKind::Detail, cells: line.cells.clone() });
        let Some(sum) = &spec.subtotal else { continue };
        run.push(line);
        let ends = lines[..shown].get(i + 1).is_none_or(|next| next.group(&sum.by) != line.group(&sum.by));
        if ends {
            // One line is its own subtotal.
            if run.len() > 1 {
                rows.push(sum_row(sum, grid, &run, RowKind::Subtotal, "table.subtotal", context)?);
            }
            run.clear();
        }
    }
    let left_out = &lines[shown..];
    if let Some(sum) = &spec.total {
        let mut groups: Vec<Vec<String>> = Vec::new();
        for line in lines {
            let group = line.group(&sum.by);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        for group in groups {
            let of_group = |line: &&Line| line.group(&sum.by) == group;
            let others: Vec<&Line> = left_out.iter().filter(of_group).collect();
            if !others.is_empty() {
                rows.push(sum_row(sum, grid, &others, RowKind::Subtotal, "table.others", context)?);
            }
            let all: Vec<&Line> = lines.iter().filter(of_group).collect();
            if lines.len() > 1 {
                rows.push(sum_row(sum, grid, &all, RowKind::Total, "table.total_of", context)?);
            }
        }
    }
    let rest = left_out.iter().map(|line| Row { kind: RowKind::Detail, cells: line.cells.clone() });
    Ok((rows, rest.collect()))
}

/// One row that adds lines. The columns it goes by keep their word; the first column of words says what the row is.
fn sum_row(sum: &SumSpec, grid: &Grid, lines: &[&Line], kind: RowKind, label: &str, context: &Context) -> Result<Row> {
    let mut cells = vec![Cell::Empty; grid.columns.len()];
    for (i, column) in grid.columns.iter().enumerate() {
        if sum.by.contains(&column.key) {
            cells[i] = lines[0].cells[i].clone();
        }
        if sum.columns.contains(&column.key) || grid.pivoted.contains(&i) {
            cells[i] = added(grid, lines, i)?;
        }
    }
    if let Some(unknown) = sum.columns.iter().find(|name| !grid.columns.iter().any(|c| c.key == **name)) {
        return Err(Error::usage(format!("a total adds `{unknown}`, which the table does not show")));
    }
    // Words stand in a column of words: over figures they would hang on the wrong side.
    let at = grid.columns.iter().position(|column| column.kind == ColumnKind::Text).unwrap_or(0);
    let of = match &cells[at] {
        Cell::Text(word) => word.clone(),
        _ => String::new(),
    };
    let count = context.request.lang.number(Decimal::from(lines.len()), 0);
    let text = context.fill(label, &[("n", &count), ("of", &of)])?;
    // A total of a part says so wherever it is read.
    let of_part = context.request.cut.as_ref().map(|cut| format!(" · {}", cut.member_id)).unwrap_or_default();
    cells[at] = Cell::Text(format!("{}{of_part}", text.trim_end()));
    Ok(Row { kind, cells })
}

/// The sum of a column; empty where no line has a figure.
fn added(grid: &Grid, lines: &[&Line], column: usize) -> Result<Cell> {
    let mut total = None;
    for line in lines {
        lines[0].units[column].must_equal(&line.units[column], &grid.columns[column].key)?;
        if let Cell::Number(number) = line.cells[column] {
            total = Some(total.unwrap_or_else(|| zero(grid.columns[column].kind)) + number);
        }
    }
    Ok(total.map_or(Cell::Empty, Cell::Number))
}
