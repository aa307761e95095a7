//! The store: `history/`, one Delta table per canonical and system table, published load by load through a redo record.
//!
//! Delta has no transaction over several tables, so the load record is the commit (`_loads/N.json`, hard-linked to its number)
//! and the logs follow from it: every opening finishes the newest record's publication. Our readers take their list of files from the
//! records, outside readers from the logs; both see only whole loads. `disk` orders the changes, `record` and `delta` are the
//! texts, `data_file` writes rows, `writer` is one load, `verify` distrusts everything. Posting is another room.

mod data_file;
mod delta;
mod disk;
mod layout;
mod record;
mod statistics;
mod verify;
mod writer;

pub use disk::{Action, Faults, NoFaults};
pub use record::{ControlTotal, FORMAT, FileRecord, LaidOut, LoadFacts, LoadRecord, SourceFact, TableRecord};
pub use verify::Problem;
pub use writer::Writer;

use super::snapshot::{Snapshot, SnapshotFile, SnapshotTable};
use crate::error::{Error, Result};
use disk::{Disk, parent, refused, sha256};
use layout::Places;
use record::{Creation, damaged, open_sealed, sealed_text};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long [`Store::begin`] waits for another load to end.
pub const PATIENCE: Duration = Duration::from_secs(120);

const FOLDER: &str = "history";
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The history of a project.
pub struct Store {
    places: Places,
    disk: Disk,
    known: Mutex<Known>,
}

/// Records read so far; they never change, so each is read once.
#[derive(Clone)]
struct Known {
    creation: Arc<Creation>,
    loads: Vec<Arc<LoadRecord>>,
    /// SHA-256 of the newest record's file.
    digest: String,
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
        let lock = locked(&places, PATIENCE)?;
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
        // logs before records: a load published meanwhile then shows too few entries here, never too many
        let logs = newest_versions(&places)?;
        let known = read_records(&places, None)?;
        known.fits_this_program(&places)?;
        let store = Store { places, disk: Disk::new(faults), known: Mutex::new(known) };
        if !store.settled()? {
            store.recover()?;
        }
        let known = store.refreshed()?;
        store.check_logs(&known, &logs)?;
        store.check_sizes(&known)?;
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
        Ok(Snapshot { load_id, tables: tables.collect() })
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
        let lock = locked(&self.places, patience)?;
        let logs = newest_versions(&self.places)?;
        let known = self.refreshed()?;
        // the newest load must be safely published before a newer one makes its record the only one that is redone
        self.disk.sync_folder(&self.places.loads())?;
        publish(&self.disk, &self.places, &known.newest_entries())?;
        self.check_logs(&known, &logs)?;
        self.check_sizes(&known)?;
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
        })
    }

    /// Recomputes every digest; an empty list means that all is as it was written.
    pub fn verify(&self) -> Result<Vec<Problem>> {
        verify::problems(&self.places)
    }

    /// [`Store::verify`] for a history too damaged to be opened.
    pub fn verify_project(project: &Path) -> Result<Vec<Problem>> {
        verify::problems(&Places { root: project.join(FOLDER) })
    }

    /// Folder of the history.
    pub fn root(&self) -> &Path {
        &self.places.root
    }

    /// Everything recorded by now, published or not.
    fn refreshed(&self) -> Result<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = read_records(&self.places, Some(known.clone()))?;
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

    /// Whether the newest record's publication is complete; an error if an entry of it is not what the record says.
    fn settled(&self) -> Result<bool> {
        let known = self.refreshed()?;
        let mut whole = true;
        for entry in known.newest_entries() {
            let path = self.places.entry(entry.table, entry.version);
            match fs::read(&path) {
                Ok(found) if found == entry.bytes.as_bytes() => {}
                Ok(found) => return Err(damaged(&path, &format!("its {} bytes are not the {} recorded", found.len(), entry.bytes.len()))),
                Err(e) if e.kind() == ErrorKind::NotFound => whole = false,
                Err(e) => return Err(refused("read", &path, e)),
            }
        }
        Ok(whole)
    }

    /// Finishes the newest publication, unless its writer is alive and does so itself.
    fn recover(&self) -> Result<()> {
        let file = lock_file(&self.places)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(refused("lock", &self.places.lock(), e)),
        }
        let known = self.refreshed()?;
        self.disk.make_folder(&self.places.scratch())?;
        self.disk.sync_folder(&self.places.loads())?;
        publish(&self.disk, &self.places, &known.newest_entries())
    }

    /// Every log must hold the entries that the records say, whole, and none besides.
    fn check_logs(&self, known: &Known, logs: &BTreeMap<String, u64>) -> Result<()> {
        let versions = known.versions();
        for (table, newest) in logs {
            if versions.get(table).is_none_or(|v| v < newest) {
                return Err(damaged(&self.places.entry(table, *newest), "no load record speaks of it"));
            }
        }
        let older = known.loads.iter().rev().skip(1).flat_map(|r| load_entries(r));
        let first = if known.loads.is_empty() { Vec::new() } else { creation_entries(&known.creation) };
        for entry in first.into_iter().chain(older) {
            check_size(&self.places.entry(entry.table, entry.version), entry.bytes.len() as u64)?;
        }
        Ok(())
    }

    fn check_sizes(&self, known: &Known) -> Result<()> {
        for table in known.loads.iter().flat_map(|r| &r.tables) {
            for file in &table.files {
                check_size(&self.places.data_file(&table.name, &file.name), file.size)?;
            }
        }
        Ok(())
    }

    /// Removes what dead attempts left. Only files named for a load after the newest: a file of an older load that no record
    /// speaks of is a riddle for `verify`, not rubbish.
    fn remove_leftovers(&self, newest: i32) -> Result<()> {
        self.disk.remove_folder(&self.places.scratch())?;
        self.disk.make_folder(&self.places.scratch())?;
        for table in layout::tables() {
            for path in listed(&self.places.table(table.name))? {
                if layout::load_of_file(&path).is_some_and(|load| load > newest) {
                    self.disk.remove_file(&path)?;
                }
            }
        }
        Ok(())
    }
}

