//! One file as a header and a run of records, whatever its format.
//!
//! Separate so that the binding and the reading loop know neither CSV nor Parquet.

use super::csv::{CsvReader, Next};
use super::parquet::{self, ParquetReader};
use super::profile::{FileFormat, Reading};
use super::record::Record;
use crate::error::{Error, Result};
use std::path::Path;

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    pub names: Vec<String>,
    /// What is known of each column's cells.
    pub cells: Vec<Cell>,
    /// A text header of one column, as written: it may be split by another delimiter.
    pub single: Option<String>,
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
}

/// A file being read.
pub(super) enum Reader {
    Csv(Box<CsvReader>),
    Parquet(Box<ParquetReader>),
}

/// The format of a file: declared, else by its name.
pub(super) fn format(path: &Path, reading: &Reading) -> FileFormat {
    reading.format.unwrap_or_else(|| {
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) { FileFormat::Parquet } else { FileFormat::Csv }
    })
}

/// Reads the header of a file.
pub(super) fn header(path: &Path, reading: &Reading) -> Result<Header> {
    match format(path, reading) {
        FileFormat::Parquet => parquet::header(path),
        FileFormat::Csv => text_header(&mut CsvReader::open(path, reading)?, reading),
    }
}

fn text_header(reader: &mut CsvReader, reading: &Reading) -> Result<Header> {
    let mut record = Record::default();
    match reader.next(&mut record)? {
        Next::Record => {}
        Next::End => return Err(Error::data("the file is empty; not even a header is there")),
        Next::Malformed(m) => return Err(Error::data(format!("the header on line {} cannot be split: {}", m.line, m.reason))),
    }
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
    let single = (names.len() == 1)
        .then(|| names[0].clone())
        .filter(|n| [b',', b';', b'\t', b'|'].iter().any(|d| *d != reading.delimiter && n.contains(*d as char)));
    Ok(Header { cells: vec![Cell::default(); names.len()], names, single })
}

impl Reader {
    /// Opens a file behind its header; `used` says which columns are needed.
    pub fn open(path: &Path, reading: &Reading, used: &[bool]) -> Result<Reader> {
        match format(path, reading) {
            FileFormat::Parquet => Ok(Reader::Parquet(Box::new(ParquetReader::open(path, used)?))),
            FileFormat::Csv => {
                let mut reader = CsvReader::open(path, reading)?;
                let mut header = Record::default();
                reader.next(&mut header)?;
                reader.expect_fields(header.len());
                Ok(Reader::Csv(Box::new(reader)))
            }
        }
    }

    /// Fills the record with the next one.
    pub fn next(&mut self, record: &mut Record) -> Result<Next> {
        match self {
            Reader::Csv(reader) => reader.next(record),
            Reader::Parquet(reader) => reader.next(record),
        }
    }
}
