//! The store: `history/`, one Delta table per canonical and system table, published load by load through a redo record.
//!
//! Delta has no transaction over several tables, so the load record is the commit (`_loads/N.json`, hard-linked to its number)
//! and the logs follow from it: every opening finishes the newest record's publication. Our readers take their list of files from the
//! records, outside readers from the logs; both see only whole loads. `disk` orders the changes, `record` and `delta` are the
//! texts, `data_file` writes rows, `writer` is one load, `close` seals a period, `verify` and `sealed` distrust everything. Posting is
//! another room.

mod check;
mod close;
mod data_file;
mod delta;
mod disk;
mod known;
mod layout;
mod lock;
mod record;
mod sealed;
mod statistics;
mod verify;
mod writer;

pub use close::{
    Close, CloseControl, CloseFacts, CloseKind, CloseRecord, CloseSource, Closer, MANIFEST, OutputRecord, newest_standing, standing,
};
pub use disk::{Action, Faults, NoFaults};
pub use record::{CloseHead, ControlTotal, FORMAT, FileRecord, LaidOut, LoadFacts, LoadRecord, SourceFact, TableRecord};
pub use sealed::SealedFolder;
pub use verify::Problem;
pub use writer::{ClosedFile, OpenFile, Writer};

use super::snapshot::{Snapshot, SnapshotFile, SnapshotTable};
use crate::error::{Error, Result};
use disk::{Disk, parent, refused};
use known::{Entry, Known, creation_entries, load_entries};
use layout::Places;
use record::{Creation, sealed_text};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long [`Store::begin`] waits for another load to end.
pub const PATIENCE: Duration = Duration::from_secs(60);

const FOLDER: &str = "history";

/// The history of a project.
pub struct Store {
    places: Places,
    disk: Disk,
    known: Mutex<Known>,
}

impl Store {
    /// Whether the project has a history.
    pub fn exists(project: &Path) -> bool {
        Places { root: project.join(FOLDER) }.record(0).exists()
    }

    /// Makes the history of a project, every table empty. A making that was interrupted is finished by the next.
    pub fn create(project: &Path) -> Result<Store> {
        Store::create_with(project, Arc::new(NoFaults))
    }

    /// [`Store::create`] with a hook before every change on disk.
    pub fn create_with(project: &Path, faults: Arc<dyn Faults>) -> Result<Store> {
        if Store::exists(project) {
            return Err(Error::usage(format!("{} has a history already", project.display())));
        }
        let disk = Disk::new(faults.clone());
        let places = Places { root: project.join(FOLDER) };
        disk.make_folder(&places.root)?;
        disk.sync_folder(parent(&places.root))?;
        let lock = lock::wait(&places, PATIENCE)?;
        let mut laid_out = Vec::new();
        for table in layout::tables() {
            disk.make_folder(&places.log(table.name))?;
            disk.sync_folder(&places.table(table.name))?;
            laid_out.push(LaidOut { name: table.name.to_string(), entry: delta::layout_entry(table.name, table.grain, &table.schema)? });
        }
        disk.make_folder(&places.loads())?;
        disk.make_folder(&places.scratch())?;
        disk.sync_folder(&places.root)?;
        let creation = Creation { format: FORMAT, load_id: 0, laid_out };
        disk.place(&places.record(0), sealed_text(&creation)?.as_bytes(), &places.temporary())?;
        publish(&disk, &places, &creation_entries(&creation))?;
        drop(lock);
        Store::open_with(project, faults)
    }

    /// Opens the history; finishes the publication of the newest load if that was interrupted.
    pub fn open(project: &Path) -> Result<Store> {
        Store::open_with(project, Arc::new(NoFaults))
    }

