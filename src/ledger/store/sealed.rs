//! Distrusts what was closed: the chain of close records, and every file of their folders against the record of the history.
//!
//! Beside `verify`, which reads the tables: a close speaks of files outside `history/` that people copy and send, so a folder can also
//! be looked at by itself. Goes on after a problem; renders nothing.

use super::close::{CloseKind, CloseRecord, MANIFEST, slashed};
use super::disk::{refused, sha256, sha256_of_file};
use super::layout::{self, Places, listed};
use super::record::{LoadRecord, open_sealed};
use super::verify::Problem;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A close with the folder it wrote.
#[derive(Debug, Clone)]
pub struct SealedFolder {
    /// Its record.
    pub record: CloseRecord,
    /// Its folder.
    pub folder: PathBuf,
}

/// Records that can be read, with their bytes, by number.
type Records = BTreeMap<i32, (CloseRecord, Vec<u8>)>;

fn problem(path: &Path, what: impl Into<String>) -> Problem {
    Problem { path: path.to_path_buf(), what: what.into() }
}

/// Everything wrong with closes and their folders. Where somebody else is `at_work`, what he may be writing is passed over.
pub(super) fn problems(places: &Places, at_work: bool) -> Result<Vec<Problem>> {
    let (mut found, records) = chain(places)?;
    let newest = numbers(places)?.last().copied().unwrap_or(0);
    for (number, (record, bytes)) in &records {
        let folder = places.output_folder(&record.facts.period, *number);
        let may_come = at_work && *number == newest;
        found.extend(in_folder(&folder, record, bytes)?.into_iter().filter(|p| !(may_come && p.path.ends_with(MANIFEST))));
    }
    for (folder, number) in numbered(places)? {
        let is_sealed = folder.join(MANIFEST).exists();
        let coming = number == newest + 1 && !is_sealed;
        let known = records.get(&number).is_some_and(|(r, _)| places.output_folder(&r.facts.period, number) == folder);
        // a record that cannot be read is told already
        if !known && !coming && !places.close(number).exists() {
            found.push(problem(&folder, "folder of a close that no record speaks of: its record is missing, or it was put there"));
        } else if !known && !coming && records.contains_key(&number) {
            found.push(problem(&folder, "folder of a close under another period than its record says"));
        }
    }
    Ok(found)
}

/// Folders of closes whose records can be read.
pub(super) fn folders(places: &Places) -> Result<Vec<SealedFolder>> {
    let (_, records) = chain(places)?;
    let folder = |(number, (record, _)): (i32, (CloseRecord, Vec<u8>))| SealedFolder {
        folder: places.output_folder(&record.facts.period, number),
        record,
    };
    Ok(records.into_iter().filter(|(_, (r, _))| r.facts.kind == CloseKind::Seal).map(folder).collect())
}

#[derive(Deserialize)]
struct Number {
    number: i32,
}

