//! A table on a sheet: heads, details as a native table where its form allows, totals as formulas where they are the sum above.
//!
//! Separate because totals need care: a formula stands only where its result is the pack's own figure, to the last digit.

use super::cell;
use super::names::Names;
use super::sheet::{Sheet, WIDEST};
use crate::render::cells;
use crate::report::pack::{Cell, ColumnKind, Row, RowKind, Table};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, TableColumn, TableStyle, XlsxError};

/// Tables with fewer details get no filter buttons.
const FILTER_ROWS: usize = 8;
/// Tables with more columns keep their first column in view.
const BROAD_COLUMNS: usize = 7;
/// A head this far down still leaves room to scroll when it is frozen.
const FREEZE_ROWS: u32 = 6;

/// Writes a table and what is said below it.
pub fn table(sheet: &mut Sheet, table: &Table, names: &mut Names) -> Result<(), XlsxError> {
    if table.columns.is_empty() {
        return Ok(());
    }
    sheet.heading(&table.title)?;
    let details = table.rows.iter().take_while(|row| row.kind == RowKind::Detail).count();
    let plain = details > 0 && table.rows[details..].iter().all(|row| row.kind == RowKind::Total);
    let buttons = plain && details >= FILTER_ROWS;

    let head = sheet.row;
    let heads: Vec<(String, bool)> = different(table.columns.iter().map(|c| cell::fit(&c.label)))
        .into_iter()
        .zip(&table.columns)
        .map(|(l, c)| (l, cells::is_figure(c.kind)))
        .collect();
    note_widths(sheet, table);
    sheet.heads(&heads, buttons)?;
    sheet.note_table(table.rows.len());
    if plain {
        let columns: Vec<TableColumn> = heads
            .iter()
            .enumerate()
            .map(|(at, (label, right))| {
                let after_figure = !right && at > 0 && heads[at - 1].1;
                TableColumn::new().set_header(label).set_header_format(cell::apart(cell::head(*right), after_figure))
            })
            .collect();
        let native = rust_xlsxwriter::Table::new()
            .set_name(names.table(&table.id))
            .set_columns(&columns)
            .set_style(TableStyle::None)
            .set_banded_rows(false)
            .set_autofilter(buttons);
        sheet.out.add_table(head, 0, head + details as u32, table.columns.len() as u16 - 1, &native)?;
    }
    if sheet.is_free() && head <= FREEZE_ROWS {
        let first = table.columns.len() > BROAD_COLUMNS && table.columns[0].kind == ColumnKind::Text;
        sheet.freeze(head + 1, u16::from(first));
    }
    sheet.row += 1;
    rows(sheet, table)?;
    if table.rows.is_empty() {
        sheet.text(0, sheet.own.no_rows, &cell::quiet())?;
        sheet.row += 1;
    }
    if table.rows_left_out > 0 {
        let left_out = sheet.pack.words.rows_left_out.replace("{n}", &sheet.lang.number(table.rows_left_out.into(), 0));
        sheet.span(&left_out, &cell::quiet().set_text_wrap());
    }
    if !table.note.is_empty() {
        sheet.span(&table.note, &cell::quiet().set_text_wrap());
    }
    Ok(())
}

fn note_widths(sheet: &mut Sheet, table: &Table) {
    for row in &table.rows {
        for (column, (value, spec)) in row.cells.iter().zip(&table.columns).enumerate() {
            let chars = cells::text(value, spec.kind, sheet.lang).chars().count();
            // Bold figures are a little wider.
            let bold = usize::from(row.kind != RowKind::Detail && cells::is_figure(spec.kind));
            sheet.need(column as u16, if matches!(value, Cell::Date(_)) { 12 } else { chars + bold });
        }
    }
}

