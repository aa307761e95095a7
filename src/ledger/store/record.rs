//! Load records: the sealed JSON files under `history/_loads` that say, each, what one load added to every table.
//!
//! A record is the commit of its load and holds the very bytes of the Delta log entries to be redone from it, so that finishing an interrupted
//! publication needs no judgement. Each names the digest of the one before and ends with its own seal. Putting records on
//! disk and believing them is left to the store.

use super::disk::sha256;
use crate::domain::days::serde_day;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::path::Path;

/// Version of the layout of `history/`; readers refuse a higher one.
pub const FORMAT: u32 = 1;

/// A file that a load read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceFact {
    /// Name of the file, without folders.
    pub name: String,
    /// Path as it was given.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Data rows read from it.
    pub rows: u64,
    /// Canonical tables it fed.
    pub tables: Vec<String>,
}

/// Control totals of one table, company and currency; the sums of `rows_*` parts equal `rows_read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ControlTotal {
    /// Canonical table.
    pub table: String,
    /// Company, where readable.
    pub company_id: Option<String>,
    /// Currency, where the table has one.
    pub currency: Option<String>,
    /// Rows read.
    pub rows_read: u64,
    /// Rows new or changed.
    pub rows_loaded: u64,
    /// Rows set aside.
    pub rows_rejected: u64,
    /// Rows stored that wait for a document.
    pub rows_waiting: u64,
    /// Rows already known.
    pub rows_unchanged: u64,
    /// Sum of amount read, as a decimal text.
    pub amount_read: Option<String>,
    /// Sum of amount loaded, as a decimal text.
    pub amount_loaded: Option<String>,
}

/// What the caller knows about a load and the record keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadFacts {
    /// Instant of the commit, UTC, RFC 3339 (`2026-10-31T18:00:00Z`).
    pub loaded_at: String,
    /// Day the extracts speak of.
    #[serde(with = "serde_day")]
    pub extract_day: NaiveDate,
    /// Files read.
    pub sources: Vec<SourceFact>,
    /// Digest of what was asked: tables, companies, mode, window, day. With the sources' digests it tells a repeated load.
    pub scope_digest: String,
    /// Control totals.
    pub totals: Vec<ControlTotal>,
    /// Anything else worth keeping, in plain words.
    pub notes: Vec<String>,
}

/// One data file of a load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Name inside the table's folder.
    pub name: String,
    /// Its length.
    pub size: u64,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What a load adds to one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRecord {
    /// Its name.
    pub name: String,
    /// Version of its Delta log that publishes the files.
    pub version: u64,
    /// Bytes of that log entry.
    pub entry: String,
    /// Files, in the order written.
    pub files: Vec<FileRecord>,
}

/// A table laid out: version 0 of its Delta log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaidOut {
    /// Its name.
    pub name: String,
    /// Bytes of version 0 of its log: protocol and metadata.
    pub entry: String,
}

/// The record of one published load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadRecord {
    /// Layout of the history, [`FORMAT`].
    pub format: u32,
    /// Number of the load; also the number of this record.
    pub load_id: i32,
    /// SHA-256 of the record before.
    pub previous: String,
    /// What the caller said.
    pub facts: LoadFacts,
    /// Tables that this load laid out because the history did not have them.
    pub laid_out: Vec<LaidOut>,
    /// Tables it added to, `loads` last.
    pub tables: Vec<TableRecord>,
    /// Newest close record when it was written, so that none can be taken away unseen; `None`: nothing was ever closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<CloseHead>,
}

/// The newest close record that a load record speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseHead {
    /// Its number.
    pub number: i32,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// Record 0: the tables laid out when the history was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Creation {
    pub(super) format: u32,
    pub(super) load_id: i32,
    pub(super) laid_out: Vec<LaidOut>,
}

impl LoadRecord {
    /// Rows that the load added to a table.
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().filter(|t| t.name == table).flat_map(|t| &t.files).map(|f| f.rows).sum()
    }
}

/// A record that has a layout and a number.
pub(super) trait Numbered: DeserializeOwned {
    /// Layout and number.
    fn head(&self) -> (u32, i32);
}

