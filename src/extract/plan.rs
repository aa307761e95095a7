//! The plan of a load: which files, under which profile, for which day; everything that can be wrong before a row is read.
//!
//! Separate from reading so that a missing column, an unknown profile or an empty folder stops a load before anything of it exists.

use super::place::Place;
use super::profile::given::{self, Given};
use super::profile::{FileFormat, Profile, Reading, Sheet, shipped};
use super::{archive, bind, cfdi, lookup, source, xlsx};
use crate::domain::days::parse_day;
use crate::domain::digest::hex;
use crate::error::{Error, Result};
use chrono::NaiveDate;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What an extract says about rows it does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing.
    #[default]
    Add,
    /// That they are gone, within the window.
    Full,
    /// That they are settled: the documents are the open items of the day.
    Snapshot,
}

/// What the command line asks for; what it leaves open, `extract.toml` beside the files says.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// Name of a shipped profile, or path of a TOML file.
    pub profile: Option<&'a str>,
    /// Day the extract speaks of.
    pub day: Option<NaiveDate>,
    /// Mode.
    pub mode: Option<Mode>,
    /// First day of the window of a full extract.
    pub window_from: Option<NaiveDate>,
    /// Values for the names a profile asks for; one it does not ask for is no matter here.
    pub given: Given,
}

/// What will be read, checked up to the headers.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The profile.
    pub profile: Profile,
    /// Per look-up of the profile: the positions of its files among the sources.
    pub(super) lookups: Vec<Vec<usize>>,
    /// In reading order: the profile itself (unless canonical), then the files, what others refer to first.
    pub sources: Vec<SourceFile>,
    /// Files of the folder that no table of the profile asks for.
    pub unmatched: Vec<String>,
    /// Day the extract speaks of, where told.
    pub day: Option<NaiveDate>,
    /// Mode.
    pub mode: Mode,
    /// First day of the window of a full extract.
    pub window_from: Option<NaiveDate>,
}

/// One source of rows.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The file it is, or is in.
    pub path: PathBuf,
    /// Its name relative to the given folder: `export.zip/invoices.csv`, `book.xlsx!Sheet1`.
    pub name: String,
    /// SHA-256 of the bytes of the file, in hexadecimal.
    pub sha256: String,
    /// Its own size: of the file, the member unpacked, the sheet.
    pub bytes: u64,
    /// Canonical tables it yields.
    pub tables: Vec<&'static str>,
    /// The many files it is one of, shown and recorded as one: `facturas.zip/*.xml`.
    pub bundle: Option<Arc<str>>,
    /// Rules of the profile that read it; empty for the profile itself.
    pub(super) rule_nos: Vec<usize>,
    /// Look-ups of the profile whose columns its rows get.
    pub(super) lookup_nos: Vec<usize>,
    /// What it holds.
    pub(super) part: Part,
    pub(super) place: Place,
    /// Size and time of the file when its digest was taken.
    stamp: (u64, Option<SystemTime>),
}

/// What a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Rows, by rules of the profile or from the profile itself.
    Rows,
    /// One CFDI.
    Cfdi,
    /// A list of cancelled CFDI.
    Cancellations,
    /// Rows that others look up, and nothing else.
    Lookup,
}

/// What a folder holds: a file, or a file inside an archive.
struct Candidate {
    /// As it is shown.
    name: String,
    /// What the patterns of a profile are compared with.
    base_name: String,
    place: Place,
}

/// Digests of the files on disk: an archive has many members and one digest.
type Digests = HashMap<PathBuf, (String, u64, Option<SystemTime>)>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ExtractToml {
    profile: Option<String>,
    day: Option<toml::Value>,
    mode: Option<Mode>,
    window_from: Option<toml::Value>,
    given: BTreeMap<String, toml::Value>,
}

const EXTRACT_TOML: &str = "extract.toml";

