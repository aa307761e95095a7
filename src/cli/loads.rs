//! `cartera loads`: what was loaded, from the sealed records.

use super::args::{Format, Loads};
use super::printer::Printer;
use super::{Ending, close};
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::Result;
use crate::pipeline::Project;

/// Runs it.
pub fn run(project: &Project, loads: &Loads, printer: &mut Printer) -> Result<Ending> {
    let records = project.store.records()?;
    let names = ["load", "extract_day", "loaded_at", "files", "rows_read", "loaded", "set_aside", "waiting", "unchanged", "movements"];
    let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
    let rows = Rows {
        columns: names.map(column).into(),
        rows: records
            .iter()
            .map(|r| {
                let sum =
                    |pick: fn(&crate::ledger::store::ControlTotal) -> u64| Datum::Int(r.facts.totals.iter().map(pick).sum::<u64>() as i64);
                vec![
                    Datum::Int(i64::from(r.load_id)),
                    Datum::Date(r.facts.extract_day),
                    Datum::Text(r.facts.loaded_at.clone()),
                    Datum::Int(r.facts.sources.len() as i64),
                    sum(|t| t.rows_read),
                    sum(|t| t.rows_loaded),
                    sum(|t| t.rows_rejected),
                    sum(|t| t.rows_waiting),
                    sum(|t| t.rows_unchanged),
                    Datum::Int(r.rows("movements") as i64),
                ]
            })
            .collect(),
    };
    if rows.rows.is_empty() {
        printer.say("no loads yet; `cartera load PATH…` makes the first");
        // A table of heads alone says nothing to people; programs get their empty list.
        if loads.format == Format::Table {
            return Ok(Ending::Done);
        }
    }
    printer.rows(&rows, loads.format)?;
    close::mention(project, printer)?;
    Ok(Ending::Done)
}
