//! A load: rows from the readers in, movements and canonical rows published, control totals out.
//!
//! Memory is bounded whatever the size: rows go to bucket files by hash and are worked on bucket by bucket. First by key
//! ([`intake`]: new, changed, unchanged, duplicate, vanished), then by document ([`exchange`]: what one document must know
//! of another, then posting and the difference to what stands), then by posting month ([`layout`]). How they lie in the files is [`codec`]'s.

mod affected;
mod codec;
mod complete;
mod cube;
mod directory;
mod documents;
mod exchange;
mod incoming;
mod inferred;
mod intake;
mod layout;
mod open;
mod outcome;
mod reference;
mod shape;
mod sorting;
mod stage;
mod stored;
mod waiting;

pub use outcome::{Outcome, TotalLine};

use crate::config::Merge;
use crate::domain::digest::hex;
use crate::domain::finding::Finding;
use crate::domain::money::Money;
use crate::error::{Error, Result};
use crate::extract::{Hands, Reject, Sink};
use crate::ledger::merges::{self, Merges};
use crate::ledger::posting::Corrections;
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::{LoadFacts, SourceFact, Store, Writer};
use crate::schema::Row;
use chrono::NaiveDate;
use outcome::{Reports, Totals};
use reference::Reference;
use sha2::{Digest, Sha256};
use stage::{Pen, Stage};
use std::collections::HashMap;
use std::sync::Arc;

/// How an extract relates to what is already known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// New and changed rows only.
    Add,
    /// Everything of the window: what is missing has vanished.
    Full,
    /// Open items as of the extract day: what is missing has been settled.
    Snapshot,
}

/// One source of a load and what it says.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Its facts, rows filled after reading.
    pub fact: SourceFact,
    /// How it relates to what is known.
    pub mode: Mode,
    /// First posting day that a full extract covers; `None`: all.
    pub window_from: Option<NaiveDate>,
}

/// Everything a load needs to know before its first row.
#[derive(Debug, Clone)]
pub struct Request {
    /// Day the extracts speak of.
    pub day: NaiveDate,
    /// Instant of the load, RFC 3339, from the run's context.
    pub loaded_at: String,
    /// Sources, in the order of `Origin::source`.
    pub scopes: Vec<Scope>,
    /// Digest of bytes, scope and day, for "already loaded".
    pub scope_digest: String,
    /// Columns whose changes are corrections.
    pub corrections: Corrections,
    /// Share of rows or amount that may vanish, in per cent.
    pub vanish_limit_pct: i32,
    /// Source of accounting rates, where several are loaded.
    pub fx_source: Option<String>,
    /// Days a last published rate stays usable.
    pub fx_max_age_days: i32,
    /// Currency that rates may be crossed through.
    pub group_currency: String,
    /// Customers that the project declares to be one.
    pub merges: Vec<Merge>,
}

/// A load in progress; feed it through [`Sink`], then [`Load::finish`].
pub struct Load {
    request: Request,
    writer: Writer,
    snapshot: Snapshot,
    reference: Reference,
    rows: Arc<Stage<incoming::Incoming>>,
    pen: Pen<incoming::Incoming>,
    seen: incoming::Seen,
    seen_by_hands: incoming::SeenByHands,
    totals: Totals,
    reports: Reports,
    /// Whether the same bytes were loaded before: the same rows set aside again are no news.
    repeated: bool,
    /// Names of what sources are recorded as, where many files are one.
    bundles: Vec<Option<Arc<str>>>,
}

/// Tells how far a load has come: step name, done, of.
pub type Progress<'a> = &'a mut dyn FnMut(&str, u64, u64);

