//! Document by document: what the two sides of an application tell each other, then posting and the difference.
//!
//! Three rounds over the same buckets: posting days and reversals go both ways; the values that paying documents give up go
//! to the paid ones; then every document has what [`crate::ledger::posting::post`] needs.

use super::affected::{Affected, each_affected};
use super::intake::{application_hash, document_hash};
use super::layout::Movements;
use super::outcome::{Fate, Reports, Totals};
use super::reference::Reference;
use super::stage::Stage;
use super::stored::{each_batch, table, text};
use super::waiting::{WaitingChange, WaitingRows, waits_finding, write_waiting};
use super::{Progress, Request};
use crate::domain::days::serde_day_opt;
use crate::domain::money::Money;
use crate::error::Result;
use crate::ledger::facts::{Application, Document};
use crate::ledger::movement::{Movement, movements_from_batch};
use crate::ledger::posting::difference::{Circumstances, difference};
use crate::ledger::posting::{Counterpart, History, Linked, Reversal, ReversedBy, Role, Undo, Version, post};
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// What a document's bucket can hold.
#[derive(Serialize, Deserialize)]
pub(super) enum Staged {
    /// A version of it, or of a document that reverses it.
    Version(Box<Version>),
    /// An application from or to it.
    Application { role: Role, load_id: i32, application: Box<Application>, vanished: Day },
    /// A row that stands on it.
    Standing(Box<Movement>),
    /// What an open-item snapshot says it should come to.
    Target { company_id: String, document_id: String, instalment: i32, open: Money },
    /// A row of this load to be counted under its document's currency.
    Tally { company_id: String, document_id: String, application_id: String, amount: Money, is_unchanged: bool },
    /// What the other side of an application tells.
    Told { company_id: String, document_id: String, application_id: String, role: Role, word: Word },
}

/// A day that may be missing, in staging form.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Day(#[serde(with = "serde_day_opt")] pub Option<NaiveDate>);

/// A message between the two sides of an application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Word {
    /// I exist; and the row that undoes this application, if I know one.
    Here(Counterpart, Option<Undo>),
    /// I exist not as an item, but know the row that undoes this application.
    Undone(Undo),
    /// I give up this company value.
    Value(Money),
}

/// Buckets by document.
pub(super) struct Documents {
    stage: Stage<Staged>,
    snapshot_companies: BTreeSet<String>,
}

impl Documents {
    /// Empty buckets.
    pub fn create(folder: &Path, buckets: usize) -> Result<Documents> {
        Ok(Documents { stage: Stage::create(folder, "documents", buckets)?, snapshot_companies: BTreeSet::new() })
    }

    /// Adds to the bucket of a document.
    pub fn write(&mut self, hash: u64, staged: &Staged) -> Result<()> {
        self.stage.write(hash, staged)
    }

    /// Remembers that an open-item snapshot speaks of a company: what it does not name is settled.
    pub fn note_snapshot_company(&mut self, company: &str) {
        if !self.snapshot_companies.contains(company) {
            self.snapshot_companies.insert(company.to_string());
        }
    }

    /// Adds an application to the buckets of both its documents.
    pub fn write_application(&mut self, load_id: i32, application: Application, vanished: Option<NaiveDate>) -> Result<()> {
        let is_pair = application.kind.is_pair();
        let sides = [(Role::To, Some(application.to.clone())), (Role::From, application.from.clone().filter(|_| is_pair))];
        for (role, document) in sides {
            if let Some(document) = document {
                let hash = document_hash(&application.company_id, &document);
                let application = Box::new(application.clone());
                self.stage.write(hash, &Staged::Application { role, load_id, application, vanished: Day(vanished) })?;
            }
        }
        Ok(())
    }
}

