//! Bucket files: values written by hash, read back bucket by bucket, so that memory does not grow with the load.

use crate::error::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// A set of bucket files holding values of one type.
pub(super) struct Stage<T> {
    paths: Vec<PathBuf>,
    files: Vec<Option<BufWriter<File>>>,
    counts: Vec<u64>,
    buffer: Vec<u8>,
    kind: PhantomData<T>,
}

/// The hash that decides buckets and affected sets.
pub(super) fn hash_of(parts: &impl Hash) -> u64 {
    // DefaultHasher::new() has fixed keys: the same extract gives the same buckets.
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl<T: Serialize + DeserializeOwned> Stage<T> {
    /// Empty buckets below a folder; files appear when first written to.
    pub fn create(folder: &Path, name: &str, buckets: usize) -> Result<Stage<T>> {
        let paths = (0..buckets).map(|n| folder.join(format!("{name}-{n:04}"))).collect();
        Ok(Stage { paths, files: (0..buckets).map(|_| None).collect(), counts: vec![0; buckets], buffer: Vec::new(), kind: PhantomData })
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.paths.len()
    }

    /// Values written to a bucket.
    pub fn count(&self, bucket: usize) -> u64 {
        self.counts[bucket]
    }

    /// Adds a value to the bucket of a hash.
    pub fn write(&mut self, hash: u64, value: &T) -> Result<()> {
        let bucket = (hash % self.paths.len() as u64) as usize;
        let path = &self.paths[bucket];
        let failed = |e| Error::io(format!("cannot write {}", path.display()), e);
        let file = match &mut self.files[bucket] {
            Some(file) => file,
            empty => empty.insert(BufWriter::with_capacity(1 << 16, File::create(path).map_err(failed)?)),
        };
        self.buffer.clear();
        let bytes = postcard::to_extend(value, std::mem::take(&mut self.buffer))
            .map_err(|e| Error::internal("a row cannot be staged").caused_by(e))?;
        let length = u32::try_from(bytes.len()).map_err(|e| Error::data("a row is too long").caused_by(e))?;
        file.write_all(&length.to_le_bytes()).map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        self.buffer = bytes;
        self.counts[bucket] += 1;
        Ok(())
    }

    /// Reads a bucket, in the order written.
    pub fn read(&mut self, bucket: usize) -> Result<Vec<T>> {
        let path = &self.paths[bucket];
        let Some(file) = &mut self.files[bucket] else { return Ok(Vec::new()) };
        file.flush().map_err(|e| Error::io(format!("cannot write {}", path.display()), e))?;
        let failed = |e| Error::io(format!("cannot read {}", path.display()), e);
        let mut reader = BufReader::with_capacity(1 << 18, File::open(path).map_err(failed)?);
        let mut values = Vec::with_capacity(self.counts[bucket] as usize);
        let mut buffer = Vec::new();
        for _ in 0..self.counts[bucket] {
            let mut length = [0u8; 4];
            reader.read_exact(&mut length).map_err(failed)?;
            buffer.resize(u32::from_le_bytes(length) as usize, 0);
            reader.read_exact(&mut buffer).map_err(failed)?;
            values.push(postcard::from_bytes(&buffer).map_err(|e| Error::internal("a staged row cannot be read back").caused_by(e))?);
        }
        Ok(values)
    }

    /// Drops a bucket's file; its disk space is not needed any more.
    pub fn discard(&mut self, bucket: usize) {
        if self.files[bucket].take().is_some() {
            // Left behind it only costs space until the load ends and the folder goes.
            let _ = std::fs::remove_file(&self.paths[bucket]);
        }
        self.counts[bucket] = 0;
    }
}
