//! A snapshot: the tables of the history as one published load left them, as lists of immutable Parquet files.

use arrow::datatypes::SchemaRef;
use chrono::NaiveDate;
use std::path::PathBuf;

/// The tables as of a published load. Files are never rewritten, so a snapshot stays valid while others load.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Newest load in it; 0 for an empty history.
    pub load_id: i32,
    /// Every canonical and system table, also those without files yet.
    pub tables: Vec<SnapshotTable>,
    /// Every close record, oldest first.
    pub closes: Vec<CloseRow>,
}

/// A row of the table `closes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseRow {
    /// Load looked from.
    pub load_id: i32,
    /// Number of the record.
    pub number: i32,
    /// `seal` or `reopen`.
    pub kind: String,
    /// The month, `2026-10`.
    pub period: String,
    /// Its last day.
    pub as_of: NaiveDate,
    /// Instant of the close.
    pub sealed_at: String,
    /// Why it was opened again.
    pub reason: Option<String>,
    /// Who prepared it.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// Digest of the movements known.
    pub movements_digest: String,
    /// SHA-256 of the record's file.
    pub digest: String,
}

/// One table of a snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotTable {
    /// Its name.
    pub name: String,
    /// Its schema; the first column is `load_id`.
    pub schema: SchemaRef,
    /// Its files.
    pub files: Vec<SnapshotFile>,
}

/// One data file.
#[derive(Debug, Clone)]
pub struct SnapshotFile {
    /// Absolute path.
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    /// Rows in it.
    pub rows: u64,
    /// Load that wrote it.
    pub load_id: i32,
}
