//! A load being written: files beside the tables first, then the record that commits them, then the Delta logs.
//!
//! Holds the project's lock as long as it lives. Dropped without a commit, it leaves nothing; killed, it leaves files nobody
//! refers to, which the next writer removes. What the rows mean is the caller's business.

use super::data_file::{DataFile, FinishedFile};
use super::delta::load_entry;
use super::disk::Disk;
use super::layout::{self, Places, TableLayout, file_name};
use super::record::{CloseHead, FORMAT, LaidOut, LoadFacts, LoadRecord, TableRecord, sealed_text};
use crate::error::{Error, Result};
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int32Type;
use chrono::DateTime;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a writer starts from: the state of the history under the lock.
pub(super) struct Start {
    pub(super) places: Places,
    pub(super) disk: Disk,
    pub(super) lock: File,
    /// Load to be written.
    pub(super) load_id: i32,
    /// Digest of the newest record.
    pub(super) previous: String,
    /// Newest version of each table's log.
    pub(super) versions: BTreeMap<String, u64>,
    /// Tables the history does not have yet.
    pub(super) laid_out: Vec<LaidOut>,
    /// Newest close record.
    pub(super) closes: Option<CloseHead>,
}

/// A load being written.
pub struct Writer {
    start: Start,
    scratch: PathBuf,
    tables: BTreeMap<&'static str, Staged>,
    committing: bool,
}

/// The files of one table.
struct Staged {
    layout: TableLayout,
    open: Option<DataFile>,
    begun: usize,
    finished: Vec<FinishedFile>,
}

impl Staged {
    fn of(layout: TableLayout) -> Staged {
        Staged { layout, open: None, begun: 0, finished: Vec::new() }
    }
}

/// A file of a table while it is filled.
pub struct OpenFile {
    layout: TableLayout,
    load_id: i32,
    file: DataFile,
}

/// A file that is filled and on the disk for good.
pub struct ClosedFile(FinishedFile);

impl OpenFile {
    /// Adds rows: the columns are those of the table, `load_id` is the load's in every row.
    pub fn append(&mut self, batch: &RecordBatch) -> Result<()> {
        self.file.append(&fitted(&self.layout, batch, self.load_id)?)
    }
    /// Closes it and forces it to the disk.
    pub fn finish(self) -> Result<ClosedFile> {
        self.file.finish().map(ClosedFile)
    }
}

impl Writer {
    pub(super) fn new(start: Start) -> Result<Writer> {
        let scratch = start.places.scratch().join(format!("load-{:06}", start.load_id));
        start.disk.make_folder(&scratch)?;
        for table in &start.laid_out {
            start.disk.make_folder(&start.places.log(&table.name))?;
            start.disk.sync_folder(&start.places.table(&table.name))?;
        }
        if !start.laid_out.is_empty() {
            start.disk.sync_folder(&start.places.root)?;
        }
        Ok(Writer { start, scratch, tables: BTreeMap::new(), committing: false })
    }

    /// Number of the load being written.
    pub fn load_id(&self) -> i32 {
        self.start.load_id
    }

    /// A folder for the caller's own staging; gone after the load.
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Begins a file of a table that another thread may fill; give it back with [`Writer::keep_file`], in the order of beginning.
    pub fn begin_file(&mut self, table: &str) -> Result<OpenFile> {
        let load_id = self.start.load_id;
        let layout = layout::table(table)?;
        let staged = self.tables.entry(layout.name).or_insert_with(|| Staged::of(layout));
        staged.begun += 1;
        let folder = self.start.places.table(staged.layout.name);
        let name = file_name(load_id, staged.begun);
        let file = DataFile::create(&self.start.disk, &folder, name, staged.layout.schema.clone())?;
        Ok(OpenFile { layout: staged.layout.clone(), load_id, file })
    }

    /// Takes a file that is filled and on the disk for good.
    pub fn keep_file(&mut self, table: &str, file: ClosedFile) -> Result<()> {
        let staged = self.tables.get_mut(table).ok_or_else(|| Error::internal(format!("no file of {table} was begun")))?;
        staged.finished.push(file.0);
        Ok(())
    }

    /// Adds rows to the table's current file. The columns are those of the table, `load_id` is this load's in every row.
    pub fn append(&mut self, table: &str, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let load_id = self.start.load_id;
        let layout = match self.tables.get(table) {
            Some(staged) => staged.layout.clone(),
            None => layout::table(table)?,
        };
        let batch = fitted(&layout, batch, load_id)?;
        let staged = self.tables.entry(layout.name).or_insert_with(|| Staged::of(layout));
        let file = match &mut staged.open {
            Some(file) => file,
            empty => {
                staged.begun += 1;
                let folder = self.start.places.table(staged.layout.name);
                let name = file_name(load_id, staged.begun);
                empty.insert(DataFile::create(&self.start.disk, &folder, name, staged.layout.schema.clone())?)
            }
        };
        file.append(&batch)
    }

