//! `cartera sql`: one question, one answer.

use super::Ending;
use super::args::{Format, Sql};
use super::printer::{self, Printer};
use crate::error::{Error, Result};
use crate::pipeline::{Figures, Project};

/// Runs it.
pub fn run(project: &Project, sql: &Sql, printer: &mut Printer) -> Result<Ending> {
    let text = match (&sql.query, &sql.file) {
        (Some(text), _) => text.clone(),
        (None, Some(file)) => std::fs::read_to_string(file).map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?,
        (None, None) => return Err(Error::usage("no question").hint("cartera sql \"select …\"")),
    };
    let figures = Figures::open(project, sql.known_at)?;
    if sql.format == Format::Parquet {
        let out = sql.out.as_ref().ok_or_else(|| Error::usage("parquet needs a file").hint("add --out FILE"))?;
        let rows = figures.sql_parquet(&text, out)?;
        printer.say(&format!("{rows} rows in {}", out.display()));
        return Ok(Ending::Done);
    }
    let rows = figures.sql(&text)?;
    let Some(out) = &sql.out else {
        printer.rows(&rows, sql.format)?;
        return Ok(Ending::Done);
    };
    let cannot = |e| Error::io(format!("cannot write {}", out.display()), e);
    let mut file = std::io::BufWriter::new(std::fs::File::create(out).map_err(cannot)?);
    if sql.format == Format::Json {
        printer::json(&rows, &mut file)?
    } else {
        printer::csv(&rows, &mut file)?
    }
    printer.say(&format!("{} rows in {}", rows.rows.len(), out.display()));
    Ok(Ending::Done)
}
