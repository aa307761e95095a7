//! Everything that reaches a terminal: results on stdout, talk on stderr, progress only where a person watches.

use super::args::Format;
use super::printing;
use crate::domain::lang::Lang;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::pipeline::WAITING;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, TableComponent, presets};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Columns of a text with its name beside it.
const FIELD_WIDTH: usize = 100;

/// Prints.
pub struct Printer {
    quiet: bool,
    bar: Option<ProgressBar>,
}

impl Printer {
    /// A printer; a quiet one prints results and errors only.
    pub fn new(quiet: bool) -> Printer {
        Printer { quiet, bar: None }
    }

    /// Talk.
    pub fn say(&mut self, text: &str) {
        self.clear();
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// A failure, with its next step.
    pub fn error(&mut self, error: &Error) {
        self.clear();
        let _ = writeln!(std::io::stderr(), "error: {error}");
    }

    /// A line of the result.
    pub fn line(&mut self, text: &str) -> Result<()> {
        self.clear();
        writeln!(std::io::stdout(), "{text}").map_err(printing)
    }

    /// A named text of the result, wrapped to the terminal with its name in the margin.
    pub fn field(&mut self, name: &str, text: &str) -> Result<()> {
        const MARGIN: usize = 15;
        let mut line = format!("{name:MARGIN$}");
        let mut is_first = true;
        for word in text.split_whitespace() {
            if !is_first && line.chars().count() + 1 + word.chars().count() > FIELD_WIDTH {
                self.line(&line)?;
                line = " ".repeat(MARGIN);
                is_first = true;
            }
            if !is_first {
                line.push(' ');
            }
            line.push_str(&plain(word));
            is_first = false;
        }
        self.line(&line)
    }

    /// A value as JSON on stdout.
    pub fn value(&mut self, value: &serde_json::Value) -> Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(|e| Error::internal("it cannot be written as JSON").caused_by(e))?;
        self.line(&text)
    }

    /// Progress of a step; a bar where stderr is a terminal, nothing elsewhere. That another load is waited for is said everywhere.
    pub fn progress(&mut self, step: &str, done: u64, of: u64) {
        if step == WAITING {
            return self.say(step);
        }
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{msg:12} {bar:40} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(of).with_style(style)
        });
        bar.set_length(of.max(1));
        bar.set_message(step.to_string());
        bar.set_position(done);
    }

    /// Takes the progress bar away.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Rows of an answer on stdout.
    pub fn rows(&mut self, rows: &Rows, format: Format) -> Result<()> {
        self.clear();
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        match format {
            Format::Table if is_plan(rows) => plans(rows, &mut out)?,
            Format::Table => writeln!(out, "{}", table(rows)).map_err(printing)?,
            Format::Csv => csv(rows, &mut out)?,
            Format::Json => json(rows, &mut out)?,
            Format::Parquet => return Err(Error::usage("parquet is for `cartera sql` with --out FILE")),
        }
        out.flush().map_err(printing)
    }
}

/// Whether an answer is what EXPLAIN gives.
fn is_plan(rows: &Rows) -> bool {
    rows.columns.iter().map(|c| c.name.as_str()).eq(["plan_type", "plan"])
}

/// Plans under their names: they have lines of their own, and too many for a table.
fn plans(rows: &Rows, out: &mut dyn Write) -> Result<()> {
    for row in &rows.rows {
        writeln!(out, "{}:", plain(&row[0].to_string())).map_err(printing)?;
        for line in row[1].to_string().lines() {
            writeln!(out, "  {}", plain(line)).map_err(printing)?;
        }
    }
    Ok(())
}

/// The rows as a table for people: figures right, with thousands marks.
fn table(rows: &Rows) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_style(TableComponent::HeaderLines, '─').set_style(TableComponent::MiddleHeaderIntersections, '─');
    if !std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(rows.columns.iter().map(|c| c.name.clone()));
    for row in &rows.rows {
        table.add_row(row.iter().map(|d| match d {
            Datum::Decimal(value) => Cell::new(Lang::En.number(*value, value.scale())).set_alignment(CellAlignment::Right),
            Datum::Int(value) => Cell::new(value).set_alignment(CellAlignment::Right),
            other => Cell::new(plain(&other.to_string())),
        }));
    }
    // A figure broken over lines is no figure: only words may wrap.
    for (i, column) in table.column_iter_mut().enumerate() {
        if rows.rows.iter().any(|row| matches!(row[i], Datum::Decimal(_) | Datum::Int(_) | Datum::Date(_))) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

/// Control characters would let data write to the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The rows as RFC 4180 text.
pub fn csv(rows: &Rows, out: &mut dyn Write) -> Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    let failed = |e: ::csv::Error| match e.into_kind() {
        ::csv::ErrorKind::Io(e) => printing(e),
        other => Error::internal(format!("a row cannot be written as CSV: {other:?}")),
    };
    writer.write_record(rows.columns.iter().map(|c| c.name.as_str())).map_err(failed)?;
    for row in &rows.rows {
        writer.write_record(row.iter().map(Datum::to_string)).map_err(failed)?;
    }
    writer.flush().map_err(printing)
}

/// The rows as an array of objects.
pub fn json(rows: &Rows, out: &mut dyn Write) -> Result<()> {
    let objects = objects(rows);
    let text = serde_json::to_string_pretty(&objects).map_err(|e| Error::internal("rows cannot be written as JSON").caused_by(e))?;
    writeln!(out, "{text}").map_err(printing)
}

/// The rows as objects.
pub fn objects(rows: &Rows) -> Vec<serde_json::Value> {
    let object =
        |row: &Vec<Datum>| rows.columns.iter().zip(row).map(|(c, d)| (c.name.clone(), value(d))).collect::<serde_json::Map<_, _>>();
    rows.rows.iter().map(|row| object(row).into()).collect()
}

fn value(datum: &Datum) -> serde_json::Value {
    match datum {
        Datum::Null => serde_json::Value::Null,
        Datum::Int(i) => (*i).into(),
        Datum::Bool(b) => (*b).into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rows::RowsColumn;

    #[test]
    fn a_plan_keeps_its_lines_and_nothing_else_does() {
        let column = |name: &str| RowsColumn { name: name.to_string(), type_name: "text".to_string() };
        let text = |word: &str| Datum::Text(word.to_string());
        let mut rows = Rows {
            columns: vec![column("plan_type"), column("plan")],
            rows: vec![vec![text("logical_plan"), text("Sort: a\n  Scan: \u{7}b\n")]],
        };
        let mut out = Vec::new();
        assert!(is_plan(&rows));
        plans(&rows, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "logical_plan:\n  Sort: a\n    Scan: \u{fffd}b\n");
        rows.columns[1].name = "note".to_string();
        assert!(!is_plan(&rows));
    }
}