    /// [`Store::open`] with a hook before every change on disk.
    pub fn open_with(project: &Path, faults: Arc<dyn Faults>) -> Result<Store> {
        if !Store::exists(project) {
            return Err(Error::missing(format!("{} has no history", project.display())).hint("load something with `cartera load` first"));
        }
        let root = project.join(FOLDER);
        let root = root.canonicalize().map_err(|e| refused("find", &root, e))?;
        let places = Places { root };
        let logs = check::newest_versions(&places)?;
        let known = Known::read(&places, None)?;
        known.fits_this_program(&places)?;
        let store = Store { places, disk: Disk::new(faults), known: Mutex::new(known) };
        let known = store.refreshed()?;
        check::check_sizes(&store.places, &known, &logs)?;
        if !check::newest_stands(&store.places, &known)? {
            store.recover()?;
        }
        Ok(store)
    }

    /// The tables as a load left them; `None` for the newest published one.
    pub fn snapshot(&self, known_at: Option<i32>) -> Result<Snapshot> {
        let known = self.published()?;
        let newest = known.newest();
        let load_id = known_at.unwrap_or(newest);
        if !(0..=newest).contains(&load_id) {
            return Err(Error::missing(format!("there is no load {load_id}; the newest is {newest}")).hint("`cartera loads` lists them"));
        }
        let mut files: BTreeMap<&str, Vec<SnapshotFile>> = BTreeMap::new();
        for record in known.loads.iter().take(load_id as usize) {
            for table in &record.tables {
                files.entry(&table.name).or_default().extend(table.files.iter().map(|file| SnapshotFile {
                    path: self.places.data_file(&table.name, &file.name),
                    size: file.size,
                    rows: file.rows,
                    load_id: record.load_id,
                }));
            }
        }
        let tables = layout::tables().into_iter().map(|table| SnapshotTable {
            files: files.remove(table.name).unwrap_or_default(),
            name: table.name.to_string(),
            schema: table.schema,
        });
        let closes = self.closes_known(&known)?.iter().map(Close::row).collect();
        Ok(Snapshot { load_id, tables: tables.collect(), closes })
    }

    /// The close records, oldest first.
    pub fn closes(&self) -> Result<Vec<Close>> {
        self.closes_known(&self.published()?)
    }

    fn closes_known(&self, known: &Known) -> Result<Vec<Close>> {
        close::read(&self.places, known.loads.last().map(|r| r.as_ref()))
    }

    /// Starts closing a period, or opening one again; waits up to [`PATIENCE`] for a load or another close to end.
    pub fn begin_close(&self) -> Result<Closer> {
        self.begin_close_within(PATIENCE)
    }

    /// [`Store::begin_close`] that waits so long.
    pub fn begin_close_within(&self, patience: Duration) -> Result<Closer> {
        let lock = lock::wait(&self.places, patience)?;
        let known = self.refreshed()?;
        // what the close rests on must be published, and stand, before anything is said of it
        self.disk.make_folder(&self.places.scratch())?;
        self.disk.sync_folder(&self.places.loads())?;
        publish(&self.disk, &self.places, &known.newest_entries())?;
        let closes = self.closes_known(&known)?;
        Closer::begin(self.places.clone(), self.disk.clone(), lock, closes, known.digest.clone())
    }

    /// The records of all published loads, oldest first.
    pub fn records(&self) -> Result<Vec<LoadRecord>> {
        Ok(self.published()?.loads.iter().map(|r| LoadRecord::clone(r)).collect())
    }

    /// Starts the next load; waits up to [`PATIENCE`] for another to end.
    pub fn begin(&self) -> Result<Writer> {
        self.begin_within(PATIENCE)
    }