/// Brings stored versions, applications and standing rows of the affected documents to their buckets.
///
/// Applications that this load changed or lost are on their way already, as it says they are.
pub(super) fn stage_stored(
    snapshot: &Snapshot,
    reference: &Reference,
    affected: &Affected,
    replaced_applications: &HashSet<u64>,
    documents: &mut Documents,
) -> Result<()> {
    if affected.first {
        return Ok(());
    }
    let all_of: HashSet<String> = documents.snapshot_companies.iter().cloned().collect();
    each_affected(snapshot, reference, "documents", |stored| {
        let Some(document) = Document::from_values(&stored.values) else { return Ok(()) };
        let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
        if !affected.known.contains(&hash) && !all_of.contains(&document.company_id) {
            return Ok(());
        }
        let day = reference.load_days.get(&stored.load_id).copied().unwrap_or(document.posting_date);
        if let Some((by, true)) = stored.superseded {
            let day = reference.load_days.get(&by).copied().unwrap_or(day);
            let gone = Version { load_id: by, day, document: document.clone(), vanished: true };
            documents.write(hash, &Staged::Version(Box::new(gone)))?;
        }
        documents.write(hash, &Staged::Version(Box::new(Version { load_id: stored.load_id, day, document, vanished: false })))
    })?;
    each_affected(snapshot, reference, "applications", |stored| {
        let vanished = match stored.superseded {
            None => None,
            Some((by, true)) => reference.load_days.get(&by).copied(),
            Some((_, false)) => return Ok(()),
        };
        let Some(application) = Application::from_values(&stored.values) else { return Ok(()) };
        if replaced_applications.contains(&application_hash(&application, stored.load_id)) {
            return Ok(());
        }
        let concerned = [Some(&application.to), application.from.as_ref()].into_iter().flatten();
        let is_concerned = concerned.map(|d| document_hash(&application.company_id, d)).any(|hash| affected.valued.contains(&hash));
        if is_concerned || all_of.contains(&application.company_id) {
            documents.write_application(stored.load_id, application, vanished)?;
        }
        Ok(())
    })?;
    each_batch(table(snapshot, "movements")?, None, |batch| {
        let (companies, ids) = (text(&batch, "company_id")?, text(&batch, "document_id")?);
        let wanted: Vec<bool> = (0..batch.num_rows())
            .map(|i| affected.posted.contains(&document_hash(companies.value(i), ids.value(i))) || all_of.contains(companies.value(i)))
            .collect();
        if !wanted.contains(&true) {
            return Ok(());
        }
        let kept = arrow::compute::filter_record_batch(&batch, &arrow::array::BooleanArray::from(wanted))
            .map_err(crate::ledger::movement::arrow_error)?;
        for movement in movements_from_batch(&kept)? {
            let hash = document_hash(&movement.line.company_id, &movement.line.document_id);
            documents.write(hash, &Staged::Standing(Box::new(movement)))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// What the rounds work with.
pub(super) struct Circle<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub affected: &'a Affected,
    pub waiting: &'a WaitingRows,
    pub totals: &'a mut Totals,
    pub reports: &'a mut Reports,
    pub movements: &'a mut Movements,
    pub writer: &'a mut Writer,
}

/// A document while its bucket is open.
#[derive(Default)]
pub(super) struct Open {
    pub history: History,
    standing: Vec<Movement>,
    pub targets: BTreeMap<i32, Money>,
    tallies: Vec<(String, Money, bool)>,
    /// Undoing rows by the application they undo.
    undoings: Vec<(Role, i32, Application)>,
    /// Rows that said something of it and no longer do, by table and id: they cannot wait.
    gone: BTreeSet<(&'static str, String)>,
}

pub(super) type Key = (String, String);

/// Runs the three rounds.
pub(super) fn run(mut circle: Circle<'_>, mut documents: Documents, progress: Progress<'_>) -> Result<()> {
    let buckets = documents.stage.buckets();
    let folder = circle.writer.scratch().to_path_buf();
    let mut days: Stage<Staged> = Stage::create(&folder, "days", buckets)?;
    let mut values: Stage<Staged> = Stage::create(&folder, "values", buckets)?;
    let steps = 3 * buckets as u64;
    for bucket in 0..buckets {
        progress("documents", bucket as u64, steps);
        for (key, open) in open_bucket(&mut documents.stage, None, None, bucket, circle.reference)? {
            tell_days(&key, &open, &mut days)?;
        }
    }
    for bucket in 0..buckets {
        progress("documents", (buckets + bucket) as u64, steps);
        for (key, open) in open_bucket(&mut documents.stage, Some(&mut days), None, bucket, circle.reference)? {
            let pays = open.history.applications.iter().any(|l| l.role == Role::From);
            if !pays {
                continue;
            }
            let given: HashMap<String, Money> =
                post(&key.1, &open.history, circle.request.corrections, circle.writer.load_id())?.values.into_iter().collect();
            for linked in open.history.applications.iter().filter(|l| l.role == Role::From) {
                if let Some(value) = given.get(&linked.application.application_id) {
                    let told = Staged::Told {
                        company_id: key.0.clone(),
                        document_id: linked.application.to.clone(),
                        application_id: linked.application.application_id.clone(),
                        role: Role::To,
                        word: Word::Value(*value),
                    };
                    values.write(document_hash(&key.0, &linked.application.to), &told)?;
                }
            }
        }
    }
    let mut changes = Vec::new();
    for bucket in 0..buckets {
        progress("documents", (2 * buckets + bucket) as u64, steps);
        let open = open_bucket(&mut documents.stage, Some(&mut days), Some(&mut values), bucket, circle.reference)?;
        documents.stage.discard(bucket);
        days.discard(bucket);
        values.discard(bucket);
        for (key, open) in open {
            circle.settle(&key, open, &documents.snapshot_companies, &mut changes)?;
        }
        if changes.len() > 32_768 {
            write_waiting(circle.writer, &changes)?;
            changes.clear();
        }
    }
    progress("documents", steps, steps);
    write_waiting(circle.writer, &changes)
}

fn open_bucket(
    documents: &mut Stage<Staged>,
    days: Option<&mut Stage<Staged>>,
    values: Option<&mut Stage<Staged>>,
    bucket: usize,
    reference: &Reference,
) -> Result<BTreeMap<Key, Open>> {
    let mut open: BTreeMap<Key, Open> = BTreeMap::new();
    let mut staged = documents.read(bucket)?;
    for more in [days, values].into_iter().flatten() {
        staged.extend(more.read(bucket)?);
    }
    let mut told: Vec<(Key, String, Role, Word)> = Vec::new();
    let mut reversals: BTreeMap<(Key, String, i32), Version> = BTreeMap::new();
    for one in staged {
        match one {
            Staged::Version(version) => {
                let document = &version.document;
                if let Some(original) = &document.reverses {
                    let key = (document.company_id.clone(), original.clone());
                    open.entry(key.clone()).or_default();
                    // The newest word counts, in whatever order they are staged.
                    match reversals.entry((key, document.document_id.clone(), document.instalment)) {
                        Entry::Vacant(slot) => {
                            slot.insert(*version);
                        }
                        Entry::Occupied(mut slot) => {
                            let known = (slot.get().load_id, slot.get().vanished);
                            if (version.load_id, version.vanished) > known {
                                slot.insert(*version);
                            }
                        }
                    }
                } else {
                    let key = (document.company_id.clone(), document.document_id.clone());
                    let instalment = document.instalment;
                    open.entry(key)
                        .or_default()
                        .history
                        .instalments
                        .entry(instalment)
                        .or_insert_with(|| Vec::with_capacity(1))
                        .push(*version);
                }
            }
            Staged::Application { role, load_id, application, vanished } => {
                let document = if role == Role::To { application.to.clone() } else { application.from.clone().unwrap_or_default() };
                let entry = open.entry((application.company_id.clone(), document)).or_default();
                if application.undoes.is_some() && vanished.0.is_some() {
                    if role == Role::From {
                        continue;
                    }
                    entry.gone.insert(("applications", application.application_id));
                } else if application.undoes.is_some() {
                    entry.undoings.push((role, load_id, *application));
                } else {
                    // A vanished row and the live one that came back, or the same row read twice: the newest word counts.
                    let found = entry
                        .history
                        .applications
                        .iter()
                        .position(|l| l.role == role && l.application.application_id == application.application_id);
                    let linked = Linked {
                        application: *application,
                        load_id,
                        role,
                        counterpart: None,
                        value: None,
                        undo: None,
                        vanished: vanished.0,
                    };
                    match found {
                        None => {
                            // Most documents have one: a first push would take room for four.
                            if entry.history.applications.is_empty() {
                                entry.history.applications.reserve_exact(1);
                            }
                            entry.history.applications.push(linked);
                        }
                        Some(i) if newer(&linked, &entry.history.applications[i]) => entry.history.applications[i] = linked,
                        Some(_) => {}
                    }
                }
            }
            Staged::Standing(movement) => {
                let key = (movement.line.company_id.clone(), movement.line.document_id.clone());
                open.entry(key).or_default().standing.push(*movement);
            }
            Staged::Target { company_id, document_id, instalment, open: amount } => {
                open.entry((company_id, document_id)).or_default().targets.insert(instalment, amount);
            }
            Staged::Tally { company_id, document_id, application_id, amount, is_unchanged } => {
                open.entry((company_id, document_id)).or_default().tallies.push((application_id, amount, is_unchanged));
            }
            Staged::Told { company_id, document_id, application_id, role, word } => {
                told.push(((company_id, document_id), application_id, role, word));
            }
        }
    }
    for ((key, id, instalment), version) in reversals {
        let entry = open.entry(key).or_default();
        if version.vanished {
            entry.gone.insert(("documents", id));
            continue;
        }
        entry.history.reversals.push(Reversal {
            document_id: id,
            instalment,
            posting_date: version.document.posting_date,
            amount: version.document.amount,
            load_id: version.load_id,
        });
    }
    for (key, entry) in &mut open {
        entry.history.opening_day = reference.opening_day(&key.0);
        for versions in entry.history.instalments.values_mut() {
            versions.sort_by_key(|v| (v.load_id, v.vanished));
        }
        entry.history.applications.sort_by(|a, b| (&a.application.application_id, a.role).cmp(&(&b.application.application_id, b.role)));
        let undoings: Vec<(Role, Undo, String)> = entry
            .undoings
            .iter()
            .map(|(role, _, a)| {
                (
                    *role,
                    Undo { application_id: a.application_id.clone(), posting_date: a.posting_date },
                    a.undoes.clone().unwrap_or_default(),
                )
            })
            .collect();
        for (role, undo, target) in undoings {
            set_undo(&mut entry.history, &target, role, undo);
        }
    }
    for (key, application_id, role, word) in told {
        let Some(entry) = open.get_mut(&key) else { continue };
        match word {
            Word::Here(counterpart, undo) => {
                if let Some(undo) = undo {
                    set_undo(&mut entry.history, &application_id, role, undo);
                }
                if let Some(linked) = find(&mut entry.history, &application_id, role) {
                    linked.counterpart = Some(counterpart);
                }
            }
            Word::Undone(undo) => set_undo(&mut entry.history, &application_id, role, undo),
            Word::Value(value) => {
                if let Some(linked) = find(&mut entry.history, &application_id, role) {
                    linked.value = Some(value);
                }
            }
        }
    }
    Ok(open)
}

fn newer(new: &Linked, old: &Linked) -> bool {
    (new.load_id, new.vanished.is_some()) > (old.load_id, old.vanished.is_some())
}

fn find<'h>(history: &'h mut History, application_id: &str, role: Role) -> Option<&'h mut Linked> {
    let at =
        history.applications.binary_search_by(|l| (l.application.application_id.as_str(), l.role).cmp(&(application_id, role))).ok()?;
    history.applications.get_mut(at)
}

/// The earliest undoing counts; both sides come to the same one.
fn set_undo(history: &mut History, application_id: &str, role: Role, undo: Undo) {
    if let Some(linked) = find(history, application_id, role) {
        let earlier = linked.undo.as_ref().is_none_or(|u| (undo.posting_date, &undo.application_id) < (u.posting_date, &u.application_id));
        if earlier {
            linked.undo = Some(undo);
        }
    }
}

fn tell_days(key: &Key, open: &Open, days: &mut Stage<Staged>) -> Result<()> {
    let current: Vec<&Document> =
        open.history.instalments.values().filter_map(|v| v.last()).filter(|v| !v.vanished).map(|v| &v.document).collect();
    let opening = open.history.opening_day;
    let here = current.first().map(|document| Counterpart {
        posting_date: current.iter().map(|d| d.posting_date).min().map_or(document.posting_date, |d| opening.map_or(d, |o| d.max(o))),
        currency: document.currency.clone(),
        reversed: open.history.reversals.iter().min_by_key(|r| (r.posting_date, &r.document_id)).map(|r| ReversedBy {
            load_id: r.load_id,
            document_id: r.document_id.clone(),
            posting_date: r.posting_date,
        }),
    });
    for linked in open.history.applications.iter().filter(|l| l.application.kind.is_pair()) {
        let application = &linked.application;
        let (other, role) = match linked.role {
            Role::To => (application.from.as_ref(), Role::From),
            Role::From => (Some(&application.to), Role::To),
        };
        let (Some(other), Some(word)) = (
            other,
            match (&here, &linked.undo) {
                (Some(here), undo) => Some(Word::Here(here.clone(), undo.clone())),
                (None, Some(undo)) => Some(Word::Undone(undo.clone())),
                (None, None) => None,
            },
        ) else {
            continue;
        };
        let told = Staged::Told {
            company_id: key.0.clone(),
            document_id: other.clone(),
            application_id: application.application_id.clone(),
            role,
            word,
        };
        days.write(document_hash(&key.0, other), &told)?;
    }
    Ok(())
}

impl Circle<'_> {
    /// Posts one document, adds the difference, and says what waits.
    fn settle(&mut self, key: &Key, mut open: Open, snapshots: &BTreeSet<String>, changes: &mut Vec<WaitingChange>) -> Result<()> {
        let waiting = self.waiting;
        let (company, document_id) = (key.0.as_str(), key.1.as_str());
        let hash = document_hash(company, document_id);
        let currency = open.history.instalments.values().next().and_then(|v| v.last()).map(|v| v.document.currency.clone());
        let load_id = self.writer.load_id();
        let concerned = self.affected.is_posted(hash) || snapshots.contains(company);
        let mut waits: HashSet<String> = HashSet::new();
        if concerned {
            if snapshots.contains(company) {
                self.infer(key, &mut open)?;
            }
            let posted = post(document_id, &open.history, self.request.corrections, load_id)?;
            let vanished = open.history.instalments.values().all(|v| v.last().is_some_and(|v| v.vanished));
            let circumstances = Circumstances { previous_day: self.reference.previous_day(company), vanished };
            for movement in difference(posted.postings, &open.standing, circumstances)? {
                self.movements.add(movement)?;
            }
            for finding in posted.findings {
                self.reports.finding(self.writer, finding)?;
            }
            for one in &posted.waiting {
                let at = (company.to_string(), one.source_table.as_str(), one.source_id.clone());
                waits.insert(one.source_id.clone());
                // A reversal pointed at another missing document waits anew there; the document it left takes the old wait away.
                let waited = waiting.get(&at).is_some_and(|w| at.1 != "documents" || w.0 == one.missing_document_id);
                if !waited {
                    changes.push(WaitingChange::new(load_id, company, one, currency.clone(), 1));
                    self.reports.finding(self.writer, waits_finding(company, one))?;
                }
            }
            self.unwait(key, &open, &waits, waiting, changes);
            self.wait_for_undone(company, &open, waiting, &mut waits, changes)?;
        }
        for (application_id, amount, is_unchanged) in open.tallies {
            let fate = match (is_unchanged, waits.contains(&application_id)) {
                (true, _) => Fate::Unchanged,
                (false, true) => Fate::Waiting,
                (false, false) => Fate::Loaded,
            };
            self.totals.count("applications", Some(company), currency.as_deref(), Some(amount), fate);
        }
        Ok(())
    }

    /// Rows that waited and do no longer.
    fn unwait(
        &self,
        (company, document_id): &Key,
        open: &Open,
        waits: &HashSet<String>,
        waiting: &WaitingRows,
        changes: &mut Vec<WaitingChange>,
    ) {
        let applications =
            open.history.applications.iter().filter(|l| l.role == Role::To).map(|l| ("applications", &l.application.application_id));
        let reversals = open.history.reversals.iter().map(|r| ("documents", &r.document_id));
        let gone = open.gone.iter().map(|(table, id)| (*table, id));
        for (table, id) in applications.chain(reversals).chain(gone).collect::<BTreeSet<_>>() {
            if let Some((missing, currency, amount)) = waiting.get(&(company.clone(), table, id.clone()))
                && !waits.contains(id)
                && (table != "documents" || missing == document_id)
            {
                changes.push(WaitingChange {
                    load_id: self.writer.load_id(),
                    company_id: company.clone(),
                    source_table: table,
                    source_id: id.clone(),
                    missing_document_id: missing.clone(),
                    currency: currency.clone(),
                    amount: *amount,
                    change: -1,
                });
            }
        }
    }

    /// Undoing rows whose application is not known yet.
    fn wait_for_undone(
        &mut self,
        company: &str,
        open: &Open,
        waiting: &WaitingRows,
        waits: &mut HashSet<String>,
        changes: &mut Vec<WaitingChange>,
    ) -> Result<()> {
        for (_, _, undoing) in open.undoings.iter().filter(|u| u.0 == Role::To) {
            let target = undoing.undoes.clone().unwrap_or_default();
            let known = open.history.applications.iter().any(|l| l.role == Role::To && l.application.application_id == target);
            let at = (company.to_string(), "applications", undoing.application_id.clone());
            let waited = waiting.get(&at);
            let mut change = WaitingChange {
                load_id: self.writer.load_id(),
                company_id: company.to_string(),
                source_table: "applications",
                source_id: undoing.application_id.clone(),
                missing_document_id: target.clone(),
                currency: None,
                amount: undoing.amount,
                change: 1,
            };
            if !known {
                waits.insert(undoing.application_id.clone());
                if waited.is_none() {
                    changes.push(change);
                    let finding = crate::domain::finding::Finding::new(
                        "undo_unknown",
                        "applications",
                        format!("{} undoes {target}, which is not known yet", undoing.application_id),
                    );
                    self.reports.finding(self.writer, finding.of(company, undoing.application_id.clone()))?;
                }
            } else if waited.is_some() {
                change.change = -1;
                changes.push(change);
            }
        }
        Ok(())
    }
}
