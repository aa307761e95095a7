//! Close records: the sealed JSON files under `history/_closes` that say, each, that a period was closed or opened again.
//!
//! Apart from load records because closing adds no row: a record says what was known (the load), what was written (outputs with
//! digests) and who stands for it. It is the commit of its close. Each names the digest of the one before and of the record of its
//! load, and the next load names the newest of them, so that none can be taken away. The files it speaks of stand in
//! `closes/<period>/<number>/`, with the record's own bytes as `manifest.json`.

use super::disk::{Disk, parent, refused, sha256};
use super::layout::{self, Places, listed};
use super::record::{CloseHead, FORMAT, LoadRecord, Numbered, damaged, open_sealed, sealed_text};
use crate::domain::days::serde_day;
use crate::error::Result;
use crate::ledger::snapshot::CloseRow;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

/// Name of the copy of a close record inside its folder.
pub const MANIFEST: &str = "manifest.json";

/// Whether a period was closed or opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseKind {
    /// Closed: its figures are final.
    Seal,
    /// Opened again, for the reason given.
    Reopen,
}

impl CloseKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            CloseKind::Seal => "seal",
            CloseKind::Reopen => "reopen",
        }
    }
}

/// A source file behind a close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseSource {
    /// Load that took it.
    pub load_id: i32,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Rows read from it.
    pub rows: i64,
}

/// What came of a control at a close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseControl {
    /// Its name.
    pub name: String,
    /// `passed`, or `review` for a warning that found something.
    pub outcome: String,
    /// Places it looked at.
    pub checked: u64,
    /// Places where it failed.
    pub failures: u64,
}

/// A file of a close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRecord {
    /// Path below the close's folder, with forward slashes.
    pub path: String,
    /// Its length.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// What the caller knows about a close and the record keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseFacts {
    /// Closed or opened again.
    pub kind: CloseKind,
    /// The month, `2026-10`.
    pub period: String,
    /// Its last day.
    #[serde(with = "serde_day")]
    pub as_of: NaiveDate,
    /// Load looked from.
    pub load_id: i32,
    /// Digest of the movements known at it.
    pub movements_digest: String,
    /// Instant of the close, UTC, RFC 3339.
    pub sealed_at: String,
    /// Version of the program that wrote the files.
    pub program_version: String,
    /// Why a period was opened again.
    pub reason: Option<String>,
    /// Who prepared it.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
    /// The pack's spec.
    pub pack: String,
    /// Languages written.
    pub languages: Vec<String>,
    /// Formats written.
    pub formats: Vec<String>,
    /// The project's configuration, whole: the pack is rendered again with it.
    pub config: String,
    /// Controls with what came of them.
    pub controls: Vec<CloseControl>,
    /// Files the figures rest on.
    pub sources: Vec<CloseSource>,
    /// Files written.
    pub outputs: Vec<OutputRecord>,
}

/// The record of one close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseRecord {
    /// Layout of the history.
    pub format: u32,
    /// Number of the record, counted over all periods.
    pub number: i32,
    /// SHA-256 of the record before; empty for the first.
    pub previous: String,
    /// SHA-256 of the record of the load looked from.
    pub load_record: String,
    /// What the caller said.
    pub facts: CloseFacts,
}

impl Numbered for CloseRecord {
    fn head(&self) -> (u32, i32) {
        (self.format, self.number)
    }
}

/// A close record with the digest of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The record.
    pub record: CloseRecord,
    /// SHA-256 of its file.
    pub digest: String,
}

impl Close {
    /// As a row of the table `closes`.
    pub fn row(&self) -> CloseRow {
        let facts = &self.record.facts;
        CloseRow {
            load_id: facts.load_id,
            number: self.record.number,
            kind: facts.kind.as_str().to_string(),
            period: facts.period.clone(),
            as_of: facts.as_of,
            sealed_at: facts.sealed_at.clone(),
            reason: facts.reason.clone(),
            prepared_by: facts.prepared_by.clone(),
            reviewed_by: facts.reviewed_by.clone(),
            movements_digest: facts.movements_digest.clone(),
            digest: self.digest.clone(),
        }
    }
}

/// The seal under which a period is closed, if it is.
pub fn standing<'a>(closes: &'a [Close], period: &str) -> Option<&'a Close> {
    closes.iter().rfind(|c| c.record.facts.period == period).filter(|c| c.record.facts.kind == CloseKind::Seal)
}

/// The last closed period's seal, if any period is closed.
pub fn newest_standing(closes: &[Close]) -> Option<&Close> {
    closes
        .iter()
        .filter(|c| standing(closes, &c.record.facts.period).is_some_and(|s| s.record.number == c.record.number))
        .max_by_key(|c| c.record.facts.as_of)
}

/// Every close record, oldest first, each sealed and naming the one before; the newest that a load speaks of is among them.
pub(super) fn read(places: &Places, newest_load: Option<&LoadRecord>) -> Result<Vec<Close>> {
    let newest = listed(&places.closes())?.iter().filter_map(|p| layout::number_of_record(p)).max().unwrap_or(0);
    let mut closes: Vec<Close> = Vec::new();
    for number in 1..=newest {
        let path = places.close(number);
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => damaged(&path, "it is missing, and later ones exist"),
            _ => refused("read", &path, e),
        })?;
        let record: CloseRecord = open_sealed(&bytes, &path, number)?;
        if record.previous != closes.last().map_or("", |c| &c.digest) {
            return Err(damaged(&path, "it follows another record than the one before it"));
        }
        closes.push(Close { record, digest: sha256(&bytes) });
    }
    if let Some(head) = newest_load.and_then(|r| r.closes.as_ref()) {
        let path = places.close(head.number);
        match usize::try_from(head.number - 1).ok().and_then(|at| closes.get(at)) {
            Some(close) if close.digest == head.sha256 => {}
            Some(_) => return Err(damaged(&path, "a load record speaks of another one")),
            None => return Err(damaged(&path, "it is missing, and a load record speaks of it")),
        }
    }
    Ok(closes)
}

