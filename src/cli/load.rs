//! `cartera load`: reads, posts, publishes, and accounts for every row.

use super::Ending;
use super::args::{Format, Load};
use super::printer::Printer;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use crate::extract::Given;
use crate::ledger::load::{Outcome, TotalLine};
use crate::pipeline::{self, FirstRow, LoadRequest, Loaded, Now, Project};

/// Runs it; exit code 3 if rows were set aside.
pub fn run(project: &Project, load: &Load, now: &Now, printer: &mut Printer) -> Result<Ending> {
    let mut given = Given::new();
    for (name, value) in &load.given {
        if given.insert(name.clone(), value.clone()).is_some_and(|other| other != *value) {
            return Err(Error::usage(format!("--given {name} stands twice with different values")).hint("load each company by itself"));
        }
    }
    let request = LoadRequest {
        paths: load.paths.clone(),
        profile: load.profile.clone(),
        day: load.day,
        full: load.full,
        given,
        dry_run: load.dry_run,
    };
    let loaded = pipeline::load(project, &request, now, &mut |step, done, of| printer.progress(step, done, of))?;
    report(&loaded, load.dry_run, load.format, printer)
}

/// Prints what a load did.
pub fn report(loaded: &Loaded, dry_run: bool, format: Format, printer: &mut Printer) -> Result<Ending> {
    let (outcome, sources) = match loaded {
        Loaded::Already(load) => {
            printer.say(&format!("already loaded, in load {load}; nothing written"));
            return Ok(Ending::Done);
        }
        Loaded::Done { outcome, sources, unread, first_rows } => {
            first_rows.iter().for_each(|row| printer.say(&shown(row)));
            unread.iter().for_each(|file| printer.say(&format!("  not read, no table asks for it: {file}")));
            (outcome, sources)
        }
    };
    for source in sources {
        let skipped = if source.skipped > 0 { format!(", {} skipped by the profile", source.skipped) } else { String::new() };
        printer.say(&format!("  {} ({}): {}{skipped}", source.name, source.profile, rows_in_words(source.rows)));
    }
    let is_news = |l: &&TotalLine| format != Format::Table || l.rows[..3].iter().any(|n| *n > 0);
    let shown: Vec<TotalLine> = outcome.totals.iter().filter(is_news).cloned().collect();
    printer.rows(&totals(&shown), format)?;
    if shown.len() < outcome.totals.len() {
        let known: u64 = outcome.totals.iter().filter(|l| !is_news(l)).map(|l| l.rows[3]).sum();
        printer.say(&format!("  and {known} rows of tables in which nothing was new"));
    }
    if !outcome.first_rejects.is_empty() {
        printer.say(&format!("{} set aside (select * from rejects lists all):", rows_in_words(outcome.rejects)));
        outcome.first_rejects.iter().for_each(|r| printer.say(&format!("  {r}")));
    }
    let findings: Vec<String> = outcome.finding_counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
    if !findings.is_empty() {
        printer.say(&format!("rows set aside and findings, by code: {}", findings.join(", ")));
    }
    printer.say(&ending(outcome, dry_run));
    Ok(if outcome.rejects > 0 { Ending::Remarks } else { Ending::Done })
}

fn rows_in_words(count: u64) -> String {
    if count == 1 { "1 row".to_string() } else { format!("{count} rows") }
}

/// A row of a dry run: where it stands and what it says.
fn shown(row: &FirstRow) -> String {
    let values: Vec<String> = row.values.iter().map(|(column, value)| format!("{column} = {value}")).collect();
    format!("  {} from {}: {}", row.table, row.place, values.join(", "))
}

/// The short form, for the demo: what was set aside and found, not every total.
pub fn summary(loaded: &Loaded, printer: &mut Printer) {
    let Loaded::Done { outcome, sources, .. } = loaded else { return };
    let rows: u64 = sources.iter().map(|s| s.rows).sum();
    printer.say(&format!("  {} files, {rows} rows read, {} set aside:", sources.len(), outcome.rejects));
    outcome.first_rejects.iter().for_each(|r| printer.say(&format!("    {r}")));
    printer.say(&format!("  {}", ending(outcome, false)));
}

fn ending(outcome: &Outcome, dry_run: bool) -> String {
    let merges = match outcome.merges {
        0 => String::new(),
        n => format!("; merges of customers recorded or taken back: {n}"),
    };
    match outcome.load_id {
        Some(load) => format!("load {load} as of {}: {} movements added{merges}", outcome.day, outcome.movements),
        None if dry_run => {
            format!("dry run as of {}: {} movements would be added{merges}; nothing written", outcome.day, outcome.movements)
        }
        None if outcome.rejects > 0 => {
            format!("everything else was known already and the same {} rows are set aside again; nothing written", outcome.rejects)
        }
        None => "everything in it was known already; nothing written".to_string(),
    }
}

/// Control totals as rows: read = loaded + set aside + waiting + unchanged.
fn totals(lines: &[TotalLine]) -> Rows {
    let names = ["table", "company", "currency", "read", "loaded", "set_aside", "waiting", "unchanged", "amount_read", "amount_loaded"];
    let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
    let text = |value: &Option<String>| value.clone().map_or(Datum::Null, Datum::Text);
    let count = |n: u64| Datum::Int(n as i64);
    let row = |l: &TotalLine| {
        let money = |m: Option<crate::domain::money::Money>| {
            m.filter(|_| l.currency.is_some()).map_or(Datum::Null, |m| Datum::Decimal(m.to_decimal()))
        };
        vec![
            Datum::Text(l.table.clone()),
            text(&l.company_id),
            text(&l.currency),
            count(l.rows_read()),
            count(l.rows[0]),
            count(l.rows[1]),
            count(l.rows[2]),
            count(l.rows[3]),
            money(l.amount_read()),
            money(l.amounts[0]),
        ]
    };
    Rows { columns: names.map(column).into(), rows: lines.iter().map(row).collect() }
}