/// Plans the load of a file or a folder.
pub fn plan(path: &Path, request: &Request<'_>) -> Result<Plan> {
    let cannot =
        |e| Error::io(format!("cannot read {}", path.display()), e).hint("name a file or folder that is there: cartera load PATH…");
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    let (folder, files) = if metadata.is_dir() { (path.to_path_buf(), files_of(path)?) } else { single(path)? };
    let told = read_extract_toml(&folder, &files)?;
    let mut profile = match (request.profile, &told.profile) {
        (Some(name), _) => shipped::find(name, Path::new(""))?,
        (None, Some(name)) => shipped::find(name, &folder).map_err(|e| e.context(folder.join(EXTRACT_TOML).display().to_string()))?,
        (None, None) => shipped::canonical(),
    };
    give(&mut profile, &told.given, &request.given).map_err(|e| e.context(path.display().to_string()))?;
    let mut sources = Vec::new();
    let mut unmatched = Vec::new();
    let mut digests = Digests::new();
    let archive_alone = files.len() == 1;
    let mut bundles = Bundles::new();
    let mut looked_up: Vec<(usize, SourceFile)> = Vec::new();
    for candidate in candidates(&folder, files)? {
        let rule_nos: Vec<usize> =
            (0..profile.tables.len()).filter(|n| matches_any(&profile.tables[*n].files, &candidate.base_name)).collect();
        if let Some(found) = cfdi_source(&candidate, &rule_nos, &profile, &mut digests, &mut bundles)? {
            sources.push(found);
            continue;
        }
        let asked: Vec<usize> =
            (0..profile.lookups.len()).filter(|n| matches_any(&profile.lookups[*n].from, &candidate.base_name)).collect();
        for n in &asked {
            let place = lookup::check(&profile, &profile.lookups[*n], &candidate.place).map_err(|e| e.context(candidate.name.clone()))?;
            let bytes = place.member.as_ref().map(|m| m.unpacked);
            let name = place.sheet.as_ref().map_or_else(|| candidate.name.clone(), |sheet| format!("{}!{sheet}", candidate.name));
            let file = source_file(place, name, bytes, &[], &profile, &mut digests)?;
            looked_up.push((*n, SourceFile { part: Part::Lookup, ..file }));
        }
        if rule_nos.is_empty() && !asked.is_empty() {
            continue;
        }
        if rule_nos.is_empty() {
            let told = candidate.name == EXTRACT_TOML || (archive_alone && candidate.base_name == EXTRACT_TOML);
            if !told {
                unmatched.push(candidate.name);
            }
            continue;
        }
        let name = candidate.name.clone();
        let found = sources_of(candidate, rule_nos, &profile, &mut digests, &mut unmatched);
        sources.extend(found.map_err(|e| e.context(name))?);
    }
    if sources.is_empty() {
        return Err(nothing_matches(path, &profile, &unmatched));
    }
    // What others refer to comes first.
    let order = |s: &SourceFile| s.tables.iter().filter_map(|t| crate::schema::TABLES.iter().position(|c| c.name == *t)).min();
    sources.sort_by_cached_key(|s| (order(s), s.name.clone()));
    if !profile.text.is_empty() {
        sources.insert(0, own_source(&profile)?);
    }
    let lookups = lookups(&profile, looked_up, &mut sources).map_err(|e| e.context(path.display().to_string()))?;
    Ok(Plan {
        lookups,
        sources,
        unmatched,
        day: request.day.or(day("day", told.day.as_ref())?),
        mode: request.mode.or(told.mode).or(profile.mode).unwrap_or_default(),
        window_from: request.window_from.or(day("window_from", told.window_from.as_ref())?),
        profile,
    })
}

