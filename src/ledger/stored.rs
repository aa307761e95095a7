//! Tables of a snapshot, read batch by batch outside the engine: what a load needs of the history, and the engine of it before it opens.

use super::snapshot::{Snapshot, SnapshotTable};
use crate::error::{Error, Result};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;

/// The table of a snapshot.
pub(super) fn table<'s>(snapshot: &'s Snapshot, name: &str) -> Result<&'s SnapshotTable> {
    snapshot.tables.iter().find(|t| t.name == name).ok_or_else(|| Error::internal(format!("the snapshot has no table {name}")))
}

/// Batches of a stored table, optionally only some columns.
pub(super) fn each_batch(table: &SnapshotTable, columns: Option<&[&str]>, mut take: impl FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    for file in &table.files {
        let failed = |e: parquet::errors::ParquetError| {
            Error::data(format!("cannot read {}", file.path.display()))
                .caused_by(e)
                .hint("run `cartera verify`; restore the file from a backup")
        };
        let open = File::open(&file.path).map_err(|e| Error::io(format!("cannot open {}", file.path.display()), e))?;
        let mut builder = ParquetRecordBatchReaderBuilder::try_new(open).map_err(failed)?.with_batch_size(16_384);
        if let Some(columns) = columns {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        for batch in builder.build().map_err(failed)? {
            take(batch.map_err(|e| Error::data(format!("cannot read {}", file.path.display())).caused_by(e))?)?;
        }
    }
    Ok(())
}

/// A text column of a batch.
pub(super) fn text<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b arrow::array::StringArray> {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_string_opt::<i32>())
        .ok_or_else(|| Error::data(format!("a stored table has no text column {name}")).hint("run `cartera verify`"))
}

/// An int column of a batch.
pub(super) fn ints<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b arrow::array::Int32Array> {
    batch
        .column_by_name(name)
        .and_then(|c| c.as_primitive_opt::<Int32Type>())
        .ok_or_else(|| Error::data(format!("a stored table has no number column {name}")).hint("run `cartera verify`"))
}

/// The text at a position, if there is one.
pub(super) fn at(column: &arrow::array::StringArray, i: usize) -> Option<&str> {
    (!column.is_null(i)).then(|| column.value(i))
}
