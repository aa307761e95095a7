//! A table on a sheet, twice: in its section as the pack shows it, and on a sheet of its own with every row, as a native table with
//! the points behind its small lines.
//!
//! Separate because totals need care: a formula stands only where its result is the pack's own figure, to the last digit.

use super::cell;
use super::names::Names;
use super::plan::{HEAD, points};
use super::sheet::{Sheet, WIDEST};
use super::totals;
use crate::render::cells;
use crate::render::theme;
use crate::report::pack::{Cell, Column, ColumnKind, HeatBy, Row, RowKind, Table};
use rust_xlsxwriter::{
    ConditionalFormat2ColorScale, ConditionalFormat3ColorScale, ConditionalFormatType, Formula, Sparkline, TableColumn, TableStyle,
    XlsxError,
};

/// Tables with fewer details get no filter buttons.
const FILTER_ROWS: usize = 8;
/// Tables with more columns keep their first column in view.
const BROAD_COLUMNS: usize = 7;
/// A head this far down still leaves room to scroll when it is frozen.
const FREEZE_ROWS: u32 = 6;
/// Width of a column of small lines, in characters.
const TREND_CHARS: usize = 16;

/// Writes a table as the pack shows it and what is said below it; `own` is the sheet with all its rows.
pub fn shown(sheet: &mut Sheet, table: &Table, own: Option<&str>, behind: Option<&str>) -> Result<(), XlsxError> {
    if table.columns.is_empty() {
        return Ok(());
    }
    sheet.linked_heading(&table.title, own)?;
    let head = sheet.row;
    heads(sheet, table, false)?;
    if sheet.is_free() && head <= FREEZE_ROWS {
        sheet.freeze(head + 1, lead(table));
    }
    sheet.row += 1;
    rows(sheet, table, own)?;
    if table.rows.is_empty() {
        sheet.text(0, sheet.own.no_rows, &cell::quiet())?;
        sheet.row += 1;
    }
    if table.rows_left_out > 0 {
        let left_out = sheet.pack.words.rows_left_out.replace("{n}", &sheet.lang.number(table.rows_left_out.into(), 0));
        sheet.span(&left_out, &cell::quiet().set_text_wrap());
    }
    note(sheet, table);
    if let (Some(own), true) = (own, table.title.is_empty()) {
        sheet.link_line(sheet.own.whole, own)?;
    }
    if let Some(behind) = behind {
        sheet.link_line(sheet.own.behind, behind)?;
    }
    Ok(())
}

/// Writes every row of a table on its own sheet: a native table, then the totals.
pub fn whole(sheet: &mut Sheet, table: &Table, back: &str, names: &mut Names) -> Result<(), XlsxError> {
    let title = if table.title.is_empty() { back } else { &table.title };
    sheet.title(title)?;
    sheet.link_line(back, back)?;
    sheet.row = HEAD;
    let whole = complete(table);
    let details = whole.rows.iter().take_while(|row| row.kind == RowKind::Detail).count();
    let buttons = details >= FILTER_ROWS;
    let labels = heads(sheet, &whole, buttons)?;
    let columns: Vec<TableColumn> = labels
        .iter()
        .enumerate()
        .map(|(at, (label, right))| {
            let after_figure = !right && at > 0 && labels[at - 1].1;
            TableColumn::new().set_header(label).set_header_format(cell::apart(cell::head(*right), after_figure))
        })
        .collect();
    let native = rust_xlsxwriter::Table::new()
        .set_name(names.table(&table.id))
        .set_columns(&columns)
        .set_style(TableStyle::None)
        .set_banded_rows(false)
        .set_autofilter(buttons);
    sheet.out.add_table(HEAD, 0, HEAD + details as u32, whole.columns.len() as u16 - 1, &native)?;
    sheet.freeze(HEAD + 1, lead(table));
    sheet.repeat(HEAD);
    sheet.row += 1;
    let own = sheet.name.clone();
    rows(sheet, &whole, Some(&own))?;
    note(sheet, table);
    Ok(())
}

fn lead(table: &Table) -> u16 {
    u16::from(table.columns.len() > BROAD_COLUMNS && table.columns[0].kind == ColumnKind::Text)
}

fn note(sheet: &mut Sheet, table: &Table) {
    if !table.note.is_empty() {
        sheet.span(&table.note, &cell::quiet().set_text_wrap());
    }
}