impl Numbered for LoadRecord {
    fn head(&self) -> (u32, i32) {
        (self.format, self.load_id)
    }
}

impl Numbered for Creation {
    fn head(&self) -> (u32, i32) {
        (self.format, self.load_id)
    }
}

/// What is read of a record that cannot be read whole.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

const SEAL_BEFORE: &str = ",\n  \"seal\": \"";
const SEAL_AFTER: &str = "\"\n}\n";

/// The bytes of a record's file: readable JSON whose last member is the SHA-256 of all bytes before it.
pub(super) fn sealed_text<T: Serialize>(record: &T) -> Result<String> {
    let mut text =
        serde_json::to_string_pretty(record).map_err(|e| Error::internal("a record could not be written as JSON").caused_by(e))?;
    let body = text.trim_end_matches('}').trim_end().len();
    text.truncate(body);
    let seal = sha256(text.as_bytes());
    text.push_str(SEAL_BEFORE);
    text.push_str(&seal);
    text.push_str(SEAL_AFTER);
    Ok(text)
}

/// Reads a record whose bytes are exactly as they were sealed, and whose number is the one in its name.
pub(super) fn open_sealed<T: Numbered>(bytes: &[u8], path: &Path, number: i32) -> Result<T> {
    let body = bytes.len().saturating_sub(SEAL_BEFORE.len() + 64 + SEAL_AFTER.len());
    let (head, tail) = bytes.split_at(body);
    if tail != format!("{SEAL_BEFORE}{}{SEAL_AFTER}", sha256(head)).as_bytes() {
        return Err(damaged(path, "its seal is broken"));
    }
    let record: T = match serde_json::from_slice(bytes) {
        Ok(record) => record,
        // a record of a later program may have other members: then say so
        Err(e) => {
            return Err(match serde_json::from_slice::<Head>(bytes) {
                Ok(head) if head.format > FORMAT => newer(path, head.format),
                _ => damaged(path, "it is no such record").caused_by(e),
            });
        }
    };
    let (format, load_id) = record.head();
    if format > FORMAT {
        return Err(newer(path, format));
    }
    if load_id != number {
        return Err(damaged(path, &format!("it is record {load_id}")));
    }
    Ok(record)
}

fn newer(path: &Path, format: u32) -> Error {
    Error::usage(format!("{} was written by a newer cartera (layout {format})", path.display()))
        .hint("install that version, or a later one")
}

/// A file of the history that is not what it was.
pub(super) fn damaged(path: &Path, how: &str) -> Error {
    Error::data(format!("{} is damaged: {how}", path.display()))
        .hint("run `cartera verify` to see all that is damaged, and restore those files from a backup")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn creation(format: u32) -> Creation {
        Creation { format, load_id: 0, laid_out: vec![LaidOut { name: "loads".into(), entry: "{}\n}".into() }] }
    }

    #[test]
    fn every_bit_of_a_record_is_under_its_seal() {
        let text = sealed_text(&creation(FORMAT)).unwrap();
        let path = Path::new("0.json");
        assert_eq!(open_sealed::<Creation>(text.as_bytes(), path, 0).unwrap(), creation(FORMAT));
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(open_sealed::<Creation>(&bytes, path, 0).is_err(), "bit {bit}");
        }
        for length in 0..text.len() {
            assert!(open_sealed::<Creation>(&text.as_bytes()[..length], path, 0).is_err(), "length {length}");
        }
    }

    #[test]
    fn records_of_another_number_or_a_later_program_are_refused() {
        let text = sealed_text(&creation(FORMAT)).unwrap();
        assert!(open_sealed::<Creation>(text.as_bytes(), Path::new("3.json"), 3).is_err());
        let later = sealed_text(&creation(FORMAT + 1)).unwrap();
        assert!(open_sealed::<Creation>(later.as_bytes(), Path::new("0.json"), 0).unwrap_err().is_usage());
        let unknown = sealed_text(&Unknown { format: FORMAT + 1 }).unwrap();
        assert!(open_sealed::<Creation>(unknown.as_bytes(), Path::new("0.json"), 0).unwrap_err().is_usage());
    }

    #[derive(Serialize)]
    struct Unknown {
        format: u32,
    }
}
