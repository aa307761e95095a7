//! Distrusts the whole history: recomputes every seal and digest, and looks for files that no record speaks of.
//!
//! Separate from opening, which only looks at sizes: this reads every byte. Goes on after a problem, so that one run shows all
//! that must be restored. Says nothing of what the rows mean.

use super::disk::{refused, sha256, sha256_of_file};
use super::known::{Entry, creation_entries, load_entries};
use super::layout::{self, Places, listed};
use super::lock;
use super::record::{Creation, FileRecord, LoadRecord, Numbered, open_sealed};
use super::sealed;
use crate::error::{Error, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Something in the history that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

/// Everything wrong with the history. Keeps loads waiting meanwhile; if one runs already, what it may be publishing is passed over.
pub(super) fn problems(places: &Places) -> Result<Vec<Problem>> {
    let mut found = Findings::default();
    let newest = listed(&places.loads())?.iter().filter_map(|p| layout::number_of_record(p)).max();
    let Some(newest) = newest else {
        return Err(Error::missing(format!("{} holds no load records", places.root.display())));
    };
    // no lock where nothing may be written: then nobody loads either
    let lock = lock::take(places).unwrap_or_default();
    let alone = lock.is_some();
    let mut previous = None;
    if let Some((creation, digest)) = found.record::<Creation>(places, 0) {
        found.entries(places, &creation_entries(&creation), true);
        previous = Some(digest);
    }
    for number in 1..=newest {
        let Some((record, digest)) = found.record::<LoadRecord>(places, number) else {
            previous = None;
            continue;
        };
        if previous.is_some_and(|p| p != record.previous) {
            found.add(&places.record(number), "it follows another record than the one before it");
        }
        previous = Some(digest);
        found.entries(places, &load_entries(&record), alone || number < newest);
        for table in &record.tables {
            for file in &table.files {
                found.data_file(&places.data_file(&table.name, &file.name), file);
            }
        }
    }
    // a lost record would make all its files strangers; it is reported already
    if found.records_whole {
        found.strangers(places, newest, alone)?;
    }
    found.problems.extend(sealed::problems(places, !alone)?);
    Ok(found.problems)
}

struct Findings {
    problems: Vec<Problem>,
    spoken_of: BTreeSet<PathBuf>,
    records_whole: bool,
}

impl Default for Findings {
    fn default() -> Self {
        Findings { problems: Vec::new(), spoken_of: BTreeSet::new(), records_whole: true }
    }
}

impl Findings {
    fn add(&mut self, path: &Path, what: impl Into<String>) {
        self.problems.push(Problem { path: path.to_path_buf(), what: what.into() });
    }

    /// A record and its digest, if it can be believed.
    fn record<T: Numbered>(&mut self, places: &Places, number: i32) -> Option<(T, String)> {
        let path = places.record(number);
        let read = fs::read(&path).map_err(|e| refused("read", &path, e)).and_then(|b| Ok((open_sealed(&b, &path, number)?, sha256(&b))));
        match read {
            Ok(record) => Some(record),
            Err(e) => {
                self.records_whole = false;
                self.add(&path, format!("load record {number} cannot be used ({e})").replace("\n  next: ", "; "));
                None
            }
        }
    }

    fn entries(&mut self, places: &Places, entries: &[Entry<'_>], published: bool) {
        for entry in entries {
            let path = places.entry(entry.table, entry.version);
            match fs::read(&path) {
                Ok(bytes) if bytes == entry.bytes.as_bytes() => {}
                Ok(_) => self.add(&path, "log entry differs from the load record"),
                Err(e) if e.kind() == ErrorKind::NotFound && !published => {}
                Err(e) if e.kind() == ErrorKind::NotFound => self.add(&path, "log entry is missing"),
                Err(e) => self.add(&path, format!("log entry cannot be read: {e}")),
            }
            self.spoken_of.insert(path);
        }
    }

    fn data_file(&mut self, path: &Path, expected: &FileRecord) {
        match sha256_of_file(path) {
            Ok((size, digest)) if (size, &digest) == (expected.size, &expected.sha256) => match rows_of(path) {
                Ok(rows) if rows == expected.rows => {}
                Ok(rows) => self.add(path, format!("data file has {rows} rows, its record says {}", expected.rows)),
                Err(e) => self.add(path, format!("data file cannot be read as Parquet: {e}")),
            },
            Ok((size, _)) if size != expected.size => {
                self.add(path, format!("data file has {size} bytes, its record says {}", expected.size))
            }
            Ok(_) => self.add(path, "data file has another SHA-256 than its record says"),
            Err(e) if e.kind() == ErrorKind::NotFound => self.add(path, "data file is missing"),
            Err(e) => self.add(path, format!("data file cannot be read: {e}")),
        }
        self.spoken_of.insert(path.to_path_buf());
    }

    /// Log entries and data files that no record speaks of; a load being written is no stranger.
    fn strangers(&mut self, places: &Places, newest: i32, alone: bool) -> Result<()> {
        for table in layout::tables() {
            for path in listed(&places.log(table.name))? {
                if alone && layout::version_of_entry(&path).is_some() && !self.spoken_of.contains(&path) {
                    self.add(&path, "log entry that no load record speaks of");
                }
            }
            for path in listed(&places.table(table.name))? {
                let parquet = path.extension().is_some_and(|e| e == "parquet");
                let coming = layout::load_of_file(&path).is_some_and(|load| load > newest);
                if parquet && !coming && !self.spoken_of.contains(&path) {
                    self.add(&path, "data file that no load record speaks of");
                }
            }
        }
        Ok(())
    }
}

fn rows_of(path: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    Ok(u64::try_from(reader.metadata().file_metadata().num_rows())?)
}
