//! Bucket files: values written by hash, read back bucket by bucket, so that memory does not grow with the load.
//!
//! Several threads write to a stage at once, each with a [`Pen`] of its own; what is read back is sorted by hash and content, so it does not
//! depend on who wrote first. No file stays open: a thousand buckets are no thousand handles.

use super::codec::Coded;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What a pen may hold before it writes, over all its buckets.
const PEN_BYTES: usize = 8 << 20;
const HEAD: usize = 12;

/// A set of bucket files holding values of one type.
pub(super) struct Stage<T> {
    buckets: Vec<BucketFile>,
    kind: PhantomData<fn() -> T>,
}

struct BucketFile {
    path: PathBuf,
    /// Held while bytes are added, so that two pens do not mix theirs.
    gate: Mutex<()>,
    count: AtomicU64,
}

/// The hash that decides buckets and affected sets.
pub(super) fn hash_of(parts: &impl Hash) -> u64 {
    // DefaultHasher::new() has fixed keys: the same extract gives the same buckets.
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

impl<T> Stage<T> {
    /// Empty buckets below a folder; files appear when first written to.
    pub fn create(folder: &Path, name: &str, buckets: usize) -> Arc<Stage<T>> {
        let file = |n: usize| BucketFile { path: folder.join(format!("{name}-{n:04}")), gate: Mutex::new(()), count: AtomicU64::new(0) };
        Arc::new(Stage { buckets: (0..buckets).map(file).collect(), kind: PhantomData })
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.buckets.len()
    }

    /// Values written to a bucket by closed pens.
    pub fn count(&self, bucket: usize) -> u64 {
        self.buckets[bucket].count.load(Ordering::Relaxed)
    }

    /// Something to write with; [`Pen::close`] it.
    pub fn pen(self: &Arc<Stage<T>>) -> Pen<T> {
        let room = (PEN_BYTES / self.buckets.len()).clamp(1 << 12, 1 << 16);
        Pen { stage: self.clone(), buffers: self.buckets.iter().map(|_| (Vec::new(), 0)).collect(), room }
    }

    /// What was written to a bucket, sorted by hash and content.
    pub fn read(&self, bucket: usize) -> Result<Bucket<T>> {
        let mut found = self.unsorted(bucket)?;
        found.sort();
        Ok(found)
    }

    /// What was written to a bucket, in any order.
    pub fn unsorted(&self, bucket: usize) -> Result<Bucket<T>> {
        let mut found = Bucket { bytes: Vec::new(), entries: Vec::new(), kind: PhantomData };
        found.add(self, bucket)?;
        Ok(found)
    }

    /// Hashes of a bucket, as written.
    pub fn hashes(&self, bucket: usize) -> Result<Vec<u64>> {
        Ok(self.unsorted(bucket)?.entries.iter().map(|e| e.hash).collect())
    }

    /// Drops a bucket's file; its disk space is not needed any more.
    pub fn discard(&self, bucket: usize) {
        // Left behind it only costs space until the load ends and the folder goes.
        let _ = std::fs::remove_file(&self.buckets[bucket].path);
        self.buckets[bucket].count.store(0, Ordering::Relaxed);
    }

    fn append(&self, bucket: usize, bytes: &[u8], count: u64) -> Result<()> {
        let file = &self.buckets[bucket];
        let _gate = file.gate.lock().unwrap_or_else(PoisonError::into_inner);
        let written = OpenOptions::new().create(true).append(true).open(&file.path).and_then(|mut f| f.write_all(bytes));
        written.map_err(|e| Error::io(format!("cannot write {}", file.path.display()), e))?;
        file.count.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }
}

/// Writes to the buckets of a stage, from one thread.
pub(super) struct Pen<T> {
    stage: Arc<Stage<T>>,
    buffers: Vec<(Vec<u8>, u64)>,
    room: usize,
}

impl<T> Pen<T> {
    /// Adds bytes of a value to the bucket of a hash.
    pub fn write_bytes(&mut self, hash: u64, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let bucket = (hash % self.buffers.len() as u64) as usize;
        let (buffer, count) = &mut self.buffers[bucket];
        if buffer.capacity() == 0 {
            buffer.reserve_exact(self.room + 1024);
        }
        buffer.extend_from_slice(&hash.to_le_bytes());
        let at = buffer.len();
        buffer.extend_from_slice(&[0; 4]);
        write(buffer)?;
        let length = u32::try_from(buffer.len() - at - 4).map_err(|e| Error::data("a row is too long").caused_by(e))?;
        buffer[at..at + 4].copy_from_slice(&length.to_le_bytes());
        *count += 1;
        if buffer.len() >= self.room {
            self.stage.append(bucket, buffer, *count)?;
            buffer.clear();
            *count = 0;
        }
        Ok(())
    }

    /// Adds a value that is packed already.
    pub fn copy(&mut self, hash: u64, bytes: &[u8]) -> Result<()> {
        self.write_bytes(hash, |buffer| {
            buffer.extend_from_slice(bytes);
            Ok(())
        })
    }

    /// Writes what is left. A pen that is dropped instead loses it, which only a failing load may do.
    pub fn close(mut self) -> Result<()> {
        for (bucket, (buffer, count)) in self.buffers.iter_mut().enumerate() {
            if !buffer.is_empty() {
                self.stage.append(bucket, buffer, *count)?;
            }
        }
        Ok(())
    }
}

impl<T: Coded> Pen<T> {
    /// Adds a value to the bucket of a hash.
    pub fn write(&mut self, hash: u64, value: &T) -> Result<()> {
        self.write_bytes(hash, |buffer| value.put(buffer))
    }
}

/// The values of a bucket, still packed.
pub(super) struct Bucket<T> {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    kind: PhantomData<fn() -> T>,
}

/// Values of one beginning, up to so many, are compared where they lie.
const FEW: usize = 24;
/// Bytes of values that are compared side by side.
const KEY: usize = size_of::<u128>();

/// Sorts values that are the same up to `depth`. Where they are many, the next bytes of each are laid side by side first: comparing the
/// values where they lie waits for memory at every step.
fn sort_from(bytes: &[u8], entries: &mut [Entry], depth: usize, keys: &mut Vec<(u128, Entry)>) {
    // One that ends before `depth` may differ from the others in what was filled up with zeros.
    if entries.len() <= FEW || entries.iter().any(|e| e.end - e.start < depth) {
        entries.sort_unstable_by(|a, b| bytes[a.start..a.end].cmp(&bytes[b.start..b.end]));
        return;
    }
    keys.clear();
    keys.extend(entries.iter().map(|entry| {
        let rest = &bytes[entry.start + depth..entry.end];
        let mut key = [0; KEY];
        let held = rest.len().min(KEY);
        key[..held].copy_from_slice(&rest[..held]);
        (u128::from_be_bytes(key), *entry)
    }));
    keys.sort_unstable_by_key(|k| k.0);
    entries.iter_mut().zip(keys.iter()).for_each(|(entry, key)| *entry = key.1);
    let mut runs = Vec::new();
    let mut from = 0;
    for run in keys.chunk_by(|a, b| a.0 == b.0) {
        if run.len() > 1 {
            runs.push(from..from + run.len());
        }
        from += run.len();
    }
    for run in runs {
        sort_from(bytes, &mut entries[run], depth + KEY, keys);
    }
}

/// A packed value of a bucket.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// Its hash.
    pub hash: u64,
    start: usize,
    end: usize,
}