/// Adds the files of look-ups to the sources, each once; gives their positions by look-up. A look-up that is needed has a file.
fn lookups(profile: &Profile, looked_up: Vec<(usize, SourceFile)>, sources: &mut Vec<SourceFile>) -> Result<Vec<Vec<usize>>> {
    let mut found = vec![Vec::new(); profile.lookups.len()];
    for (n, file) in looked_up {
        let same = |s: &SourceFile| s.name == file.name;
        let at = sources.iter().position(same).unwrap_or(sources.len());
        if at == sources.len() {
            sources.push(file);
        }
        found[n].push(at);
    }
    for (n, rule) in profile.lookups.iter().enumerate().filter(|(n, rule)| !rule.optional && found[*n].is_empty()) {
        if let Some(asks) = sources.iter().find(|s| s.lookup_nos.contains(&n)) {
            let columns: Vec<&str> = rule.columns.keys().map(String::as_str).collect();
            let (columns, files) = (columns.join(", "), rule.from.join(" or "));
            return Err(Error::data(format!("{} takes {columns} from a file {files}, and there is none", asks.name))
                .hint("put the file beside the others; the profile's [[lookup]] says what it is read for"));
        }
    }
    Ok(found)
}

/// Gives the profile what `extract.toml` and the command line give; the latter wins.
fn give(profile: &mut Profile, told: &BTreeMap<String, toml::Value>, asked: &Given) -> Result<()> {
    let mut values = given::told(told).map_err(|e| e.context(EXTRACT_TOML))?;
    given::check_asked(&values, &format!("the profile {}", profile.name), profile.asks()).map_err(|e| e.context(EXTRACT_TOML))?;
    values.extend(asked.clone());
    profile.give(&values)?;
    profile.check_stated()
}

fn files_of(folder: &Path) -> Result<Vec<String>> {
    let cannot = |e| Error::io(format!("cannot read the folder {}", folder.display()), e);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // `~$…` is the mark of a workbook that somebody has open.
        if !name.starts_with('.') && !name.starts_with("~$") && entry.path().is_file() {
            names.push(name);
        }
    }
    if names.is_empty() {
        return Err(Error::data(format!("the folder {} holds no files", folder.display())).hint("give the folder the extracts are in"));
    }
    names.sort();
    Ok(names)
}