    /// Closes the table's current file, so that the next rows start another; nothing to close is no error.
    pub fn end_file(&mut self, table: &str) -> Result<()> {
        if let Some(staged) = self.tables.get_mut(table)
            && let Some(file) = staged.open.take()
        {
            staged.finished.push(file.finish()?);
        }
        Ok(())
    }

    /// Publishes the load. On an error the message says whether the load counts: it does from the moment its record stands.
    pub fn commit(mut self, facts: LoadFacts) -> Result<LoadRecord> {
        let instant = DateTime::parse_from_rfc3339(&facts.loaded_at)
            .map_err(|e| Error::internal(format!("'{}' is not an instant", facts.loaded_at)).caused_by(e))?
            .timestamp_millis();
        let names: Vec<&str> = self.tables.keys().copied().collect();
        for name in names {
            self.end_file(name)?;
        }
        let record = self.record(facts, instant)?;
        if record.rows("loads") != 1 {
            return Err(Error::internal(format!("load {} has {} rows in the table loads, not one", record.load_id, record.rows("loads"))));
        }
        for table in &record.tables {
            self.start.disk.sync_folder(&self.start.places.table(&table.name))?;
        }
        let text = sealed_text(&record)?;
        let path = self.start.places.record(record.load_id);
        // from here on the load may count, so its files stay whatever happens
        self.committing = true;
        let published = self
            .start
            .disk
            .place(&path, text.as_bytes(), &self.start.places.temporary())
            .and_then(|()| super::publish(&self.start.disk, &self.start.places, &super::load_entries(&record)));
        match published {
            Ok(()) => Ok(record),
            Err(e) if !may_stand(&path, text.as_bytes()) => {
                self.committing = false;
                Err(e.context(format!("committing load {}, which does not count", record.load_id)))
            }
            Err(e) => Err(e
                .context(format!("publishing load {}, which counts already", record.load_id))
                .hint("the next command finishes its publication; loading the same files again adds nothing")),
        }
    }

    fn record(&self, facts: LoadFacts, instant: i64) -> Result<LoadRecord> {
        let mut tables = Vec::new();
        for layout in layout::tables() {
            let Some(staged) = self.tables.get(layout.name) else { continue };
            let added: Vec<_> = staged.finished.iter().map(FinishedFile::added).collect();
            tables.push(TableRecord {
                name: layout.name.to_string(),
                version: self.start.versions.get(layout.name).map_or(1, |v| v + 1),
                entry: load_entry(self.start.load_id, instant, &added),
                files: staged.finished.iter().map(|f| f.record.clone()).collect(),
            });
        }
        Ok(LoadRecord {
            format: FORMAT,
            load_id: self.start.load_id,
            previous: self.start.previous.clone(),
            facts,
            laid_out: self.start.laid_out.clone(),
            tables,
            closes: self.start.closes.clone(),
        })
    }
}

/// Whether this record may be on the disk under its name: unless another is, or none.
fn may_stand(path: &Path, text: &[u8]) -> bool {
    match fs::read(path) {
        Ok(found) => found == text,
        Err(e) => e.kind() != ErrorKind::NotFound,
    }
}

/// The batch under the table's own schema, or the promise that was broken.
fn fitted(layout: &TableLayout, batch: &RecordBatch, load_id: i32) -> Result<RecordBatch> {
    let names_differ = batch.schema().fields().iter().map(|f| f.name()).ne(layout.schema.fields().iter().map(|f| f.name()));
    if names_differ {
        return Err(Error::internal(format!("rows for {} do not have its columns in its order", layout.name)));
    }
    let batch = RecordBatch::try_new(layout.schema.clone(), batch.columns().to_vec())
        .map_err(|e| Error::internal(format!("rows for {} do not fit its columns", layout.name)).caused_by(e))?;
    let loads = batch.column(0).as_primitive::<Int32Type>();
    if loads.values().iter().any(|l| *l != load_id) {
        return Err(Error::internal(format!("rows for {} are not all of load {load_id}", layout.name)));
    }
    Ok(batch)
}

impl Drop for Writer {
    /// Tidies as far as it can; what stays is removed by the next writer.
    fn drop(&mut self) {
        let (places, disk) = (&self.start.places, &self.start.disk);
        if !self.committing {
            for (table, staged) in std::mem::take(&mut self.tables) {
                drop(staged.open);
                for ordinal in 1..=staged.begun {
                    let _ = disk.remove_file(&places.data_file(table, &file_name(self.start.load_id, ordinal)));
                }
            }
        }
        let _ = disk.remove_file(&places.temporary());
        let _ = disk.remove_folder(&self.scratch);
        let _ = self.start.lock.unlock();
    }
}
