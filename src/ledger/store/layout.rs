//! How the history lies on disk: its tables, the names of its files and folders, and the Parquet properties of each column.
//!
//! The layout is for ever, since files are never rewritten; so it stands in one place. Nothing here changes the disk.

use super::disk::refused;
use crate::error::{Error, Result};
use crate::schema::{TABLES, system::SYSTEM_TABLES};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Rows of a row group: what a writer holds in memory, and what a reader skips by.
const ROW_GROUP_ROWS: usize = 256 * 1024;
/// Rows and bytes of a page: small, so that one customer's statement reads little.
const PAGE_ROWS: usize = 20_000;
const PAGE_BYTES: usize = 64 * 1024;

/// Text columns with a dictionary: few distinct values, or (customers) few in the rows of a group, which are sorted by them. Ids of documents
/// have none: a dictionary of a million ids would be read whole for one customer's rows.
const FEW_VALUES: &[&str] = &[
    "company_id",
    "customer_id",
    "account",
    "currency",
    "credit_currency",
    "functional_currency",
    "to_currency",
    "payment_currency",
    "document_kind",
    "movement_kind",
    "kind",
    "aging_class",
    "effect",
    "cause",
    "sales_effect",
    "source_table",
    "table_name",
    "payment_terms",
    "payment_method",
    "payment_form",
    "country",
    "language",
    "segment",
    "industry",
    "status",
    "outcome",
    "reason",
    "relation",
    "role",
    "source",
    "code",
    "severity",
    "column_name",
];

/// A table of the history.
#[derive(Debug, Clone)]
pub(super) struct TableLayout {
    pub(super) name: &'static str,
    pub(super) grain: &'static str,
    pub(super) schema: SchemaRef,
}

/// Every table: canonical ones, then the store's own, `loads` last.
pub(super) fn tables() -> Vec<TableLayout> {
    let canonical = TABLES.iter().map(|t| TableLayout { name: t.name, grain: t.grain, schema: t.stored_schema() });
    let own = SYSTEM_TABLES.iter().map(|t| TableLayout { name: t.name, grain: t.grain, schema: t.schema() });
    canonical.chain(own).collect()
}

/// The table of that name.
pub(super) fn table(name: &str) -> Result<TableLayout> {
    tables().into_iter().find(|t| t.name == name).ok_or_else(|| Error::internal(format!("the history has no table {name}")))
}

/// Places below `history/`.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) root: PathBuf,
}

impl Places {
    pub(super) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
    pub(super) fn loads(&self) -> PathBuf {
        self.root.join("_loads")
    }
    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join("_scratch")
    }
    /// A name for bytes on their way to a lasting one; only who holds the lock uses it.
    pub(super) fn temporary(&self) -> PathBuf {
        self.scratch().join("placing.tmp")
    }
    pub(super) fn record(&self, load_id: i32) -> PathBuf {
        self.loads().join(format!("{load_id}.json"))
    }
    pub(super) fn closes(&self) -> PathBuf {
        self.root.join("_closes")
    }
    pub(super) fn close(&self, number: i32) -> PathBuf {
        self.closes().join(format!("{number}.json"))
    }
    /// Beside the history: what closes wrote.
    pub(super) fn outputs(&self) -> PathBuf {
        self.root.with_file_name("closes")
    }
    pub(super) fn output_folder(&self, period: &str, number: i32) -> PathBuf {
        self.outputs().join(period).join(number.to_string())
    }
    pub(super) fn table(&self, table: &str) -> PathBuf {
        self.root.join(table)
    }
    pub(super) fn log(&self, table: &str) -> PathBuf {
        self.table(table).join("_delta_log")
    }
    pub(super) fn entry(&self, table: &str, version: u64) -> PathBuf {
        self.log(table).join(format!("{version:020}.json"))
    }
    pub(super) fn data_file(&self, table: &str, name: &str) -> PathBuf {
        self.table(table).join(name)
    }
}

/// Name of a load's nth file in a table.
pub(super) fn file_name(load_id: i32, ordinal: usize) -> String {
    format!("load-{load_id:06}-{ordinal:04}.parquet")
}

/// The load that a data file's name speaks of.
pub(super) fn load_of_file(path: &Path) -> Option<i32> {
    path.file_name()?.to_str()?.strip_prefix("load-")?.split('-').next()?.parse().ok()
}

/// The version that a log entry's name speaks of; `None` for what is not an entry (checkpoints, checksums).
pub(super) fn version_of_entry(path: &Path) -> Option<u64> {
    let digits = path.file_name()?.to_str()?.strip_suffix(".json")?;
    (digits.len() == 20).then(|| digits.parse().ok())?
}

/// The number that a record's name speaks of.
pub(super) fn number_of_record(path: &Path) -> Option<i32> {
    path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

/// What is in a folder; nothing if it does not exist.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(refused("list", folder, e)),
    };
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(|e| refused("list", folder, e))?;
    paths.sort();
    Ok(paths)
}

/// How a table's files are written.
pub(super) fn properties(schema: &Schema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page);
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        properties = match field.data_type() {
            // days and small numbers repeat: a dictionary packs them to bits
            DataType::Date32 | DataType::Int32 => properties.set_column_dictionary_enabled(path, true),
            // ordinals: almost nothing is left of them as differences
            DataType::Int64 => properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            DataType::Utf8 if FEW_VALUES.contains(&field.name().as_str()) => properties.set_column_dictionary_enabled(path, true),
            DataType::Decimal128(..) => properties.set_column_statistics_enabled(path, EnabledStatistics::None),
            _ => properties,
        };
    }
    properties.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_is_published_last_and_names_are_read_back() {
        assert_eq!(tables().last().map(|t| t.name), Some("loads"));
        assert_eq!(load_of_file(Path::new("x/load-000012-0003.parquet")), Some(12));
        assert_eq!(load_of_file(Path::new("x/load-1234567-0003.parquet")), Some(1_234_567));
        assert_eq!(load_of_file(Path::new("x/part-0.parquet")), None);
        assert_eq!(version_of_entry(Path::new("00000000000000000007.json")), Some(7));
        assert_eq!(version_of_entry(Path::new("00000000000000000007.checkpoint.parquet")), None);
    }
}