/// The table with every detail, its totals, and a column for each point of its small lines.
fn complete(table: &Table) -> Table {
    let mut whole = Table { rest: Vec::new(), rows_left_out: 0, ..table.clone() };
    let totals = table.rows.iter().filter(|row| row.kind == RowKind::Total);
    whole.rows = table.details().chain(totals).cloned().collect();
    for (column, first, last) in points(table) {
        let labels = table.points.iter().find(|(key, _)| *key == table.columns[column].key).map(|(_, labels)| labels);
        let count = usize::from(last - first) + 1;
        let values = |row: &Row| match row.cells.get(column) {
            Some(Cell::Trend(values)) => values.clone(),
            _ => Vec::new(),
        };
        let fine = table.details().flat_map(|row| values(row).into_iter().flatten()).any(|v| v.normalize().scale() > 2);
        let kind = if fine { ColumnKind::Rate } else { ColumnKind::Money };
        for at in 0..count {
            let label = labels.and_then(|labels| labels.get(at)).cloned().unwrap_or_default();
            let spec = &table.columns[column];
            whole.columns.push(Column { key: format!("{}_{at}", spec.key), label: format!("{} {label}", spec.label), kind });
        }
        for row in &mut whole.rows {
            row.cells.resize(usize::from(first), Cell::Empty);
            let known = values(row);
            row.cells.extend((0..count).map(|at| known.get(at).copied().flatten().map_or(Cell::Empty, Cell::Number)));
        }
    }
    whole
}

/// Writes the heads; says them as written, with whether they stand right.
fn heads(sheet: &mut Sheet, table: &Table, buttons: bool) -> Result<Vec<(String, bool)>, XlsxError> {
    let heads: Vec<(String, bool)> = different(table.columns.iter().map(|c| cell::fit(&c.label)))
        .into_iter()
        .zip(&table.columns)
        .map(|(l, c)| (l, cells::is_figure(c.kind)))
        .collect();
    for row in &table.rows {
        for (column, (value, spec)) in row.cells.iter().zip(&table.columns).enumerate() {
            let chars = match value {
                Cell::Date(_) => 12,
                Cell::Trend(_) => TREND_CHARS,
                // Bold figures are a little wider.
                value => {
                    cells::text(value, spec.kind, sheet.lang).chars().count()
                        + usize::from(row.kind != RowKind::Detail && cells::is_figure(spec.kind))
                }
            };
            sheet.need(column as u16, chars);
        }
    }
    sheet.heads(&heads, buttons)?;
    sheet.note_table(table.rows.len());
    Ok(heads)
}

/// Writes the rows; `own` is the sheet where the points of the small lines are.
fn rows(sheet: &mut Sheet, table: &Table, own: Option<&str>) -> Result<(), XlsxError> {
    let first = sheet.row;
    let places = points(table);
    let mut formulas: Vec<Vec<bool>> = Vec::with_capacity(table.rows.len());
    let mut detail = 0;
    for (at, row) in table.rows.iter().enumerate() {
        let mut is_formula = vec![false; table.columns.len()];
        for (column, (value, spec)) in row.cells.iter().zip(&table.columns).enumerate() {
            let after_figure = !cells::is_figure(spec.kind) && column > 0 && cells::is_figure(table.columns[column - 1].kind);
            let format = cell::apart(cell::of_row(spec.kind, row.kind, sheet.lang), after_figure);
            if let Cell::Text(text) = value {
                sheet.note_lines(column as u16, text);
            }
            let place = (sheet.row, column as u16);
            match (totals::formula(table, at, column, &formulas, first), value) {
                (Some(formula), Cell::Number(total)) => {
                    is_formula[column] = true;
                    let result = cell::float(*total).to_string();
                    sheet.out.write_formula_with_format(place.0, place.1, Formula::new(formula).set_result(result), &format)?;
                }
                _ => cell::write(&mut sheet.out, place, value, spec.kind, &format, sheet.lang)?,
            }
            if let (Cell::Trend(_), Some(own), Some((_, from, to))) = (value, own, places.iter().find(|p| p.0 == column)) {
                let row = HEAD + 1 + detail;
                let line = Sparkline::new()
                    .set_range((own, row, *from, row, *to))
                    .set_sparkline_color(cell::color(theme::ACCENT))
                    .show_last_point(true)
                    .set_last_point_color(cell::color(theme::INK));
                sheet.out.add_sparkline(place.0, place.1, &line)?;
            }
        }
        detail += u32::from(row.kind == RowKind::Detail);
        formulas.push(is_formula);
        sheet.row += 1;
    }
    heat(sheet, table, first)
}