impl Known {
    fn newest(&self) -> i32 {
        self.loads.len() as i32
    }

    fn newest_entries(&self) -> Vec<Entry<'_>> {
        self.loads.last().map_or_else(|| creation_entries(&self.creation), |r| load_entries(r))
    }

    fn laid_out(&self) -> impl Iterator<Item = &LaidOut> {
        self.creation.laid_out.iter().chain(self.loads.iter().flat_map(|r| &r.laid_out))
    }

    /// Newest version of each table's log.
    fn versions(&self) -> BTreeMap<String, u64> {
        let mut versions: BTreeMap<String, u64> = self.laid_out().map(|l| (l.name.clone(), 0)).collect();
        versions.extend(self.loads.iter().flat_map(|r| &r.tables).map(|t| (t.name.clone(), t.version)));
        versions
    }

    /// A table must have been laid out with the columns that this program knows.
    fn fits_this_program(&self, places: &Places) -> Result<()> {
        for table in layout::tables() {
            let Some(laid_out) = self.laid_out().find(|l| l.name == table.name) else { continue };
            if delta::laid_out_columns(&laid_out.entry) != Some(delta::columns(&table.schema)?) {
                return Err(Error::usage(format!("{} has other columns than this cartera knows", places.table(table.name).display()))
                    .hint("open this history with the version that made it, or load the extracts into a new project"));
            }
        }
        Ok(())
    }
}

/// A Delta log entry that a record promises.
struct Entry<'a> {
    table: &'a str,
    version: u64,
    bytes: &'a str,
}

fn creation_entries(creation: &Creation) -> Vec<Entry<'_>> {
    laid_out_entries(&creation.laid_out).collect()
}

fn load_entries(record: &LoadRecord) -> Vec<Entry<'_>> {
    let added = record.tables.iter().map(|t| Entry { table: &t.name, version: t.version, bytes: &t.entry });
    laid_out_entries(&record.laid_out).chain(added).collect()
}

fn laid_out_entries(laid_out: &[LaidOut]) -> impl Iterator<Item = Entry<'_>> {
    laid_out.iter().map(|l| Entry { table: &l.name, version: 0, bytes: &l.entry })
}

/// Puts entries into their logs, in their order; those already there must be the same.
fn publish(disk: &Disk, places: &Places, entries: &[Entry<'_>]) -> Result<()> {
    entries.iter().try_for_each(|e| disk.place(&places.entry(e.table, e.version), e.bytes.as_bytes(), &places.temporary()))
}

/// Reads the records not yet known, each sealed and naming the one before.
fn read_records(places: &Places, known: Option<Known>) -> Result<Known> {
    let newest = listed(&places.loads())?.iter().filter_map(|p| layout::number_of_record(p)).max().unwrap_or(0);
    let mut known = match known {
        Some(known) => known,
        None => {
            let path = places.record(0);
            let bytes = fs::read(&path).map_err(|e| refused("read", &path, e))?;
            Known { creation: Arc::new(open_sealed(&bytes, &path, 0)?), loads: Vec::new(), digest: sha256(&bytes) }
        }
    };
    for number in known.newest() + 1..=newest {
        let path = places.record(number);
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => damaged(&path, "it is missing, and later ones exist"),
            _ => refused("read", &path, e),
        })?;
        let record: LoadRecord = open_sealed(&bytes, &path, number)?;
        if record.previous != known.digest {
            return Err(damaged(&path, "it follows another record than the one before it"));
        }
        known.loads.push(Arc::new(record));
        known.digest = sha256(&bytes);
    }
    Ok(known)
}

/// Newest version that stands in each table's log.
fn newest_versions(places: &Places) -> Result<BTreeMap<String, u64>> {
    let mut newest = BTreeMap::new();
    for table in layout::tables() {
        let versions = listed(&places.log(table.name))?;
        if let Some(version) = versions.iter().filter_map(|p| layout::version_of_entry(p)).max() {
            newest.insert(table.name.to_string(), version);
        }
    }
    Ok(newest)
}

/// What is in a folder; nothing if it does not exist.
fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(refused("list", folder, e)),
    };
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(|e| refused("list", folder, e))?;
    paths.sort();
    Ok(paths)
}

fn check_size(path: &Path, expected: u64) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.len() == expected => Ok(()),
        Ok(found) => Err(damaged(path, &format!("it has {} bytes instead of {expected}", found.len()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(damaged(path, "it is missing")),
        Err(e) => Err(refused("look at", path, e)),
    }
}

fn lock_file(places: &Places) -> Result<File> {
    let path = places.lock();
    File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| refused("open", &path, e))
}

/// The project's lock, held until the file is closed. The system releases it when its holder dies.
fn locked(places: &Places, patience: Duration) -> Result<File> {
    let file = lock_file(places)?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if waited < patience => {
                std::thread::sleep(LOOK_AGAIN);
                waited += LOOK_AGAIN;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(Error::data(format!("another load is running in {}", parent(&places.root).display()))
                    .hint("wait until it has ended, then run the same command again"));
            }
            Err(TryLockError::Error(e)) => return Err(refused("lock", &places.lock(), e)),
        }
    }
}
