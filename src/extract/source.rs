//! One source as a header and a run of records, whatever its format.
//!
//! Separate so that the binding and the reading loop know no format. Here too is what lists have and tables have not: preambles,
//! headers of several rows, headers repeated on every page, totals and notes.

use super::csv::{CsvReader, Malformed, Next};
use super::json::JsonReader;
use super::lookup::{Joined, LookupTable};
use super::parquet::ParquetReader;
use super::place::Place;
use super::profile::{FileFormat, LookupRule, Reading};
use super::record::Record;
use super::xlsx::XlsxReader;
use crate::error::{Error, Result};
use std::sync::Arc;

/// A header stands within so many rows.
const LONGEST_PREAMBLE: usize = 2_000;

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    pub names: Vec<String>,
    /// What is known of each column's cells.
    pub cells: Vec<Cell>,
    /// Of the last columns, which are looked up: the column of the file that they are looked up by.
    pub asked_by: Vec<usize>,
    /// A text header of one column, as written: it may be split by another delimiter.
    pub single: Option<String>,
}

impl Header {
    /// The column of the file that a person looks at: of a looked-up one, that it is looked up by.
    pub fn place_of(&self, column: usize) -> usize {
        let own = self.names.len() - self.asked_by.len();
        if column < own { column } else { self.asked_by.get(column - own).copied().unwrap_or(column) }
    }
}

/// What is known of the cells of a column.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    /// Days are written `YYYY-MM-DD`, whatever the profile declares.
    pub iso_days: bool,
    /// Numbers are written with a point, whatever the profile declares.
    pub plain_numbers: bool,
    /// Why its cells cannot be used.
    pub unreadable: Option<&'static str>,
    /// No row has it so far; it is there because rows may have it.
    pub unseen: bool,
}

/// A source being read, from behind its header.
pub(super) struct Opened {
    pub header: Header,
    rows: Rows,
    /// The rows of the header as they stand in the file.
    titles: Vec<Vec<String>>,
    skip: Vec<String>,
    end: Vec<String>,
    ended: bool,
    /// Columns of its own; looked-up ones stand behind them.
    own: usize,
    joins: Vec<Joined>,
    key: Vec<u8>,
}

enum Rows {
    Csv(Box<CsvReader>),
    Parquet(Box<ParquetReader>),
    Xlsx(Box<XlsxReader>),
    Json(Box<JsonReader>),
}

impl Rows {
    fn next(&mut self, record: &mut Record) -> Result<Next> {
        match self {
            Rows::Csv(reader) => reader.next(record),
            Rows::Parquet(reader) => reader.next(record),
            Rows::Xlsx(reader) => reader.next(record),
            Rows::Json(reader) => reader.next(record),
        }
    }

    fn is_sheet(&self) -> bool {
        matches!(self, Rows::Xlsx(_))
    }
}

/// The format of a file: declared, else by its name.
pub(super) fn format(place: &Place, reading: &Reading) -> Result<FileFormat> {
    let name = place.format_name();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if let ("xls" | "xlsb" | "ods" | "numbers", None | Some(FileFormat::Xlsx)) = (ending, reading.format) {
        return Err(Error::data(format!("workbooks of the kind .{ending} are not read")).hint("open it, and save it as .xlsx or CSV"));
    }
    if ending == "zip" {
        return Err(Error::data("an archive inside an archive is not read").hint("unpack the outer one"));
    }
    Ok(reading.format.unwrap_or(match ending {
        "parquet" => FileFormat::Parquet,
        "xlsx" | "xlsm" => FileFormat::Xlsx,
        "jsonl" | "ndjson" | "json" => FileFormat::Json,
        _ => FileFormat::Csv,
    }))
}

/// Opens a source and reads its header.
pub(super) fn open(place: &Place, reading: &Reading) -> Result<Opened> {
    if let Some(why) = place.member.as_ref().and_then(|m| m.unreadable) {
        return Err(Error::data(format!("the file is {why}")));
    }
    match format(place, reading)? {
        FileFormat::Parquet => {
            let (header, reader) = ParquetReader::open(place)?;
            Ok(Opened::plain(header, Rows::Parquet(Box::new(reader)), reading))
        }
        FileFormat::Json => {
            let (header, reader) = JsonReader::open(place, reading)?;
            Ok(Opened::plain(header, Rows::Json(Box::new(reader)), reading))
        }
        FileFormat::Cfdi => Err(Error::internal("a CFDI is no table")),
        FileFormat::Xlsx => Opened::titled(Rows::Xlsx(Box::new(XlsxReader::open(place, reading)?)), reading),
        FileFormat::Csv => Opened::titled(Rows::Csv(Box::new(CsvReader::open(place, reading)?)), reading),
    }
}