impl Load {
    /// Takes the project's lock and reads what the rows will be held against.
    pub fn begin(store: &Store, request: Request) -> Result<Load> {
        let writer = store.begin()?;
        let snapshot = store.snapshot(None)?;
        let stored: u64 = snapshot
            .tables
            .iter()
            .filter(|t| t.name == "documents" || t.name == "applications")
            .flat_map(|t| &t.files)
            .map(|f| f.rows)
            .sum();
        let bytes: u64 = request.scopes.iter().map(|s| s.fact.bytes).sum();
        // About 4 MB of extract, or 50,000 stored rows, a bucket: some tens of MB in memory at a time.
        let buckets = (bytes / (4 << 20) + stored / 50_000 + 1).min(1024) as usize;
        let records = store.records()?;
        let repeated = records.iter().any(|r| r.facts.scope_digest == request.scope_digest);
        let reference = Reference::read(&snapshot, records, &request)?;
        let rows = Stage::create(writer.scratch(), "rows", buckets);
        let (pen, seen) = (rows.pen(), incoming::Seen::new(&request));
        let reports = Reports::new(writer.load_id(), request.scopes.iter().map(|s| s.fact.name.clone()).collect());
        Ok(Load {
            request,
            writer,
            snapshot,
            reference,
            rows,
            pen,
            seen,
            seen_by_hands: incoming::SeenByHands::default(),
            totals: Totals::default(),
            reports,
            repeated,
            bundles: Vec::new(),
        })
    }

    /// Says which sources are one of many and recorded as one, by their order: a hundred thousand files are no list for people.
    pub fn bundle(&mut self, bundles: Vec<Option<Arc<str>>>) {
        self.bundles = bundles;
    }

    /// Posts what was fed and publishes it; with `dry_run` everything but the publication.
    pub fn finish(mut self, source_rows: &[u64], dry_run: bool, progress: Progress<'_>) -> Result<Outcome> {
        self.reference.close();
        for (scope, rows) in self.request.scopes.iter_mut().zip(source_rows) {
            scope.fact.rows = *rows;
        }
        self.pen.close()?;
        self.seen_by_hands.join(&mut self.seen);
        self.seen.close(&self.request)?;
        let load_id = self.writer.load_id();
        let documents = documents::Documents::create(self.writer.scratch(), self.rows.buckets());
        let intake = intake::Intake {
            request: &self.request,
            reference: &self.reference,
            snapshot: &self.snapshot,
            seen: &self.seen,
            documents: &documents,
            load_id,
        };
        let (taken, directory) = intake.run(&self.rows, &mut self.writer, &mut self.totals, &mut self.reports, progress)?;
        let affected = affected::Affected::of(&self.snapshot, taken.touched, taken.mentioned)?;
        exchange::stage_stored(&self.snapshot, &self.reference, &affected, &taken.replaced_applications, &documents)?;
        let waiting = waiting::waiting_rows(&self.snapshot)?;
        let movements = layout::Movements::create(self.writer.scratch());
        let circle = exchange::Circle {
            request: &self.request,
            reference: &self.reference,
            affected: &affected,
            directory: &directory,
            waiting: &waiting,
            load_id,
        };
        circle.run(&documents, &movements, &mut self.writer, &mut self.totals, &mut self.reports, progress)?;
        let counted = movements.write(&mut self.writer, progress)?;
        let merged = record_merges(&self.snapshot, &self.request.merges, &self.reference, &mut self.writer, &mut self.reports)?;
        let rejects = self.reports.rejects();
        let findings = self.reports.findings();
        let changed = counted.movements > 0 || taken.canonical_rows > 0 || taken.superseded_rows > 0 || merged > 0;
        let mut outcome = Outcome {
            load_id: None,
            day: self.request.day,
            totals: self.totals.lines(),
            rejects,
            findings,
            finding_counts: self.reports.counts(),
            first_rejects: self.reports.first_rejects(),
            movements: counted.movements,
            merges: merged,
            nothing_new: !changed && (rejects == 0 || self.repeated),
        };
        // An extract that changes nothing is not a load; one that only has rows set aside is, so that they are kept.
        if dry_run || outcome.nothing_new {
            return Ok(outcome);
        }
        self.reports.write(&mut self.writer)?;
        outcome::write_totals(&mut self.writer, &outcome.totals)?;
        reference::write_coverage(&mut self.writer, &self.reference, &taken.first_days)?;
        let sources = recorded(&self.request.scopes, &self.bundles);
        outcome::write_load(&mut self.writer, &self.request, &sources, &outcome, &counted)?;
        let facts = LoadFacts {
            loaded_at: self.request.loaded_at.clone(),
            extract_day: self.request.day,
            sources,
            scope_digest: self.request.scope_digest,
            totals: outcome.totals.iter().map(TotalLine::control_total).collect(),
            notes: Vec::new(),
        };
        outcome.load_id = Some(self.writer.commit(facts)?.load_id);
        Ok(outcome)
    }
}