/// The newest of some close records, for the record of the next load.
pub(super) fn head(closes: &[Close]) -> Option<CloseHead> {
    closes.last().map(|c| CloseHead { number: c.record.number, sha256: c.digest.clone() })
}

/// A period being closed or opened again. Holds the project's lock as long as it lives.
pub struct Closer {
    places: Places,
    disk: Disk,
    lock: File,
    closes: Vec<Close>,
    /// Digest of the newest load's record.
    load_record: String,
    outputs: Vec<OutputRecord>,
}

impl Closer {
    pub(super) fn begin(places: Places, disk: Disk, lock: File, closes: Vec<Close>, load_record: String) -> Result<Closer> {
        disk.make_folder(&places.scratch())?;
        let closer = Closer { places, disk, lock, closes, load_record, outputs: Vec::new() };
        if let Some(newest) = closer.closes.last() {
            closer.place_manifest(&newest.record)?;
        }
        Ok(closer)
    }

    /// The records so far.
    pub fn closes(&self) -> &[Close] {
        &self.closes
    }

    /// Number of the record to come.
    pub fn number(&self) -> i32 {
        self.closes.len() as i32 + 1
    }

    /// Removes the last draft of a period: the next takes its place.
    pub fn clear_draft(&self, period: &str) -> Result<()> {
        self.disk.remove_folder(&self.places.outputs().join(period).join("draft"))
    }

    /// Makes the folder of the record to come; what a close that died left under that number, in whatever period, goes. A folder with a
    /// manifest is no such leftover.
    fn make_folder(&self, period: &str) -> Result<PathBuf> {
        for other in listed(&self.places.outputs())? {
            let left = other.join(self.number().to_string());
            if left.join(MANIFEST).exists() {
                return Err(damaged(&self.places.close(self.number()), &format!("it is missing, and {} exists", left.display())));
            }
            self.disk.remove_folder(&left)?;
        }
        let folder = self.places.output_folder(period, self.number());
        self.disk.make_folder(&folder)?;
        for place in [parent(&folder), &self.places.outputs(), parent(&self.places.outputs())] {
            self.disk.sync_folder(place)?;
        }
        Ok(folder)
    }

    /// Writes the files of a close, each forced to the disk; paths are relative, none above the folder. Nothing counts yet.
    pub fn write(&mut self, period: &str, files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
        let folder = self.make_folder(period)?;
        let mut folders = vec![folder.clone()];
        for (relative, bytes) in files {
            let path = folder.join(relative);
            if !folders.iter().any(|f| f == parent(&path)) {
                self.disk.make_folder(parent(&path))?;
                folders.push(parent(&path).to_path_buf());
            }
            let mut file = self.disk.create(&path)?;
            file.write_all(bytes).map_err(|e| refused("write", &path, e))?;
            let (size, digest) = file.finish()?;
            self.outputs.push(OutputRecord { path: slashed(relative), size, sha256: digest });
        }
        // a folder between two others holds no file but a name
        let between: Vec<PathBuf> =
            folders.iter().flat_map(|f| f.ancestors().take_while(|a| *a != folder)).map(Path::to_path_buf).collect();
        folders.extend(between);
        folders.sort();
        folders.dedup();
        folders.iter().try_for_each(|f| self.disk.sync_folder(f))?;
        self.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(())
    }

    /// Commits: the record stands, then its copy beside the files. What was written before becomes its outputs.
    pub fn commit(mut self, mut facts: CloseFacts) -> Result<Close> {
        facts.outputs = std::mem::take(&mut self.outputs);
        if facts.kind == CloseKind::Reopen {
            self.make_folder(&facts.period)?;
        }
        let number = self.number();
        let record = CloseRecord {
            format: FORMAT,
            number,
            previous: self.closes.last().map_or_else(String::new, |c| c.digest.clone()),
            load_record: self.load_record.clone(),
            facts,
        };
        let text = sealed_text(&record)?;
        self.disk.make_folder(&self.places.closes())?;
        self.disk.sync_folder(&self.places.root)?;
        self.disk.place(&self.places.close(number), text.as_bytes(), &self.places.temporary())?;
        let close = Close { digest: sha256(text.as_bytes()), record };
        self.place_manifest(&close.record)
            .map_err(|e| e.context(format!("close {number}, which counts already")).hint("the next close finishes its folder"))?;
        Ok(close)
    }

    /// The copy of a record beside its files, where it is not there yet. A folder that is gone is not made anew: `verify` tells.
    fn place_manifest(&self, record: &CloseRecord) -> Result<()> {
        let folder = self.places.output_folder(&record.facts.period, record.number);
        if !folder.is_dir() || folder.join(MANIFEST).exists() {
            return Ok(());
        }
        self.disk.place(&folder.join(MANIFEST), sealed_text(record)?.as_bytes(), &self.places.temporary())
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        let _ = self.disk.remove_file(&self.places.temporary());
        let _ = self.lock.unlock();
    }
}

/// A relative path with forward slashes.
pub(super) fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|c| match c {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
