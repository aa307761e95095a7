//! How dark the cells of a table are behind their figures: steps by value, within the table, a row or a column.
//!
//! Separate because HTML and PDF must agree; XLSX has rules of its own for it.

use super::theme::SHADES;
use crate::report::pack::{Cell, Heat, HeatBy, RowKind, Table};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The shade of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shade {
    /// From 1 to [`SHADES`].
    pub step: u8,
    /// Whether the figure is below zero.
    pub negative: bool,
}

/// The shades of a table by row and column; zeros, totals and other columns have none.
pub fn shades(table: &Table) -> Vec<Vec<Option<Shade>>> {
    let Some(heat) = &table.heat else { return vec![Vec::new(); table.rows.len()] };
    let value = |row: usize, column: usize| match (table.rows[row].kind, table.rows[row].cells.get(column)) {
        (RowKind::Detail, Some(Cell::Number(value))) if (heat.from..heat.to).contains(&column) => Some(*value),
        _ => None,
    };
    let most = |rows: &mut dyn Iterator<Item = usize>, columns: std::ops::Range<usize>| {
        rows.flat_map(|r| columns.clone().filter_map(move |c| value(r, c))).map(|v| v.abs()).max().unwrap_or_default()
    };
    let Heat { from, to, by } = heat;
    let rows = 0..table.rows.len();
    let whole = most(&mut rows.clone(), *from..*to);
    let of_column: Vec<Decimal> = (0..table.columns.len()).map(|c| most(&mut rows.clone(), c..c + 1)).collect();
    rows.map(|row| {
        let of_row = most(&mut std::iter::once(row), *from..*to);
        let cell = |column: usize| {
            let largest = match by {
                HeatBy::Table => whole,
                HeatBy::Row => of_row,
                HeatBy::Column => of_column[column],
            };
            value(row, column).and_then(|value| shade(value, largest))
        };
        (0..table.columns.len()).map(cell).collect()
    })
    .collect()
}

/// A step up to which the value reaches; what is not zero is seen.
fn shade(value: Decimal, largest: Decimal) -> Option<Shade> {
    if value.is_zero() || largest.is_zero() {
        return None;
    }
    let steps = Decimal::from(SHADES);
    // Multiplied first: a sixth of the largest is one step, not a hair more.
    let scaled = value.abs().checked_mul(steps).map(|v| v / largest).or_else(|| value.abs().checked_div(largest).map(|v| v * steps))?;
    let step = scaled.ceil().to_u8()?.clamp(1, SHADES);
    Some(Shade { step, negative: value.is_sign_negative() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::pack::{Column, ColumnKind, Row};

    fn table(by: HeatBy) -> Table {
        let number = |n: i64| Cell::Number(Decimal::from(n));
        let row = |kind, cells: [i64; 2]| Row { kind, cells: std::iter::once(Cell::Text("r".into())).chain(cells.map(number)).collect() };
        let column = |kind| Column { key: "k".into(), label: "k".into(), kind };
        Table {
            columns: vec![column(ColumnKind::Text), column(ColumnKind::Count), column(ColumnKind::Count)],
            rows: vec![row(RowKind::Detail, [60, -1]), row(RowKind::Detail, [0, 6]), row(RowKind::Total, [60, 600])],
            heat: Some(Heat { from: 1, to: 3, by }),
            ..Table::default()
        }
    }

    #[test]
    fn shades_compare_within_what_is_asked() {
        let steps = |by| {
            let shades = shades(&table(by));
            assert!(shades[2].iter().all(Option::is_none), "totals have no shade");
            [(0, 1), (0, 2), (1, 1), (1, 2)].map(|(r, c): (usize, usize)| shades[r][c].map(|s| (s.step, s.negative)))
        };
        assert_eq!(steps(HeatBy::Table), [Some((6, false)), Some((1, true)), None, Some((1, false))]);
        assert_eq!(steps(HeatBy::Row), [Some((6, false)), Some((1, true)), None, Some((6, false))]);
        assert_eq!(steps(HeatBy::Column), [Some((6, false)), Some((1, true)), None, Some((6, false))]);
        assert_eq!(shade(Decimal::MAX, Decimal::MAX), Some(Shade { step: 6, negative: false }));
    }
}