/// Shades the details by native rules, which follow when figures are changed.
fn heat(sheet: &mut Sheet, table: &Table, first: u32) -> Result<(), XlsxError> {
    let Some(heat) = table.heat.as_ref().filter(|heat| heat.from < heat.to) else { return Ok(()) };
    let details: Vec<u32> =
        table.rows.iter().enumerate().filter(|(_, row)| row.kind == RowKind::Detail).map(|(at, _)| first + at as u32).collect();
    let (Some(top), Some(bottom)) = (details.first(), details.last()) else { return Ok(()) };
    let (from, to) = (heat.from as u16, heat.to as u16 - 1);
    let ranges: Vec<(u32, u16, u32, u16)> = match heat.by {
        HeatBy::Table => vec![(*top, from, *bottom, to)],
        HeatBy::Column => (from..=to).map(|column| (*top, column, *bottom, column)).collect(),
        HeatBy::Row => details.iter().map(|row| (*row, from, *row, to)).collect(),
    };
    let dark = |negative| cell::color(&theme::shade(theme::SHADES, negative));
    for (top, left, bottom, right) in ranges {
        let cells = (top..=bottom).filter_map(|row| table.rows.get((row - first) as usize));
        let negative = cells
            .flat_map(|row| &row.cells[usize::from(left)..=usize::from(right)])
            .any(|c| matches!(c, Cell::Number(v) if v.is_sign_negative() && !v.is_zero()));
        if negative {
            let scale = ConditionalFormat3ColorScale::new()
                .set_minimum(ConditionalFormatType::Lowest, 0)
                .set_midpoint(ConditionalFormatType::Number, 0)
                .set_maximum(ConditionalFormatType::Highest, 0)
                .set_minimum_color(dark(true))
                .set_midpoint_color(cell::color(theme::PAPER))
                .set_maximum_color(dark(false));
            sheet.out.add_conditional_format(top, left, bottom, right, &scale)?;
        } else {
            let scale = ConditionalFormat2ColorScale::new()
                .set_minimum(ConditionalFormatType::Number, 0)
                .set_maximum(ConditionalFormatType::Highest, 0)
                .set_minimum_color(cell::color(theme::PAPER))
                .set_maximum_color(dark(false));
            sheet.out.add_conditional_format(top, left, bottom, right, &scale)?;
        }
    }
    Ok(())
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
    use rust_decimal::Decimal;

    #[test]
    fn heads_differ() {
        let heads = ["Saldo", "saldo", "", " "].map(String::from);
        assert_eq!(different(heads.into_iter()), ["Saldo", "saldo (2)", "–", "– (2)"]);
    }

    #[test]
    fn a_whole_table_has_the_rest_and_its_points() {
        let number = |n: i64| Cell::Number(Decimal::from(n));
        let trend = |n: i64| Cell::Trend(vec![None, Some(Decimal::from(n))]);
        let row = |kind, n| Row { kind, cells: vec![number(n), if kind == RowKind::Detail { trend(n) } else { Cell::Empty }] };
        let table = Table {
            columns: [("n", ColumnKind::Count), ("t", ColumnKind::Trend)]
                .map(|(key, kind)| Column { key: key.into(), label: key.into(), kind })
                .into(),
            rows: vec![row(RowKind::Detail, 1), row(RowKind::Subtotal, 5), row(RowKind::Total, 6)],
            rest: vec![row(RowKind::Detail, 5)],
            rows_left_out: 1,
            points: vec![("t".into(), vec!["sep".into(), "oct".into()])],
            ..Table::default()
        };
        let whole = complete(&table);
        assert_eq!(whole.columns.iter().map(|c| c.label.as_str()).collect::<Vec<_>>(), ["n", "t", "t sep", "t oct"]);
        let lasts: Vec<Option<&Cell>> = whole.rows.iter().map(|row| row.cells.get(3)).collect();
        assert_eq!(lasts, [Some(&number(1)), Some(&number(5)), Some(&Cell::Empty)]);
        assert_eq!(points(&table), [(1, 2, 3)]);
    }
}