fn single(path: &Path) -> Result<(PathBuf, Vec<String>)> {
    let name = path.file_name().ok_or_else(|| Error::usage(format!("{} is not a file", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok((folder.to_path_buf(), vec![name.to_string_lossy().into_owned()]))
}

/// What the folder says of its files; an archive alone may say it itself.
fn read_extract_toml(folder: &Path, files: &[String]) -> Result<ExtractToml> {
    let path = folder.join(EXTRACT_TOML);
    let (text, path) = match (std::fs::read_to_string(&path), files) {
        (Ok(text), _) => (text, path),
        (Err(e), [only]) if e.kind() == std::io::ErrorKind::NotFound && is_archive(only) => {
            let place = Place::file(&folder.join(only));
            let members = archive::members(place.whole()?.reader()?).map_err(|e| e.context(only.clone()))?;
            let Some(member) = members.into_iter().find(|m| m.base_name() == EXTRACT_TOML) else { return Ok(ExtractToml::default()) };
            let path = place.path.join(&member.name);
            let bytes = Place { member: Some(member), ..place }.stream()?.first(1 << 20)?;
            (String::from_utf8_lossy(&bytes).into_owned(), path)
        }
        (Err(e), _) if e.kind() == std::io::ErrorKind::NotFound => return Ok(ExtractToml::default()),
        (Err(e), _) => return Err(Error::io(format!("cannot read {}", path.display()), e)),
    };
    toml::from_str(&text)
        .map_err(|e| Error::usage(format!("it cannot be read: {}", e.to_string().trim_end())).context(path.display().to_string()))
}

fn is_archive(name: &str) -> bool {
    name.to_lowercase().ends_with(".zip")
}

fn day(key: &str, value: Option<&toml::Value>) -> Result<Option<NaiveDate>> {
    let text = match value {
        None => return Ok(None),
        Some(toml::Value::Datetime(d)) => d.to_string(),
        Some(toml::Value::String(s)) => s.clone(),
        Some(other) => other.to_string(),
    };
    match parse_day(&text) {
        Some(day) => Ok(Some(day)),
        None => Err(Error::usage(format!("{key} = {text} is not a day")).context(EXTRACT_TOML).hint("write it as 2026-10-31")),
    }
}

/// Whether a pattern asks for a file; that it is gzipped makes no difference.
fn matches_any(patterns: &[String], name: &str) -> bool {
    let name = name.to_lowercase();
    let one = |name: &str| {
        let name: Vec<char> = name.chars().collect();
        patterns.iter().any(|p| glob(&p.to_lowercase().chars().collect::<Vec<_>>(), &name))
    };
    one(&name) || name.strip_suffix(".gz").is_some_and(one)
}

/// `*` stands for any run of characters, `?` for one.
fn glob(pattern: &[char], name: &[char]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some(('*', rest)) => (0..=name.len()).any(|n| glob(rest, &name[n..])),
        Some((c, rest)) => name.split_first().is_some_and(|(n, others)| (*c == '?' || c == n) && glob(rest, others)),
    }
}

/// The files of a folder, and those inside its archives.
fn candidates(folder: &Path, files: Vec<String>) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for name in files {
        let place = Place::file(&folder.join(&name));
        if !is_archive(&name) {
            found.push(Candidate { base_name: name.clone(), name, place });
            continue;
        }
        let members = archive::members(place.whole()?.reader()?).map_err(|e| e.context(name.clone()))?;
        for member in members.into_iter().filter(|m| !m.is_clutter()) {
            found.push(Candidate {
                name: format!("{name}/{}", member.name),
                base_name: member.base_name().to_string(),
                place: Place { member: Some(member), ..place.clone() },
            });
        }
    }
    Ok(found)
}

/// The sources that a file is: itself, or sheets of it. Their headers are checked.
fn sources_of(
    candidate: Candidate,
    rule_nos: Vec<usize>,
    profile: &Profile,
    digests: &mut Digests,
    unmatched: &mut Vec<String>,
) -> Result<Vec<SourceFile>> {
    let readings = rule_nos.iter().map(|n| profile.reading(&profile.tables[*n])).collect::<Result<Vec<Reading>>>()?;
    let reading = &readings[0];
    if readings.iter().any(|r| r != reading) {
        return Err(Error::usage(format!("{} is read by several [[table]]s with different [table.read]", candidate.name))
            .hint("give all of them the same, or other file patterns"));
    }
    let bytes = candidate.place.member.as_ref().map(|m| m.unpacked);
    let lookup_nos: Vec<usize> =
        (0..profile.lookups.len()).filter(|n| matches_any(&profile.lookups[*n].into, &candidate.base_name)).collect();
    let own = |place: Place, name: String, bytes: Option<u64>, digests: &mut Digests| -> Result<SourceFile> {
        let file = source_file(place, name, bytes, &rule_nos, profile, digests)?;
        Ok(SourceFile { lookup_nos: lookup_nos.clone(), ..file })
    };
    let check = |place: &Place| {
        let mut opened = source::open(place, reading)?;
        lookup_nos.iter().try_for_each(|n| opened.join(&profile.lookups[*n], Arc::default()))?;
        bind::bind(profile, &rule_nos, &opened.header).map(|_| ())
    };
    let workbook = match &candidate.place.member {
        Some(member) if member.unreadable.is_some() => false,
        _ => source::format(&candidate.place, reading)? == FileFormat::Xlsx,
    };
    if !workbook {
        check(&candidate.place)?;
        return Ok(vec![own(candidate.place, candidate.name, bytes, digests)?]);
    }
    let sheets = xlsx::sheet_names(&candidate.place)?;
    let asked: Vec<&(String, u64)> = match &reading.sheet {
        None => sheets.iter().collect(),
        Some(Sheet::Number(number)) => sheets.get(number.wrapping_sub(1)).into_iter().collect(),
        Some(Sheet::Name(pattern)) => sheets.iter().filter(|(name, _)| matches_any(std::slice::from_ref(pattern), name)).collect(),
    };
    if asked.is_empty() {
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::data(format!("the workbook has no sheet that `sheet` asks for; its sheets are: {}", names.join(", ")))
            .hint("correct `sheet` in the profile's [read], or leave it out: every sheet that has the header is then read"));
    }
    let mut found = Vec::new();
    let mut first_error = None;
    for (sheet, size) in asked {
        let place = Place { sheet: Some(sheet.clone()), ..candidate.place.clone() };
        let name = format!("{}!{sheet}", candidate.name);
        match check(&place) {
            Ok(()) => found.push(own(place, name, Some(*size), digests)?),
            // A sheet that is asked for by name must have the header; of the others, those that have it are read. What the load does
            // not give is no matter of the sheet.
            Err(e) if reading.sheet.is_some() || e.is_usage() => return Err(e.context(name)),
            Err(e) => {
                first_error.get_or_insert(e.context(name.clone()));
                unmatched.push(name);
            }
        }
    }
    match first_error {
        Some(e) if found.is_empty() => Err(e),
        _ => Ok(found),
    }
}

