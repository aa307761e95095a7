//! A pack from the history to files: request, controls, spec, formats.
//!
//! What a pack shows follows from its day, its load, the project's choices and what it sees of earlier closes ([`Seen`]), never from
//! the clock, the machine or what came later: a sealed pack is rendered again with the same bytes.

use super::answers::Figures;
use super::evidence;
use super::project::Project;
use crate::config::Config;
use crate::controls;
use crate::domain::days::{month_start, months_before};
use crate::domain::digest::hex;
use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::ledger::store::{Close, CloseKind, LoadRecord, Store, standing};
use crate::render;
use crate::report::pack::{Pack, SourceProof};
use crate::report::{self, Control, Cut, CutWish, LoadProof, Spec, file_part};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Formats a pack can be written in.
pub const FORMATS: &[&str] = &["html", "pdf", "xlsx", "png", "svg", "csv", "parquet", "json"];

/// What pack, of when, for whom, and in what form.
#[derive(Debug, Clone)]
pub struct PackRequest {
    /// Name of a spec that ships, or the path of one's own (`*.toml`).
    pub pack: String,
    /// The part of the ledger that it is of; `None`: the whole group.
    pub cut: Option<CutWish>,
    /// As-of day.
    pub as_of: NaiveDate,
    /// Load to look from; `None`: the newest.
    pub known_at: Option<i32>,
    /// Languages, one set of files each.
    pub langs: Vec<Lang>,
    /// Formats of [`FORMATS`].
    pub formats: Vec<String>,
    /// Folder the pack's folder is made in.
    pub out: PathBuf,
}

/// What a pack sees of closes, and who stands for it.
///
/// A sealed pack sees the records before its own seal; so does whoever renders its day at its load again, whatever was closed or opened
/// at that load afterwards. Any other look sees the records of its load and those before.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The records it sees.
    pub closes: Vec<Close>,
    /// Who prepared it.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
}

impl Seen {
    /// What the pack of a day sees from a load.
    pub(super) fn from(closes: Vec<Close>, as_of: NaiveDate, load_id: i32) -> Seen {
        let is_its_seal = |c: &Close| {
            let facts = &c.record.facts;
            facts.kind == CloseKind::Seal && (facts.as_of, facts.load_id) == (as_of, load_id)
        };
        match closes.iter().rfind(|c| is_its_seal(c)).map(|c| c.record.number) {
            Some(number) => Seen::sealed_as(closes, number),
            None => Seen { closes: closes.into_iter().filter(|c| c.record.facts.load_id <= load_id).collect(), ..Seen::default() },
        }
    }

    /// What the pack of a seal saw.
    pub(super) fn sealed_as(closes: Vec<Close>, number: i32) -> Seen {
        let seal = closes.iter().find(|c| c.record.number == number).map(|c| c.record.facts.clone());
        Seen {
            closes: closes.into_iter().filter(|c| c.record.number < number).collect(),
            prepared_by: seal.as_ref().and_then(|s| s.prepared_by.clone()),
            reviewed_by: seal.and_then(|s| s.reviewed_by),
        }
    }
}

/// A pack rendered, nothing written yet.
pub(super) struct Rendered {
    /// One a language.
    pub packs: Vec<Pack>,
    /// Files, those to open first before those to process; paths below the folder that is asked for.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// What came of the controls.
    pub controls: Vec<controls::Outcome>,
    /// The load the figures rest on.
    pub load: LoadProof,
    /// Files behind the figures.
    pub sources: Vec<SourceProof>,
}

