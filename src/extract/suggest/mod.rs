//! A profile proposed from a file itself: how it is written and which column is which, each with its evidence.
//!
//! Separate from reading because reading never guesses. What the file does not decide becomes a question, and the proposal then
//! lacks that key: a profile with open questions cannot be loaded by oversight.

mod dialect;
mod evidence;
mod names;
mod written;

use super::place::Place;
use super::profile::{FileFormat, Reading, known_table, shipped};
use super::record::{Mark, Record};
use super::source;
use crate::error::{Error, Result};
use crate::extract::csv::Next;
use evidence::Column;
use std::path::Path;

/// Rows that are looked at.
const MOST_ROWS: u64 = 200_000;

/// A proposed profile.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// Its TOML, with the evidence as comments.
    pub toml: String,
    /// What the file does not decide, and a person must.
    pub questions: Vec<String>,
}

/// Proposes a profile for a file; `table` names the canonical table, where the columns do not tell it.
pub fn suggest(path: &Path, table: Option<&str>) -> Result<Suggestion> {
    let place = Place::file(path);
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    if name.to_lowercase().ends_with(".zip") {
        return Err(Error::usage("a profile is proposed from one file").hint("unpack the archive, and name a file of it"));
    }
    if name.to_lowercase().ends_with(".xml") {
        return Err(Error::usage("an XML file is no table").hint("CFDI need no profile of their own: load them with --profile cfdi"));
    }
    let table = table.map(known_table).transpose()?;
    let canonical = shipped::canonical();
    let plain = Reading { optional_columns: Vec::new(), ..canonical.reading(&canonical.tables[0])? };
    let format = source::format(&place, &plain)?;
    let found = match format {
        FileFormat::Csv => dialect::of_text(&place, plain)?,
        FileFormat::Xlsx => dialect::of_rows(&place, plain, Vec::new())?,
        FileFormat::Parquet | FileFormat::Json | FileFormat::Cfdi => dialect::Dialect::plain(plain),
    };
    let columns = columns(&place, &found.reading)?;
    Ok(written::profile(&name, found, &columns, table))
}

/// What the cells of each column say.
fn columns(place: &Place, reading: &Reading) -> Result<Vec<Column>> {
    let mut opened = source::open(place, reading)?;
    let mut columns: Vec<Column> = opened.header.names.iter().map(|name| Column::new(name)).collect();
    for (column, cell) in columns.iter_mut().zip(&opened.header.cells) {
        column.typed = cell.iso_days || cell.plain_numbers;
    }
    opened.use_columns(&vec![true; columns.len()])?;
    let mut record = Record::default();
    let mut rows = 0;
    while rows < MOST_ROWS {
        match opened.next(&mut record)? {
            Next::End => break,
            Next::Record if record.len() == columns.len() => {
                rows += 1;
                for (i, column) in columns.iter_mut().enumerate() {
                    let typed = matches!(record.mark(i), Mark::Number | Mark::Day | Mark::Broken(_));
                    if let Ok(text) = std::str::from_utf8(record.field(i)) {
                        column.take(text.trim(), record.line, typed);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(columns)
}