/// Everything wrong with one folder, and the record it is held against: the history's where there is one, else its own manifest.
pub(super) fn folder_problems(places: Option<&Places>, folder: &Path) -> Result<(Vec<Problem>, Option<CloseRecord>)> {
    let path = folder.join(MANIFEST);
    let manifest = match fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(refused("read", &path, e)),
    };
    let place = places.and_then(|p| numbered(p).ok()?.into_iter().find(|(f, _)| is_same(f, folder)));
    let said = manifest.as_ref().and_then(|bytes| serde_json::from_slice::<Number>(bytes).ok());
    // where the folder stands tells its number better than a text in it
    let Some(number) = place.map(|(_, number)| number).or(said.map(|n| n.number)) else {
        return match manifest {
            Some(_) => Ok((vec![problem(&path, "it is no manifest of a close")], None)),
            None => Err(Error::missing(format!("{} is no folder of a close: it has no {MANIFEST}", folder.display()))
                .hint("closes stand in closes/<period>/<number>; `cartera verify` alone looks at all of them")),
        };
    };
    if let Some(places) = places {
        let (mut found, mut records) = chain(places)?;
        let Some((record, bytes)) = records.remove(&number) else {
            found.push(problem(&places.close(number), "there is no such record to hold the folder against"));
            return Ok((found, None));
        };
        found.extend(in_folder(folder, &record, &bytes)?);
        return Ok((found, Some(record)));
    }
    let Some(bytes) = manifest else { return Ok((vec![problem(&path, "it is missing")], None)) };
    match open_sealed::<CloseRecord>(&bytes, &path, number) {
        Ok(record) => Ok((in_folder(folder, &record, &bytes)?, Some(record))),
        Err(e) => Ok((vec![problem(&path, one_line(&e))], None)),
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn one_line(error: &Error) -> String {
    error.to_string().replace("\n  next: ", "; ").replace('\n', ";")
}

/// Every record by itself and with its neighbours, and what load records say of them.
fn chain(places: &Places) -> Result<(Vec<Problem>, Records)> {
    let mut found = Vec::new();
    let mut records = Records::new();
    let newest = numbers(places)?.last().copied().unwrap_or(0);
    let mut previous = Some(String::new());
    for number in 1..=newest {
        let path = places.close(number);
        let read = fs::read(&path).map_err(|e| refused("read", &path, e));
        match read.and_then(|bytes| Ok((open_sealed::<CloseRecord>(&bytes, &path, number)?, bytes))) {
            Ok((record, bytes)) => {
                if previous.is_some_and(|p| p != record.previous) {
                    found.push(problem(&path, "it follows another record than the one before it"));
                }
                let load = places.record(record.facts.load_id);
                if fs::read(&load).ok().is_none_or(|b| sha256(&b) != record.load_record) {
                    found.push(problem(&path, format!("it rests on another record of load {} than there is", record.facts.load_id)));
                }
                previous = Some(sha256(&bytes));
                records.insert(number, (record, bytes));
            }
            Err(e) => {
                previous = None;
                found.push(problem(&path, format!("close record {number} cannot be used ({})", one_line(&e))));
            }
        }
    }
    for path in listed(&places.loads())? {
        let Some(number) = layout::number_of_record(&path).filter(|n| *n > 0) else { continue };
        let record = fs::read(&path).ok().and_then(|b| open_sealed::<LoadRecord>(&b, &path, number).ok());
        let Some(head) = record.and_then(|r| r.closes) else { continue };
        match records.get(&head.number) {
            Some((_, bytes)) if sha256(bytes) == head.sha256 => {}
            Some(_) => found.push(problem(&places.close(head.number), format!("load {number} speaks of another record"))),
            None if head.number > newest => {
                found.push(problem(&places.close(head.number), format!("it is missing: load {number} speaks of it")))
            }
            None => {}
        }
    }
    Ok((found, records))
}

fn numbers(places: &Places) -> Result<BTreeSet<i32>> {
    Ok(listed(&places.closes())?.iter().filter_map(|p| layout::number_of_record(p)).collect())
}

/// Folders below `closes/` that carry a number, whatever is in them.
fn numbered(places: &Places) -> Result<Vec<(PathBuf, i32)>> {
    let mut found = Vec::new();
    for period in listed(&places.outputs())?.into_iter().filter(|p| p.is_dir()) {
        for folder in listed(&period)?.into_iter().filter(|p| p.is_dir()) {
            if let Some(number) = folder.file_name().and_then(|n| n.to_str()).and_then(|n| n.parse().ok()) {
                found.push((folder, number));
            }
        }
    }
    Ok(found)
}

/// A folder against its record: every file with its size and digest, none besides, the manifest equal to the record's bytes.
fn in_folder(folder: &Path, record: &CloseRecord, bytes: &[u8]) -> Result<Vec<Problem>> {
    if !folder.is_dir() {
        return Ok(vec![problem(folder, format!("the folder of close {} is missing", record.number))]);
    }
    let mut found = Vec::new();
    let manifest = folder.join(MANIFEST);
    match fs::read(&manifest) {
        Ok(theirs) if theirs == bytes => {}
        Ok(_) => found.push(problem(&manifest, format!("it differs from close record {} of the history", record.number))),
        Err(e) if e.kind() == ErrorKind::NotFound => found.push(problem(&manifest, "it is missing")),
        Err(e) => found.push(problem(&manifest, format!("it cannot be read: {e}"))),
    }
    for output in &record.facts.outputs {
        let path = folder.join(&output.path);
        match sha256_of_file(&path) {
            Ok((size, digest)) if size == output.size && digest == output.sha256 => {}
            Ok((size, _)) if size != output.size => {
                found.push(problem(&path, format!("it has {size} bytes, was sealed with {}", output.size)))
            }
            Ok(_) => found.push(problem(&path, "it has another SHA-256 than was sealed")),
            Err(e) if e.kind() == ErrorKind::NotFound => found.push(problem(&path, "it is missing")),
            Err(e) => found.push(problem(&path, format!("it cannot be read: {e}"))),
        }
    }
    let known: BTreeSet<&str> = record.facts.outputs.iter().map(|o| o.path.as_str()).chain([MANIFEST]).collect();
    let mut below = Vec::new();
    walk(folder, &mut below)?;
    for path in below {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        if !known.contains(slashed(relative).as_str()) {
            found.push(problem(&path, "it was not sealed"));
        }
    }
    Ok(found)
}

/// Every file below a folder; a link counts as a file, wherever it leads.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for path in listed(folder)? {
        if path.is_dir() && !path.is_symlink() { walk(&path, found)? } else { found.push(path) }
    }
    Ok(())
}