/// Records the merges that were declared or taken back since the last load; gives their number.
fn record_merges(
    snapshot: &Snapshot,
    declared: &[Merge],
    reference: &Reference,
    writer: &mut Writer,
    reports: &mut Reports,
) -> Result<u64> {
    let changes = Merges::read(snapshot)?.changes(declared);
    merges::write(writer, &changes)?;
    for change in &changes {
        let Some((into, _)) = &change.into else { continue };
        for customer in [&change.customer_id, into] {
            if !reference.has_customer(&change.company_id, customer) {
                let message = format!(
                    "the merge of {} into {into} names {customer}, which is not in customers of {}",
                    change.customer_id, change.company_id
                );
                let finding = Finding::new("merge_unknown", "customers", message);
                reports.finding(writer, finding.of(&change.company_id, customer.as_str()))?;
            }
        }
    }
    Ok(changes.len() as u64)
}

/// The sources as they are recorded.
fn recorded(scopes: &[Scope], bundles: &[Option<Arc<str>>]) -> Vec<SourceFact> {
    let mut facts: Vec<SourceFact> = Vec::new();
    let mut digests: HashMap<Arc<str>, (usize, Sha256)> = HashMap::new();
    for (n, scope) in scopes.iter().enumerate() {
        let fact = &scope.fact;
        let Some(Some(bundle)) = bundles.get(n) else {
            facts.push(fact.clone());
            continue;
        };
        if let Some((at, digest)) = digests.get_mut(bundle) {
            let whole = &mut facts[*at];
            whole.bytes += fact.bytes;
            whole.rows += fact.rows;
            digest.update(&fact.sha256);
            whole.tables.extend(fact.tables.iter().filter(|t| !whole.tables.contains(t)).cloned().collect::<Vec<_>>());
        } else {
            digests.insert(bundle.clone(), (facts.len(), Sha256::new_with_prefix(&fact.sha256)));
            facts.push(SourceFact { name: bundle.to_string(), ..fact.clone() });
        }
    }
    for (at, digest) in digests.into_values() {
        facts[at].sha256 = hex(&digest.finalize());
    }
    facts
}

impl Sink for Load {
    fn row(&mut self, row: Row) -> Result<()> {
        self.reference.learn(&row);
        let (hash, incoming) = self.seen.note(row);
        self.pen.write(hash, &incoming)
    }

    fn reject(&mut self, reject: Reject) -> Result<()> {
        self.totals.rejected(reject.table, reject.company_id.as_deref(), reject.currency.as_deref(), reject.amount);
        self.reports.reject(&mut self.writer, reject)
    }

    fn finding(&mut self, finding: Finding) -> Result<()> {
        self.reports.finding(&mut self.writer, finding)
    }

    fn hands(&self, tables: &[&'static str]) -> Option<Hands> {
        // Of these, later rows must know what earlier ones said.
        if tables.iter().any(|t| Reference::learns_from(t)) {
            return None;
        }
        let (rows, all, of) = (self.rows.clone(), self.seen_by_hands.clone(), self.seen.another());
        Some(Box::new(move || Box::new(incoming::LoadHand { seen: of.another(), pen: rows.pen(), all: all.clone() })))
    }
}

/// Whether exactly this was loaded before and nothing of those tables since (POSTING 6).
pub fn already_loaded(store: &Store, scope_digest: &str) -> Result<Option<i32>> {
    let records = store.records()?;
    let Some(found) = records.iter().rev().find(|r| r.facts.scope_digest == scope_digest) else { return Ok(None) };
    // A row set aside may be taken now: its company or its rate can have come since.
    if found.facts.totals.iter().any(|t| t.rows_rejected > 0) {
        return Ok(None);
    }
    let tables: Vec<&String> = found.facts.sources.iter().flat_map(|s| &s.tables).collect();
    let later = records.iter().filter(|r| r.load_id > found.load_id);
    let overlaps = later.flat_map(|r| &r.facts.sources).flat_map(|s| &s.tables).any(|t| tables.contains(&t));
    Ok((!overlaps).then_some(found.load_id))
}

pub(super) fn range() -> Error {
    Error::data("an amount leaves the range of (18,2)")
}

pub(super) fn zero_if_none(value: Option<Money>) -> Money {
    value.unwrap_or_default()
}
