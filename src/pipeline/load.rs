//! Extract files into the history: plans of all paths make one load.

use super::project::{Now, Project};
use crate::domain::digest::hex;
use crate::domain::finding::Finding;
use crate::error::{Error, Result};
use crate::extract::{self, Hand, Hands, Plan, Reject, Sink};
use crate::ledger::load::{self as ledger, Load, Mode, Outcome, Request, Scope};
use crate::ledger::merges::Merges;
use crate::ledger::store::SourceFact;
use crate::schema::Row;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What to load, and how the command line overrides what the folders say.
#[derive(Debug, Clone, Default)]
pub struct LoadRequest {
    /// Files or folders; a folder of folders stands for those.
    pub paths: Vec<PathBuf>,
    /// Profile by name or path.
    pub profile: Option<String>,
    /// Extract day.
    pub day: Option<NaiveDate>,
    /// Whether the extracts are complete.
    pub full: bool,
    /// Values for the names that profiles ask for.
    pub given: extract::Given,
    /// Do everything but publish.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Loaded {
    /// Exactly this was loaded before, in that load.
    Already(i32),
    /// It was read and posted (and published, unless a dry run or nothing was new).
    Done {
        /// Control totals and findings.
        outcome: Outcome,
        /// What was read, by source.
        sources: Vec<SourceNote>,
        /// Files that no table of a profile asks for.
        unread: Vec<String>,
        /// In a dry run: the first rows of every table, as they would be taken.
        first_rows: Vec<FirstRow>,
    },
}