/// Writes the pack; gives the files, those to open first before those to process, and the packs.
pub fn write_pack(project: &Project, request: &PackRequest, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<(Vec<PathBuf>, Vec<Pack>)> {
    let load_id = match request.known_at {
        Some(load_id) => load_id,
        None => project.store.records()?.last().map_or(0, |r| r.load_id),
    };
    let seen = Seen::from(project.store.closes()?, request.as_of, load_id);
    let rendered =
        render_pack(&project.store, &project.config, &PackRequest { known_at: Some(load_id), ..request.clone() }, &seen, progress)?;
    Ok((write_files(&request.out, &rendered.files)?, rendered.packs))
}

/// The packs asked for as plain data, one a language; nothing is written.
pub fn build_packs(project: &Project, request: &PackRequest, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Vec<Pack>> {
    let seen = Seen::from(project.store.closes()?, request.as_of, request.known_at.unwrap_or(i32::MAX));
    Ok(build(&project.store, &project.config, request, &seen, progress)?.packs)
}

/// Writes files below a folder; gives where they stand.
pub(super) fn write_files(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for (relative, bytes) in files {
        let path = folder.join(relative);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|e| Error::io(format!("cannot make the folder {}", parent.display()), e))?;
        write_whole(&path, bytes)?;
        written.push(path);
    }
    Ok(written)
}

/// Refuses formats that there are not.
pub(super) fn check_formats(formats: &[String]) -> Result<()> {
    match formats.iter().find(|f| !FORMATS.contains(&f.as_str())) {
        Some(unknown) => Err(Error::usage(format!("`{unknown}` is not a format")).hint(format!("formats: {}", FORMATS.join(", ")))),
        None => Ok(()),
    }
}

/// Packs built, not yet rendered.
struct Built {
    packs: Vec<Pack>,
    controls: Vec<controls::Outcome>,
    asked: report::Request,
}

/// Builds the pack, one a language.
fn build(store: &Store, config: &Config, request: &PackRequest, seen: &Seen, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Built> {
    let spec = spec(&request.pack)?;
    let records: Vec<LoadRecord> = store.records()?.into_iter().filter(|r| request.known_at.is_none_or(|k| r.load_id <= k)).collect();
    let Some(newest) = records.last() else {
        return Err(Error::data("the history is empty: there is nothing to report").hint("load extracts first: `cartera load PATH…`"));
    };
    let figures = Figures::seeing(store, config, request.known_at, &seen.closes)?;
    let mut asked = report::Request {
        as_of: request.as_of,
        lang: config.lang,
        entity: config.group_name.clone(),
        group_currency: config.group_currency.clone(),
        targets: config.targets.clone(),
        cut: request.cut.as_ref().map(|wish| Cut::find(wish, request.as_of, &figures)).transpose()?,
        opening_load: opening_load(&records, &seen.closes, request.as_of),
        load: LoadProof {
            load_id: newest.load_id,
            loaded_at: newest.facts.loaded_at.clone(),
            movement_count: records.iter().map(|r| r.rows("movements") as i64).sum(),
            movements_digest: movements_digest(&records),
            program_version: env!("CARGO_PKG_VERSION").to_string(),
        },
        sources: sources(&records),
        controls: Vec::new(),
        facts: Vec::new(),
        prepared_by: seen.prepared_by.clone(),
        reviewed_by: seen.reviewed_by.clone(),
    };
    // What nobody signs needs no controls.
    let questions = if spec.is_signed() { figures.control_questions(request.as_of) } else { Vec::new() };
    figures.prepare(questions.into_iter().chain(report::questions(&spec, &asked, &figures)), &mut |done, of| progress("figures", done, of));
    let control = |c: &controls::Outcome| Control {
        name: c.name.clone(),
        checked: c.checked as i64,
        failed: c.failures.rows.len() as i64,
        example: c.first_failure(),
        is_warning: c.severity == controls::Severity::Warning,
    };
    let controls = if spec.is_signed() { figures.controls(request.as_of)? } else { Vec::new() };
    asked.controls = controls.iter().map(control).collect();
    let named_once = |(i, lang): &(usize, &Lang)| !request.langs[..*i].contains(lang);
    let langs = request.langs.iter().enumerate().filter(named_once).map(|(_, lang)| *lang);
    let packs: Result<Vec<Pack>> = std::thread::scope(|scope| {
        let build = |lang| report::build(&spec, &report::Request { lang, ..asked.clone() }, &figures);
        let threads: Vec<_> = langs.map(|lang| scope.spawn(move || build(lang))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Error::internal("a pack's builder panicked")))).collect()
    });
    Ok(Built { packs: packs?, controls, asked })
}

