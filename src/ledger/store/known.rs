//! What the load records say: read in order, each sealed and chained to the one before, with the log entries they promise.
//!
//! Separate from the store, which acts on it. Records never change, so each is read once. Only reads the disk.

use super::delta;
use super::disk::{refused, sha256};
use super::layout::{self, Places, listed};
use super::record::{Creation, LaidOut, LoadRecord, damaged, open_sealed};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

/// Records read so far.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) creation: Arc<Creation>,
    pub(super) loads: Vec<Arc<LoadRecord>>,
    /// SHA-256 of the newest record's file.
    pub(super) digest: String,
}

impl Known {
    /// Reads the records not yet known, each sealed and naming the one before.
    pub(super) fn read(places: &Places, known: Option<Known>) -> Result<Known> {
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

    /// Number of the newest load; 0 before the first.
    pub(super) fn newest(&self) -> i32 {
        self.loads.len() as i32
    }

    /// Entries of the newest record, which may not stand in their logs yet.
    pub(super) fn newest_entries(&self) -> Vec<Entry<'_>> {
        self.loads.last().map_or_else(|| creation_entries(&self.creation), |r| load_entries(r))
    }

    /// Every table laid out so far.
    pub(super) fn laid_out(&self) -> impl Iterator<Item = &LaidOut> {
        self.creation.laid_out.iter().chain(self.loads.iter().flat_map(|r| &r.laid_out))
    }

    /// Newest version of each table's log.
    pub(super) fn versions(&self) -> BTreeMap<String, u64> {
        let mut versions: BTreeMap<String, u64> = self.laid_out().map(|l| (l.name.clone(), 0)).collect();
        versions.extend(self.loads.iter().flat_map(|r| &r.tables).map(|t| (t.name.clone(), t.version)));
        versions
    }

    /// A table must have been laid out with the columns that this program knows.
    pub(super) fn fits_this_program(&self, places: &Places) -> Result<()> {
        for table in layout::tables() {
            let Some(laid_out) = self.laid_out().find(|l| l.name == table.name) else { continue };
            if delta::laid_out_columns(&laid_out.entry) != Some(delta::columns(&table.schema)?) {
                return Err(Error::usage(format!("{} has other columns than this cartera knows", places.table(table.name).display()))
                    .hint("open this history with the version that made it, or load the extracts into a new project"));
            }
        }
        Ok(())
    }

    /// Entries of all records but the newest: they stand in their logs for certain.
    pub(super) fn older_entries(&self) -> Vec<Entry<'_>> {
        let creation = if self.loads.is_empty() { Vec::new() } else { creation_entries(&self.creation) };
        creation.into_iter().chain(self.loads.iter().rev().skip(1).flat_map(|r| load_entries(r))).collect()
    }
}

/// A Delta log entry that a record promises.
pub(super) struct Entry<'a> {
    pub(super) table: &'a str,
    pub(super) version: u64,
    pub(super) bytes: &'a str,
}

/// Entries that record 0 promises.
pub(super) fn creation_entries(creation: &Creation) -> Vec<Entry<'_>> {
    laid_out_entries(&creation.laid_out).collect()
}

/// Entries that a load's record promises, in the order of their publication.
pub(super) fn load_entries(record: &LoadRecord) -> Vec<Entry<'_>> {
    let added = record.tables.iter().map(|t| Entry { table: &t.name, version: t.version, bytes: &t.entry });
    laid_out_entries(&record.laid_out).chain(added).collect()
}

fn laid_out_entries(laid_out: &[LaidOut]) -> impl Iterator<Item = Entry<'_>> {
    laid_out.iter().map(|l| Entry { table: &l.name, version: 0, bytes: &l.entry })
}
