//! Document by document: what the two sides of an application tell each other, then posting and the difference.
//!
//! Three rounds over the same buckets. In the first every document tells its counterparts its posting day and reversal, and what value it gives
//! up where that is plain (an item whose company value equals its amount). In the second the other paying documents are posted, and tell.
//! Then every document has what [`crate::ledger::posting::post`] needs. Buckets are worked on by several threads. What the [`Directory`] knows
//! is not told: most documents of a first load need the last round only.

use super::affected::Affected;
use super::directory::{Directory, other_side};
use super::documents::{Documents, Key, Staged, Word};
use super::layout::{Movements, MovementsPen};
use super::open::{Open, each_document};
use super::outcome::{Fate, Reports, Totals};
use super::reference::Reference;
use super::shape::{application_hash, document_hash};
use super::stage::{Pen, Stage};
use super::stored::{Wanted, at, each_batch, each_row, table, text};
use super::waiting::{WaitingChange, WaitingRows, waits_finding, write_waiting};
use super::{Progress, Request};
use crate::domain::finding::Finding;
use crate::domain::money::Money;
use crate::domain::text::Text;
use crate::domain::work::in_order;
use crate::error::{Error, Result};
use crate::ledger::facts::{Application, Document};
use crate::ledger::movement::movements_from_batch;
use crate::ledger::posting::difference::{Circumstances, difference};
use crate::ledger::posting::{Counterpart, ReversedBy, Role, Version, post};
use crate::ledger::snapshot::Snapshot;
use crate::ledger::store::Writer;
use crate::schema;
use arrow::array::RecordBatch;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Brings stored versions, applications and standing rows of the affected documents to their buckets.
///
/// Applications that this load changed or lost are on their way already, as it says they are.
pub(super) fn stage_stored(
    snapshot: &Snapshot,
    reference: &Reference,
    affected: &Affected,
    replaced_applications: &HashSet<u64>,
    documents: &Arc<Documents>,
) -> Result<()> {
    if affected.first {
        return Ok(());
    }
    let all_of = documents.snapshot_companies();
    let mut pen = documents.pen();
    let canonical = |name: &str| schema::table(name).expect("canonical");
    let versions = |batch: &RecordBatch| {
        let (companies, ids, reversed) = (text(batch, "company_id")?, text(batch, "document_id")?, text(batch, "reverses_document_id")?);
        let wanted = |i: usize| {
            let document = at(reversed, i).unwrap_or(ids.value(i));
            affected.known.contains(document_hash(companies.value(i), document)) || all_of.contains(companies.value(i))
        };
        Ok(Wanted::Some((0..batch.num_rows()).map(wanted).collect()))
    };
    each_row(snapshot, &reference.superseded, canonical("documents"), versions, |stored| {
        let Some(document) = Document::from_values(&stored.values) else { return Ok(()) };
        let hash = document_hash(&document.company_id, document.reverses.as_ref().unwrap_or(&document.document_id));
        let day = reference.load_days.get(&stored.load_id).copied().unwrap_or(document.posting_date);
        if let Some((by, true)) = stored.superseded {
            let day = reference.load_days.get(&by).copied().unwrap_or(day);
            pen.write(hash, &Staged::Version(Version { load_id: by, day, document: document.clone(), vanished: true }))?;
        }
        pen.write(hash, &Staged::Version(Version { load_id: stored.load_id, day, document, vanished: false }))
    })?;
    let applications = |batch: &RecordBatch| {
        let (companies, froms, tos) = (text(batch, "company_id")?, text(batch, "from_document_id")?, text(batch, "to_document_id")?);
        let wanted = |i: usize| {
            let concerned = |document: &str| affected.valued.contains(document_hash(companies.value(i), document));
            all_of.contains(companies.value(i)) || concerned(tos.value(i)) || at(froms, i).is_some_and(concerned)
        };
        Ok(Wanted::Some((0..batch.num_rows()).map(wanted).collect()))
    };
    each_row(snapshot, &reference.superseded, canonical("applications"), applications, |stored| {
        let vanished = match stored.superseded {
            None => None,
            Some((by, true)) => reference.load_days.get(&by).copied(),
            Some((_, false)) => return Ok(()),
        };
        let Some(application) = Application::from_values(&stored.values) else { return Ok(()) };
        if replaced_applications.contains(&application_hash(&application, stored.load_id)) {
            return Ok(());
        }
        pen.write_application(stored.load_id, application, vanished)
    })?;
    each_batch(table(snapshot, "movements")?, None, |batch| {
        let (companies, ids) = (text(&batch, "company_id")?, text(&batch, "document_id")?);
        let wanted: Vec<bool> = (0..batch.num_rows())
            .map(|i| affected.is_posted(document_hash(companies.value(i), ids.value(i))) || all_of.contains(companies.value(i)))
            .collect();
        if !wanted.contains(&true) {
            return Ok(());
        }
        let kept = arrow::compute::filter_record_batch(&batch, &arrow::array::BooleanArray::from(wanted))
            .map_err(crate::ledger::movement::arrow_error)?;
        for movement in movements_from_batch(&kept)? {
            let hash = document_hash(&movement.line.company_id, &movement.line.document_id);
            pen.write(hash, &Staged::Standing(movement))?;
        }
        Ok(())
    })?;
    pen.close()
}

