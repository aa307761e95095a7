//! Columns that rows of some files take from rows of another: what an export spreads over tables is joined while it is read.
//!
//! Separate so that binding and evaluation know no other file: to them a looked-up column is one more column of the row, empty where
//! the other file has no such key. The other file is read first and kept, its key and the asked columns only.

use super::bind;
use super::csv::Next;
use super::evaluate::Line;
use super::place::Place;
use super::plan::SourceFile;
use super::profile::{FileFormat, LookupRule, Profile, Sheet};
use super::record::{Mark, Record};
use super::source::{self, Cell, Header};
use super::xlsx;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// More rows than this are not kept: an export of that size is joined where it comes from.
const MOST_ROWS: usize = 3_000_000;
/// Between the parts of a key.
const SEPARATOR: u8 = 0x1f;

/// The rows of a look-up by key.
#[derive(Default)]
pub(super) struct LookupTable {
    rows: HashMap<Box<[u8]>, Entry>,
    /// What is known of the cells of each asked column.
    cells: Vec<Cell>,
}

struct Entry {
    /// Position of its file and its line.
    place: (usize, u64),
    cells: Box<[(Box<[u8]>, Mark)]>,
}

impl LookupTable {
    /// Reads the files of a look-up; the second value is the number of rows of each.
    pub fn read(profile: &Profile, rule: &LookupRule, files: &[&SourceFile]) -> Result<(LookupTable, Vec<u64>)> {
        let mut table = LookupTable { rows: HashMap::new(), cells: vec![Cell::default(); rule.columns.len()] };
        let mut counts = Vec::new();
        for (number, file) in files.iter().enumerate() {
            file.unchanged()?;
            let count = table.read_file(profile, rule, files, number).map_err(|e| e.context(file.name.clone()))?;
            file.unchanged()?;
            counts.push(count);
        }
        Ok((table, counts))
    }

    fn read_file(&mut self, profile: &Profile, rule: &LookupRule, files: &[&SourceFile], number: usize) -> Result<u64> {
        let reading = profile.reading_of(&rule.read)?;
        let mut reader = source::open(&files[number].place, &reading)?;
        let (file, keys, columns) = bind::bind_lookup(profile, rule, reading, &reader.header)?;
        reader.use_columns(&file.used)?;
        self.cells = columns.iter().map(|at| reader.header.cells.get(*at).copied().unwrap_or_default()).collect();
        let mut record = Record::default();
        let (mut key, mut count) = (Vec::new(), 0);
        loop {
            match reader.next(&mut record)? {
                Next::End => return Ok(count),
                Next::Skipped => continue,
                Next::Malformed(m) => return Err(Error::data(format!("line {} cannot be split: {}", m.line, m.reason))),
                Next::Record if Line::new(&record, &file).holds(&file.skip_when, &[]) && !file.skip_when.is_empty() => continue,
                Next::Record => {}
            }
            count += 1;
            key_of(&record, &keys, &mut key);
            if key.iter().all(|byte| *byte == SEPARATOR) {
                continue;
            }
            let cells: Box<[(Box<[u8]>, Mark)]> =
                columns.iter().map(|at| (record.field(*at).trim_ascii().into(), record.mark(*at))).collect();
            match self.rows.get(key.as_slice()) {
                None if self.rows.len() >= MOST_ROWS => {
                    return Err(Error::data(format!("the look-up has more than {MOST_ROWS} rows")).hint("join the tables in the export"));
                }
                None => {
                    self.rows.insert(key.as_slice().into(), Entry { place: (number, record.line), cells });
                }
                Some(known) if known.cells.iter().zip(&cells).all(|(a, b)| a.0 == b.0) => {}
                Some(known) => {
                    let key = String::from_utf8_lossy(&key).replace(SEPARATOR as char, ", ");
                    let other = format!("{}:{}", files[known.place.0].name, known.place.1);
                    return Err(Error::data(format!("line {}: the key {key} stood on {other} with other values", record.line))
                        .hint("add a column to `key`, or leave rows out with skip_when in the profile's [lookup.read]"));
                }
            }
        }
    }
}

/// The trimmed texts of the key's columns.
fn key_of(record: &Record, columns: &[usize], key: &mut Vec<u8>) {
    key.clear();
    for (n, at) in columns.iter().enumerate() {
        if n > 0 {
            key.push(SEPARATOR);
        }
        key.extend_from_slice(record.field(*at).trim_ascii());
    }
}

/// A look-up bound to the file whose rows ask.
pub(super) struct Joined {
    /// Columns of the asking file that make the key.
    pub keys: Vec<usize>,
    columns: usize,
    table: Arc<LookupTable>,
}

impl Joined {
    /// Finds the key in a header, and adds the looked-up columns to it.
    pub fn bind(rule: &LookupRule, header: &mut Header, table: Arc<LookupTable>) -> Result<Joined> {
        let find = |name: &String| {
            let exact = header.names.iter().position(|n| n == name);
            exact.or_else(|| header.names.iter().position(|n| n.eq_ignore_ascii_case(name))).ok_or_else(|| {
                Error::data(format!("the column {name} is missing, by which columns are looked up in {}", rule.from.join(", ")))
                    .hint(format!("export the column, or correct `key` in the profile; the header found is: {}", header.names.join(", ")))
            })
        };
        let keys = rule.key.keys().map(find).collect::<Result<Vec<usize>>>()?;
        let asked_by = keys.first().map_or(0, |key| header.place_of(*key));
        for (n, name) in rule.columns.keys().enumerate() {
            if header.names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(Error::usage(format!("the looked-up column `{name}` has the name of a column of the file"))
                    .hint("give it another name in the profile's [[lookup]] columns"));
            }
            header.names.push(name.clone());
            header.asked_by.push(asked_by);
            header.cells.push(table.cells.get(n).copied().unwrap_or_default());
        }
        Ok(Joined { keys, columns: rule.columns.len(), table })
    }

    /// Adds the looked-up cells to a record; empty ones where the key is not known.
    pub fn append(&self, record: &mut Record, key: &mut Vec<u8>) {
        key_of(record, &self.keys, key);
        match self.table.rows.get(key.as_slice()) {
            Some(entry) => entry.cells.iter().for_each(|(bytes, mark)| record.append(bytes, *mark)),
            None => (0..self.columns).for_each(|_| record.append(b"", Mark::Declared)),
        }
    }
}

/// The place of a look-up's file: of a workbook the sheet that is asked for, else the first. Its columns are checked.
pub(super) fn check(profile: &Profile, rule: &LookupRule, place: &Place) -> Result<Place> {
    let reading = profile.reading_of(&rule.read)?;
    let mut place = place.clone();
    if place.member.as_ref().is_none_or(|m| m.unreadable.is_none()) && source::format(&place, &reading)? == FileFormat::Xlsx {
        let sheets = xlsx::sheet_names(&place)?;
        let found = match &reading.sheet {
            None => sheets.first(),
            Some(Sheet::Number(number)) => sheets.get(number.wrapping_sub(1)),
            Some(Sheet::Name(name)) => sheets.iter().find(|(sheet, _)| sheet.eq_ignore_ascii_case(name)),
        };
        let Some((sheet, _)) = found else {
            return Err(
                Error::data("the workbook has no sheet that the look-up asks for").hint("correct `sheet` in the profile's [lookup.read]")
            );
        };
        place.sheet = Some(sheet.clone());
    }
    let opened = source::open(&place, &reading)?;
    bind::bind_lookup(profile, rule, reading, &opened.header)?;
    Ok(place)
}