/// Names of the bundles of many files, by folder or archive.
type Bundles = HashMap<String, Arc<str>>;

/// A file that the profile's `[cfdi]` asks for.
fn cfdi_source(
    candidate: &Candidate,
    rule_nos: &[usize],
    profile: &Profile,
    digests: &mut Digests,
    bundles: &mut Bundles,
) -> Result<Option<SourceFile>> {
    let Some(rules) = &profile.cfdi else { return Ok(None) };
    let list = rules.cancellations.as_ref().filter(|list| matches_any(&list.files, &candidate.base_name));
    let is_cfdi = matches_any(&rules.files, &candidate.base_name);
    if list.is_none() && !is_cfdi {
        return Ok(None);
    }
    if !rule_nos.is_empty() || (list.is_some() && is_cfdi) {
        return Err(Error::usage(format!("{} is asked for by [cfdi] and by another section", candidate.name))
            .hint("give patterns of file names that do not meet"));
    }
    let bytes = candidate.place.member.as_ref().map(|m| m.unpacked);
    let mut source = source_file(candidate.place.clone(), candidate.name.clone(), bytes, &[], profile, digests)?;
    if let Some(list) = list {
        cfdi::check_list(&source.place, &profile.cancellation_reading(list)?, rules).map_err(|e| e.context(candidate.name.clone()))?;
        (source.part, source.tables) = (Part::Cancellations, vec!["fiscal_documents"]);
        return Ok(Some(source));
    }
    if let Some(why) = candidate.place.member.as_ref().and_then(|m| m.unreadable) {
        return Err(Error::data(format!("the file is {why}")).context(candidate.name.clone()));
    }
    let folder = candidate.name.strip_suffix(&candidate.base_name).unwrap_or_default().to_string();
    let bundle = bundles.entry(folder).or_insert_with_key(|folder| format!("{folder}{}", rules.files.join(", ")).into());
    (source.part, source.tables, source.bundle) = (Part::Cfdi, cfdi::tables(rules).to_vec(), Some(bundle.clone()));
    Ok(Some(source))
}