/// What the rounds work with.
pub(super) struct Circle<'a> {
    pub request: &'a Request,
    pub reference: &'a Reference,
    pub affected: &'a Affected,
    pub directory: &'a Directory,
    pub waiting: &'a WaitingRows,
    pub load_id: i32,
}

/// What came out of one bucket of the last round.
#[derive(Default)]
struct Settled {
    totals: Totals,
    findings: Vec<Finding>,
    changes: Vec<WaitingChange>,
    /// Rows of `applications` that only two snapshots tell of.
    inferred: Vec<RecordBatch>,
}

/// One bucket of the last round at work.
pub(super) struct Settling<'a> {
    pub(super) circle: &'a Circle<'a>,
    snapshots: &'a BTreeSet<Text>,
    movements: &'a mut MovementsPen,
    out: Settled,
}

impl Circle<'_> {
    /// Runs the three rounds.
    pub fn run(
        &self,
        documents: &Documents,
        movements: &Arc<Movements>,
        writer: &mut Writer,
        totals: &mut Totals,
        reports: &mut Reports,
        progress: Progress<'_>,
    ) -> Result<()> {
        let (stage, directory) = (&documents.stage, self.directory);
        let buckets = stage.buckets();
        let folder = writer.scratch().to_path_buf();
        let steps = 3 * buckets as u64;
        let days: Arc<Stage<Staged>> = Stage::create(&folder, "days", buckets);
        let paying: Arc<Stage<Staged>> = Stage::create(&folder, "paying", buckets);
        let values: Arc<Stage<Staged>> = Stage::create(&folder, "values", buckets);
        in_order(
            buckets,
            || Ok((days.pen(), paying.pen(), values.pen())),
            |(days, paying, values), bucket| {
                let mut staged = stage.unsorted(bucket)?;
                staged.keep(|hash| directory.tells(hash) || directory.is_valued(hash));
                staged.sort();
                each_document(&staged, self.reference, directory, |key, open, entries| {
                    if directory.tells(entries[0].hash) {
                        tell_days(key, &open, days)?;
                    }
                    if !open.pays() || open.is_plain() {
                        return Ok(());
                    }
                    // Posted at once, unless there is something to be told first.
                    if directory.tells(entries[0].hash) || open.history.applications.iter().any(|l| directory.is_told(&key.0, l)) {
                        return entries.iter().try_for_each(|e| paying.copy(e.hash, staged.bytes(*e)));
                    }
                    self.tell_values(key, &open, values)
                })
            },
            |(days, paying, values)| days.close().and_then(|()| paying.close()).and_then(|()| values.close()),
            |bucket, ()| {
                progress("documents", bucket as u64, steps);
                Ok(())
            },
        )?;
        in_order(
            buckets,
            || Ok(values.pen()),
            |values, bucket| {
                if paying.count(bucket) == 0 {
                    return Ok(());
                }
                let mut staged = paying.unsorted(bucket)?;
                staged.add(&days, bucket)?;
                staged.sort();
                paying.discard(bucket);
                each_document(&staged, self.reference, directory, |key, open, _| self.tell_values(key, &open, values))
            },
            Pen::close,
            |bucket, ()| {
                progress("documents", (buckets + bucket) as u64, steps);
                Ok(())
            },
        )?;
        let snapshots = documents.snapshot_companies();
        in_order(
            buckets,
            || Ok(movements.pen()),
            |movements, bucket| {
                let mut staged = stage.unsorted(bucket)?;
                staged.add(&days, bucket)?;
                staged.add(&values, bucket)?;
                staged.sort();
                for stage in [stage, &days, &values] {
                    stage.discard(bucket);
                }
                let mut settling = Settling { circle: self, snapshots: &snapshots, movements, out: Settled::default() };
                each_document(&staged, self.reference, directory, |key, open, _| settling.settle(key, open))?;
                Ok(settling.out)
            },
            MovementsPen::close,
            |bucket, settled: Settled| {
                progress("documents", (2 * buckets + bucket) as u64, steps);
                totals.merge(settled.totals);
                settled.findings.into_iter().try_for_each(|f| reports.finding(writer, f))?;
                settled.inferred.iter().try_for_each(|batch| writer.append("applications", batch))?;
                write_waiting(writer, &settled.changes)
            },
        )?;
        progress("documents", steps, steps);
        Ok(())
    }

    /// A paying document whose value is not plain is posted to learn what it gives up.
    fn tell_values(&self, key: &Key, open: &Open, values: &mut Pen<Staged>) -> Result<()> {
        if !open.pays() {
            return Ok(());
        }
        let posted = post(&key.1, &open.history, self.request.corrections, self.load_id);
        let posted = posted.map_err(|e| e.context(format!("document {} of {}", key.1, key.0)))?;
        let given: HashMap<Text, Money> = posted.values.into_iter().collect();
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
        Ok(())
    }
}

