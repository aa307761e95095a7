//! Closing a month: controls, pack, and, only if the pack is final, the seal that keeps it; opening one again, with a reason.
//!
//! The project's lock is held from the first look to the seal, so no load and no other close comes in between. A draft goes to
//! `closes/<period>/draft` and seals nothing. Periods are closed forwards and opened again backwards, the newest first: an opening
//! balance always rests on a close that stands.

use super::answers::Figures;
use super::pack::{PackRequest, Seen, check_formats, render_pack, write_files};
use super::project::{Now, Project};
use crate::controls;
use crate::domain::lang::Lang;
use crate::engine::rows::{Datum, Rows};
use crate::error::{Error, Result};
use crate::ledger::store::{Close, CloseControl, CloseFacts, CloseKind, CloseSource, LoadRecord, newest_standing, standing};
use crate::report::pack::Pack;
use chrono::NaiveDate;
use std::path::PathBuf;

/// Formats that every close keeps as evidence, asked for or not.
pub const EVIDENCE: [&str; 2] = ["csv", "parquet"];

/// The pack that closes a month.
const PACK: &str = "close";

/// What month to close, for whom, and in what form.
#[derive(Debug, Clone)]
pub struct CloseRequest {
    /// The month's last day.
    pub as_of: NaiveDate,
    /// Languages, one set of files each.
    pub langs: Vec<Lang>,
    /// Formats besides the evidence.
    pub formats: Vec<String>,
    /// Who prepared it.
    pub prepared_by: Option<String>,
    /// Who reviewed it.
    pub reviewed_by: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Closed {
    /// The seal; `None`: the pack is a draft.
    pub seal: Option<Close>,
    /// Files, those to open first before those to process.
    pub files: Vec<PathBuf>,
    /// The packs.
    pub packs: Vec<Pack>,
}

/// The name of a month: `2026-10`.
pub fn period(as_of: NaiveDate) -> String {
    as_of.format("%Y-%m").to_string()
}

/// Closes a month.
pub fn close(project: &Project, request: &CloseRequest, now: &Now, progress: &mut dyn FnMut(&str, u64, u64)) -> Result<Closed> {
    check_formats(&request.formats)?;
    let period = period(request.as_of);
    let mut closer = project.store.begin_close()?;
    may_close(closer.closes(), &period, request.as_of)?;
    let records = project.store.records()?;
    let load_id = reaches(&records, request.as_of)?;
    let mut formats = request.formats.clone();
    formats.extend(EVIDENCE.iter().filter(|e| !request.formats.iter().any(|f| f == *e)).map(|e| e.to_string()));
    let asked = PackRequest {
        pack: PACK.into(),
        cut: None,
        as_of: request.as_of,
        known_at: Some(load_id),
        langs: request.langs.clone(),
        formats,
        out: PathBuf::new(),
    };
    let seen =
        Seen { closes: closer.closes().to_vec(), prepared_by: request.prepared_by.clone(), reviewed_by: request.reviewed_by.clone() };
    let rendered = render_pack(&project.store, &project.config, &asked, &seen, progress)?;
    let is_final = rendered.packs.iter().all(|p| p.state.is_final) && !rendered.controls.iter().any(controls::Outcome::is_failed);
    closer.clear_draft(&period)?;
    if !is_final {
        let files = write_files(&project.root.join("closes").join(&period).join("draft"), &rendered.files)?;
        return Ok(Closed { seal: None, files, packs: rendered.packs });
    }
    let folder = project.root.join("closes").join(&period).join(closer.number().to_string());
    closer.write(&period, &rendered.files)?;
    let outcome = |c: &controls::Outcome| CloseControl {
        name: c.name.clone(),
        outcome: if c.passed() { "passed" } else { "review" }.into(),
        checked: c.checked as u64,
        failures: c.failures.rows.len() as u64,
    };
    let source = |s: &crate::report::pack::SourceProof| CloseSource {
        load_id: s.load_id,
        name: s.name.clone(),
        sha256: s.sha256.clone(),
        rows: s.rows,
    };
    let facts = CloseFacts {
        languages: rendered.packs.iter().map(|p| p.lang.code().to_string()).collect(),
        formats: asked.formats.clone(),
        pack: PACK.into(),
        prepared_by: request.prepared_by.clone(),
        reviewed_by: request.reviewed_by.clone(),
        controls: rendered.controls.iter().map(outcome).collect(),
        sources: rendered.sources.iter().map(source).collect(),
        movements_digest: rendered.load.movements_digest.clone(),
        ..facts(project, CloseKind::Seal, request.as_of, load_id, now)
    };
    let seal = closer.commit(facts)?;
    let files = rendered.files.iter().map(|(path, _)| folder.join(path)).collect();
    Ok(Closed { seal: Some(seal), files, packs: rendered.packs })
}

/// Opens a closed month again.
pub fn reopen(project: &Project, as_of: NaiveDate, reason: &str, now: &Now) -> Result<Close> {
    let period = period(as_of);
    let closer = project.store.begin_close()?;
    let Some(seal) = standing(closer.closes(), &period) else {
        return Err(Error::data(format!("{period} is not closed: there is nothing to open again"))
            .hint("`cartera sql \"select * from closes\"` lists what was closed"));
    };
    let newest = newest_standing(closer.closes()).map_or(seal, |n| n);
    if newest.record.facts.as_of > as_of {
        return Err(Error::data(format!(
            "{} was closed after {period}: its opening rests on the close of {period}",
            newest.record.facts.period
        ))
        .hint(format!("open the later one again first: cartera close {} --reopen --reason \"…\"", newest.record.facts.period)));
    }
    let movements_digest = seal.record.facts.movements_digest.clone();
    let load_id = project.store.records()?.last().map_or(0, |r| r.load_id);
    let facts = CloseFacts { reason: Some(reason.to_string()), ..facts(project, CloseKind::Reopen, as_of, load_id, now) };
    closer.commit(CloseFacts { movements_digest, ..facts })
}

/// The facts that every record has.
fn facts(project: &Project, kind: CloseKind, as_of: NaiveDate, load_id: i32, now: &Now) -> CloseFacts {
    CloseFacts {
        kind,
        period: period(as_of),
        as_of,
        load_id,
        movements_digest: String::new(),
        sealed_at: now.instant.clone(),
        program_version: env!("CARGO_PKG_VERSION").to_string(),
        reason: None,
        prepared_by: None,
        reviewed_by: None,
        pack: String::new(),
        languages: Vec::new(),
        formats: Vec::new(),
        config: project.config.text.clone(),
        controls: Vec::new(),
        sources: Vec::new(),
        outputs: Vec::new(),
    }
}

fn may_close(closes: &[Close], period: &str, as_of: NaiveDate) -> Result<()> {
    let again = |period: &str| format!("cartera close {period} --reopen --reason \"…\"");
    if let Some(seal) = standing(closes, period) {
        let facts = &seal.record.facts;
        return Err(Error::data(format!(
            "{period} is closed: seal {} of {}, from load {}",
            seal.record.number, facts.sealed_at, facts.load_id
        ))
        .hint(format!("to close it anew, open it again with a reason first: {}", again(period))));
    }
    match newest_standing(closes) {
        Some(newest) if newest.record.facts.as_of > as_of => {
            let facts = &newest.record.facts;
            Err(Error::data(format!(
                "{} is closed already (seal {} of {}), and {period} is before it",
                facts.period, newest.record.number, facts.sealed_at
            ))
            .hint(format!("open the later month again first: {}", again(&facts.period))))
        }
        _ => Ok(()),
    }
}

/// The newest load, if any extract speaks of the month's last day or a later one.
fn reaches(records: &[LoadRecord], as_of: NaiveDate) -> Result<i32> {
    let Some(newest) = records.last() else {
        return Err(Error::data("the history is empty: there is nothing to close").hint("load extracts first: `cartera load PATH…`"));
    };
    match records.iter().map(|r| r.facts.extract_day).max() {
        Some(day) if day < as_of => Err(Error::data(format!("the newest extract speaks of {day}: {as_of} is not over in this history"))
            .hint(format!("load the extract of {as_of} first; one of a day before may be given that day with --day"))),
        _ => Ok(newest.load_id),
    }
}

/// What loads posted into months after they were closed, as control `sealed_periods` tells it: one row a period, load, company and
/// currency. Nothing is asked where nothing was ever closed.
pub fn postings_after_close(project: &Project) -> Result<Rows> {
    match project.store.closes()?.iter().map(|c| c.record.facts.as_of).max() {
        Some(last) => Figures::open(project, None)?.query("sealed_periods", &[Datum::Date(last)]),
        None => Ok(Rows::default()),
    }
}