impl<T> Bucket<T> {
    /// Adds a bucket of another stage of the same values; sort afterwards.
    pub fn add(&mut self, stage: &Stage<T>, bucket: usize) -> Result<()> {
        let path = &stage.buckets[bucket].path;
        let before = self.bytes.len();
        match File::open(path).and_then(|mut f| f.read_to_end(&mut self.bytes)) {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(Error::io(format!("cannot read {}", path.display()), e)),
        }
        let broken = || Error::internal(format!("{} does not hold what was written to it", path.display()));
        self.entries.reserve(stage.count(bucket) as usize);
        let mut at = before;
        while at < self.bytes.len() {
            let head = self.bytes.get(at..at + HEAD).ok_or_else(broken)?;
            let hash = u64::from_le_bytes(head[..8].try_into().map_err(|_| broken())?);
            let length = u32::from_le_bytes(head[8..].try_into().map_err(|_| broken())?) as usize;
            let (start, end) = (at + HEAD, at + HEAD + length);
            if end > self.bytes.len() {
                return Err(broken());
            }
            self.entries.push(Entry { hash, start, end });
            at = end;
        }
        Ok(())
    }

    /// Keeps the values of some hashes only.
    pub fn keep(&mut self, wanted: impl Fn(u64) -> bool) {
        self.entries.retain(|e| wanted(e.hash));
    }

    /// By hash, then by content.
    pub fn sort(&mut self) {
        let bytes = &self.bytes;
        self.entries.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| bytes[a.start..a.end].cmp(&bytes[b.start..b.end])));
    }

    /// By content alone.
    pub fn sort_by_content(&mut self) {
        let mut keys = Vec::with_capacity(self.entries.len());
        sort_from(&self.bytes, &mut self.entries, 0, &mut keys);
    }

    /// Every value, packed, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Values of one hash together.
    pub fn groups(&self) -> impl Iterator<Item = &[Entry]> {
        self.entries.chunk_by(|a, b| a.hash == b.hash)
    }

    /// The bytes of a value.
    pub fn bytes(&self, entry: Entry) -> &[u8] {
        &self.bytes[entry.start..entry.end]
    }
}

impl<T: Coded> Bucket<T> {
    /// A value.
    pub fn value(&self, entry: Entry) -> Result<T> {
        T::get(self.bytes(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_sort_by_content_however_much_they_begin_alike() {
        let mut random = 7u64;
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize
        };
        // Long common beginnings, values that end where others go on with zeros, equal ones.
        let mut values: Vec<Vec<u8>> = Vec::new();
        for _ in 0..3_000 {
            let mut value = vec![b'x'; [0, 1, 15, 16, 17, 32, 40][next() % 7]];
            value.extend((0..next() % 20).map(|_| [0, 0, 1, 255][next() % 4]));
            values.push(value);
        }
        let folder = tempfile::tempdir().unwrap();
        let stage: Arc<Stage<()>> = Stage::create(folder.path(), "values", 1);
        let mut pen = stage.pen();
        values.iter().for_each(|v| pen.copy(0, v).unwrap());
        pen.close().unwrap();
        let mut bucket = stage.unsorted(0).unwrap();
        bucket.sort_by_content();
        values.sort();
        let sorted: Vec<&[u8]> = bucket.entries().iter().map(|e| bucket.bytes(*e)).collect();
        assert_eq!(sorted, values);
    }
}
