//! One Parquet file being written: rows, statistics and digest gathered on the way.
//!
//! The one append path of the store. Where the file lies and when it counts is the writer's business.

use super::delta::Added;
use super::disk::{DigestFile, Disk, refused};
use super::layout::properties;
use super::record::FileRecord;
use super::statistics::Statistics;
use crate::error::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use std::io;
use std::path::{Path, PathBuf};

/// A file that takes rows.
pub(super) struct DataFile {
    path: PathBuf,
    name: String,
    writer: ArrowWriter<DigestFile>,
    statistics: Statistics,
    rows: u64,
}

/// A file whose bytes are on the disk for good.
pub(super) struct FinishedFile {
    pub(super) record: FileRecord,
    statistics: Statistics,
}

impl DataFile {
    pub(super) fn create(disk: &Disk, folder: &Path, name: String, schema: SchemaRef) -> Result<DataFile> {
        let path = folder.join(&name);
        let file = disk.create(&path)?;
        let properties = properties(&schema);
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| unwritable(&path, e))?;
        Ok(DataFile { path, name, writer, statistics: Statistics::default(), rows: 0 })
    }

    pub(super) fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(|e| unwritable(&self.path, e))?;
        self.statistics.add(batch);
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    /// Closes the file and forces it to the disk.
    pub(super) fn finish(self) -> Result<FinishedFile> {
        let file = self.writer.into_inner().map_err(|e| unwritable(&self.path, e))?;
        let (size, sha256) = file.finish()?;
        let record = FileRecord { name: self.name, size, rows: self.rows, sha256 };
        Ok(FinishedFile { record, statistics: self.statistics })
    }
}

impl FinishedFile {
    /// What the Delta log says of it.
    pub(super) fn added(&self) -> Added<'_> {
        Added { name: &self.record.name, size: self.record.size, rows: self.record.rows, statistics: &self.statistics }
    }
}

/// Errors of the disk come wrapped in errors of Parquet.
fn unwritable(path: &Path, error: ParquetError) -> Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => refused("write", path, *cause),
            Err(cause) => Error::data(format!("could not write {}", path.display())).caused_by(cause),
        },
        other => Error::data(format!("could not write {}", path.display())).caused_by(other),
    }
}
