//! CFDI: a folder or an archive of XML files becomes documents, applications and the fiscal tables.
//!
//! `text` (bytes → text) → `xml` (elements with their places) → `parse` → `document` (typed, exact) → `rows` (pure: one CFDI's rows;
//! `applied`, `terms`) → `intake` (what needs more than one file; `owners`, `cancelled`). Files are parsed on all cores, and taken in
//! the order of the plan: the same files give the same rows. Kept of a CFDI are some bytes; the few that others take back are read
//! again at the end.

#![allow(clippy::result_large_err, reason = "a refusal says much, and there is at most one a file")]

mod applied;
mod cancelled;
mod document;
mod intake;
mod owners;
mod parse;
mod rows;
pub(in crate::extract) mod rules;
mod terms;
mod text;
mod xml;

use super::place::Place;
use super::plan::{Part, Plan, SourceFile};
use super::profile::Reading;
use super::{Sink, SourceSummary};
use crate::domain::work::in_order;
use crate::error::{Error, Result};
use cancelled::Listed;
use document::Read;
use intake::Intake;
use rules::{CfdiRules, LedgerSource};
use xml::Refused;

/// Tables that CFDI yield where they are the source of the ledger, and where an ERP is.
pub(super) const LEDGER_TABLES: &[&str] =
    &["companies", "customers", "documents", "applications", "fiscal_documents", "fiscal_relations", "fiscal_payments"];
pub(super) const FISCAL_TABLES: &[&str] = &["fiscal_documents", "fiscal_relations", "fiscal_payments"];

/// No CFDI is larger; the largest known have some thousand lines.
const LARGEST: u64 = 32 << 20;
/// Files that a thread parses at a time.
const PART: usize = 32;

/// Tables that a profile's CFDI yield.
pub(super) fn tables(rules: &CfdiRules) -> &'static [&'static str] {
    match rules.ledger {
        LedgerSource::Cfdi => LEDGER_TABLES,
        LedgerSource::Erp => FISCAL_TABLES,
    }
}

/// Checks the header of a cancellation list.
pub(super) fn check_list(place: &Place, reading: &Reading, rules: &CfdiRules) -> Result<()> {
    match &rules.cancellations {
        Some(list) => cancelled::check(place, reading, list),
        None => Ok(()),
    }
}

/// Reads the CFDI and cancellation lists of a plan; their summaries go to the places of their sources.
pub(super) fn read(plan: &Plan, rules: &CfdiRules, sink: &mut dyn Sink, summaries: &mut [SourceSummary]) -> Result<()> {
    let mut listed = Listed::new();
    for (n, source) in plan.sources.iter().enumerate().filter(|(_, s)| s.part == Part::Cancellations) {
        let list = rules.cancellations.as_ref().ok_or_else(|| Error::internal("a cancellation list without its rules"))?;
        let reading = plan.profile.cancellation_reading(list)?;
        source.unchanged()?;
        summaries[n] = cancelled::read(&source.place, &reading, list, n as u32, &mut listed, &mut |r| sink.reject(r))
            .map_err(|e| e.context(source.name.clone()))?;
    }
    let files: Vec<u32> = (0..plan.sources.len() as u32).filter(|n| plan.sources[*n as usize].part == Part::Cfdi).collect();
    let mut intake = Intake::new(plan, rules, listed, sink);
    let parts: Vec<&[u32]> = files.chunks(PART).collect();
    in_order(
        parts.len(),
        || Ok(()),
        |(), n| parts[n].iter().map(|file| parse_one(&plan.sources[*file as usize])).collect::<Result<Vec<_>>>(),
        |()| Ok(()),
        |n, parsed| {
            intake.progress(n * PART, files.len());
            for (number, read) in parts[n].iter().zip(parsed) {
                let at = *number as usize;
                summaries[at] = intake.take(*number, read).map_err(|e| e.context(plan.sources[at].name.clone()))?;
            }
            Ok(())
        },
    )?;
    intake.progress(files.len(), files.len());
    intake.finish()
}

type Parsed = std::result::Result<Read, Refused>;

/// Parses one file; a fault of the machine stops the load, one of the file refuses the file.
fn parse_one(source: &SourceFile) -> Result<Parsed> {
    let read = || -> Result<Parsed> {
        source.unchanged()?;
        let bytes = source.place.stream()?.first(LARGEST + 1)?;
        if bytes.len() as u64 > LARGEST {
            let reason = format!("it is larger than {} MiB, more than a CFDI can be", LARGEST >> 20);
            return Ok(Err(Refused::new("xml_invalid", 1, reason)));
        }
        Ok(text::text(&bytes).and_then(|text| parse::parse(&text)))
    };
    read().map_err(|e| e.context(source.name.clone()))
}
