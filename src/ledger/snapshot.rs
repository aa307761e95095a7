//! A snapshot: the tables of the history as one published load left them, as lists of immutable Parquet files.

use arrow::datatypes::SchemaRef;
use std::path::PathBuf;

/// The tables as of a published load. Files are never rewritten, so a snapshot stays valid while others load.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Newest load in it; 0 for an empty history.
    pub load_id: i32,
    /// Every canonical and system table, also those without files yet.
    pub tables: Vec<SnapshotTable>,
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