fn rows(sheet: &mut Sheet, table: &Table) -> Result<(), XlsxError> {
    let first = sheet.row;
    let mut formulas: Vec<Vec<bool>> = Vec::with_capacity(table.rows.len());
    for (at, row) in table.rows.iter().enumerate() {
        let mut is_formula = vec![false; table.columns.len()];
        for (column, (value, spec)) in row.cells.iter().zip(&table.columns).enumerate() {
            let after_figure = !cells::is_figure(spec.kind) && column > 0 && cells::is_figure(table.columns[column - 1].kind);
            let format = cell::apart(cell::of_row(spec.kind, row.kind, sheet.lang), after_figure);
            if let Cell::Text(text) = value {
                sheet.note_lines(column as u16, text);
            }
            let summed = match value {
                Cell::Number(total) if row.kind != RowKind::Detail && matches!(spec.kind, ColumnKind::Money | ColumnKind::Count) => {
                    summed_from(&table.rows[..at], &formulas, column, *total)
                }
                _ => None,
            };
            let place = (sheet.row, column as u16);
            match (summed, value) {
                (Some(from), Cell::Number(total)) => {
                    let letters = rust_xlsxwriter::utility::column_number_to_name(column as u16);
                    let formula = format!("=SUBTOTAL(9,{letters}{}:{letters}{})", first + from as u32 + 1, sheet.row);
                    is_formula[column] = true;
                    let result = cell::float(*total).to_string();
                    sheet.out.write_formula_with_format(place.0, place.1, Formula::new(formula).set_result(result), &format)?;
                }
                _ => cell::write(&mut sheet.out, place, value, spec.kind, &format, sheet.lang)?,
            }
        }
        formulas.push(is_formula);
        sheet.row += 1;
    }
    Ok(())
}

/// The first row from which `SUBTOTAL` down to the last row gives exactly the total, if there is one: the run of details just above,
/// else everything since the last total, else everything. `SUBTOTAL` leaves out cells that are `SUBTOTAL`s themselves.
fn summed_from(above: &[Row], formulas: &[Vec<bool>], column: usize, total: Decimal) -> Option<usize> {
    let after = |stops: &dyn Fn(&Row) -> bool| above.iter().rposition(stops).map_or(0, |at| at + 1);
    let candidates = [after(&|row| row.kind != RowKind::Detail), after(&|row| row.kind == RowKind::Total), 0];
    candidates.into_iter().find(|&from| {
        let cells = above[from..].iter().zip(&formulas[from..]);
        let added: Vec<Decimal> = cells
            .filter(|(_, is_formula)| !is_formula[column])
            .filter_map(|(row, _)| match row.cells.get(column) {
                Some(Cell::Number(value)) => Some(*value),
                _ => None,
            })
            .collect();
        !added.is_empty() && added.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value)) == Some(total)
    })
}

/// Native tables want every head filled and different from the others, whatever its case.
fn different(labels: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for label in labels {
        let base = if label.trim().is_empty() { "–".to_string() } else { label.chars().take(WIDEST * 4).collect() };
        let mut name = base.clone();
        let mut n = 2;
        while out.iter().any(|other| other.to_lowercase() == name.to_lowercase()) {
            name = format!("{base} ({n})");
            n += 1;
        }
        out.push(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: RowKind, value: i64) -> Row {
        Row { kind, cells: vec![Cell::Number(Decimal::new(value, 2))] }
    }

    #[test]
    fn a_total_is_a_formula_only_where_it_is_the_sum() {
        use RowKind::{Detail, Subtotal, Total};
        let above = [row(Detail, 100), row(Detail, 50), row(Subtotal, 150), row(Detail, 7), row(Subtotal, 7)];
        let formulas = [vec![false], vec![false], vec![true], vec![false], vec![true]];
        let sum = |n: usize, total| summed_from(&above[..n], &formulas[..n], 0, Decimal::new(total, 2));
        assert_eq!(sum(2, 150), Some(0));
        assert_eq!(sum(2, 151), None);
        assert_eq!(sum(4, 7), Some(3));
        assert_eq!(sum(5, 157), Some(0));
        // A subtotal written as a value would be added by the formula: no formula then.
        assert_eq!(summed_from(&above, &[vec![false], vec![false], vec![false], vec![false], vec![true]], 0, Decimal::new(157, 2)), None);
        assert_eq!(summed_from(&[row(Total, 5)], &[vec![true]], 0, Decimal::ZERO), None);
    }

    #[test]
    fn heads_differ() {
        let heads = ["Saldo", "saldo", "", " "].map(String::from);
        assert_eq!(different(heads.into_iter()), ["Saldo", "saldo (2)", "–", "– (2)"]);
    }
}