/// Renders the pack.
pub(super) fn render_pack(
    store: &Store,
    config: &Config,
    request: &PackRequest,
    seen: &Seen,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<Rendered> {
    check_formats(&request.formats)?;
    let formats: Vec<&str> = FORMATS.iter().copied().filter(|f| request.formats.iter().any(|r| r == f)).collect();
    let Built { packs, controls, asked } = build(store, config, request, seen, progress)?;
    let part = asked.cut.as_ref().map(|cut| format!("-{}", file_part(cut))).unwrap_or_default();
    // Formats and languages have nothing in common but their figures: each is rendered by a thread of its own.
    let mut files = Vec::new();
    let rendered: Result<()> = std::thread::scope(|scope| {
        let steps = (packs.len() * formats.len()) as u64;
        let folder = |pack: &Pack| PathBuf::from(format!("{}-{}-{}{part}", pack.name, pack.as_of, pack.lang.code()));
        let each = packs.iter().flat_map(|pack| formats.iter().map(move |format| (pack, *format)));
        let threads: Vec<_> = each
            .map(|(pack, format)| {
                scope.spawn({
                    let folder = folder(pack);
                    move || render_format(pack, format, &folder)
                })
            })
            .collect();
        for (done, thread) in (0..).zip(threads) {
            progress("files", done, steps);
            files.extend(thread.join().unwrap_or_else(|_| Err(Error::internal("a writer of the pack panicked")))?);
        }
        Ok(())
    });
    rendered?;
    Ok(Rendered { packs, files, controls, load: asked.load, sources: asked.sources })
}

/// A spec that ships, or one's own.
fn spec(name: &str) -> Result<Spec> {
    if !name.ends_with(".toml") {
        return Spec::shipped(name);
    }
    let text = std::fs::read_to_string(name).map_err(|e| Error::io(format!("cannot read the pack's spec {name}"), e))?;
    Spec::parse(&text).map_err(|e| e.context(name.to_string()))
}

/// The load at which the month's opening was known: that of the seal of the month before; without one, the newest extract up to the
/// month's first day.
fn opening_load(records: &[LoadRecord], closes: &[Close], as_of: NaiveDate) -> Option<i32> {
    let first = month_start(as_of);
    if let Some(seal) = standing(closes, &months_before(as_of, 1).format("%Y-%m").to_string()) {
        return Some(seal.record.facts.load_id);
    }
    known_before(records, first)
}

/// The load at which was known what stood before a day: the newest extract up to it.
pub(super) fn known_before(records: &[LoadRecord], first: NaiveDate) -> Option<i32> {
    // An old folder loaded again later is not what the day opened with: it already knows what came in between.
    records.iter().take_while(|r| r.facts.extract_day < first).last().map(|r| r.load_id)
}

pub(super) fn movements_digest(records: &[LoadRecord]) -> String {
    let mut hash = Sha256::new();
    for file in records.iter().flat_map(|r| &r.tables).filter(|t| t.name == "movements").flat_map(|t| &t.files) {
        hash.update(file.sha256.as_bytes());
    }
    hex(&hash.finalize())
}

fn sources(records: &[LoadRecord]) -> Vec<SourceProof> {
    let of = |record: &LoadRecord| {
        let load_id = record.load_id;
        let proof = move |s: &crate::ledger::store::SourceFact| SourceProof {
            load_id,
            name: s.name.clone(),
            sha256: s.sha256.clone(),
            rows: s.rows as i64,
        };
        record.facts.sources.iter().map(proof).collect::<Vec<_>>()
    };
    records.iter().rev().flat_map(of).collect()
}

fn render_format(pack: &Pack, format: &str, folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let main = |bytes: Vec<u8>| vec![(folder.join(format!("{}.{format}", pack.name)), bytes)];
    let chart = |id: &str, bytes: Vec<u8>| (folder.join("charts").join(format!("{id}.{format}")), bytes);
    let tables = |files: Vec<(String, Vec<u8>)>| files.into_iter().map(|(name, bytes)| (folder.join("tables").join(name), bytes)).collect();
    Ok(match format {
        "html" => main(render::html::html(pack)?.into_bytes()),
        "pdf" => main(render::pdf(pack)?),
        "xlsx" => main(render::xlsx::xlsx(pack)?),
        "json" => main(render::json::json(pack)?.into_bytes()),
        "csv" => tables(render::csv::tables_csv(pack)?),
        "parquet" => tables(evidence::tables_parquet(pack)?),
        "png" => render::charts(pack)?.into_iter().map(|c| chart(&c.id, c.png)).collect(),
        "svg" => render::drawings(pack)?.into_iter().map(|(id, svg)| chart(&id, svg.into_bytes())).collect(),
        _ => return Err(Error::internal(format!("format {format} passed the check"))),
    })
}

/// Beside, then renamed: a full disk leaves the old file or none, never half of one.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = |e| Error::io(format!("cannot write {}", path.display()), e);
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // The first failure is the one to tell; a leftover is only litter.
        let _ = std::fs::remove_file(&partial);
    }
    written.map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::store::{LoadFacts, LoadRecord};

    #[test]
    fn an_old_folder_loaded_again_does_not_move_the_opening() {
        let day = |text: &str| crate::domain::days::parse_day(text).unwrap();
        let record = |load_id: i32, on: &str| LoadRecord {
            format: 1,
            load_id,
            previous: String::new(),
            facts: LoadFacts {
                loaded_at: String::new(),
                extract_day: day(on),
                sources: Vec::new(),
                scope_digest: String::new(),
                totals: Vec::new(),
                notes: Vec::new(),
            },
            laid_out: Vec::new(),
            tables: Vec::new(),
            closes: None,
        };
        let records = [record(1, "2026-09-30"), record(2, "2026-10-31"), record(3, "2026-09-30")];
        assert_eq!(opening_load(&records, &[], day("2026-10-31")), Some(1));
        assert_eq!(opening_load(&records[1..], &[], day("2026-10-31")), None);
    }
}