fn source_file(
    place: Place,
    name: String,
    bytes: Option<u64>,
    rule_nos: &[usize],
    profile: &Profile,
    digests: &mut Digests,
) -> Result<SourceFile> {
    if !digests.contains_key(&place.path) {
        digests.insert(place.path.clone(), digest(&place.path)?);
    }
    let (sha256, size, modified) = digests[&place.path].clone();
    let mut tables = Vec::new();
    for n in rule_nos {
        let table = super::profile::known_table(&profile.tables[*n].table)?.name;
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    if profile.clearing.is_some() && tables.contains(&"documents") {
        tables.push("applications");
    }
    Ok(SourceFile {
        path: place.path.clone(),
        name,
        sha256,
        bytes: bytes.unwrap_or(size),
        tables,
        bundle: None,
        rule_nos: rule_nos.to_vec(),
        lookup_nos: Vec::new(),
        part: Part::Rows,
        place,
        stamp: (size, modified),
    })
}

/// The profile as a source: its digest belongs to the load's identity, and it may state rows itself. Its name tells what was given.
fn own_source(profile: &Profile) -> Result<SourceFile> {
    let mut tables = Vec::new();
    for constant in &profile.constants {
        tables.push(super::profile::known_table(&constant.table)?.name);
    }
    if profile.cfdi.is_some() && !tables.contains(&"companies") {
        tables.push("companies");
    }
    let values: Vec<String> = profile.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let with = if values.is_empty() { String::new() } else { format!(" with {}", values.join(", ")) };
    Ok(SourceFile {
        path: PathBuf::new(),
        name: format!("profile {}{with}", profile.name),
        sha256: hex(&Sha256::digest(profile.text.as_bytes())),
        bytes: profile.text.len() as u64,
        tables,
        bundle: None,
        rule_nos: Vec::new(),
        lookup_nos: Vec::new(),
        part: Part::Rows,
        place: Place::file(Path::new("")),
        stamp: (0, None),
    })
}

fn digest(path: &Path) -> Result<(String, u64, Option<SystemTime>)> {
    let cannot = |e| Error::io(format!("cannot read {}", path.display()), e);
    let mut file = File::open(path).map_err(cannot)?;
    let modified = file.metadata().map_err(cannot)?.modified().ok();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0u8; 1 << 17];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(cannot)?;
        if n == 0 {
            return Ok((hex(&hasher.finalize()), bytes, modified));
        }
        hasher.update(&buffer[..n]);
        bytes += n as u64;
    }
}

impl SourceFile {
    /// Whether the file is still the one whose digest was taken.
    pub(super) fn unchanged(&self) -> Result<()> {
        let metadata = std::fs::metadata(&self.path).map_err(|e| Error::io(format!("cannot read {}", self.path.display()), e))?;
        if (metadata.len(), metadata.modified().ok()) == self.stamp {
            return Ok(());
        }
        Err(Error::data(format!("{} changed while it was read", self.name)).hint("wait until the export is complete, then load again"))
    }
}

fn nothing_matches(path: &Path, profile: &Profile, found: &[String]) -> Error {
    let mut expected: Vec<&str> = profile.tables.iter().flat_map(|t| t.files.iter().map(String::as_str)).collect();
    expected.extend(profile.cfdi.iter().flat_map(|c| c.files.iter().map(String::as_str)));
    if profile.canonical {
        expected.retain(|p| p.ends_with(".csv"));
        expected.push("or the same names with .parquet, .xlsx, .jsonl");
    }
    expected.dedup();
    let shown: Vec<&str> = found.iter().take(10).map(String::as_str).collect();
    let names: Vec<&str> = shipped::SHIPPED.iter().map(|(n, _)| *n).collect();
    Error::data(format!("no file of {} matches the profile {}; found: {}", path.display(), profile.name, shown.join(", "))).hint(format!(
        "expected: {}; or name another profile ({}, or a TOML file of your own)",
        expected.join(", "),
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let is = |p: &str, n: &str| matches_any(&[p.to_string()], n);
        assert!(is("bsid*.csv", "BSID_2026.CSV"));
        assert!(is("*.csv", "a.csv.gz") && is("*.csv.gz", "a.csv.GZ") && !is("*.csv", "a.gz"));
        assert!(is("*.csv", "a.csv") && is("a?.csv", "ab.csv") && is("documents.csv", "documents.csv"));
        assert!(!is("documents.csv", "documents_old.csv") && !is("a?.csv", "a.csv") && !is("*.csv", "a.csv.bak"));
    }
}
