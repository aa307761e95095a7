//! Bytes of the history's files straight from the disk.
//!
//! The engine's reader of object stores hands each read to another thread and fills its memory with zeros first. A pack reads the same files
//! dozens of times from the system's cache, where that costs more than the copying. What the files say of themselves (metadata)
//! still comes through the engine's reader, which keeps it.

use bytes::Bytes;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{CachedParquetFileReaderFactory, ParquetFileReaderFactory};
use datafusion::error::DataFusionError;
use datafusion::object_store::local::LocalFileSystem;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::AsyncFileReader;
use datafusion::parquet::errors::{ParquetError, Result as Read};
use datafusion::parquet::file::metadata::ParquetMetaData;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fs::File;
use std::io::{Read as _, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Readers of files on this machine.
#[derive(Debug)]
pub(super) struct LocalFiles {
    of_stores: CachedParquetFileReaderFactory,
}

impl LocalFiles {
    /// `of_stores` reads the metadata.
    pub(super) fn new(of_stores: CachedParquetFileReaderFactory) -> LocalFiles {
        LocalFiles { of_stores }
    }
}

impl ParquetFileReaderFactory for LocalFiles {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        metadata_size_hint: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let path = LocalFileSystem::new().path_to_filesystem(&file.object_meta.location);
        let path = path.map_err(|e| DataFusionError::External(Box::new(e)))?;
        let of_store = self.of_stores.create_reader(partition, file, metadata_size_hint, metrics)?;
        Ok(Box::new(LocalFile { of_store, path, open: None }))
    }
}

struct LocalFile {
    of_store: Box<dyn AsyncFileReader + Send>,
    path: PathBuf,
    /// The file, once something was read.
    open: Option<File>,
}

impl LocalFile {
    fn read(&mut self, range: &Range<u64>) -> Read<Bytes> {
        let path = &self.path;
        let cannot = |e: std::io::Error| ParquetError::General(format!("cannot read {}: {e}", path.display()));
        let file = match &mut self.open {
            Some(file) => file,
            none => none.insert(File::open(path).map_err(cannot)?),
        };
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(usize::try_from(length)?);
        file.seek(SeekFrom::Start(range.start)).map_err(cannot)?;
        file.take(length).read_to_end(&mut bytes).map_err(cannot)?;
        if bytes.len() as u64 != length {
            return Err(ParquetError::EOF(format!("{} ends before byte {}", path.display(), range.end)));
        }
        Ok(bytes.into())
    }
}

impl AsyncFileReader for LocalFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Read<Bytes>> {
        futures::future::ready(self.read(&range)).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Read<Vec<Bytes>>> {
        futures::future::ready(ranges.iter().map(|range| self.read(range)).collect()).boxed()
    }

    fn get_metadata<'a>(&'a mut self, options: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, Read<Arc<ParquetMetaData>>> {
        self.of_store.get_metadata(options)
    }
}