    /// Starts the next load; waits that long for another to end, then fails.
    pub fn begin_within(&self, patience: Duration) -> Result<Writer> {
        let lock = lock::wait(&self.places, patience)?;
        let logs = check::newest_versions(&self.places)?;
        let known = self.refreshed()?;
        check::check_sizes(&self.places, &known, &logs)?;
        // the newest load must be safely published before a newer one makes its record the only one that is redone
        self.disk.sync_folder(&self.places.loads())?;
        self.disk.make_folder(&self.places.scratch())?;
        publish(&self.disk, &self.places, &known.newest_entries())?;
        self.remove_leftovers(known.newest())?;
        let mut laid_out = Vec::new();
        for table in layout::tables() {
            if !known.laid_out().any(|l| l.name == table.name) {
                let entry = delta::layout_entry(table.name, table.grain, &table.schema)?;
                laid_out.push(LaidOut { name: table.name.to_string(), entry });
            }
        }
        Writer::new(writer::Start {
            places: self.places.clone(),
            disk: self.disk.clone(),
            lock,
            load_id: known.newest() + 1,
            previous: known.digest.clone(),
            versions: known.versions(),
            laid_out,
            closes: close::head(&self.closes_known(&known)?),
        })
    }

    /// Whether another writer is at work: then [`Store::begin`] waits.
    pub fn is_busy(&self) -> Result<bool> {
        Ok(lock::take(&self.places)?.is_none())
    }

    /// Removes what a load that died left behind, unless a writer is at work.
    pub fn tidy(&self) -> Result<()> {
        let Some(_lock) = lock::take(&self.places)? else { return Ok(()) };
        let known = self.refreshed()?;
        self.remove_leftovers(known.newest())
    }

    /// Recomputes every digest; an empty list means that all is as it was written.
    pub fn verify(&self) -> Result<Vec<Problem>> {
        verify::problems(&self.places)
    }

    /// [`Store::verify`] for a history too damaged to be opened.
    pub fn verify_project(project: &Path) -> Result<Vec<Problem>> {
        verify::problems(&Places { root: project.join(FOLDER) })
    }

    /// Everything wrong with one folder of a close, and how the record of the history stands to it.
    pub fn verify_close(project: Option<&Path>, folder: &Path) -> Result<(Vec<Problem>, Option<CloseRecord>)> {
        sealed::folder_problems(project.map(|p| Places { root: p.join(FOLDER) }).as_ref(), folder)
    }

    /// The close records that can be read, for a look at their folders.
    pub fn sealed_folders(project: &Path) -> Result<Vec<SealedFolder>> {
        sealed::folders(&Places { root: project.join(FOLDER) })
    }

    /// Folder of the history.
    pub fn root(&self) -> &Path {
        &self.places.root
    }

    /// Everything recorded by now, published or not.
    fn refreshed(&self) -> Result<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known::read(&self.places, Some(known.clone()))?;
        Ok(known.clone())
    }

    /// Everything recorded whose publication is complete: all, or all but the newest.
    fn published(&self) -> Result<Known> {
        let mut known = self.refreshed()?;
        if known.newest_entries().iter().any(|e| !self.places.entry(e.table, e.version).exists()) {
            known.loads.pop();
        }
        Ok(known)
    }

    /// Finishes the newest publication, unless its writer is alive and does so itself.
    fn recover(&self) -> Result<()> {
        let Some(_lock) = lock::take(&self.places)? else { return Ok(()) };
        let known = self.refreshed()?;
        self.disk.make_folder(&self.places.scratch())?;
        self.disk.sync_folder(&self.places.loads())?;
        publish(&self.disk, &self.places, &known.newest_entries())
    }

    /// Removes what dead attempts left. Only files named for a load after the newest: a file of an older load that no record
    /// speaks of is a riddle for `verify`, not rubbish.
    fn remove_leftovers(&self, newest: i32) -> Result<()> {
        self.disk.remove_folder(&self.places.scratch())?;
        self.disk.make_folder(&self.places.scratch())?;
        for table in layout::tables() {
            for path in layout::listed(&self.places.table(table.name))? {
                if layout::load_of_file(&path).is_some_and(|load| load > newest) {
                    self.disk.remove_file(&path)?;
                }
            }
        }
        Ok(())
    }
}

/// Puts entries into their logs, in their order; those already there must be the same.
fn publish(disk: &Disk, places: &Places, entries: &[Entry<'_>]) -> Result<()> {
    entries.iter().try_for_each(|e| disk.place(&places.entry(e.table, e.version), e.bytes.as_bytes(), &places.temporary()))
}