/// A row as a dry run shows it.
#[derive(Debug, Clone)]
pub struct FirstRow {
    /// Its canonical table.
    pub table: &'static str,
    /// `file:line`.
    pub place: String,
    /// Columns with their values; empty ones are left out.
    pub values: Vec<(&'static str, String)>,
}

/// Rows of a table that a dry run shows.
const FIRST_ROWS: usize = 3;

/// One source that was read.
#[derive(Debug, Clone)]
pub struct SourceNote {
    /// Its name.
    pub name: String,
    /// The profile that read it.
    pub profile: String,
    /// Data rows.
    pub rows: u64,
    /// Rows that the profile says are no data.
    pub skipped: u64,
}

/// Said through `progress` when another load holds the project: what comes next may take a while.
pub const WAITING: &str = "another load is running here; waiting for it to end";

/// Loads; `progress` hears the step, how far it is, and of how much.
pub fn load(project: &Project, request: &LoadRequest, now: &Now, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Loaded> {
    let plans = plan_all(request)?;
    let day = extract_day(&plans, now)?;
    let digest = digest(&plans, day);
    if let Some(load_id) = ledger::already_loaded(&project.store, &digest)?
        && Merges::read(&project.store.snapshot(None)?)?.are(&project.config.merges)
    {
        // Nothing begins that would tidy after a load that died once it stood.
        project.store.tidy()?;
        return Ok(Loaded::Already(load_id));
    }
    if project.store.is_busy()? {
        progress(WAITING, 0, 0);
    }
    let mut load = Load::begin(&project.store, ledger_request(project, now, day, plans.iter().flat_map(scopes).collect(), digest))?;
    let mut sources: Vec<SourceNote> = Vec::new();
    let mut rows: Vec<u64> = Vec::new();
    let mut first_rows = Vec::new();
    let total: u64 = plans.iter().map(|p| p.sources.len() as u64).sum();
    for plan in &plans {
        progress("reading", rows.len() as u64, total);
        let first = u32::try_from(rows.len()).map_err(|e| Error::data("too many source files").caused_by(e))?;
        let shown = request.dry_run.then_some(&mut first_rows);
        let summaries = extract::read(plan, &mut Offset { first, load: &mut load, plan, shown, total, progress: &mut *progress })?;
        let mut bundles: HashMap<&str, usize> = HashMap::new();
        for (source, summary) in plan.sources.iter().zip(summaries) {
            rows.push(summary.rows_read);
            if let Some(at) = source.bundle.as_deref().and_then(|b| bundles.get(b)) {
                sources[*at].rows += summary.rows_read;
                sources[*at].skipped += summary.rows_skipped;
                continue;
            }
            if let Some(bundle) = source.bundle.as_deref() {
                bundles.insert(bundle, sources.len());
            }
            sources.push(SourceNote {
                name: source.bundle.as_deref().unwrap_or(&source.name).to_string(),
                profile: plan.profile.name.clone(),
                rows: summary.rows_read,
                skipped: summary.rows_skipped,
            });
        }
    }
    progress("reading", total, total);
    load.bundle(plans.iter().flat_map(|p| p.sources.iter().map(|s| s.bundle.clone())).collect());
    let outcome = load.finish(&rows, request.dry_run, progress)?;
    Ok(Loaded::Done { outcome, sources, unread: plans.into_iter().flat_map(|p| p.unmatched).collect(), first_rows })
}

/// A folder without files of its own, but with folders in it, stands for those.
fn expand(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let cannot = |e| Error::io(format!("cannot read the folder {}", path.display()), e);
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if !entry.path().is_dir() {
            return Ok(vec![path.to_path_buf()]);
        }
        folders.push(entry.path());
    }
    if folders.is_empty() {
        return Ok(vec![path.to_path_buf()]);
    }
    folders.sort();
    Ok(folders)
}

fn plan_all(request: &LoadRequest) -> Result<Vec<Plan>> {
    let asked = extract::Request {
        profile: request.profile.as_deref(),
        day: request.day,
        mode: request.full.then_some(extract::Mode::Full),
        window_from: None,
        given: request.given.clone(),
    };
    let root = common_folder(&request.paths);
    let mut plans = Vec::new();
    for path in &request.paths {
        for path in expand(path)? {
            let mut plan = extract::plan(&path, &asked)?;
            // Several folders may hold a documents.csv: from here on, each is called by its way from what was given.
            for source in plan.sources.iter_mut().filter(|s| !s.path.as_os_str().is_empty()) {
                source.name = name_in(&root, &source.path);
            }
            for name in &mut plan.unmatched {
                *name = name_in(&root, &path.join(&*name));
            }
            plans.push(plan);
        }
    }
    // Of several folders, one may ask for what another does not.
    let names: BTreeSet<&str> = plans.iter().map(|p| p.profile.name.as_str()).collect();
    let one = if names.len() == 1 { "the profile" } else { "any of the profiles" };
    let profiles = format!("{one} {}", names.into_iter().collect::<Vec<_>>().join(", "));
    extract::check_asked(&request.given, &profiles, plans.iter().flat_map(|p| p.profile.asks()))?;
    Ok(plans)
}

/// The folder that all given folders and files have in common.
fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let folder = |path: &PathBuf| match path.is_dir() {
        true => path.clone(),
        false => path.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    let in_common = |a: PathBuf, b: PathBuf| a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    paths.iter().map(folder).reduce(in_common).unwrap_or_default()
}

/// A file's way from a folder, with forward slashes on every system.
fn name_in(folder: &Path, file: &Path) -> String {
    let way = file.strip_prefix(folder).unwrap_or(file);
    way.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn extract_day(plans: &[Plan], now: &Now) -> Result<NaiveDate> {
    let mut days: Vec<NaiveDate> = plans.iter().map(|p| p.day.unwrap_or(now.today)).collect();
    days.sort();
    days.dedup();
    match days[..] {
        [day] if day > now.today => Err(Error::usage(format!("the extract day {day} is after today, {}", now.today))
            .hint("an extract speaks of a day that has been; every later extract would count as older")),
        [day] => Ok(day),
        [] => Err(Error::usage("nothing to load").hint("name files or folders: `cartera load PATH…`")),
        _ => {
            let all: Vec<String> = days.iter().map(NaiveDate::to_string).collect();
            Err(Error::usage(format!("the extracts speak of different days: {}", all.join(", ")))
                .hint("load each day by itself, the oldest first; or give one day for all with --day"))
        }
    }
}

/// What the ledger is told before a load: the sources, and the project's choices.
pub(super) fn ledger_request(project: &Project, now: &Now, day: NaiveDate, scopes: Vec<Scope>, scope_digest: String) -> Request {
    let config = &project.config;
    Request {
        day,
        loaded_at: now.instant.clone(),
        scopes,
        scope_digest,
        corrections: config.corrections,
        vanish_limit_pct: config.vanish_limit_pct,
        fx_source: config.fx_source.clone(),
        fx_max_age_days: config.fx_max_age_days,
        group_currency: config.group_currency.clone(),
        merges: config.merges.clone(),
    }
}

/// What makes a load the same load: the bytes, and all that says how they are read.
fn digest(plans: &[Plan], day: NaiveDate) -> String {
    let line = |p: &Plan, s: &extract::SourceFile| {
        let line = format!("{} {} {:?} {:?}", s.sha256, p.profile.name, p.mode, p.window_from);
        if p.profile.given.is_empty() { line } else { format!("{line} {:?}", p.profile.given) }
    };
    let mut lines: Vec<String> = plans.iter().flat_map(|p| p.sources.iter().map(move |s| line(p, s))).collect();
    lines.sort();
    let mut hash = Sha256::new();
    hash.update(day.to_string());
    lines.iter().for_each(|l| hash.update(l));
    hex(&hash.finalize())
}

fn scopes(plan: &Plan) -> Vec<Scope> {
    plan.sources
        .iter()
        .map(|source| Scope {
            fact: SourceFact {
                name: source.name.clone(),
                path: source.path.display().to_string(),
                sha256: source.sha256.clone(),
                bytes: source.bytes,
                rows: 0,
                tables: source.tables.iter().map(|t| t.to_string()).collect(),
            },
            mode: match plan.mode {
                extract::Mode::Add => Mode::Add,
                extract::Mode::Full => Mode::Full,
                extract::Mode::Snapshot => Mode::Snapshot,
            },
            window_from: plan.window_from,
        })
        .collect()
}

/// A plan's sources count from zero; in the load they follow those of the plans before.
struct Offset<'a> {
    first: u32,
    load: &'a mut Load,
    plan: &'a Plan,
    /// Where the first rows of each table are kept.
    shown: Option<&'a mut Vec<FirstRow>>,
    /// Sources of all plans.
    total: u64,
    progress: &'a mut dyn FnMut(&str, u64, u64),
}

impl Offset<'_> {
    fn show(&mut self, row: &Row) {
        let Some(shown) = &mut self.shown else { return };
        if shown.iter().filter(|r| r.table == row.table.name).count() >= FIRST_ROWS {
            return;
        }
        let file = self.plan.sources.get(row.origin.source as usize).map_or("", |s| s.name.as_str());
        let values = row.table.columns.iter().zip(&row.values).filter(|(_, value)| !value.is_null());
        shown.push(FirstRow {
            table: row.table.name,
            place: format!("{file}:{}", row.origin.line),
            values: values.map(|(column, value)| (column.name, value.to_string())).collect(),
        });
    }
}

