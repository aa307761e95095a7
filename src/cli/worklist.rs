//! `cartera worklist`: who needs work today, on the terminal or as a pack in files.

use super::Ending;
use super::args::{Format, Worklist};
use super::printer::Printer;
use super::report;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use crate::pipeline::{PackRequest, Project, build_packs, write_pack};
use crate::report::pack::{Block, Cell, Pack, Row, RowKind, Table};

/// The pack, and the table in it that is the list.
const PACK: &str = "worklist";
/// Columns shown on the terminal.
const SHOWN: &[&str] =
    &["points_total", "company_id", "customer_id", "customer_name", "collector_name", "past_due_amount_group", "reasons"];

/// Runs it.
pub fn run(project: &Project, wish: &Worklist, printer: &mut Printer) -> Result<Ending> {
    let is_written = wish.out.is_some() || !wish.format.is_empty();
    let request = PackRequest {
        pack: PACK.into(),
        as_of: super::day_or_newest(project, wish.as_of, None)?,
        known_at: None,
        langs: if wish.lang.is_empty() { vec![project.config.lang] } else { wish.lang.clone() },
        formats: if wish.format.is_empty() { vec!["html".into(), "xlsx".into()] } else { wish.format.clone() },
        cut: wish.part.wish(),
        out: wish.out.clone().unwrap_or_else(|| project.root.join("packs")),
    };
    if is_written {
        let (files, packs) = write_pack(project, &request, &mut |step, done, of| printer.progress(step, done, of))?;
        return report::print(&files, &packs, printer);
    }
    for pack in build_packs(project, &request, &mut |step, done, of| printer.progress(step, done, of))? {
        show(&pack, wish.top, printer)?;
    }
    Ok(Ending::Done)
}

fn show(pack: &Pack, top: usize, printer: &mut Printer) -> Result<()> {
    let section = pack.sections.iter().find(|s| s.id == PACK);
    let list = section.iter().flat_map(|s| &s.blocks).find_map(|b| match b {
        Block::Table(table) if table.id == PACK => Some(table),
        _ => None,
    });
    let (Some(section), Some(list)) = (section, list) else { return Err(Error::internal("the work list has no table")) };
    printer.say(&format!("{} · {} {}", pack.title, pack.words.as_of, pack.lang.day(pack.as_of)));
    printer.line(&section.message)?;
    if list.rows.is_empty() {
        return Ok(());
    }
    printer.line("")?;
    printer.rows(&rows(list, top), Format::Table)?;
    let left = (customers(list).count() + list.rows_left_out).saturating_sub(top);
    if left > 0 {
        printer.line(&pack.words.rows_left_out.replace("{n}", &left.to_string()))?;
    }
    Ok(())
}

/// The rows that are customers, not totals.
fn customers(list: &Table) -> impl Iterator<Item = &Row> {
    list.rows.iter().filter(|row| row.kind == RowKind::Detail)
}

/// The first rows of the list, in the columns that a terminal has room for.
fn rows(list: &Table, top: usize) -> Rows {
    let positions: Vec<usize> = SHOWN.iter().filter_map(|key| list.columns.iter().position(|c| c.key == *key)).collect();
    let datum = |cell: &Cell| match cell {
        Cell::Text(text) => Datum::Text(text.clone()),
        Cell::Number(number) if number.scale() == 0 => number.to_string().parse().map_or(Datum::Decimal(*number), Datum::Int),
        Cell::Number(number) => Datum::Decimal(*number),
        Cell::Date(day) => Datum::Date(*day),
        _ => Datum::Null,
    };
    let column = |i: &usize| RowsColumn { name: list.columns[*i].label.clone(), type_name: "text".into() };
    Rows {
        columns: positions.iter().map(column).collect(),
        rows: customers(list).take(top).map(|row| positions.iter().map(|i| datum(&row.cells[*i])).collect()).collect(),
    }
}