fn tell_days(key: &Key, open: &Open, days: &mut Pen<Staged>) -> Result<()> {
    if !open.history.applications.iter().any(|l| l.application.kind.is_pair()) {
        return Ok(());
    }
    let current: Vec<&Document> = open.current().collect();
    let opening = open.history.opening_day;
    let plain = open.is_plain();
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
        let role = if linked.role == Role::To { Role::From } else { Role::To };
        let value = (plain && linked.role == Role::From).then(|| application.plain_value());
        let (Some(other), Some(word)) = (
            other_side(linked),
            match (&here, &linked.undo) {
                (Some(here), undo) => Some(Word::Here(here.clone(), undo.clone(), value)),
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

impl Settling<'_> {
    /// Posts one document, adds the difference, and says what waits.
    fn settle(&mut self, key: &Key, mut open: Open) -> Result<()> {
        let Circle { waiting, affected, request, reference, load_id, .. } = *self.circle;
        let (company, document_id) = (&key.0, key.1.as_str());
        let in_snapshot = self.snapshots.contains(company);
        let currency = open.history.instalments.values().next().and_then(|v| v.last()).map(|v| v.document.currency.clone());
        let stored: Vec<(Text, Money)> = open.stored_by(load_id).map(|a| (a.application_id.clone(), a.amount)).collect();
        let mut waits: HashSet<Text> = HashSet::new();
        if in_snapshot || affected.first || affected.is_posted(document_hash(company, document_id)) {
            if in_snapshot {
                self.infer(key, &mut open)?;
            }
            let named = |e: Error| e.context(format!("document {document_id} of {company}"));
            let posted = post(document_id, &open.history, request.corrections, load_id).map_err(named)?;
            let vanished = open.history.instalments.values().all(|v| v.last().is_some_and(|v| v.vanished));
            let circumstances = Circumstances { previous_day: reference.previous_day(company), vanished };
            for movement in difference(posted.postings, &open.standing, circumstances).map_err(named)? {
                self.movements.add(&movement)?;
            }
            self.out.findings.extend(posted.findings);
            for one in &posted.waiting {
                let at = (company.clone(), one.source_table.as_str(), one.source_id.clone());
                waits.insert(one.source_id.clone());
                // A reversal pointed at another missing document waits anew there; the document it left takes the old wait away.
                let waited = waiting.get(&at).is_some_and(|w| at.1 != "documents" || w.0 == one.missing_document_id);
                if !waited {
                    self.out.changes.push(WaitingChange::new(load_id, company, one, currency.clone(), 1));
                    self.out.findings.push(waits_finding(company, one));
                }
            }
            self.unwait(key, &open, &waits);
            self.wait_for_undone(company, &open, &mut waits);
        }
        let loaded = stored.into_iter().map(|(id, amount)| (amount, if waits.contains(&id) { Fate::Waiting } else { Fate::Loaded }));
        for (amount, fate) in loaded.chain(open.unchanged.into_iter().map(|amount| (amount, Fate::Unchanged))) {
            self.out.totals.count("applications", Some(company), currency.as_deref(), Some(amount), fate);
        }
        Ok(())
    }

    /// Rows that waited and do no longer.
    fn unwait(&mut self, (company, document_id): &Key, open: &Open, waits: &HashSet<Text>) {
        let waiting = self.circle.waiting;
        if waiting.is_empty() {
            return;
        }
        // One that vanished in an earlier load stopped waiting then; it may be back elsewhere, and wait there.
        let standing = open.history.applications.iter().filter(|l| l.role == Role::To && l.vanished.is_none());
        let applications = standing.map(|l| ("applications", &l.application.application_id));
        let reversals = open.history.reversals.iter().map(|r| ("documents", &r.document_id));
        let gone = open.gone.iter().map(|(table, id)| (*table, id));
        for (table, id) in applications.chain(reversals).chain(gone).collect::<BTreeSet<_>>() {
            if let Some((missing, currency, amount)) = waiting.get(&(company.clone(), table, id.clone()))
                && !waits.contains(id)
                && (table != "documents" || missing == document_id)
            {
                self.out.changes.push(WaitingChange {
                    load_id: self.circle.load_id,
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
    fn wait_for_undone(&mut self, company: &Text, open: &Open, waits: &mut HashSet<Text>) {
        for (_, _, undoing) in open.undoings.iter().filter(|u| u.0 == Role::To) {
            let target = undoing.undoes.clone().unwrap_or_default();
            let known = open.history.applications.iter().any(|l| l.role == Role::To && l.application.application_id == target);
            let waited = self.circle.waiting.contains_key(&(company.clone(), "applications", undoing.application_id.clone()));
            let mut change = WaitingChange {
                load_id: self.circle.load_id,
                company_id: company.clone(),
                source_table: "applications",
                source_id: undoing.application_id.clone(),
                missing_document_id: target.clone(),
                currency: None,
                amount: undoing.amount,
                change: 1,
            };
            if !known {
                waits.insert(undoing.application_id.clone());
                if !waited {
                    self.out.changes.push(change);
                    let message = format!("{} undoes {target}, which is not known yet", undoing.application_id);
                    let finding = Finding::new("undo_unknown", "applications", message);
                    self.out.findings.push(finding.of(company.as_str(), undoing.application_id.as_str()));
                }
            } else if waited {
                change.change = -1;
                self.out.changes.push(change);
            }
        }
    }

    /// A row that only two snapshots tell of is kept with the others.
    pub(super) fn keep_inferred(&mut self, batch: RecordBatch) {
        self.out.inferred.push(batch);
    }
}