impl Sink for Offset<'_> {
    fn row(&mut self, mut row: Row) -> Result<()> {
        self.show(&row);
        row.origin.source += self.first;
        self.load.row(row)
    }
    fn reject(&mut self, mut reject: Reject) -> Result<()> {
        reject.source += self.first;
        self.load.reject(reject)
    }
    fn finding(&mut self, finding: Finding) -> Result<()> {
        self.load.finding(finding)
    }
    fn hands(&self, tables: &[&'static str]) -> Option<Hands> {
        // A dry run shows the first rows as they come.
        let hands = self.load.hands(tables).filter(|_| self.shown.is_none())?;
        let first = self.first;
        Some(Box::new(move || Box::new(OffsetHand { first, hand: hands() })))
    }
    fn progress(&mut self, done: u64, _of: u64) {
        (self.progress)("reading", u64::from(self.first) + done, self.total);
    }
}

/// [`Offset`] on another thread.
struct OffsetHand {
    first: u32,
    hand: Box<dyn Hand>,
}

impl Hand for OffsetHand {
    fn row(&mut self, mut row: Row) -> Result<()> {
        row.origin.source += self.first;
        self.hand.row(row)
    }
    fn close(self: Box<Self>) -> Result<()> {
        self.hand.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_way_from_what_was_given() {
        let given = tempfile::tempdir().unwrap();
        let at = |name: &str| given.path().join(name);
        for folder in ["2026-10/us", "2026-10/mx"] {
            std::fs::create_dir_all(at(folder)).unwrap();
            std::fs::write(at(folder).join("documents.csv"), "").unwrap();
        }
        let named = |paths: &[&str], file: &str| {
            let paths: Vec<PathBuf> = paths.iter().map(|p| at(p)).collect();
            name_in(&common_folder(&paths), &at(file))
        };
        assert_eq!(named(&["2026-10"], "2026-10/us/documents.csv"), "us/documents.csv");
        assert_eq!(named(&["2026-10/us", "2026-10/mx"], "2026-10/us/documents.csv"), "us/documents.csv");
        assert_eq!(named(&["2026-10/us"], "2026-10/us/documents.csv"), "documents.csv");
        assert_eq!(named(&["2026-10/us/documents.csv", "2026-10/mx/documents.csv"], "2026-10/mx/documents.csv"), "mx/documents.csv");
        assert_eq!(name_in(&common_folder(&["a".into(), "b".into()]), Path::new("b/documents.csv")), "b/documents.csv");
    }
}