/// The first rows of a source as they stand, before anything is known of its header: line and texts.
pub(super) fn first_rows(place: &Place, reading: &Reading, most: usize) -> Result<Vec<(u64, Vec<String>)>> {
    let mut rows = match format(place, reading)? {
        FileFormat::Xlsx => Rows::Xlsx(Box::new(XlsxReader::open(place, reading)?)),
        _ => Rows::Csv(Box::new(CsvReader::open(place, reading)?)),
    };
    let mut record = Record::default();
    let mut found = Vec::new();
    while found.len() < most {
        match rows.next(&mut record)? {
            Next::End => break,
            Next::Record => {
                let text = |i| String::from_utf8_lossy(record.field(i)).trim().to_string();
                found.push((record.line, (0..record.len()).map(text).collect()));
            }
            Next::Skipped | Next::Malformed(_) => {}
        }
    }
    Ok(found)
}

impl Opened {
    /// A source that states its columns itself.
    fn plain(header: Header, rows: Rows, reading: &Reading) -> Opened {
        Opened {
            header,
            rows,
            titles: Vec::new(),
            skip: reading.skip_rows_starting.clone(),
            end: reading.end_rows_starting.clone(),
            ended: false,
            own: 0,
            joins: Vec::new(),
            key: Vec::new(),
        }
    }

    /// Adds the columns of a look-up to the header, and its cells to every row.
    pub fn join(&mut self, rule: &LookupRule, table: Arc<LookupTable>) -> Result<()> {
        if self.joins.is_empty() {
            self.own = self.header.names.len();
        }
        self.joins.push(Joined::bind(rule, &mut self.header, table)?);
        Ok(())
    }

    /// A source whose header is among its rows.
    fn titled(mut rows: Rows, reading: &Reading) -> Result<Opened> {
        let mut titles = vec![find_header(&mut rows, reading)?];
        let mut record = Record::default();
        for _ in 1..reading.header_rows {
            match rows.next(&mut record)? {
                Next::Record => titles.push(texts(&record)?),
                _ => return Err(Error::data("the file ends, or cannot be split, within its header")),
            }
        }
        let names = joined(&titles);
        match &mut rows {
            Rows::Csv(reader) => reader.expect_fields(names.len()),
            Rows::Xlsx(reader) => reader.expect_fields(names.len()),
            Rows::Parquet(_) | Rows::Json(_) => {}
        }
        let single = (names.len() == 1 && !rows.is_sheet())
            .then(|| names[0].clone())
            .filter(|n| [b',', b';', b'\t', b'|'].iter().any(|d| *d != reading.delimiter && n.contains(*d as char)));
        let header = Header { cells: vec![Cell::default(); names.len()], names, asked_by: Vec::new(), single };
        Ok(Opened { titles, ..Opened::plain(header, rows, reading) })
    }

    /// Says which columns are needed.
    pub fn use_columns(&mut self, used: &[bool]) -> Result<()> {
        let Rows::Parquet(reader) = &mut self.rows else { return Ok(()) };
        if self.joins.is_empty() {
            return reader.use_columns(used);
        }
        let mut used = used[..self.own].to_vec();
        for key in self.joins.iter().flat_map(|join| &join.keys).filter(|key| **key < self.own) {
            used[*key] = true;
        }
        reader.use_columns(&used)
    }

    /// Fills the record with the next one.
    #[inline]
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        let next = self.rows.next(record)?;
        if self.ended {
            return Ok(if matches!(next, Next::End) { next } else { Next::Skipped });
        }
        Ok(match &next {
            Next::Record if self.is_title(record) => Next::Skipped,
            Next::Record if !self.skip.is_empty() && starts_with_one(first_text(record), &self.skip) => Next::Skipped,
            Next::Record if !self.end.is_empty() && starts_with_one(first_text(record), &self.end) => self.end(),
            Next::Malformed(m) if starts_with_one(excerpt(m), &self.skip) => Next::Skipped,
            Next::Malformed(m) if starts_with_one(excerpt(m), &self.end) => self.end(),
            Next::Record if !self.joins.is_empty() => self.joined(record),
            _ => next,
        })
    }

    /// Looks up what other files say of the row.
    fn joined(&mut self, record: &mut Record) -> Next {
        if record.len() != self.own {
            let reason = format!("the row has {} fields, the header has {}", record.len(), self.own);
            let column_no = Some(record.len().min(self.own) as u32 + 1);
            return Next::Malformed(Malformed { line: record.line, column_no, reason, excerpt: record.excerpt(b',') });
        }
        self.joins.iter().for_each(|join| join.append(record, &mut self.key));
        Next::Record
    }

    fn end(&mut self) -> Next {
        self.ended = true;
        Next::Skipped
    }

    /// Whether a row is one of the header's, as lists repeat it on every page.
    fn is_title(&self, record: &Record) -> bool {
        let first = record.field(0);
        self.titles.iter().any(|title| {
            // Nearly every row differs in its first byte already.
            if let (Some(a), Some(b)) = (first.first(), title.first().and_then(|t| t.as_bytes().first()))
                && a != b
                && *a > b' '
            {
                return false;
            }
            title.len() == record.len()
                && title.iter().enumerate().all(|(i, t)| record.field(i).trim_ascii() == t.as_bytes())
                && title.iter().any(|t| !t.is_empty())
        })
    }
}

