//! A pack from the history to files: request, controls, spec, formats.

use super::answers::Figures;
use super::project::Project;
use crate::controls;
use crate::domain::days::month_start;
use crate::domain::digest::hex;
use crate::domain::lang::Lang;
use crate::error::{Error, Result};
use crate::ledger::store::LoadRecord;
use crate::render;
use crate::report::pack::{Pack, SourceProof};
use crate::report::{self, Control, LoadProof, Spec};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Formats a pack can be written in.
pub const FORMATS: &[&str] = &["html", "pdf", "xlsx", "png", "svg", "csv", "json"];

/// What pack, of when, for whom, and in what form.
#[derive(Debug, Clone)]
pub struct PackRequest {
    /// Name of the spec.
    pub pack: String,
    /// As-of day.
    pub as_of: NaiveDate,
    /// Load to look from; `None`: the newest.
    pub known_at: Option<i32>,
    /// Languages, one set of files each.
    pub langs: Vec<Lang>,
    /// Formats of [`FORMATS`].
    pub formats: Vec<String>,
    /// Rows kept of every answer that has the column: a part of the group, such as `collector_id` and `G1`.
    pub kept: Vec<(String, String)>,
    /// Folder the pack's folder is made in.
    pub out: PathBuf,
}

/// Writes the pack; gives the files, those to open first before those to process, and whether every pack is final.
pub fn write_pack(project: &Project, request: &PackRequest, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<(Vec<PathBuf>, Vec<Pack>)> {
    if let Some(unknown) = request.formats.iter().find(|f| !FORMATS.contains(&f.as_str())) {
        return Err(Error::usage(format!("`{unknown}` is not a format")).hint(format!("formats: {}", FORMATS.join(", "))));
    }
    let packs = build_packs(project, request, progress)?;
    let formats: Vec<&str> = FORMATS.iter().copied().filter(|f| request.formats.iter().any(|r| r == f)).collect();
    // Formats and languages have nothing in common but their figures: each is written by a thread of its own.
    let mut files = Vec::new();
    let written: Result<()> = std::thread::scope(|scope| {
        let steps = (packs.len() * formats.len()) as u64;
        let each = packs.iter().flat_map(|pack| formats.iter().map(move |format| (pack, *format)));
        let threads: Vec<_> = each.map(|(pack, format)| scope.spawn(move || write_format(pack, format, request))).collect();
        for (done, thread) in (0..).zip(threads) {
            progress("files", done, steps);
            files.extend(thread.join().unwrap_or_else(|_| Err(Error::internal("a writer of the pack panicked")))?);
        }
        Ok(())
    });
    written?;
    Ok((files, packs))
}

/// The packs asked for as plain data, one a language; nothing is written.
pub fn build_packs(project: &Project, request: &PackRequest, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Vec<Pack>> {
    let spec = Spec::shipped(&request.pack)?;
    let figures = Figures::open(project, request.known_at)?;
    request.kept.iter().try_for_each(|(column, value)| known(&figures, column, value))?;
    let records: Vec<LoadRecord> = project.store.records()?.into_iter().filter(|r| r.load_id <= figures.load_id()).collect();
    let Some(newest) = records.last() else {
        return Err(Error::data("the history is empty: there is nothing to report").hint("load extracts first: `cartera load PATH…`"));
    };
    let mut asked = report::Request {
        as_of: request.as_of,
        lang: project.config.lang,
        // A part of the group names itself on every page.
        entity: [project.config.group_name.as_str()]
            .into_iter()
            .chain(request.kept.iter().map(|(_, v)| v.as_str()))
            .collect::<Vec<_>>()
            .join(" · "),
        group_currency: project.config.group_currency.clone(),
        opening_load: if spec.is_signed() { opening_load(&records, request.as_of) } else { None },
        load: LoadProof {
            load_id: newest.load_id,
            loaded_at: newest.facts.loaded_at.clone(),
            movement_count: records.iter().map(|r| r.rows("movements") as i64).sum(),
            movements_digest: movements_digest(&records),
            program_version: env!("CARGO_PKG_VERSION").to_string(),
        },
        sources: sources(&records),
        controls: Vec::new(),
        kept: request.kept.clone(),
        facts: Vec::new(),
    };
    // What nobody signs needs no controls.
    let controls = if spec.is_signed() { figures.control_questions(request.as_of) } else { Vec::new() };
    figures.prepare(controls.into_iter().chain(asked.questions(&spec)), &mut |done, of| progress("figures", done, of));
    let control = |c: &controls::Outcome| Control {
        name: c.name.clone(),
        checked: c.checked as i64,
        failed: c.failures.rows.len() as i64,
        example: c.example(),
        is_warning: c.severity == controls::Severity::Warning,
    };
    if spec.is_signed() {
        asked.controls = figures.controls(request.as_of)?.iter().map(control).collect();
    }
    let mut packs = Vec::new();
    let named_once = |(i, lang): &(usize, &Lang)| !request.langs[..*i].contains(lang);
    for (_, lang) in request.langs.iter().enumerate().filter(named_once) {
        asked.lang = *lang;
        packs.push(report::build(&spec, &asked, &figures)?);
    }
    Ok(packs)
}

/// An error if there is no such company or collector: an empty pack would say that nothing is due.
fn known(figures: &Figures, column: &str, value: &str) -> Result<()> {
    let (table, what) = match column {
        "company_id" => ("companies", "company"),
        "collector_id" => ("collectors", "collector"),
        _ => return Err(Error::internal(format!("packs are not cut by `{column}`"))),
    };
    let ids = figures.sql(&format!("select distinct {column} from {table} order by {column}"))?;
    let ids: Vec<String> = ids.rows.iter().map(|row| row[0].to_string()).collect();
    if ids.iter().any(|id| id == value) || (column == "collector_id" && value == "(none)") {
        return Ok(());
    }
    Err(Error::missing(format!("there is no {what} `{value}`")).hint(format!("the history has: {}", ids.join(", "))))
}

/// The load at which the month's opening was known: the newest extract up to the month's first day. A sealed close takes its place.
fn opening_load(records: &[LoadRecord], as_of: NaiveDate) -> Option<i32> {
    let first = month_start(as_of);
    // An old folder loaded again later is not what the month opened with: it already knows what came in between.
    records.iter().take_while(|r| r.facts.extract_day < first).last().map(|r| r.load_id)
}

fn movements_digest(records: &[LoadRecord]) -> String {
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

fn write_format(pack: &Pack, format: &str, request: &PackRequest) -> Result<Vec<PathBuf>> {
    let part: String = request.kept.iter().map(|(_, value)| format!("-{}", name_of(value))).collect();
    let folder = request.out.join(format!("{}-{}{part}-{}", request.pack, request.as_of, pack.lang.code()));
    let mut files = Vec::new();
    let mut write = |path: PathBuf, bytes: &[u8]| -> Result<()> {
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(|e| Error::io(format!("cannot make the folder {}", parent.display()), e))?;
        write_whole(&path, bytes)?;
        files.push(path);
        Ok(())
    };
    let main = |ending: &str| folder.join(format!("{}.{ending}", pack.name));
    let chart = |id: &str, ending: &str| folder.join("charts").join(format!("{id}.{ending}"));
    match format {
        "html" => write(main("html"), render::html::html(pack)?.as_bytes()),
        "pdf" => write(main("pdf"), &render::pdf(pack)?),
        "xlsx" => write(main("xlsx"), &render::xlsx::xlsx(pack)?),
        "json" => write(main("json"), render::json::json(pack)?.as_bytes()),
        "csv" => render::csv::tables_csv(pack)?.iter().try_for_each(|(name, bytes)| write(folder.join("tables").join(name), bytes)),
        "png" => render::charts(pack)?.iter().try_for_each(|c| write(chart(&c.id, "png"), &c.png)),
        "svg" => render::drawings(pack)?.iter().try_for_each(|(id, svg)| write(chart(id, "svg"), svg.as_bytes())),
        _ => Err(Error::internal(format!("format {format} passed the check"))),
    }?;
    Ok(files)
}

/// An id as part of a folder's name.
fn name_of(id: &str) -> String {
    id.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

/// Beside, then renamed: a full disk leaves the old file or none, never half of one.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
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
        };
        let records = [record(1, "2026-09-30"), record(2, "2026-10-31"), record(3, "2026-09-30")];
        assert_eq!(opening_load(&records, day("2026-10-31")), Some(1));
        assert_eq!(opening_load(&records[1..], day("2026-10-31")), None);
    }
}
