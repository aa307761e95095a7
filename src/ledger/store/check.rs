//! What opening looks at: whether the logs hold what the records say, and whether every file has its size.
//!
//! Cheap enough for every command; `verify` is the one that reads every byte. The newest record's entries are compared whole, because a cut
//! may have torn them; older ones were compared when they were the newest.

use super::disk::refused;
use super::known::Known;
use super::layout::{self, Places, listed};
use super::record::damaged;
use crate::error::Result;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Newest version that stands in each table's log.
pub(super) fn newest_versions(places: &Places) -> Result<BTreeMap<String, u64>> {
    let mut newest = BTreeMap::new();
    for table in layout::tables() {
        let versions = listed(&places.log(table.name))?;
        if let Some(version) = versions.iter().filter_map(|p| layout::version_of_entry(p)).max() {
            newest.insert(table.name.to_string(), version);
        }
    }
    Ok(newest)
}

/// Whether the newest record's publication is complete; an error if an entry of it is not what the record says.
pub(super) fn newest_stands(places: &Places, known: &Known) -> Result<bool> {
    let mut whole = true;
    for entry in known.newest_entries() {
        let path = places.entry(entry.table, entry.version);
        match fs::read(&path) {
            Ok(found) if found == entry.bytes.as_bytes() => {}
            Ok(found) => return Err(damaged(&path, &format!("its {} bytes are not the {} recorded", found.len(), entry.bytes.len()))),
            Err(e) if e.kind() == ErrorKind::NotFound => whole = false,
            Err(e) => return Err(refused("read", &path, e)),
        }
    }
    Ok(whole)
}

/// Every log holds the entries that the records say and none besides; every older entry and every data file has its size.
///
/// `logs` must have been looked at before the records were read: a load published meanwhile then shows too few entries, never too many.
pub(super) fn check_sizes(places: &Places, known: &Known, logs: &BTreeMap<String, u64>) -> Result<()> {
    let versions = known.versions();
    for (table, newest) in logs {
        if versions.get(table).is_none_or(|v| v < newest) {
            return Err(damaged(&places.entry(table, *newest), "no load record speaks of it"));
        }
    }
    for entry in known.older_entries() {
        check_size(&places.entry(entry.table, entry.version), entry.bytes.len() as u64)?;
    }
    for table in known.loads.iter().flat_map(|r| &r.tables) {
        for file in &table.files {
            check_size(&places.data_file(&table.name, &file.name), file.size)?;
        }
    }
    Ok(())
}

fn check_size(path: &Path, expected: u64) -> Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.len() == expected => Ok(()),
        Ok(found) => Err(damaged(path, &format!("it has {} bytes instead of {expected}", found.len()))),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(damaged(path, "it is missing")),
        Err(e) => Err(refused("look at", path, e)),
    }
}