fn first_text(record: &Record) -> &[u8] {
    (0..record.len()).map(|i| record.field(i).trim_ascii()).find(|f| !f.is_empty()).unwrap_or(b"")
}

fn excerpt(malformed: &Malformed) -> &[u8] {
    malformed.excerpt.as_bytes().trim_ascii()
}

fn starts_with_one(text: &[u8], starts: &[String]) -> bool {
    starts.iter().any(|s| text.starts_with(s.as_bytes()))
}

/// The first row of the header: the first row, or the first one with the columns declared for it.
fn find_header(rows: &mut Rows, reading: &Reading) -> Result<Vec<String>> {
    let mut record = Record::default();
    for passed in 0.. {
        if passed > LONGEST_PREAMBLE {
            break;
        }
        match rows.next(&mut record)? {
            Next::End if passed == 0 => return Err(Error::data("the file is empty; not even a header is there")),
            Next::End => break,
            Next::Malformed(m) if reading.header_at.is_empty() => {
                return Err(Error::data(format!("the header on line {} cannot be split: {}", m.line, m.reason)));
            }
            Next::Record if reading.header_at.is_empty() => return texts(&record),
            Next::Record => {
                let has = |wanted: &String| (0..record.len()).any(|i| record.field(i).trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()));
                if reading.header_at.iter().all(has) {
                    return texts(&record);
                }
            }
            Next::Skipped | Next::Malformed(_) => {}
        }
    }
    Err(Error::data(format!("no row has the columns {} that header_at names", reading.header_at.join(", ")))
        .hint("check the names, the delimiter and the encoding in the profile's [read]"))
}

fn texts(record: &Record) -> Result<Vec<String>> {
    let mut names = Vec::with_capacity(record.len());
    for i in 0..record.len() {
        let name = std::str::from_utf8(record.field(i)).map_err(|_| {
            Error::data(format!("the header's column {} is not valid in the declared encoding", i + 1))
                .hint("declare `encoding` in the profile's [read], e.g. windows-1252")
        })?;
        if name.contains('\0') {
            return Err(Error::data("the header holds NUL bytes").hint("declare `encoding = \"utf-16\"` in the profile's [read]"));
        }
        names.push(name.trim().to_string());
    }
    Ok(names)
}

/// One name a column from the rows of a header. A title over several columns stands in the first of them only, so it counts for
/// those right of it that have a title of their own below it.
fn joined(titles: &[Vec<String>]) -> Vec<String> {
    let Some((last, upper)) = titles.split_last() else { return Vec::new() };
    let width = titles.iter().map(Vec::len).max().unwrap_or(0);
    let mut over = vec![String::new(); upper.len()];
    let mut names = Vec::with_capacity(width);
    for i in 0..width {
        let below = last.get(i).map_or("", String::as_str);
        let mut parts: Vec<&str> = Vec::new();
        for (row, over) in upper.iter().zip(&mut over) {
            let own = row.get(i).map_or("", String::as_str);
            if !own.is_empty() {
                *over = own.to_string();
                parts.push(own);
            } else if !below.is_empty() && !over.is_empty() {
                parts.push(over);
            }
        }
        if !below.is_empty() {
            parts.push(below);
        }
        names.push(parts.join(" "));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_rows_are_joined() {
        let rows = |all: &[&[&str]]| all.iter().map(|r| r.iter().map(|t| t.to_string()).collect()).collect::<Vec<Vec<String>>>();
        for (titles, want) in [
            (rows(&[&["a", "b"]]), &["a", "b"][..]),
            (rows(&[&["Cliente", "Importe", ""], &["", "MXN", "USD"]]), &["Cliente", "Importe MXN", "Importe USD"]),
            (
                rows(&[&["", "Documento", "", "Importe"], &["Empresa", "Serie", "Folio", ""]]),
                &["Empresa", "Documento Serie", "Documento Folio", "Importe"],
            ),
            (rows(&[&["A"], &["x", "y"]]), &["A x", "A y"]),
        ] {
            assert_eq!(joined(&titles), want);
        }
    }
}
